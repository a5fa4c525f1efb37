//! The frames of an animation, counted before they are decoded, and again when it is known what they change.

use srcnn_image::{Limits, Size};

use crate::decode_error::DecodeError;
use crate::work::{FRAME_PASSES, WorkCounter};

/// Passes over the canvas for each frame, which is looked at, copied, compared and written as a whole.
const CANVAS_PASSES: u64 = 1;
/// Passes over a frame as it is stored, which is decoded twice, and may be larger than the canvas.
const STORED_PASSES: u64 = 3;
/// Passes that a frame is counted as beside those over pixels: decoder and encoder are begun for it.
const FRAME_START: u64 = 1 << 14;
/// Rows that a network computes beside those that a frame changes, about.
const BESIDE: usize = 32;

/// Frames that are counted one by one.
pub(super) struct Counted {
    canvas: Size,
    pub(super) frames: u64,
    /// The size of the one of the most pixels.
    pub(super) largest: Size,
    work: WorkCounter,
    limits: Limits,
}

impl Counted {
    /// For a file of so many bytes.
    pub(super) fn new(canvas: Size, bytes: u64, limits: Limits) -> Self {
        Self { canvas, frames: 0, largest: Size::new(0, 0), work: WorkCounter::new(bytes, limits), limits }
    }

    /// Counts one more, which is stored as a part of this size: its pixels against the limit of those of all frames, and the work of
    /// decoding and writing it.
    ///
    /// # Errors
    /// [`DecodeError::TooManyFrames`]; [`DecodeError::TooMuchWork`].
    pub(super) fn count(&mut self, stored: Size) -> Result<(), DecodeError> {
        let (Size { width, height }, limit) = (self.canvas, self.limits.animation_pixels());
        self.frames += 1;
        if self.frames.saturating_mul(self.canvas.pixels()) > limit {
            return Err(DecodeError::TooManyFrames { frames: self.frames, width, height, limit });
        }
        if stored.pixels() > self.largest.pixels() {
            self.largest = stored;
        }
        self.work.count(self.canvas, CANVAS_PASSES)?;
        self.work.count(stored, STORED_PASSES)?;
        self.work.add(FRAME_START)
    }

    /// Counts the work of processing a frame that changes so many rows.
    ///
    /// # Errors
    /// [`DecodeError::TooMuchWork`].
    pub(super) fn count_changed(&mut self, rows: usize) -> Result<(), DecodeError> {
        let processed = if rows == 0 { 0 } else { self.canvas.height.min(rows + BESIDE) };
        self.work.count(Size::new(self.canvas.width, processed), FRAME_PASSES)
    }
}

#[cfg(test)]
mod tests {
    use srcnn_image::Work;

    use super::*;

    #[test]
    fn frames_are_counted_by_pixels_and_by_work() {
        let canvas = Size::new(1000, 1000);
        let refused = |limits, rows: Option<usize>| {
            let mut counted = Counted::new(canvas, 100, limits);
            (0..500).find_map(|i| {
                let frame =
                    counted.count(canvas).and_then(|()| rows.map_or(Ok(()), |rows| counted.count_changed(rows)));
                frame.err().map(|error| (i, error))
            })
        };
        let any = Limits { memory: 0, pixels: 1 << 20, work: Work::Any };
        assert!(matches!(refused(any, Some(1000)), Some((16, DecodeError::TooManyFrames { frames: 17, .. }))));
        let any = Limits { pixels: 1 << 30, ..any };
        assert!(refused(any, Some(1000)).is_none());
        let limits = Limits { work: Work::BySize, ..any };
        // 2^30 passes: 4 and a few over each pixel, and 64 over those of rows that change, and of others with them.
        for (rows, wanted) in [(None, 267), (Some(0), 267), (Some(1), 175), (Some(968), 15), (Some(1000), 15)] {
            let refused = refused(limits, rows);
            let is_as_wanted = matches!(&refused, Some((i, DecodeError::TooMuchWork { .. })) if *i == wanted);
            assert!(is_as_wanted, "{rows:?}: {refused:?}, not {wanted}");
        }
    }
}
