//! Transforms of pictures.

use super::error::PipelineError;
use super::notice::Observer;
use crate::rows::Rows;
use crate::upscale::Earlier;
use crate::{Limits, Size};

/// A transform of a picture, applied between reading and writing.
pub trait Transform: Sync {
    /// Whether samples are converted to a greater depth, if one is asked for, before the transform. If not, the
    /// transform computes in the input's depth.
    fn deepens(&self) -> bool {
        true
    }

    /// The size of the result for a picture of this size, or a larger one.
    fn size(&self, from: Size) -> Size {
        from
    }

    /// Returns the rows of the result. They hold no more than `limits.memory` bytes at a time, including those that
    /// `rows` hold. A result that is known of an earlier picture, which is like this one, may serve; it changes nothing.
    ///
    /// # Errors
    /// [`PipelineError`], at once or when a row is read.
    fn rows<'p>(
        &'p self,
        rows: Box<dyn Rows + 'p>,
        earlier: Option<Earlier>,
        limits: Limits,
        observer: &'p dyn Observer,
    ) -> Result<Box<dyn Rows + 'p>, PipelineError>;
}
