//! The work that a file asks for, counted before it is done.

use srcnn_image::{Limits, Size};

use crate::decode_error::DecodeError;

/// Passes that a frame of an animation is counted as, since it is not only decoded, but also processed and written.
pub(crate) const FRAME_PASSES: u64 = 64;
/// Pixels a byte of a file, at most, that the ways of compression for runs and strings give; pixels beyond cost a file nothing.
const PIXELS_A_BYTE: u64 = 2048;

/// Refuses a still picture whose file, of so many bytes, has no data for most of its pixels: those are counted as pixels of a frame.
///
/// # Errors
/// [`DecodeError::TooMuchWork`].
pub(crate) fn check_still(size: Size, bytes: u64, limits: Limits) -> Result<(), DecodeError> {
    let free = size.pixels().saturating_sub(bytes.saturating_mul(PIXELS_A_BYTE));
    WorkCounter::new(bytes, limits).add(free.saturating_mul(FRAME_PASSES))
}

/// Counts passes over pixels of one file.
#[derive(Clone, Debug)]
pub(crate) struct WorkCounter {
    done: u64,
    allowed: u64,
    /// Bytes of the file.
    bytes: u64,
}

impl WorkCounter {
    /// Counts for a file of so many bytes.
    pub(crate) fn new(bytes: u64, limits: Limits) -> Self {
        Self { done: 0, allowed: limits.work.passes(bytes), bytes }
    }

    /// Counts `passes` over pictures of a size.
    ///
    /// # Errors
    /// [`DecodeError::TooMuchWork`] once they are more than are allowed.
    pub(crate) fn count(&mut self, size: Size, passes: u64) -> Result<(), DecodeError> {
        self.add(size.pixels().saturating_mul(passes))
    }

    /// Counts passes over a pixel.
    ///
    /// # Errors
    /// [`DecodeError::TooMuchWork`] once they are more than are allowed.
    pub(crate) fn add(&mut self, passes: u64) -> Result<(), DecodeError> {
        self.done = self.done.saturating_add(passes);
        if self.done <= self.allowed {
            return Ok(());
        }
        Err(DecodeError::TooMuchWork { bytes: self.bytes, allowed: self.allowed })
    }
}

#[cfg(test)]
mod tests {
    use srcnn_image::Work;

    use super::*;

    #[test]
    fn work_is_allowed_by_size_and_refused_once_it_is_more() {
        let size = Size::new(1 << 10, 1 << 10);
        let mut counter = WorkCounter::new(512, Limits::default());
        assert!(counter.count(size, 1024).is_ok());
        assert!(counter.count(size, 1).is_ok(), "a pass more for the bytes");
        let refused = counter.count(size, 1);
        let allowed = (1 << 30) + (1 << 20);
        assert!(
            matches!(refused, Err(DecodeError::TooMuchWork { bytes: 512, allowed: a }) if a == allowed),
            "{refused:?}"
        );
        assert!(counter.add(0).is_err(), "it stays so");
        let mut any = WorkCounter::new(512, Limits { work: Work::Any, ..Limits::default() });
        assert!(any.count(Size::new(usize::MAX, usize::MAX), u64::MAX).is_ok());
    }

    #[test]
    fn pixels_of_a_still_that_cost_nothing_are_counted() {
        let limits = Limits::default();
        assert!(check_still(Size::new(4096, 4096), 0, limits).is_ok());
        assert!(check_still(Size::new(4096, 4097), 0, limits).is_err());
        assert!(check_still(Size::new(4096, 4097), 43, limits).is_ok());
        assert!(check_still(Size::new(16_384, 16_384), 1 << 17, limits).is_ok(), "compressed as strings are");
        assert!(check_still(Size::new(1 << 16, 1 << 15), 43, Limits { work: Work::Any, ..limits }).is_ok());
    }
}
