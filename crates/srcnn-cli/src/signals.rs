//! Ctrl-C and other signals that ask the program to end.
//!
//! The first one lets running work end cleanly, without unfinished files; the second ends the program at once. A signal that
//! was ignored when the program was started stays so: SIGHUP under `nohup`, SIGINT for what a script starts by `&`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// Exit code after such a signal: 128 + SIGINT, as in shells.
pub const INTERRUPTED: u8 = 130;
/// Time between two looks for a signal while something is waited for.
const LOOK: Duration = Duration::from_millis(50);

static STOP: AtomicBool = AtomicBool::new(false);

/// Whether a signal asked for the end.
pub fn stopped() -> bool {
    STOP.load(Ordering::SeqCst)
}

/// Takes note of a signal.
fn stop() {
    if STOP.swap(true, Ordering::SeqCst) {
        std::process::exit(i32::from(INTERRUPTED));
    }
}

/// Handles the signals from now on. If no handler can be set, they end the program at once, and a temporary file may be left.
#[cfg(unix)]
pub fn handle() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let ignored = ignored();
    let handled = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| match ignored {
        Some(ignored) => ignored >> (signal - 1) & 1 == 0,
        // Whoever is to survive a logout must not be asked to end.
        None => *signal != SIGHUP,
    });
    if let Ok(mut signals) = signal_hook::iterator::Signals::new(handled) {
        thread::spawn(move || signals.forever().for_each(|_| stop()));
    }
}

/// The signals that are ignored, a bit each, the lowest for signal 1; nothing where only Linux would tell.
#[cfg(unix)]
fn ignored() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

/// Handles Ctrl-C from now on.
#[cfg(not(unix))]
pub fn handle() {
    let _ = ctrlc::set_handler(stop);
}

/// The program was asked to end while it waited.
#[derive(Debug)]
pub struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// The result of work that may wait for another program for ever, such as reading from a pipe.
///
/// # Errors
/// [`Interrupted`] once a signal asks for the end: the work is left to itself.
pub fn waiting<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Interrupted> {
    let (sender, receiver) = channel();
    let thread = thread::spawn(move || {
        // Nobody listens any more after a signal.
        let _ = sender.send(work());
    });
    loop {
        match receiver.recv_timeout(LOOK) {
            Ok(result) => return Ok(result),
            Err(RecvTimeoutError::Timeout) if stopped() => return Err(Interrupted),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => match thread.join() {
                Ok(()) => return Err(Interrupted),
                Err(panic) => std::panic::resume_unwind(panic),
            },
        }
    }
}
