//! Stages that go on at once: rows that a thread of their own computes ahead of their reader.

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{Builder, Scope};

use crate::Limits;
use crate::image::{Image, Metadata};
use crate::parallel;
use crate::rows::{Parts, Rows, RowsError, Shape};
use crate::stage;

/// Bytes of samples that a stage hands on at a time.
const PART: u64 = 1 << 20;
/// Parts that wait between two stages. Beside them, one is being made and one is being read.
const WAITING: usize = 2;
/// Bytes of samples of a picture from which on stages go on at once.
const LARGE: u64 = 2 << 20;

/// Share of the memory limit that parts between stages may take.
const SHARE: u64 = 8;

/// Bytes that the parts of a result may take, to be left free by what computes it; none if its stages take turns.
pub(super) fn reserved(limits: Limits) -> u64 {
    if takes_turns(limits) { 0 } else { bytes_of(PART) }
}

/// Whether stages take turns: with one thread, with little memory, or in a thread of rayon's, which must not wait for others
/// that need it.
fn takes_turns(limits: Limits) -> bool {
    parallel::threads() == 1 || parallel::is_worker() || limits.memory / SHARE < bytes_of(PART)
}

/// Bytes of the parts between two stages, when a part has `part` bytes.
fn bytes_of(part: u64) -> u64 {
    (WAITING as u64 + 2).saturating_mul(part)
}

fn rows_of_part(shape: Shape) -> usize {
    ((PART / shape.row_bytes().max(1)) as usize).clamp(1, shape.height)
}

/// The rows, read ahead by a thread of their own if the picture is large and its rows are not in memory already.
pub(super) fn ahead<'scope>(
    scope: &'scope Scope<'scope, '_>,
    rows: Box<dyn Rows + 'scope>,
    limits: Limits,
) -> Box<dyn Rows + 'scope> {
    let shape = rows.shape();
    if takes_turns(limits) || rows.is_in_memory() || shape.bytes() < LARGE || shape.row_bytes() > PART {
        return rows;
    }
    by_thread(scope, rows)
}

/// The rows, read by a thread of their own; as they are where no thread can be made.
fn by_thread<'scope>(scope: &'scope Scope<'scope, '_>, rows: Box<dyn Rows + 'scope>) -> Box<dyn Rows + 'scope> {
    let (shape, metadata) = (rows.shape(), rows.metadata().clone());
    let held = rows.held_bytes().saturating_add(bytes_of(PART.min(shape.bytes())));
    let (parts, received) = sync_channel(WAITING);
    // Handed over once the thread is there, so that it is not lost where there are no threads.
    let (hand_over, handed) = sync_channel::<Box<dyn Rows + 'scope>>(1);
    let context = stage::context();
    let work = move || {
        let Ok(mut rows) = handed.recv() else { return };
        loop {
            let part = rows.read(rows_of_part(shape));
            let is_last = !matches!(part, Ok(Some(_)));
            // Nobody reads on after an error of a later stage.
            if parts.send(part).is_err() || is_last {
                return;
            }
        }
    };
    let named = Builder::new().name("rows".to_owned());
    let thread = named.spawn_scoped(scope, || stage::joining(context, work));
    if thread.is_err() {
        return rows;
    }
    match hand_over.send(rows) {
        Ok(()) => Box::new(Ahead { shape, metadata, held, parts: received, ready: None }),
        Err(returned) => returned.0,
    }
}

/// Rows that another thread computes.
struct Ahead {
    shape: Shape,
    metadata: Metadata,
    held: u64,
    parts: Receiver<Result<Option<Image>, RowsError>>,
    /// What is left of a part.
    ready: Option<Parts>,
}

