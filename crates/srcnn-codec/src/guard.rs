//! Panics of decoders, caught: a bug in one of them must not take down a batch of thousands of files, nor speak to the user in
//! words that are not about the file.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::{Mutex, Once, PoisonError};
use std::thread;

use srcnn_image::image::{Image, Metadata};
use srcnn_image::rows::{Rows, RowsError, Shape};

use crate::decode_error::DecodeError;

thread_local! {
    /// Guarded calls that this thread is in.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Threads of a decoder: the beginning of their names, and what is to be called when one of them panics.
type Watched = (&'static str, fn());

static WATCHED: Mutex<Vec<Watched>> = Mutex::new(Vec::new());

/// Runs a decoder; [`DecodeError::Crash`] if it panics. The panic says nothing on the terminal.
pub(crate) fn guarded<T>(decode: impl FnOnce() -> T) -> Result<T, DecodeError> {
    catch_unwind(AssertUnwindSafe(|| silent(decode))).map_err(|_| DecodeError::Crash)
}

/// Runs a part of a decoder whose panics are caught elsewhere: by the caller of another thread.
pub(crate) fn silent<T>(decode: impl FnOnce() -> T) -> T {
    /// One call less, however it ends.
    struct Left;
    impl Drop for Left {
        fn drop(&mut self) {
            DEPTH.with(|depth| depth.set(depth.get() - 1));
        }
    }
    hook();
    DEPTH.with(|depth| depth.set(depth.get() + 1));
    let _left = Left;
    decode()
}

/// Has `call` called when a thread of a decoder's own panics, whose name begins with `prefix`. The panic itself says nothing.
#[cfg(feature = "avif")]
pub(crate) fn watch(prefix: &'static str, call: fn()) {
    hook();
    let mut threads = WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
    if threads.iter().all(|(other, _)| *other != prefix) {
        threads.push((prefix, call));
    }
}

/// Sees to it that panics pass here before they are told: those of decoders end here, all others go on to the hook that was set
/// before.
fn hook() {
    static HOOK: Once = Once::new();
    HOOK.call_once(install);
}

fn install() {
    let before = take_hook();
    set_hook(Box::new(move |info| {
        let current = thread::current();
        let threads = WATCHED.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let of_name = |(prefix, _): &&Watched| current.name().is_some_and(|name| name.starts_with(prefix));
        if let Some((_, call)) = threads.iter().find(of_name) {
            call();
        } else if DEPTH.try_with(Cell::get).unwrap_or(0) == 0 {
            before(info);
        }
    }));
}

/// Rows of a decoder that is guarded.
pub(crate) struct Guarded<'a>(pub(crate) Box<dyn Rows + 'a>);

impl Rows for Guarded<'_> {
    fn shape(&self) -> Shape {
        self.0.shape()
    }

    fn metadata(&self) -> &Metadata {
        self.0.metadata()
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        guarded(|| self.0.read(rows))?
    }

    fn held_bytes(&self) -> u64 {
        self.0.held_bytes()
    }

    fn is_in_memory(&self) -> bool {
        self.0.is_in_memory()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn panics_of_decoders_are_silent_and_others_are_told() {
        static TOLD: AtomicUsize = AtomicUsize::new(0);
        const OURS: &str = "a panic that the test of silence makes";
        // Other tests of this process may panic meanwhile.
        let is_ours = |text: Option<&&str>| text.is_some_and(|text| *text == OURS);
        let all = take_hook();
        set_hook(Box::new(move |info| match is_ours(info.payload().downcast_ref()) {
            true => drop(TOLD.fetch_add(1, Ordering::SeqCst)),
            false => all(info),
        }));
        // Asked in the order in which hooks were set: ours is set after the one above.
        let count = || TOLD.load(Ordering::SeqCst);
        install();
        assert!(matches!(guarded(|| std::panic::panic_any(OURS)), Err::<(), _>(DecodeError::Crash)));
        assert_eq!(count(), 0);
        assert_eq!(guarded(|| guarded(|| std::panic::panic_any(OURS)).is_err()).ok(), Some(true));
        assert_eq!(count(), 0, "also where calls are in each other");
        assert!(catch_unwind(|| std::panic::panic_any(OURS)).is_err());
        assert_eq!(count(), 1, "another one is told");
        assert!(thread::spawn(|| std::panic::panic_any(OURS)).join().is_err());
        assert_eq!(count(), 2, "and one of another thread");
        assert!(thread::spawn(|| silent(|| std::panic::panic_any(OURS))).join().is_err());
        assert_eq!(count(), 2, "but for a decoder's");
    }
}
