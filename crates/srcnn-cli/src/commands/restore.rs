//! `srcnn restore`.

use anyhow::Result;
use srcnn::Upscaler;
use srcnn::inspect::Finding;

use super::{advice, check_scale};
use crate::args::RestoreArgs;
use crate::terminal::Terminal;
use crate::{Outcome, batch, model_choice};

pub fn run(args: &RestoreArgs, terminal: &Terminal) -> Result<Outcome> {
    check_scale(args.scale)?;
    let settings = args.settings.settings()?;
    let model = model_choice::for_scale(&args.model, Some(args.scale), terminal)?;
    if f64::from(model.preprocessing().scale) != args.scale {
        let trained = model.preprocessing().scale;
        terminal.note(&format!("{} was trained for x{trained}, not x{}", model.name(), args.scale));
    }
    let upscaler = Upscaler::new(&model).with_execution(&model, args.execution.execution());
    let upscaler = upscaler.with_settings(settings);
    super::note_execution(upscaler.engine(), terminal);
    let precision = super::arithmetic(upscaler.engine());
    let task = batch::Task {
        identity: format!("restore {settings:?} {precision} {}", super::identity(std::slice::from_ref(&model))),
        model: model.name().to_owned(),
        scale: Some(args.scale.to_string()),
        deepens: true,
        work: &|rows, batch::Step { limits, progress, terminal }| {
            let work = upscaler.restore_work(rows.shape().size());
            progress.expect(work);
            // To be soft is what it is for.
            let rows = match work > 0 {
                true => {
                    advice::given(rows, &[Finding::Blocks, Finding::Harsh, Finding::Bright], progress.name(), terminal)
                }
                false => rows,
            };
            Ok(upscaler.restore_rows(rows, limits, progress)?)
        },
    };
    batch::transform(&args.files, terminal, &task)
}
