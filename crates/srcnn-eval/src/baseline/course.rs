//! How far a computation is, told to a [`Progress`] in parts of what was announced.

use srcnn::progress::Progress;

use super::BaselineError;

/// From nothing done to all of what was announced.
pub(super) struct Course<'a> {
    progress: &'a dyn Progress,
    total: u64,
    told: u64,
}

impl<'a> Course<'a> {
    /// Begins.
    pub fn new(progress: &'a dyn Progress, total: u64) -> Self {
        Self { progress, total, told: 0 }
    }

    /// Says that a part of the whole, from 0.0 to 1.0, is done now.
    ///
    /// # Errors
    /// [`BaselineError::Cancelled`] if told to stop.
    pub fn reach(&mut self, part: f64) -> Result<(), BaselineError> {
        let done = (self.total as f64 * part.min(1.0)) as u64;
        if done > self.told {
            self.progress.advance(done - self.told);
            self.told = done;
        }
        if self.progress.cancelled() { Err(BaselineError::Cancelled) } else { Ok(()) }
    }
}
