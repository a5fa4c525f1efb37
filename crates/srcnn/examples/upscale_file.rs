//! Upscales a picture file by a built-in network: `cargo run --release --example upscale_file -- photo.jpg large.png`.

use std::error::Error;
use std::sync::Arc;

use srcnn::pipeline::{Builtins, Notice, Observer, Pipeline, Upscaling};
use srcnn::progress::Progress;
use srcnn::upscale::Target;

/// Prints the notices.
struct Printing;

impl Progress for Printing {
    fn advance(&self, _pixels: u64) {}
}

impl Observer for Printing {
    fn notice(&self, notice: Notice<'_>) {
        eprintln!("{notice:?}");
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(input), Some(output)) = (arguments.next(), arguments.next()) else {
        return Err("usage: upscale_file INPUT OUTPUT".into());
    };
    let upscaling = Upscaling::new(Arc::new(Builtins::best())).with_target(Target::Factor(2.0));
    let sizes = Pipeline::new(&upscaling).run_file(input, output, true, &Printing)?;
    println!("{} -> {}", sizes.from, sizes.to);
    Ok(())
}
