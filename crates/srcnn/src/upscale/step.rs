//! One application of a restorer, by the rule of the edges.

use std::ops::Range;

use super::error::UpscaleError;
use super::restorer::{Pass, Restorer};
use super::widen::{narrow, widen};
use crate::plane::Plane;
use crate::progress::Progress;
use crate::{Edge, Size};

/// One application of a restorer.
pub(super) struct Step {
    /// Of the result.
    pub(super) size: Size,
    scale: usize,
    pass: Box<dyn Pass>,
    edge: Edge,
    /// Samples by which planes are continued on every side, before they are enlarged.
    margin: usize,
}

impl Step {
    /// From planes of size `from` to planes of size `to`, a whole multiple.
    pub(super) fn new(restorer: &dyn Restorer, from: Size, to: Size, edge: Edge) -> Result<Self, UpscaleError> {
        let scale = to.width / from.width;
        let margin = if edge == Edge::Replicate { 0 } else { restorer.margin(scale) };
        let widened = |size: Size, margin: usize| size.map(|side| side + 2 * margin);
        let pass = restorer.pass(widened(from, margin), widened(to, margin * scale))?;
        Ok(Self { size: to, scale, pass, edge, margin })
    }

    /// The rows that rows `rows` of the result depend on.
    pub(super) fn reads(&self, rows: Range<usize>) -> Range<usize> {
        self.pass.reads(rows)
    }

    /// Whether all rows have to be computed at once.
    pub(super) fn needs_all_rows(&self) -> bool {
        self.edge != Edge::Replicate || self.pass.needs_all_rows()
    }

    /// Bytes that rows `rows` take while they are computed.
    pub(super) fn bytes(&self, rows: Range<usize>) -> u64 {
        self.pass.bytes(rows.start..rows.end + 2 * self.margin * self.scale)
    }

    /// Rows `keep` of the result; `planes` have rows from `top` on. Planes that are continued beyond their edges come, and are
    /// computed, as a whole.
    pub(super) fn run(
        &self,
        mut planes: Vec<Plane<f32>>,
        top: usize,
        keep: &Range<usize>,
        progress: &dyn Progress,
    ) -> Result<Vec<Plane<f32>>, UpscaleError> {
        if self.margin == 0 {
            return self.pass.run(planes, top, keep, progress);
        }
        planes.iter_mut().for_each(|plane| *plane = widen(plane, self.margin, self.edge));
        let border = self.margin * self.scale;
        planes = self.pass.run(planes, 0, &(0..self.size.height + 2 * border), progress)?;
        planes.iter_mut().for_each(|plane| *plane = narrow(plane, border));
        Ok(planes)
    }
}
