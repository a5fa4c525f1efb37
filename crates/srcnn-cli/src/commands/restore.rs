//! `srcnn restore`.

use anyhow::Result;
use srcnn::Upscaler;

use super::check_scale;
use crate::args::RestoreArgs;
use crate::terminal::Terminal;
use crate::{Outcome, batch, model_choice};

pub fn run(args: &RestoreArgs, terminal: &Terminal) -> Result<Outcome> {
    check_scale(args.scale)?;
    let model = model_choice::for_scale(&args.model, Some(args.scale), terminal)?;
    if f64::from(model.preprocessing().scale) != args.scale {
        let trained = model.preprocessing().scale;
        terminal.note(&format!("{} was trained for x{trained}, not x{}", model.name(), args.scale));
    }
    let upscaler = Upscaler::new(&model).with_execution(&model, args.execution.execution());
    super::note_execution(upscaler.engine(), terminal);
    let task = batch::Task {
        identity: format!("restore {}", super::identity(&model, upscaler.engine())),
        model: model.name().to_owned(),
        scale: args.scale.to_string(),
        work: &|image, progress| {
            progress.expect(image.width() as u64 * image.height() as u64);
            Ok(upscaler.restore(image, progress)?)
        },
    };
    batch::transform(&args.files, terminal, &task)
}
