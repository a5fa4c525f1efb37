//! `srcnn upscale`.

use anyhow::Result;
use srcnn::Upscaler;
use srcnn::upscale::scaled;

use super::check_scale;
use crate::args::UpscaleArgs;
use crate::terminal::Terminal;
use crate::{Outcome, Usage, batch, model_choice};

pub fn run(args: &UpscaleArgs, terminal: &Terminal) -> Result<Outcome> {
    args.scale.map_or(Ok(()), check_scale)?;
    let model = model_choice::for_scale(&args.model, args.scale, terminal)?;
    let scale = args.scale.unwrap_or(f64::from(model.preprocessing().scale));
    if model.preprocessing().scale < 2 {
        let message = format!("{} does not enlarge: it was trained for x1; use srcnn restore", model.name());
        return Err(Usage(message).into());
    }
    let upscaler = Upscaler::new(&model).with_execution(&model, args.execution.execution());
    super::note_execution(upscaler.engine(), terminal);
    let task = batch::Task {
        identity: format!("upscale {scale} {}", super::identity(&model, upscaler.engine())),
        model: model.name().to_owned(),
        scale: scale.to_string(),
        work: &|image, progress| {
            let target = scaled(image.size(), scale);
            progress.expect(upscaler.work(image.size(), target));
            Ok(upscaler.upscale(image, target, progress)?)
        },
    };
    batch::transform(&args.files, terminal, &task)
}
