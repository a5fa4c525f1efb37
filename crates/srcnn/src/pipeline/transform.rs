//! The work on a picture between reading and writing.

use super::error::PipelineError;
use super::notice::Observer;
use crate::Limits;
use crate::rows::Rows;

/// The work on a picture between reading and writing.
pub trait Transform: Sync {
    /// Whether samples become deeper, where that is asked for, before the work; if not, its arithmetic is that of the input's
    /// depth.
    fn deepens(&self) -> bool {
        true
    }

    /// The rows of the result. At a time no more than `limits.memory` is held, that of `rows` included.
    ///
    /// # Errors
    /// [`PipelineError`], here or with a row.
    fn rows<'p>(
        &'p self,
        rows: Box<dyn Rows + 'p>,
        limits: Limits,
        observer: &'p dyn Observer,
    ) -> Result<Box<dyn Rows + 'p>, PipelineError>;
}
