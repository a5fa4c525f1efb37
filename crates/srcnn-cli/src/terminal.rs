//! What the user sees while work goes on, and Ctrl-C.

use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use srcnn::progress::Progress;

/// The exit code after Ctrl-C: 128 + SIGINT, as shells have it.
pub const INTERRUPTED: u8 = 130;

static STOP: AtomicBool = AtomicBool::new(false);

/// The first Ctrl-C lets running work end cleanly, so that no part of a file is left; the second ends at once.
pub fn stop_on_ctrl_c() {
    // Without a handler Ctrl-C still ends the program; a temporary file may then be left.
    let _ = ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::SeqCst) {
            std::process::exit(i32::from(INTERRUPTED));
        }
    });
}

/// Whether Ctrl-C was pressed.
pub fn stopped() -> bool {
    STOP.load(Ordering::SeqCst)
}

/// Standard error: messages, and a progress bar if it is a terminal.
pub struct Terminal {
    quiet: bool,
    verbose: bool,
    bar: Mutex<Option<ProgressBar>>,
}

impl Terminal {
    pub fn new(quiet: bool, verbose: bool) -> Self {
        Self { quiet, verbose, bar: Mutex::new(None) }
    }

    /// Said always.
    pub fn error(&self, message: &str) {
        self.print(&format!("srcnn: {message}"));
    }

    /// Said unless quiet.
    pub fn note(&self, message: &str) {
        if !self.quiet {
            self.print(&format!("srcnn: {message}"));
        }
    }

    /// Said only if verbose.
    pub fn detail(&self, message: impl FnOnce() -> String) {
        if self.verbose {
            self.print(&message());
        }
    }

    fn print(&self, message: &str) {
        let bar = self.bar.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let write = || {
            // If standard error is closed, there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "{message}");
        };
        match &*bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Shows a bar for `files` files until the result is dropped.
    pub fn start_bar(&self, files: usize) -> BarGuard<'_> {
        self.bar(files as u64 * FileProgress::UNITS, "{bar:30} {percent:>3} %  {eta} left  {msg}")
    }

    /// Shows a bar for steps, of which `done` are, until the result is dropped.
    pub fn start_steps(&self, done: u64, steps: u64) -> StepsBar<'_> {
        let guard = self.bar(steps, "{bar:30} {pos}/{len}  {per_sec}  {eta} left  {msg}");
        guard.bar.set_position(done);
        guard.bar.reset_eta();
        StepsBar(guard)
    }

    fn bar(&self, length: u64, template: &str) -> BarGuard<'_> {
        // Indicatif draws nothing when standard error is no terminal.
        let target = if self.quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(length), target);
        bar.set_style(ProgressStyle::with_template(template).expect("templates are constants"));
        bar.enable_steady_tick(Duration::from_millis(200));
        *self.bar.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(bar.clone());
        BarGuard { terminal: self, bar }
    }
}

/// A bar of steps that disappears when dropped.
pub struct StepsBar<'a>(BarGuard<'a>);

impl StepsBar<'_> {
    /// Shows that so many steps are done, and what is to be said of the last.
    pub fn step(&self, done: u64, message: &str) {
        self.0.bar.set_position(done);
        self.0.bar.set_message(message.to_owned());
    }
}

/// A bar that disappears when dropped.
pub struct BarGuard<'a> {
    terminal: &'a Terminal,
    bar: ProgressBar,
}

impl BarGuard<'_> {
    /// Shows that file number `index` (from 0) of `count` is being worked on.
    pub fn file(&self, index: usize, count: usize, name: &str) -> FileProgress {
        self.bar.set_message(if count > 1 { format!("{}/{count} {name}", index + 1) } else { name.to_owned() });
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

/// One file's share of the bar; all of it when dropped.
pub struct FileProgress {
    bar: ProgressBar,
    name: String,
    frames: AtomicU64,
    total: AtomicU64,
    done: AtomicU64,
    shown: AtomicU64,
}

impl FileProgress {
    /// Steps of the bar for each file.
    const UNITS: u64 = 1000;

    /// What the file is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Announces that the file has so many pictures of one size.
    pub fn expect_frames(&self, frames: u32) {
        self.frames.store(u64::from(frames), Ordering::Relaxed);
    }

    /// Announces the pixels that will be computed for a picture.
    pub fn expect(&self, pixels: u64) {
        let pixels = pixels.saturating_mul(self.frames.load(Ordering::Relaxed));
        self.total.store(pixels.max(1), Ordering::Relaxed);
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

/// Writes a report to standard output; a reader that has gone away (`| head`) is no error.
///
/// # Errors
/// What else befalls standard output, naming it.
pub fn print_report(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("standard output"),
    }
}
