//! `srcnn paper`: the paper's tables, curves and filters.

mod curves;
mod filters;
mod table;

use anyhow::Result;

use crate::args::{PaperArgs, PaperCommand};
use crate::outcome::Outcome;
use crate::terminal::Terminal;

pub fn run(args: &PaperArgs, terminal: &Terminal) -> Result<Outcome> {
    match &args.command {
        PaperCommand::Curves(args) => curves::run(args, terminal),
        PaperCommand::Filters(args) => filters::run(args, terminal),
        PaperCommand::Table(args) => table::run(args, terminal),
    }
}
