//! `srcnn degrade`.

use anyhow::Result;
use srcnn::degrade::{shrink, shrink_and_enlarge};
use srcnn::rows::{Held, collect};

use super::check_scale;
use crate::args::DegradeArgs;
use crate::terminal::Terminal;
use crate::{Outcome, batch};

pub fn run(args: &DegradeArgs, terminal: &Terminal) -> Result<Outcome> {
    check_scale(args.scale)?;
    let degrade = if args.low_res { shrink } else { shrink_and_enlarge };
    let task = batch::Task {
        identity: format!("degrade {} {} {} {}", args.scale, args.kernel, args.low_res, env!("CARGO_PKG_VERSION")),
        model: args.kernel.to_string(),
        scale: Some(args.scale.to_string()),
        deepens: false,
        work: &|rows, batch::Step { limits, .. }| {
            // The picture, what becomes of it, and planes of both.
            batch::check_memory(rows.shape().bytes().saturating_mul(4), limits)?;
            let image = collect(rows).map_err(anyhow::Error::from_boxed)?;
            Ok(Box::new(Held::from(degrade(&image, args.scale, args.kernel)?)))
        },
    };
    batch::transform(&args.files, terminal, &task)
}
