//! Color conversions against OpenCV's and MATLAB's, over all 2^24 colors.

use srcnn_fixtures::{crc, json};
use srcnn_image::color::{matlab, opencv};

/// Converts every color whose first component is `first`, in the oracles' order, and checks the sum for each.
fn check_all(file: &str, key: &str, convert: fn([u8; 3]) -> [u8; 3]) {
    let sums = json(file);
    let sums = sums[key].as_array().expect("checksums");
    assert_eq!(sums.len(), 256);
    for (first, sum) in sums.iter().enumerate() {
        let rest = (0..=255u8).flat_map(|second| (0..=255u8).map(move |third| [first as u8, second, third]));
        let bytes: Vec<u8> = rest.flat_map(convert).collect();
        assert_eq!(Some(u64::from(crc(&bytes))), sum.as_u64(), "{key}, first component {first}");
    }
}

#[test]
fn opencv_is_met_for_every_color_in_both_directions() {
    check_all("color/opencv.json", "rgb_to_ycrcb_crc32", opencv::rgb_to_ycrcb);
    check_all("color/opencv.json", "ycrcb_to_rgb_crc32", opencv::ycrcb_to_rgb);
}

#[test]
fn matlabs_definition_is_met_for_every_color() {
    check_all("color/matlab.json", "rgb_to_ycbcr_crc32", matlab::rgb_to_ycbcr);
}
