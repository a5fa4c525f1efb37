//! Applications of a restorer with padding by the rule for edges.

use std::ops::Range;

use super::error::UpscaleError;
use super::pad::{crop_border, pad};
use super::restorer::{Pass, Restorer};
use crate::plane::Plane;
use crate::progress::Progress;
use crate::{Edge, Size};

/// An application of a restorer, with padding.
pub(super) struct Step {
    /// Size of the result.
    pub(super) size: Size,
    scale: usize,
    pass: Box<dyn Pass>,
    edge: Edge,
    /// Padding on every side, in samples before enlarging.
    margin: usize,
}

impl Step {
    /// Prepares an application from planes of size `from` to planes of size `to`, a whole multiple.
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

    /// Whether all rows must be computed at once.
    pub(super) fn needs_all_rows(&self) -> bool {
        self.edge != Edge::Replicate || self.pass.needs_all_rows()
    }

    /// Bytes that the computation of rows `rows` takes.
    pub(super) fn bytes(&self, rows: Range<usize>) -> u64 {
        self.pass.bytes(rows.start..rows.end + 2 * self.margin * self.scale)
    }

    /// Takes results that are no longer needed: their memory may serve the next.
    pub(super) fn reuse(&self, planes: Vec<Plane<f32>>) {
        self.pass.reuse(planes);
    }

    /// Computes rows `keep` of the result; `planes` have the rows from `top` on. Planes that are padded here must be
    /// complete, and are computed as a whole.
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
        planes.iter_mut().for_each(|plane| *plane = pad(plane, self.margin, self.edge));
        let border = self.margin * self.scale;
        planes = self.pass.run(planes, 0, &(0..self.size.height + 2 * border), progress)?;
        planes.iter_mut().for_each(|plane| *plane = crop_border(plane, border));
        Ok(planes)
    }
}