impl Rows for Ahead {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        let ready = match self.ready.take() {
            Some(ready) => ready,
            // The other thread ends without a word only by a panic, which its scope passes on.
            None => match stage::waiting(|| self.parts.recv()).unwrap_or_else(|_| Err("rows are missing".into()))? {
                Some(part) => Parts::from(part),
                None => return Ok(None),
            },
        };
        let (part, left) = ready.take(rows);
        self.ready = left;
        Ok(Some(part))
    }

    fn held_bytes(&self) -> u64 {
        self.held
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;
    use crate::image::{Depth, Pixels};
    use crate::plane::Rect;
    use crate::rows::collect;

    const SHAPE: Shape = Shape { width: 1000, height: 2000, channels: 3, depth: Depth::Eight };

    /// Rows that are made when they are read; fails, or panics, at a row.
    struct Made<'a> {
        metadata: Metadata,
        next: usize,
        fails_at: usize,
        panics_at: usize,
        read: &'a AtomicUsize,
    }

    impl<'a> Made<'a> {
        fn new(read: &'a AtomicUsize) -> Self {
            let metadata = Metadata { xmp: Some(vec![1, 2, 3]), ..Metadata::default() };
            Self { metadata, next: 0, fails_at: usize::MAX, panics_at: usize::MAX, read }
        }
    }

    impl Rows for Made<'_> {
        fn shape(&self) -> Shape {
            SHAPE
        }

        fn metadata(&self) -> &Metadata {
            &self.metadata
        }

        fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
            let rows = self.next..SHAPE.height.min(self.next + rows.max(1));
            if rows.contains(&self.fails_at) {
                return Err("the file is broken".into());
            }
            assert!(!rows.contains(&self.panics_at), "a bug");
            self.next = rows.end;
            self.read.store(rows.end, Ordering::SeqCst);
            if rows.is_empty() {
                return Ok(None);
            }
            let samples = rows.clone().flat_map(|y| (0..3000).map(move |x| (x * 7 + y * 13) as u8)).collect();
            Ok(Some(Image::from_u8(Pixels::new(1000, rows.len(), 3, samples)?)?))
        }
    }

    #[test]
    fn the_rows_are_the_same_in_any_portions() {
        let read = AtomicUsize::new(0);
        let expected = collect(Made::new(&read)).expect("made");
        for portion in [1, 7, 349, 350, 2000, usize::MAX] {
            thread::scope(|scope| {
                let mut rows = by_thread(scope, Box::new(Made::new(&read)));
                assert_eq!((rows.shape(), rows.metadata()), (SHAPE, &expected.metadata));
                let mut next = 0;
                while let Some(part) = rows.read(portion).expect("made") {
                    assert!((1..=portion).contains(&part.height()));
                    let rect = Rect { x: 0, y: next, width: 1000, height: part.height() };
                    assert_eq!(part.samples(), expected.crop(rect).expect("inside").samples());
                    next += part.height();
                }
                assert_eq!(next, 2000);
            });
        }
    }

    #[test]
    fn little_is_read_ahead_and_nothing_once_nobody_reads() {
        let read = AtomicUsize::new(0);
        thread::scope(|scope| {
            let mut rows = by_thread(scope, Box::new(Made::new(&read)));
            rows.read(1).expect("made");
            // However long it has: one part is being read, and one is made.
            thread::sleep(std::time::Duration::from_millis(50));
            assert!(read.load(Ordering::SeqCst) <= (WAITING + 2) * rows_of_part(SHAPE));
        });
        assert!(read.into_inner() <= (WAITING + 2) * rows_of_part(SHAPE));
    }

    #[test]
    fn errors_come_with_their_rows_and_panics_are_passed_on() {
        let read = AtomicUsize::new(0);
        thread::scope(|scope| {
            let rows = Made { fails_at: 1500, ..Made::new(&read) };
            let error = collect(by_thread(scope, Box::new(rows))).expect_err("broken").to_string();
            assert_eq!(error, "the file is broken");
        });
        let bug = std::panic::catch_unwind(|| {
            let read = AtomicUsize::new(0);
            thread::scope(|scope| {
                let rows = Made { panics_at: 700, ..Made::new(&read) };
                collect(by_thread(scope, Box::new(rows))).map(drop).expect_err("rows are missing");
            });
        });
        assert!(bug.is_err());
    }

    #[test]
    fn stages_take_turns_for_small_pictures_little_memory_and_workers() {
        let read = AtomicUsize::new(0);
        let goes_ahead = |memory| {
            thread::scope(|scope| {
                let limits = Limits { memory, ..Limits::default() };
                ahead(scope, Box::new(Made::new(&read)), limits).held_bytes() > 0
            })
        };
        assert_eq!(goes_ahead(1 << 30), parallel::threads() > 1);
        assert!(!goes_ahead(1 << 20));
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("threads");
        assert!(!pool.install(|| goes_ahead(1 << 30)));
    }
}
