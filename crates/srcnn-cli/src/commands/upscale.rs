//! `srcnn upscale`.

use anyhow::Result;
use srcnn::Upscaler;

use super::check_scale;
use crate::args::UpscaleArgs;
use crate::terminal::Terminal;
use crate::{Outcome, batch, model_choice};

pub fn run(args: &UpscaleArgs, terminal: &Terminal) -> Result<Outcome> {
    args.scale.map_or(Ok(()), check_scale)?;
    let model = model_choice::for_scale(&args.model, args.scale, terminal)?;
    let scale = args.scale.unwrap_or(f64::from(model.preprocessing().scale));
    check_scale(scale)?;
    let mut upscaler = Upscaler::new(&model);
    if let Some(isa) = args.isa.isa {
        upscaler = upscaler.with_isa(&model, isa);
    }
    batch::transform(&args.files, terminal, |image, progress| {
        let side = |n: usize| ((n as f64 * scale).round() as usize).max(n);
        let target = (side(image.width()), side(image.height()));
        progress.expect(upscaler.work(image.size(), target));
        Ok(upscaler.upscale(image, target, progress)?)
    })
}
