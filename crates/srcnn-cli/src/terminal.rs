//! Messages, progress bars and reports.

use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use srcnn::progress::Progress;

use crate::names::visible;
use crate::signals::stopped;

/// Standard error: messages, and a progress bar if it is a terminal.
pub struct Terminal {
    quiet: bool,
    verbose: bool,
    bar: Mutex<Option<ProgressBar>>,
    /// Messages that wait for their turn; printed at once if there is no list.
    held: Option<Mutex<Vec<String>>>,
}

impl Terminal {
    pub fn new(quiet: bool, verbose: bool) -> Self {
        Self { quiet, verbose, bar: Mutex::new(None), held: None }
    }

    /// Messages for this terminal, which are held until they are [released](Self::release).
    pub fn holding(&self) -> Self {
        Self { held: Some(Mutex::default()), ..Self::new(self.quiet, self.verbose) }
    }

    /// Prints the messages that were held.
    pub fn release(&self, held: Self) {
        let lines = held.held.map(Mutex::into_inner).transpose().unwrap_or_else(|e| Some(e.into_inner()));
        lines.into_iter().flatten().for_each(|line| self.print(&line));
    }

    /// Whether details are printed.
    pub fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Prints an error, in every mode.
    pub fn error(&self, message: &str) {
        self.print(&format!("srcnn: {message}"));
    }

    /// Prints a note, unless `--quiet`.
    pub fn note(&self, message: &str) {
        if !self.quiet {
            self.print(&format!("srcnn: {message}"));
        }
    }

    /// Prints a detail, only if `--verbose`.
    pub fn detail(&self, message: impl FnOnce() -> String) {
        if self.verbose {
            self.print(&message());
        }
    }

    fn print(&self, message: &str) {
        if let Some(held) = &self.held {
            held.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(message.to_owned());
            return;
        }
        let bar = self.bar.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let write = || {
            // An error here cannot be reported anywhere.
            let _ = writeln!(std::io::stderr(), "{}", visible(message));
        };
        match &*bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Shows a progress bar for `files` files until the guard is dropped.
    pub fn start_bar(&self, files: usize) -> BarGuard<'_> {
        self.bar(files as u64 * FileProgress::UNITS, "{bar:30} {percent:>3} %  {eta} left  {msg}")
    }

    /// Shows a progress bar for `steps` steps, `done` of which are finished, until the result is dropped.
    pub fn start_steps(&self, done: u64, steps: u64) -> StepsBar<'_> {
        let guard = self.bar(steps, "{bar:30} {pos}/{len}  {per_sec}  {eta} left  {msg}");
        guard.bar.set_position(done);
        guard.bar.reset_eta();
        StepsBar(guard)
    }

    fn bar(&self, length: u64, template: &str) -> BarGuard<'_> {
        // Indicatif draws nothing if standard error is not a terminal.
        let target = if self.quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(length), target);
        bar.set_style(ProgressStyle::with_template(template).expect("templates are constants"));
        bar.enable_steady_tick(Duration::from_millis(200));
        *self.bar.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(bar.clone());
        BarGuard { terminal: self, bar }
    }
}

/// Progress bar for steps, removed when dropped.
pub struct StepsBar<'a>(BarGuard<'a>);

impl StepsBar<'_> {
    /// Sets the number of finished steps and the message beside the bar.
    pub fn step(&self, done: u64, message: &str) {
        self.0.bar.set_position(done);
        self.0.bar.set_message(message.to_owned());
    }
}

/// Progress bar, removed when dropped.
pub struct BarGuard<'a> {
    terminal: &'a Terminal,
    bar: ProgressBar,
}

impl BarGuard<'_> {
    /// Begins file number `index` (from 0) of `count`, and shows its name.
    pub fn file(&self, index: usize, count: usize, name: &str) -> FileProgress {
        let seen = visible(name);
        self.bar.set_message(if count > 1 { format!("{}/{count} {seen}", index + 1) } else { seen.into_owned() });
        FileProgress {
            bar: self.bar.clone(),
            name: name.to_owned(),
            frames: AtomicU64::new(1),
            total: AtomicU64::new(1),
            done: AtomicU64::new(0),
            shown: AtomicU64::new(0),
        }
    }
}

impl Drop for BarGuard<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        *self.terminal.bar.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
    }
}

/// One file's share of the progress bar; the bar advances to its end when this is dropped.
pub struct FileProgress {
    bar: ProgressBar,
    name: String,
    frames: AtomicU64,
    total: AtomicU64,
    done: AtomicU64,
    shown: AtomicU64,
}

impl FileProgress {
    /// Units of the bar per file.
    const UNITS: u64 = 1000;

    /// The name of the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sets the number of frames of one size that the file has.
    pub fn expect_frames(&self, frames: u32) {
        self.frames.store(u64::from(frames), Ordering::Relaxed);
    }

    /// Sets the number of pixels that will be computed per frame.
    pub fn expect(&self, pixels: u64) {
        let pixels = pixels.saturating_mul(self.frames.load(Ordering::Relaxed));
        self.total.store(pixels.max(1), Ordering::Relaxed);
    }

    /// Leaves the bar as it was: the file is processed later.
    pub fn forget(self) {
        self.bar.dec(self.shown.swap(Self::UNITS, Ordering::Relaxed));
    }

    fn show(&self, units: u64) {
        let before = self.shown.fetch_max(units, Ordering::Relaxed);
        self.bar.inc(units.saturating_sub(before));
    }
}

impl Progress for FileProgress {
    fn advance(&self, pixels: u64) {
        let done = self.done.fetch_add(pixels, Ordering::Relaxed) + pixels;
        let share = done as f64 / self.total.load(Ordering::Relaxed) as f64;
        self.show((share.min(1.0) * Self::UNITS as f64) as u64);
    }

    fn cancelled(&self) -> bool {
        stopped()
    }
}

impl Drop for FileProgress {
    fn drop(&mut self) {
        self.show(Self::UNITS);
    }
}

/// Writes a report to standard output. A reader that has closed the pipe (`| head`) is not an error.
///
/// # Errors
/// Other errors of standard output.
pub fn print_report(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("standard output"),
    }
}
