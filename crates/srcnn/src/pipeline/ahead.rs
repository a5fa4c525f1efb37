//! Stages that go on at once: rows that a thread of their own computes ahead of their reader.

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{Builder, Scope};

use crate::Limits;
use crate::image::{Image, Metadata};
use crate::parallel;
use crate::plane::Rect;
use crate::rows::{Rows, RowsError, Shape};
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
    let (shape, metadata) = (rows.shape(), rows.metadata().clone());
    let between = bytes_of(shape.row_bytes().saturating_mul(rows_of_part(shape) as u64));
    let is_held = rows.held_bytes() >= shape.bytes();
    if takes_turns(limits) || is_held || shape.bytes() < LARGE || between > bytes_of(PART) {
        return rows;
    }
    let held = rows.held_bytes().saturating_add(between);
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
    /// A part, and how many of its rows were read.
    ready: Option<(Image, usize)>,
}

impl Rows for Ahead {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        let (part, from) = match self.ready.take() {
            Some(ready) => ready,
            // The other thread ends without a word only by a panic, which its scope passes on.
            None => match stage::waiting(|| self.parts.recv()).unwrap_or_else(|_| Err("rows are missing".into()))? {
                Some(part) => (part, 0),
                None => return Ok(None),
            },
        };
        let left = part.height() - from;
        let height = left.min(rows.max(1));
        if height == part.height() {
            return Ok(Some(part));
        }
        let read = part.crop(Rect { x: 0, y: from, width: part.width(), height })?;
        if height < left {
            self.ready = Some((part, from + height));
        }
        Ok(Some(read))
    }

    fn held_bytes(&self) -> u64 {
        self.held
    }
}
