//! Notices of the pipeline, as messages on the terminal.

use std::time::Duration;

use srcnn::codec::files::PassedOver;
use srcnn::codec::{EncodeError, Loss};
use srcnn::engine::Precision;
use srcnn::inspect::Finding;
use srcnn::pipeline::{LimitKind, Notice, Observer, PipelineError, SizeNotice};
use srcnn::progress::Progress;
use srcnn::stage::{Meter, Spent, Stage};
use srcnn::upscale::Restorer;

use crate::signals::stopped;
use crate::terminal::{FileProgress, Terminal};

/// Extensions that are named among the files passed over.
const MOST_EXTENSIONS: usize = 6;

/// Observer of one file of a batch: shows progress, prints notices.
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

/// Observer of the preparations before the first file.
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

/// Message about what the output's format cannot hold.
pub fn lost(output: &str, loss: Loss) -> String {
    format!("{output}: {loss}")
}

/// Prints a restorer and its execution, if verbose.
pub fn restorer(restorer: &dyn Restorer, terminal: &Terminal) {
    terminal.detail(|| restorer.description());
    execution(restorer, terminal);
}

/// Prints the execution of a network (arithmetic, instruction set, threads), if verbose.
pub fn execution(restorer: &dyn Restorer, terminal: &Terminal) {
    let Some(execution) = restorer.execution() else { return };
    terminal.detail(|| {
        let (arithmetic, isa) = (arithmetic(execution.precision), execution.isa.name());
        format!("computed in {arithmetic} on {isa}, {} threads", rayon::current_num_threads())
    });
}

/// The time that each stage took, in one line.
pub fn stages(meter: &Meter) -> String {
    let milliseconds = |time: Duration| format!("{:.0}", time.as_secs_f64() * 1e3);
    let each = Stage::ALL.map(|stage| {
        let Spent { wall, processor } = meter.spent(stage);
        format!("{} {}/{}", stage.name(), milliseconds(wall), milliseconds(processor))
    });
    format!("milliseconds by stage (wall/processor): {}", each.join(", "))
}

/// The files of folders that were not taken, in one line; nothing if there are none.
pub fn passed_over(files: &PassedOver) -> Option<String> {
    let PassedOver { extensions, hidden, streams, broken_links, .. } = files;
    let named = |extension: &String| if extension.is_empty() { "none".to_owned() } else { format!(".{extension}") };
    let mut names: Vec<String> = extensions.keys().take(MOST_EXTENSIONS).map(named).collect();
    if extensions.len() > MOST_EXTENSIONS {
        names.push("...".to_owned());
    }
    let others = format!("of other extensions ({})", names.join(", "));
    let reasons = [
        (extensions.values().sum(), &*others),
        (*hidden, "hidden"),
        (*streams, "of devices or pipes"),
        (*broken_links, "of links that lead nowhere"),
    ];
    let reasons: Vec<String> =
        reasons.iter().filter(|(count, _)| *count > 0).map(|(count, reason)| format!("{count} {reason}")).collect();
    let count = files.count();
    let plural = if count == 1 { "" } else { "s" };
    (count > 0).then(|| format!("{count} file{plural} passed over: {}", reasons.join(", ")))
}

/// Floating-point types of a precision.
pub fn arithmetic(precision: Precision) -> &'static str {
    match precision {
        Precision::Exact => "f32",
        Precision::Fast => "bf16 and f32",
    }
}

/// The option that helps: the one that raises the limit that an error is about, or that fills transparency.
pub fn hint(error: &anyhow::Error) -> Option<&'static str> {
    let error = error.chain().find_map(|cause| cause.downcast_ref::<PipelineError>())?;
    if matches!(error, PipelineError::Encode(EncodeError::Alpha)) {
        return Some("--background COLOR puts a color behind it");
    }
    Some(match error.limit()? {
        LimitKind::Memory => "--max-memory allows more",
        LimitKind::Pixels => "--max-pixels allows more",
        LimitKind::Work => "--any-work does it all the same",
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
            "is mostly above 1.0, which is white in floating point; such samples are enlarged by bicubic alone: divide the \
             samples by the value that is meant to be white"
        }
        Finding::Harsh => {
            "has more fine detail than photographs have, like pictures that were shrunk without a filter, or noise, which is \
             sharpened with the rest: use a better copy, or --strength 0.5"
        }
        Finding::Soft => {
            "has no detail at its finest, like pictures that were enlarged before: srcnn restore sharpens it at this \
             size, or use a smaller scale"
        }
    }
}
