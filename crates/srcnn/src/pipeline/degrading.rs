//! Degradation as a transform.

use super::error::PipelineError;
use super::memory::check_memory;
use super::notice::Observer;
use super::transform::Transform;
use crate::Limits;
use crate::degrade::{shrink, shrink_and_enlarge};
use crate::resample::Convention;
use crate::rows::{Held, Rows, collect};
use crate::upscale::Earlier;

/// Shrinks pictures, and enlarges them again unless `low_res`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Degrading {
    /// Factor to shrink by, above 1.
    pub factor: f64,
    /// Resampling.
    pub convention: Convention,
    /// Whether the small picture is the result.
    pub low_res: bool,
}

impl Transform for Degrading {
    fn deepens(&self) -> bool {
        false
    }

    fn rows<'p>(
        &'p self,
        rows: Box<dyn Rows + 'p>,
        _earlier: Option<Earlier>,
        limits: Limits,
        _observer: &'p dyn Observer,
    ) -> Result<Box<dyn Rows + 'p>, PipelineError> {
        // Memory for the picture, the result, and planes of both.
        check_memory(rows.shape().bytes().saturating_mul(4), limits)?;
        let image = collect(rows).map_err(PipelineError::of_rows)?;
        let degrade = if self.low_res { shrink } else { shrink_and_enlarge };
        Ok(Box::new(Held::from(degrade(&image, self.factor, self.convention)?)))
    }
}
