//! Pictures turned and mirrored by Exif's orientation.

use image::metadata::Orientation;

use srcnn_image::Size;
use srcnn_image::image::{Image, Pixels, Samples};

/// A picture stored with this orientation, upright. Its metadata stay as they are.
pub(crate) fn upright(image: Image, orientation: Orientation) -> Image {
    if orientation == Orientation::NoTransforms {
        return image;
    }
    let samples = match image.samples() {
        Samples::U8(p) => Samples::U8(pixels(p, orientation)),
        Samples::U16(p) => Samples::U16(pixels(p, orientation)),
        Samples::F32(p) => Samples::F32(pixels(p, orientation)),
    };
    let mut upright = Image::new(samples).expect("the channels of a picture");
    upright.metadata = image.metadata;
    upright
}

/// Turned clockwise by the angle, then mirrored from left to right if the name says so.
fn pixels<T: Copy + Default + Send + Sync>(from: &Pixels<T>, orientation: Orientation) -> Pixels<T> {
    let (Size { width, height }, channels) = (from.size(), from.channels());
    let size = if swaps_sides(orientation) { from.size().transposed() } else { from.size() };
    let mut data = Vec::with_capacity(width * height * channels);
    for y in 0..size.height {
        for x in 0..size.width {
            let (x, y) = match orientation {
                Orientation::NoTransforms => (x, y),
                Orientation::Rotate90 => (y, height - 1 - x),
                Orientation::Rotate180 => (width - 1 - x, height - 1 - y),
                Orientation::Rotate270 => (width - 1 - y, x),
                Orientation::FlipHorizontal => (width - 1 - x, y),
                Orientation::FlipVertical => (x, height - 1 - y),
                Orientation::Rotate90FlipH => (y, x),
                Orientation::Rotate270FlipH => (width - 1 - y, height - 1 - x),
            };
            data.extend_from_slice(&from.row(y)[x * channels..(x + 1) * channels]);
        }
    }
    Pixels::new(size.width, size.height, channels, data).expect("as many samples as before")
}

/// Whether width and height change places.
pub(crate) fn swaps_sides(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    )
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, RgbImage};

    use super::*;

    #[test]
    fn every_orientation_is_as_the_image_crate_has_it() {
        for (width, height) in [(1, 1), (1, 4), (5, 3), (2, 2)] {
            let data: Vec<u8> = (0..width * height * 3).map(|i| i as u8).collect();
            let stored = Image::from_u8(Pixels::new(width, height, 3, data.clone()).expect("filled")).expect("RGB");
            for number in 1..=8 {
                let orientation = Orientation::from_exif(number).expect("one of eight");
                let picture = RgbImage::from_raw(width as u32, height as u32, data.clone()).expect("filled");
                let mut expected = DynamicImage::ImageRgb8(picture);
                expected.apply_orientation(orientation);
                let turned = upright(stored.clone(), orientation).to_u8();
                assert_eq!(turned.size(), (expected.width() as usize, expected.height() as usize), "{number}");
                assert_eq!(turned.as_slice(), expected.as_bytes(), "{number} of {width}x{height}");
            }
        }
    }
}
