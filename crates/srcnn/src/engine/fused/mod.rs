//! Layers fused over strips of columns: of each layer but the last, twelve rows are kept, just enough for the next.
//!
//! The picture is cut into bands of rows, which threads share, and bands into strips of columns. Within a strip the last
//! layer asks for rows of the one before, that one for rows of the one before it, and so on; rows come in fours, the height
//! of a tile. Tiles lie at multiples of four of a layer's own coordinates, wherever strips and bands begin: that, and sums of
//! fixed order, make results independent of how the picture is cut.

mod stage;
mod window;

use super::error::EngineError;
use super::execution::Execution;
use crate::Size;
use crate::model::{Architecture, LayerWeights};
use crate::parallel;
use crate::plane::Plane;
use crate::progress::Progress;
use srcnn_kernels::{Precision, TILE};
use stage::{Last, Stage};
use window::Window;

/// Columns of a strip: wide enough that the columns computed twice at its sides do not count.
const STRIP: usize = 512;
/// Rows of a band at least, and at most: rows above and below are computed twice.
const BAND: std::ops::RangeInclusive<usize> = 32..=512;

/// A network packed for one instruction set.
#[derive(Clone, Debug)]
pub(super) struct Fused {
    stages: Vec<Stage>,
    last: Last,
    strip: usize,
    band: Option<usize>,
}

impl Fused {
    /// Packs a network, if there are kernels for all of its layers.
    pub(super) fn pack(architecture: &Architecture, weights: &[LayerWeights], execution: Execution) -> Option<Self> {
        let specs = architecture.layers();
        let (last_spec, inner) = specs.split_last()?;
        if inner.is_empty() {
            return None;
        }
        let layers = inner.iter().zip(weights).enumerate();
        let stages = layers.map(|(i, (spec, weights))| match i {
            0 => Some(Stage::pack_first(*spec, weights, execution.isa)),
            _ => Stage::pack(*spec, weights, execution),
        });
        let stages = stages.collect::<Option<Vec<_>>>()?;
        let last = Last::pack(*last_spec, &weights[weights.len() - 1], execution.isa)?;
        Some(Self { stages, last, strip: STRIP, band: None })
    }

    /// Fast if the products of any layer are.
    pub(super) fn precision(&self) -> Precision {
        let fast = self.stages.iter().any(|stage| stage.precision() == Precision::Fast);
        if fast { Precision::Fast } else { Precision::Exact }
    }

    /// The same, with the picture cut into strips and bands of these sizes. The result does not depend on them.
    #[cfg(test)]
    fn with_cuts(mut self, strip: usize, band: usize) -> Self {
        self.strip = strip;
        self.band = Some(band);
        self
    }

    /// Runs the network; the planes have been checked.
    pub(super) fn run(
        &self,
        planes: &[Plane<f32>],
        Size { width, height }: Size,
        progress: &dyn Progress,
    ) -> Result<Vec<Plane<f32>>, EngineError> {
        let share = height.div_ceil(parallel::threads()).next_multiple_of(TILE);
        let band = self.band.unwrap_or(share.clamp(*BAND.start(), *BAND.end()));
        let mut out = vec![vec![0.0f32; width * height]; planes.len()];
        // For each band, its rows of every plane.
        let mut bands: Vec<Vec<&mut [f32]>> = (0..height.div_ceil(band)).map(|_| Vec::new()).collect();
        for plane in &mut out {
            for (rows, chunk) in bands.iter_mut().zip(plane.chunks_mut(band * width)) {
                rows.push(chunk);
            }
        }
        parallel::try_for_each(bands.into_iter().enumerate(), |(i, mut rows)| {
            self.run_band(planes, width, i * band, &mut rows, progress)
        })?;
        let planes = out.into_iter().map(|data| Plane::new(width, height, data).expect("width x height samples"));
        Ok(planes.collect())
    }

    /// Computes the rows from `top` on, as many as `out` has.
    fn run_band(
        &self,
        planes: &[Plane<f32>],
        width: usize,
        top: usize,
        out: &mut [&mut [f32]],
        progress: &dyn Progress,
    ) -> Result<(), EngineError> {
        let height = out[0].len() / width;
        for left in (0..width).step_by(self.strip) {
            let right = (left + self.strip).min(width);
            let mut strip = Strip::new(self, planes, left, right, top);
            for y in 0..height {
                if y % TILE == 0 && progress.cancelled() {
                    return Err(EngineError::Cancelled);
                }
                strip.prepare(top + y);
                for (filter, plane) in out.iter_mut().enumerate() {
                    let row = &mut plane[y * width + left..y * width + right];
                    self.last.run(filter, &strip.windows[strip.windows.len() - 1], (top + y) as i64, left as i64, row);
                }
                progress.advance((right - left) as u64);
            }
        }
        Ok(())
    }
}

/// The state of one strip: the windows between the layers.
struct Strip<'a> {
    network: &'a Fused,
    planes: &'a [Plane<f32>],
    windows: Vec<Window>,
    scratch: stage::Scratch,
}

impl<'a> Strip<'a> {
    /// Makes windows for columns `left..right` of the output, rows from `top` on.
    fn new(network: &'a Fused, planes: &'a [Plane<f32>], left: usize, right: usize, top: usize) -> Self {
        let (mut width, mut height) = (planes[0].width() as i64, planes[0].height() as i64);
        let sizes: Vec<(i64, i64)> = network
            .stages
            .iter()
            .map(|stage| {
                (width, height) = (width - stage.loss(), height - stage.loss());
                (width, height)
            })
            .collect();
        // From the last layer back: which columns are read, and from which row on.
        let mut read = network.last.reads_columns(left as i64, right as i64);
        let mut row = network.last.reads_from(top as i64);
        let mut pads_with_zero = network.last.pads_with_zero();
        let mut windows = Vec::new();
        for (stage, &(width, height)) in network.stages.iter().zip(&sizes).rev() {
            let window = Window::new((width, height), stage.channels(), read, row, pads_with_zero);
            read = stage.reads_columns(window.first_tile(), window.end_tile());
            row = stage.reads_from(window.next_row());
            pads_with_zero = stage.pads_with_zero();
            windows.push(window);
        }
        windows.reverse();
        Self { network, planes, windows, scratch: stage::Scratch::default() }
    }

    /// Computes all that the last layer needs for row `y`.
    fn prepare(&mut self, y: usize) {
        let last = self.windows.len() - 1;
        let row = self.network.last.reads_to(y as i64);
        self.ensure(last, row);
    }

    /// Computes the output of layer `i` down to `row`, or to its last row.
    fn ensure(&mut self, i: usize, row: i64) {
        while self.windows[i].lacks(row) {
            let next = self.windows[i].next_row();
            let stage = &self.network.stages[i];
            if i == 0 {
                stage.run_first(self.planes, &mut self.windows[0], &mut self.scratch);
            } else {
                self.ensure(i - 1, stage.reads_to(next));
                let (before, after) = self.windows.split_at_mut(i);
                stage.run(&before[i - 1], &mut after[0], &mut self.scratch);
            }
        }
    }
}

#[cfg(test)]
mod tests;
