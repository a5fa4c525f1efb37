//! PSNR, MSE and SSIM against scikit-image.

mod fixtures;

use fixtures::{json, open};
use srcnn::image::Pixels;
use srcnn::metrics::{Protocol, measure_pixels};

#[test]
fn scikit_image_is_met_in_every_figure() {
    let pairs = json("metrics/metrics.json");
    let pairs = pairs["pairs"].as_array().expect("pairs");
    assert!(pairs.len() >= 10);
    for pair in pairs {
        let picture = |key: &str| open(pair[key].as_str().expect("a path")).to_u8();
        let (reference, distorted) = (picture("reference"), picture("distorted"));
        let near = |ours: f64, key: &str, truth: &serde_json::Value| match truth.as_f64() {
            Some(truth) => assert!((ours - truth).abs() < 1e-9 * truth.abs().max(1.0), "{key}: {ours}, {pair}"),
            None => assert!(ours.is_infinite(), "{key}: {ours}, {pair}"),
        };
        let flat = measure_pixels(&reference, &distorted, &Protocol::keras()).expect("one size");
        near(flat.psnr, "psnr", &pair["psnr"]);
        near(flat.mse, "mse", &(pair["mse"].as_f64().expect("a number") * reference.channels() as f64).into());
        near(flat.ssim, "ssim_uniform", &pair["ssim_uniform"]);
        let Some(gaussian) = pair["ssim_gaussian"].as_array() else {
            assert!(reference.width() < 11 || reference.height() < 11);
            continue;
        };
        for (channel, truth) in gaussian.iter().enumerate() {
            let one = |p: &Pixels<u8>| Pixels::from_planes(&[p.channel(channel)]);
            let scores = measure_pixels(&one(&reference), &one(&distorted), &Protocol::paper(0)).expect("one size");
            near(scores.ssim, "ssim_gaussian", truth);
        }
    }
}
