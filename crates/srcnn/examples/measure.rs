//! Measures a picture against a reference: `cargo run --release --example measure -- reference.png other.png 3`.

use std::error::Error;

use srcnn::metrics::{Protocol, measure};
use srcnn::{Image, ImageFile};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [reference, other, scale] = &arguments[..] else {
        return Err("usage: measure REFERENCE OTHER SCALE".into());
    };
    let protocol = Protocol::paper(scale.parse()?);
    let scores = measure(&Image::open(reference)?, &Image::open(other)?, &protocol)?;
    println!("{protocol}: {:.2} dB, SSIM {:.4}", scores.psnr, scores.ssim);
    Ok(())
}
