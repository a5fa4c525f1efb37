//! What the decoder will hold and do for a file.

use srcnn_image::{Limits, Size};

use crate::decode_error::DecodeError;
use crate::limits::check_memory;
use crate::work::WorkCounter;

/// The memory and the work that a picture takes beyond its samples.
pub(super) struct Cost {
    /// The picture's.
    size: Size,
    limits: Limits,
    /// Bytes.
    pub(super) held: u64,
    work: WorkCounter,
}

impl Cost {
    /// Nothing so far, of a file of so many bytes.
    pub(super) fn new(size: Size, bytes: usize, limits: Limits) -> Self {
        Self { size, limits, held: 0, work: WorkCounter::new(bytes as u64, limits) }
    }

    /// Counts bytes that are held to the end.
    ///
    /// # Errors
    /// [`DecodeError::TooLarge`] once they are more than are allowed.
    pub(super) fn hold(&mut self, bytes: u64) -> Result<(), DecodeError> {
        self.held = self.held.saturating_add(bytes);
        check_memory(self.size, self.held, self.limits)
    }

    /// Counts passes over pixels.
    ///
    /// # Errors
    /// [`DecodeError::TooMuchWork`] once they are more than are allowed.
    pub(super) fn pass(&mut self, size: Size, passes: u64) -> Result<(), DecodeError> {
        self.work.count(size, passes)
    }
}
