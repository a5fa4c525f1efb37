//! Degrading pictures.

use super::error::PipelineError;
use super::memory::check_memory;
use super::notice::Observer;
use super::transform::Transform;
use crate::Limits;
use crate::degrade::{shrink, shrink_and_enlarge};
use crate::resample::Convention;
use crate::rows::{Held, Rows, collect};

/// Shrinks pictures, and enlarges them again unless the small ones are wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Degrading {
    /// The factor, above 1.
    pub factor: f64,
    /// The resampling.
    pub convention: Convention,
    /// Whether the result is the small picture.
    pub low_res: bool,
}

impl Transform for Degrading {
    fn deepens(&self) -> bool {
        false
    }

    fn rows<'p>(
        &'p self,
        rows: Box<dyn Rows + 'p>,
        limits: Limits,
        _observer: &'p dyn Observer,
    ) -> Result<Box<dyn Rows + 'p>, PipelineError> {
        // The picture, the result, and planes of both.
        check_memory(rows.shape().bytes().saturating_mul(4), limits)?;
        let image = collect(rows).map_err(PipelineError::of_rows)?;
        let degrade = if self.low_res { shrink } else { shrink_and_enlarge };
        Ok(Box::new(Held::from(degrade(&image, self.factor, self.convention)?)))
    }
}
