//! One module a command.

mod advice;
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
use srcnn::Model;
use srcnn::engine::{Engine, Precision};
use srcnn_eval::report::Format;

use crate::Usage;
use crate::args::FormatArg;
use crate::batch::journal;
use crate::terminal::Terminal;

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

/// Refuses factors that do not enlarge (or, for degrading, shrink).
fn check_scale(scale: f64) -> Result<()> {
    if scale.is_finite() && scale > 1.0 {
        return Ok(());
    }
    Err(Usage(format!("-s {scale}: the scale must be a number above 1")).into())
}

/// What tells results of models from those of others, or of another version of this program.
fn identity(models: &[Model]) -> String {
    let weights: Vec<Vec<u8>> = models.iter().map(srcnn::weights::to_safetensors).collect();
    let parts: Vec<&[u8]> = weights.iter().map(Vec::as_slice).collect();
    format!("{} {}", journal::hex(&journal::hash(&parts)), env!("CARGO_PKG_VERSION"))
}

/// What a network is computed in, as came of what was asked for.
fn arithmetic(engine: &Engine) -> &'static str {
    match engine.execution().precision {
        Precision::Exact => "f32",
        Precision::Fast => "bf16 and f32",
    }
}

/// Tells, if asked to tell more, how the network is computed.
fn note_execution(engine: &Engine, terminal: &Terminal) {
    terminal.detail(|| {
        let (isa, threads) = (engine.execution().isa.name(), rayon::current_num_threads());
        format!("computed in {} on {isa}, {threads} threads", arithmetic(engine))
    });
}
