//! Notices of the pipeline as messages.

use srcnn::codec::Loss;
use srcnn::engine::Precision;
use srcnn::inspect::Finding;
use srcnn::pipeline::{LimitKind, Notice, Observer, PipelineError, SizeNotice};
use srcnn::progress::Progress;
use srcnn::upscale::Restorer;

use crate::terminal::{FileProgress, Terminal, stopped};

/// A file of a batch, which the pipeline tells how it gets on.
pub struct Watched<'a> {
    pub progress: &'a FileProgress,
    pub terminal: &'a Terminal,
    /// The name of the input in messages.
    pub input: &'a str,
    /// The name of the output in messages.
    pub output: &'a str,
}

impl Progress for Watched<'_> {
    fn advance(&self, pixels: u64) {
        self.progress.advance(pixels);
    }

    fn cancelled(&self) -> bool {
        stopped()
    }
}

impl Observer for Watched<'_> {
    fn expect(&self, pixels: u64) {
        self.progress.expect(pixels);
    }

    fn expect_frames(&self, frames: u32) {
        self.progress.expect_frames(frames);
    }

    fn notice(&self, notice: Notice<'_>) {
        let name = self.progress.name();
        match notice {
            Notice::Change(change) => self.terminal.note(&format!("{}: {change}", self.input)),
            Notice::Size(notice) => self.terminal.note(&format!("{name}: {}", size(notice))),
            Notice::Finding(finding) => self.terminal.note(&format!("{name}: {}", advice(finding))),
            Notice::Loss(loss) => self.terminal.note(&lost(self.output, loss)),
            Notice::Restorer(prepared) => restorer(prepared, self.terminal),
            _ => {}
        }
    }
}

/// Before the first file.
pub struct Early<'a>(pub &'a Terminal);

impl Progress for Early<'_> {
    fn advance(&self, _pixels: u64) {}
}

impl Observer for Early<'_> {
    fn notice(&self, notice: Notice<'_>) {
        if let Notice::Restorer(prepared) = notice {
            restorer(prepared, self.0);
        }
    }
}

/// The loss of a format, by the name of the output.
pub fn lost(output: &str, loss: Loss) -> String {
    format!("{output}: {loss}")
}

/// A restorer, and how it is computed, for those who want to know more.
pub fn restorer(restorer: &dyn Restorer, terminal: &Terminal) {
    terminal.detail(|| restorer.description());
    execution(restorer, terminal);
}

/// How a network is computed, for those who want to know more.
pub fn execution(restorer: &dyn Restorer, terminal: &Terminal) {
    let Some(execution) = restorer.execution() else { return };
    terminal.detail(|| {
        let (arithmetic, isa) = (arithmetic(execution.precision), execution.isa.name());
        format!("computed in {arithmetic} on {isa}, {} threads", rayon::current_num_threads())
    });
}

/// The types that a network is computed in.
pub fn arithmetic(precision: Precision) -> &'static str {
    match precision {
        Precision::Exact => "f32",
        Precision::Fast => "bf16 and f32",
    }
}

/// The option that allows more, if an error is about a limit.
pub fn hint(error: &anyhow::Error) -> Option<&'static str> {
    let limit = error.chain().find_map(|cause| cause.downcast_ref::<PipelineError>()?.limit())?;
    Some(match limit {
        LimitKind::Memory => "--max-memory allows more",
        LimitKind::Pixels => "--max-pixels allows more",
    })
}

fn size(notice: SizeNotice) -> String {
    match notice {
        SizeNotice::LargeEnough { size } => format!("{size} is large enough: left as it is"),
        SizeNotice::Same { size } => format!("is {size} already: left as it is"),
        SizeNotice::Reduced { from, to } => format!("{from} is reduced to {to} by bicubic, without the network"),
        SizeNotice::Mixed { from, to } => format!("{from} becomes {to}: one side is enlarged, the other reduced"),
        SizeNotice::Stretched { from, to } => format!("{from} is stretched to {to} (--fit keeps its shape)"),
    }
}

fn advice(finding: Finding) -> &'static str {
    match finding {
        Finding::Blocks => {
            "shows the 8x8 blocks of strong JPEG compression, which are sharpened with the rest: use a better copy, or \
             --strength 0.5"
        }
        Finding::Bright => {
            "is mostly above 1, which is white in floating point: there bicubic is all that is done; divide the samples by what \
             is meant to be white"
        }
        Finding::Harsh => {
            "has more at its finest than photographs have, like pictures that were shrunk without a filter, or noise, which \
             is sharpened with the rest: use a better copy, or --strength 0.5"
        }
        Finding::Soft => {
            "has no detail at its finest, like pictures that were enlarged before: srcnn restore sharpens it at this \
             size, or use a smaller scale"
        }
    }
}
