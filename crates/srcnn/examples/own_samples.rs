//! Upscales samples that never were a file, without any codec: `cargo run --release --no-default-features --example own_samples`.

use std::error::Error;

use srcnn::image::{Pixels, Samples};
use srcnn::{Image, Model, Upscaler};

fn main() -> Result<(), Box<dyn Error>> {
    let (width, height) = (64, 48);
    // RGB, interleaved, 0 to 255.
    let samples = (0..height * width).flat_map(|i| [(i % width * 4) as u8, (i / width * 5) as u8, 128]).collect();
    let picture = Image::new(Samples::U8(Pixels::new(width, height, 3, samples)?))?;
    let model = Model::builtin("srcnn-915", 2)?;
    let large = Upscaler::builder(&model).build()?.run(&picture)?;
    println!("{} -> {}, {} samples", picture.size(), large.size(), large.to_u8().as_slice().len());
    Ok(())
}
