//! MATLAB's bicubic interpolation as a restorer.

use std::ops::Range;

use super::error::UpscaleError;
use super::restorer::{Pass, Restorer};
use crate::degrade::Degraded;
use crate::plane::Plane;
use crate::progress::Progress;
use crate::resample::{Convention, Resampler};
use crate::{Edge, Size};

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

    fn pass(&self, from: Size, to: Size) -> Result<Box<dyn Pass>, UpscaleError> {
        Ok(Box::new(Resampler::new(from, to, Convention::MatlabBicubic(Edge::Mirror))?))
    }

    fn is_interpolation(&self) -> bool {
        true
    }

    fn margin(&self, _scale: usize) -> usize {
        3
    }

    fn restore(&self, degraded: &Degraded, _progress: &dyn Progress) -> Result<Vec<Plane<f64>>, UpscaleError> {
        Ok(degraded.large.clone())
    }
}

impl Pass for Resampler {
    fn reads(&self, rows: Range<usize>) -> Range<usize> {
        Self::reads(self, rows)
    }

    fn bytes(&self, rows: Range<usize>) -> u64 {
        4 * (Self::reads(self, rows.clone()).len() + rows.len()) as u64
    }

    fn run(
        &self,
        planes: Vec<Plane<f32>>,
        top: usize,
        rows: &Range<usize>,
        _progress: &dyn Progress,
    ) -> Result<Vec<Plane<f32>>, UpscaleError> {
        Ok(planes.iter().map(|plane| self.rows(plane, top, rows.clone())).collect())
    }
}
