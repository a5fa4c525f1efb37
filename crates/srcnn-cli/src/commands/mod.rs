//! The commands, one module each.

pub mod baseline;
pub mod bench;
pub mod compare;
pub mod degrade;
pub mod evaluate;
pub mod model;
pub mod paper;
pub mod restore;
pub mod shell;
pub mod train;
pub mod upscale;

use anyhow::Result;
use srcnn::pipeline::Upscaling;
use srcnn_eval::report::Format;

use crate::args::FormatArg;
use crate::batch::{Identity, journal};
use crate::outcome::Usage;

impl From<FormatArg> for Format {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Text => Self::Text,
            FormatArg::Markdown => Self::Markdown,
            FormatArg::Csv => Self::Csv,
            FormatArg::Json => Self::Json,
        }
    }
}

/// Refuses factors that do not enlarge (for degrading: shrink).
fn check_scale(scale: f64) -> Result<()> {
    if scale.is_finite() && scale > 1.0 {
        return Ok(());
    }
    Err(Usage(format!("-s {scale}: the scale must be a number above 1")).into())
}

/// The identity of results: command, model, settings and version of this program.
fn identity<'a>(command: &'a str, upscaling: &'a Upscaling) -> Identity<'a> {
    Box::new(move || {
        let hash = journal::hex(&journal::hash(&[&upscaling.fingerprint()]));
        format!("{command} {hash} {}", env!("CARGO_PKG_VERSION"))
    })
}
