//! MATLAB's bicubic interpolation.

use std::ops::Range;

use super::error::UpscaleError;
use super::restorer::{Pass, Restorer, rows_of};
use crate::Size;
use crate::degrade::Degraded;
use crate::plane::Plane;
use crate::progress::Progress;

/// MATLAB's bicubic interpolation, by any factor and in any channels; it widens its filter to reduce. A picture of the size asked
/// for stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bicubic;

impl Restorer for Bicubic {
    fn name(&self) -> &str {
        "bicubic"
    }

    fn scale(&self) -> usize {
        1
    }

    fn steps(&self, _from: Size, _to: Size) -> Vec<Size> {
        Vec::new()
    }

    fn pass(&self, _from: Size, _to: Size) -> Result<Box<dyn Pass>, UpscaleError> {
        Ok(Box::new(Identity))
    }

    fn is_interpolation(&self) -> bool {
        true
    }

    fn margin(&self, _scale: usize) -> usize {
        0
    }

    fn restore(&self, degraded: &Degraded, _progress: &dyn Progress) -> Result<Vec<Plane<f64>>, UpscaleError> {
        Ok(degraded.large.clone())
    }
}

/// Planes as they are.
struct Identity;

impl Pass for Identity {
    fn reads(&self, rows: Range<usize>) -> Range<usize> {
        rows
    }

    fn bytes(&self, _rows: Range<usize>) -> u64 {
        0
    }

    fn run(
        &self,
        planes: Vec<Plane<f32>>,
        top: usize,
        rows: &Range<usize>,
        _progress: &dyn Progress,
    ) -> Result<Vec<Plane<f32>>, UpscaleError> {
        Ok(planes.into_iter().map(|plane| rows_of(plane, top, rows)).collect())
    }
}
