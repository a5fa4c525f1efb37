//! `srcnn degrade`.

use anyhow::Result;
use srcnn::degrade::{shrink, shrink_and_enlarge};

use super::check_scale;
use crate::args::DegradeArgs;
use crate::terminal::Terminal;
use crate::{Outcome, batch};

pub fn run(args: &DegradeArgs, terminal: &Terminal) -> Result<Outcome> {
    check_scale(args.scale)?;
    let degrade = if args.low_res { shrink } else { shrink_and_enlarge };
    let task = batch::Task {
        identity: format!("degrade {} {} {}", args.scale, args.kernel, args.low_res),
        model: args.kernel.to_string(),
        scale: Some(args.scale.to_string()),
        work: &|image, _| Ok(degrade(image, args.scale, args.kernel)?),
    };
    batch::transform(&args.files, terminal, &task)
}
