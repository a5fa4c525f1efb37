//! Progress of a computation, as fractions of its whole.

use srcnn::progress::Progress;

use super::error::BaselineError;

/// Reports fractions of a computation to a [`Progress`].
pub(super) struct Course<'a> {
    progress: &'a dyn Progress,
    total: u64,
    told: u64,
}

impl<'a> Course<'a> {
    /// A computation of `total` units of progress.
    pub fn new(progress: &'a dyn Progress, total: u64) -> Self {
        Self { progress, total, told: 0 }
    }

    /// Reports that the fraction `part` of the whole, 0.0 to 1.0, is done.
    ///
    /// # Errors
    /// [`BaselineError::Cancelled`].
    pub fn reach(&mut self, part: f64) -> Result<(), BaselineError> {
        let done = (self.total as f64 * part.min(1.0)) as u64;
        if done > self.told {
            self.progress.advance(done - self.told);
            self.told = done;
        }
        if self.progress.cancelled() { Err(BaselineError::Cancelled) } else { Ok(()) }
    }
}
