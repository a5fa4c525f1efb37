//! `srcnn upscale`.

use anyhow::Result;
use srcnn::pipeline::Upscaling;
use srcnn::upscale::Target;

use super::check_scale;
use crate::args::UpscaleArgs;
use crate::batch::{self, Task};
use crate::messages;
use crate::model_choice;
use crate::outcome::Outcome;
use crate::terminal::Terminal;

pub fn run(args: &UpscaleArgs, terminal: &Terminal) -> Result<Outcome> {
    args.size.scale.map_or(Ok(()), check_scale)?;
    args.settings.check()?;
    let execution = args.execution.execution();
    let family = model_choice::family(&args.model, args.size.scale, execution, &args.settings, terminal)?;
    let upscaling = Upscaling::new(family).with_strength(args.settings.strength).with_edge(args.settings.edge);
    let upscaling = match args.size.target() {
        Some(target) => upscaling.with_target(target),
        None => upscaling,
    };
    // Report the model, or refuse it, before the first picture is read.
    upscaling.prepare(&messages::Early(terminal))?;
    let task = Task {
        identity: super::identity("upscale", &upscaling),
        model: upscaling.name()?,
        scale: match upscaling.target() {
            Target::Factor(factor) => Some(factor.to_string()),
            _ => None,
        },
        transform: &upscaling,
    };
    batch::transform(&args.files, terminal, &task)
}
