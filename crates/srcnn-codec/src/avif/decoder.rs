//! Decoding of a key frame on several threads, so that a decoder that fails is an error.
//!
//! The decoder's own threads do not tell when one of them panics: the others, and the caller, wait for it forever. So the
//! caller waits in [`beside`], which a panic of such a thread ends; then the picture is decoded again on the caller's thread, where a
//! panic can be caught.

use std::collections::BTreeMap;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use re_rav1d::dav1d::{Decoder, Picture, Settings};

use srcnn_image::{Limits, Size, parallel};

use crate::decode_error::DecodeError;
use crate::guard::{guarded, watch};

/// How the decoder's threads are named.
const WORKER: &str = "rav1d-worker-";
/// The most threads that the decoder takes.
const MOST_THREADS: u64 = 256;
/// Pixels from which another thread is worth its start.
const PIXELS_A_THREAD: u64 = 1 << 16;
/// Bytes that a thread works on, apart from planes, at most.
const BYTES_A_THREAD: u64 = 1 << 20;

/// The callers that wait for decoders with threads of their own.
static WAITING: Mutex<Waiting> = Mutex::new(Waiting { failed: false, next: 0, ends: BTreeMap::new() });

struct Waiting {
    /// Whether a thread of a decoder has panicked. The rest of that decoder never ends, and holds its memory; so no others with
    /// threads are started.
    failed: bool,
    /// The number of the next caller.
    next: u64,
    /// By the number of a caller, what ends its wait.
    ends: BTreeMap<u64, Box<dyn Fn() + Send>>,
}

fn waiting() -> MutexGuard<'static, Waiting> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Decodes a frame of this size. The planes and what they are made from take `needed` bytes; what the limits leave beyond is for
/// threads.
pub(super) fn decode(data: Arc<[u8]>, size: Size, needed: u64, limits: Limits) -> Result<Picture, DecodeError> {
    let room = limits.memory.saturating_sub(needed) / BYTES_A_THREAD;
    let useful = (size.pixels() / PIXELS_A_THREAD).min(room).min(MOST_THREADS);
    let threads = (parallel::threads() as u64).min(useful);
    if threads > 1 {
        let data = Arc::clone(&data);
        if let Some(decoded) = beside(move || decode_by(data, size, threads as u32)) {
            return decoded;
        }
    }
    decode_by(data, size, 1)
}

fn decode_by(data: Arc<[u8]>, size: Size, threads: u32) -> Result<Picture, DecodeError> {
    let mut settings = Settings::new();
    settings.set_n_threads(threads);
    settings.set_max_frame_delay(1);
    // Blocks that reach beyond the edges are no pixels of the picture.
    settings.set_frame_size_limit(u32::try_from(size.pixels()).unwrap_or(u32::MAX).max(1));
    let refused = |error: re_rav1d::dav1d::Error| match error.is_again() {
        true => DecodeError::Truncated,
        false => DecodeError::decoder("AVIF", error),
    };
    let mut decoder = Decoder::with_settings(&settings).map_err(refused)?;
    match decoder.send_data(data, None, None, None) {
        Err(error) if !error.is_again() => return Err(refused(error)),
        _ => {}
    }
    decoder.get_picture().map_err(refused)
}

/// Does work that may wait forever for a thread of the decoder that has panicked; none if one has, or the work itself.
fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    watch(WORKER, fail);
    let (end, ended) = channel();
    let number = {
        let mut waiting = waiting();
        if waiting.failed {
            return None;
        }
        let (end, number) = (end.clone(), waiting.next);
        waiting.next += 1;
        // It does not matter whether anybody waits still.
        waiting.ends.insert(number, Box::new(move || end.send(None).unwrap_or_default()));
        number
    };
    let worker = thread::Builder::new().name("avif".into()).spawn(move || {
        let done = guarded(work).ok();
        end.send(done).unwrap_or_default();
    });
    let done = worker.ok().and_then(|_| ended.recv().ok().flatten());
    waiting().ends.remove(&number);
    done
}

/// Ends all waits, and those to come before they begin.
fn fail() {
    let mut waiting = waiting();
    waiting.failed = true;
    std::mem::take(&mut waiting.ends).values().for_each(|end| end());
}

#[cfg(test)]
mod tests {
    use re_rav1d::dav1d::PlanarImageComponent;

    use super::*;
    use crate::avif::boxes::Items;

    #[test]
    fn threads_change_nothing() {
        for name in ["rgb", "subsampled", "grey", "deep-10", "deep-12"] {
            let bytes = srcnn_fixtures::bytes(&format!("traits/{name}.avif"));
            let items = Items::read(&bytes).expect("complete");
            let data: Arc<[u8]> = items.data(items.primary.expect("a picture")).expect("a coded picture").into();
            let luma = |data: Arc<[u8]>, threads| {
                let picture = decode_by(data, Size::new(256, 256), threads).ok()?;
                let row = picture.width() as usize * picture.bit_depth().div_ceil(8);
                let plane = picture.plane(PlanarImageComponent::Y);
                let rows =
                    plane.chunks(picture.stride(PlanarImageComponent::Y) as usize).take(picture.height() as usize);
                Some(rows.flat_map(|samples| samples[..row].to_vec()).collect::<Vec<u8>>())
            };
            let one = luma(Arc::clone(&data), 1);
            assert!(one.is_some(), "{name}");
            for threads in [2, 3, 8] {
                assert!(luma(Arc::clone(&data), threads) == one, "{name}, {threads} threads");
            }
            for length in (0..data.len()).step_by(7) {
                let [one, three] = [1, 3].map(|threads| luma(data[..length].into(), threads));
                assert!(one == three, "{name} cut to {length} bytes");
            }
        }
    }

    #[test]
    fn a_panic_of_a_decoders_thread_ends_the_wait() {
        assert_eq!(beside(|| 7), Some(7));
        assert_eq!(beside(|| -> u32 { panic!("the work itself") }), None);
        assert_eq!(beside(|| 8), Some(8), "other threads are not the decoder's");
        let waits_forever = || {
            let worker = thread::Builder::new().name(format!("{WORKER}0"));
            worker.spawn(|| panic!("a thread of the decoder")).expect("a thread");
            loop {
                thread::park();
            }
        };
        assert_eq!(beside(waits_forever), None::<u32>);
        assert_eq!(beside(|| 9), None, "no more are started");
        assert!(waiting().ends.is_empty());
    }
}
