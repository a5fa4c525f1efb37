//! Upscaling and restoring as a transform.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::error::PipelineError;
use super::family::Family;
use super::finding::inspected;
use super::notice::{Notice, Observer, SizeNotice};
use super::transform::Transform;
use crate::inspect::Finding;
use crate::rows::Rows;
use crate::upscale::{Bicubic, Earlier, Restorer, Target, Upscaler};
use crate::{Edge, Limits, Size};

/// Upscales or restores pictures, each by the family's restorer for the factor that it needs.
#[derive(Debug)]
pub struct Upscaling {
    family: Arc<dyn Family>,
    target: Target,
    strength: f32,
    edge: Edge,
    told: Mutex<BTreeSet<String>>,
}

impl Upscaling {
    /// Upscales by the family's own factor, or restores if the family does not enlarge.
    pub fn new(family: Arc<dyn Family>) -> Self {
        let factor = family.own_factor();
        let target = if factor > 1.0 { Target::Factor(factor) } else { Target::SameSize };
        Self { family, target, strength: 1.0, edge: Edge::Replicate, told: Mutex::default() }
    }

    /// Sets the size of results. [`Target::SameSize`] restores pictures by the restorer for the family's own factor.
    pub fn with_target(self, target: Target) -> Self {
        Self { target, ..self }
    }

    /// Sets the restorer's share of the result, 0.0 to 1.0; the rest is MATLAB's bicubic.
    pub fn with_strength(self, strength: f32) -> Self {
        Self { strength, ..self }
    }

    /// Sets the rule for samples beyond the edges.
    pub fn with_edge(self, edge: Edge) -> Self {
        Self { edge, ..self }
    }

    /// The size of results.
    pub fn target(&self) -> Target {
        self.target
    }

    /// Name of the restorer, or of the family if pictures may need different ones.
    ///
    /// # Errors
    /// [`PipelineError::Restorer`] if there is no restorer for the factor asked for.
    pub fn name(&self) -> Result<String, PipelineError> {
        self.family.name(self.factor()).map_err(PipelineError::Restorer)
    }

    /// Prepares the restorer before the first picture, if all pictures need the same factor.
    ///
    /// # Errors
    /// [`PipelineError::Restorer`] if there is no restorer for the factor.
    pub fn prepare(&self, observer: &dyn Observer) -> Result<(), PipelineError> {
        self.factor().map_or(Ok(()), |factor| self.restorer(factor, observer).map(drop))
    }

    /// Bytes that identify everything that determines results, apart from the picture.
    pub fn fingerprint(&self) -> Vec<u8> {
        let Self { target, strength, edge, .. } = self;
        [format!("{target:?} {strength} {edge:?} ").as_bytes(), &self.family.fingerprint()].concat()
    }

    /// The factor, if it is the same for all pictures.
    fn factor(&self) -> Option<f64> {
        match self.target {
            Target::Factor(factor) => Some(factor),
            Target::SameSize => Some(self.family.own_factor()),
            Target::Exact(..)
            | Target::Width(_)
            | Target::Height(_)
            | Target::LongSide(_)
            | Target::ShortSide(_)
            | Target::AtLeast(..)
            | Target::Fit(..) => None,
        }
    }

    fn restorer(&self, factor: f64, observer: &dyn Observer) -> Result<Arc<dyn Restorer>, PipelineError> {
        let restorer = self.family.for_factor(factor).map_err(PipelineError::Restorer)?;
        let is_new = self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(restorer.description());
        if is_new && !restorer.is_interpolation() {
            observer.notice(Notice::Restorer(&*restorer));
        }
        Ok(restorer)
    }

    fn size_notice(&self, from: Size, to: Size) -> Option<SizeNotice> {
        if from == to {
            return match self.target {
                Target::AtLeast(..) => Some(SizeNotice::LargeEnough { size: from }),
                Target::Factor(_) | Target::SameSize => None,
                Target::Exact(..)
                | Target::Width(_)
                | Target::Height(_)
                | Target::LongSide(_)
                | Target::ShortSide(_)
                | Target::Fit(..) => Some(SizeNotice::Same { size: from }),
            };
        }
        if to.fits_in(from) {
            return Some(SizeNotice::Reduced { from, to });
        }
        if to.width < from.width || to.height < from.height {
            return Some(SizeNotice::Mixed { from, to });
        }
        // A stretch by more than rounding.
        let [w, h, tw, th] = [from.width, from.height, to.width, to.height].map(|side| side as u128);
        let stretched = matches!(self.target, Target::Exact(..))
            && (tw as f64 * h as f64 / (th as f64 * w as f64) - 1.0).abs() > 0.01
            && (w * th).abs_diff(h * tw) > w.max(h);
        stretched.then_some(SizeNotice::Stretched { from, to })
    }
}

impl Transform for Upscaling {
    fn size(&self, from: Size) -> Size {
        self.target.of(from)
    }

    fn rows<'p>(
        &'p self,
        rows: Box<dyn Rows + 'p>,
        earlier: Option<Earlier>,
        limits: Limits,
        observer: &'p dyn Observer,
    ) -> Result<Box<dyn Rows + 'p>, PipelineError> {
        let from = rows.shape().size();
        let to = self.target.of(from);
        if let Some(notice) = self.size_notice(from, to) {
            observer.notice(Notice::Size(notice));
        }
        let restores = self.target == Target::SameSize;
        let restorer: Arc<dyn Restorer> = match to.fits_in(from) && !restores {
            true => Arc::new(Bicubic),
            false => self.restorer(self.factor().unwrap_or_else(|| self.target.factor(from)), observer)?,
        };
        let upscaler = Upscaler::of(restorer).target(self.target).strength(self.strength).edge(self.edge).build()?;
        let work = upscaler.work(from);
        observer.expect(work);
        let matters: &[Finding] = match restores {
            // Restoring is meant for pictures that were enlarged before.
            true => &[Finding::Blocks, Finding::Harsh, Finding::Bright],
            false => &[Finding::Blocks, Finding::Soft, Finding::Harsh, Finding::Bright],
        };
        let rows = if work > 0 { inspected(rows, matters, observer) } else { rows };
        Ok(upscaler.rows_after(earlier, rows, limits, observer)?)
    }
}
