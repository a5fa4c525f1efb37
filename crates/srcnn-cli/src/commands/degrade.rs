//! `srcnn degrade`.

use anyhow::Result;
use srcnn::pipeline::Degrading;

use super::check_scale;
use crate::args::DegradeArgs;
use crate::batch::{self, Task};
use crate::outcome::Outcome;
use crate::terminal::Terminal;

pub fn run(args: &DegradeArgs, terminal: &Terminal) -> Result<Outcome> {
    check_scale(args.scale)?;
    let degrading = Degrading { factor: args.scale, convention: args.kernel, low_res: args.low_res };
    let task = Task {
        identity: Box::new(|| {
            let version = env!("CARGO_PKG_VERSION");
            format!("degrade {} {} {} {version}", args.scale, args.kernel, args.low_res)
        }),
        model: args.kernel.to_string(),
        scale: Some(args.scale.to_string()),
        transform: &degrading,
    };
    batch::transform(&args.files, terminal, &task)
}
