//! `srcnn restore`.

use std::sync::Arc;

use anyhow::Result;
use srcnn::pipeline::{Single, Upscaling};
use srcnn::upscale::Target;

use super::check_scale;
use crate::args::RestoreArgs;
use crate::batch::{self, Task};
use crate::outcome::Outcome;
use crate::terminal::Terminal;
use crate::{messages, model_choice};

pub fn run(args: &RestoreArgs, terminal: &Terminal) -> Result<Outcome> {
    check_scale(args.scale)?;
    args.settings.check()?;
    let model = model_choice::for_scale(&args.model, Some(args.scale), terminal)?;
    // One that was trained at the pictures' size takes any.
    if model.preprocessing().scale > 1 && f64::from(model.preprocessing().scale) != args.scale {
        let trained = model.preprocessing().scale;
        terminal.note(&format!("{} was trained for x{trained}, not x{}", model.name(), args.scale));
    }
    let single = Single::model(&model, args.execution.execution(), args.settings.ensemble);
    let upscaling = Upscaling::new(Arc::new(single)).with_target(Target::SameSize);
    let upscaling = upscaling.with_strength(args.settings.strength).with_edge(args.settings.edge);
    upscaling.prepare(&messages::Early(terminal))?;
    let task = Task {
        identity: super::identity("restore", &upscaling),
        model: model.name().to_owned(),
        scale: Some(args.scale.to_string()),
        transform: &upscaling,
    };
    batch::transform(&args.files, terminal, &task)
}
