//! Restores a picture by a weight file of any program, and reports metadata that the file lacks: `cargo run --release
//! --example own_weights -- x3.pth photo.png large.png`.

use std::error::Error;

use srcnn::color::LumaRange;
use srcnn::model::{Facts, Padding};
use srcnn::resample::{Convention, Edge};
use srcnn::weights::WeightFile;
use srcnn::{Image, ImageFile, Upscaler};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [weights, input, output] = &arguments[..] else {
        return Err("usage: own_weights WEIGHTS INPUT OUTPUT".into());
    };
    let mut file = WeightFile::open(weights)?;
    // Metadata that weight files seldom state; the file's own takes precedence.
    file.facts = file.facts.or(Facts {
        scale: Some(3),
        interpolation: Some(Convention::MatlabBicubic(Edge::Mirror)),
        luma: Some(LumaRange::Studio),
        padding: Some(vec![Padding::Replicate]),
        ..Facts::default()
    });
    let model = file.into_model("own")?;
    let large = Upscaler::builder(&model).build()?.run(&Image::open(input)?)?;
    large.save(output)?;
    Ok(())
}
