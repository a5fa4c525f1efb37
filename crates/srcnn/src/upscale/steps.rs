//! One run of the network, with the interpolation before it.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use super::bands::rows_of;
use super::surround::narrow;
use super::{UpscaleError, Upscaler, ensemble};
use crate::engine::Engine;
use crate::plane::Plane;
use crate::progress::Progress;
use crate::resample::{ResizeError, Resizing, resize_plane};

/// One run of the network.
pub(super) struct Step {
    /// Of the result.
    pub(super) size: (usize, usize),
    scale: usize,
    /// None at the picture's own size.
    enlarging: Option<Resizing>,
}

impl Step {
    /// Those from `size` to each of `sizes`, all of them multiples of the one before.
    pub(super) fn all(
        network: &Upscaler,
        size: (usize, usize),
        sizes: &[(usize, usize)],
    ) -> Result<Vec<Self>, ResizeError> {
        let mut before = size;
        let step = |&size: &(usize, usize)| {
            let scale = size.0 / before.0;
            let resizing = || Resizing::new(before, size, network.preprocessing.interpolation);
            let enlarging = (scale > 1).then(resizing).transpose()?;
            before = size;
            Ok(Self { size, scale, enlarging })
        };
        sizes.iter().map(step).collect()
    }

    /// The rows that rows `rows` of the result depend on.
    pub(super) fn reads(&self, engine: &Engine, rows: Range<usize>) -> Range<usize> {
        let input = engine.reads(rows, self.size.1);
        self.enlarging.as_ref().map_or(input.clone(), |enlarging| enlarging.reads(input))
    }

    /// Rows `keep` of the result; `planes` have rows from `top` on.
    pub(super) fn run(
        &self,
        network: &Upscaler,
        mut planes: Vec<Plane<f32>>,
        top: usize,
        keep: &Range<usize>,
        progress: &dyn Progress,
    ) -> Result<Vec<Plane<f32>>, UpscaleError> {
        let engine = network.engine();
        let margin = network.margin(self.scale);
        if margin > 0 {
            return self.run_widened(network, planes, margin, progress);
        }
        let input = engine.reads(keep.clone(), self.size.1);
        planes = match &self.enlarging {
            Some(enlarging) => planes.iter().map(|plane| enlarging.rows(plane, top, input.clone())).collect(),
            None => planes.into_iter().map(|plane| rows_of(plane, top, &input)).collect(),
        };
        let share = Share { progress, kept: keep.len() as u64, computed: input.len() as u64, done: AtomicU64::new(0) };
        planes = compute(network, &planes, &share)?;
        Ok(planes.into_iter().map(|plane| rows_of(plane, input.start, keep)).collect())
    }

    /// The whole result, of planes that are continued beyond their edges.
    fn run_widened(
        &self,
        network: &Upscaler,
        mut planes: Vec<Plane<f32>>,
        margin: usize,
        progress: &dyn Progress,
    ) -> Result<Vec<Plane<f32>>, UpscaleError> {
        let (surround, convention) = (network.settings.surround, network.preprocessing.interpolation);
        for plane in &mut planes {
            *plane = surround.widen(plane, margin);
            if self.scale > 1 {
                let size = (plane.width() * self.scale, plane.height() * self.scale);
                *plane = resize_plane(plane, size, convention)?;
            }
        }
        planes = compute(network, &planes, progress)?;
        planes.iter_mut().for_each(|plane| *plane = narrow(plane, margin * self.scale));
        Ok(planes)
    }
}

fn compute(
    network: &Upscaler,
    planes: &[Plane<f32>],
    progress: &dyn Progress,
) -> Result<Vec<Plane<f32>>, UpscaleError> {
    Ok(match network.settings.ensemble {
        true => ensemble::run(network.engine(), planes, progress)?,
        false => network.engine().run(planes, progress)?,
    })
}

/// Tells of a computation only the share that is kept.
struct Share<'a> {
    progress: &'a dyn Progress,
    kept: u64,
    computed: u64,
    done: AtomicU64,
}

impl Progress for Share<'_> {
    fn advance(&self, pixels: u64) {
        let before = self.done.fetch_add(pixels, Ordering::Relaxed);
        let share = |pixels: u64| (u128::from(pixels) * u128::from(self.kept) / u128::from(self.computed)) as u64;
        self.progress.advance(share(before + pixels) - share(before));
    }

    fn cancelled(&self) -> bool {
        self.progress.cancelled()
    }
}
