//! MATLAB's bicubic interpolation as a restorer.

use std::ops::Range;

use super::error::UpscaleError;
use super::restorer::{Pass, Restorer, rows_of};
use crate::Size;
use crate::degrade::Degraded;
use crate::plane::Plane;
use crate::progress::Progress;

/// MATLAB's bicubic interpolation, by any factor, on any channels. Its filter is widened to reduce pictures. A picture
/// that has the target's size already is not changed.
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

/// A pass that changes nothing.
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
