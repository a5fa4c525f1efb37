//! Execution of a network with its layers fused: only twelve rows of each layer but the last are kept, just enough for
//! the next layer.
//!
//! The picture is divided into bands of rows, and bands into strips of columns, which are distributed over threads.
//! Within a strip the last layer requests rows of the layer before, that one requests rows of the one before it, and so
//! on; rows are computed four at a time, the height of a tile. Tiles are aligned to multiples of four in each layer's
//! own coordinates, wherever strips and bands begin. This alignment, and sums in a fixed order, make results
//! independent of the division.

mod stage;
mod window;

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use super::error::EngineError;
use super::execution::Execution;
use crate::Size;
use crate::model::{Architecture, LayerWeights};
use crate::parallel;
use crate::plane::Plane;
use crate::progress::Progress;
use srcnn_image::buffers::Buffers;
use srcnn_kernels::{Precision, TILE};
use stage::{Last, Stage};
use window::Window;

/// Columns of a strip: wide enough that the columns computed twice at its sides do not matter.
const STRIP: usize = 512;
/// Minimum and maximum height of a band; the rows above and below a band are computed twice.
const BAND: std::ops::RangeInclusive<usize> = 32..=512;
/// Strips of bands for each thread: a thread that is done early takes more. For few rows, one each: what is computed twice
/// would cost more.
const SHARES: usize = 2;
const FEW: usize = 256;

/// A network packed for one instruction set.
#[derive(Clone, Debug)]
pub(super) struct Fused {
    stages: Vec<Stage>,
    last: Last,
    strip: Option<usize>,
    band: Option<usize>,
}

impl Fused {
    /// Packs a network; none if a layer has no kernel here.
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
        Some(Self { stages, last, strip: None, band: None })
    }

    /// The precision of the products: fast if any layer's are.
    pub(super) fn precision(&self) -> Precision {
        let fast = self.stages.iter().any(|stage| stage.precision() == Precision::Fast);
        if fast { Precision::Fast } else { Precision::Exact }
    }

    /// Sets the width of strips and the height of bands. Results do not depend on them.
    #[cfg(test)]
    fn with_cuts(mut self, strip: usize, band: usize) -> Self {
        self.strip = Some(strip);
        self.band = Some(band);
        self
    }

    /// Computes rows `rows` of the output, whose size is given, from planes that have been checked.
    pub(super) fn run(
        &self,
        planes: &[Plane<f32>],
        Size { width, height }: Size,
        rows: Range<usize>,
        buffers: &Buffers,
        progress: &dyn Progress,
    ) -> Result<Vec<Plane<f32>>, EngineError> {
        debug_assert!(rows.end <= height);
        // Strips of equal width; the last may be narrower.
        let strip = self.strip.unwrap_or_else(|| width.div_ceil(width.div_ceil(STRIP)).next_multiple_of(TILE));
        let across = width.div_ceil(strip);
        let band = self.band.unwrap_or_else(|| band(rows.len(), across));
        let mut out: Vec<_> = planes.iter().map(|_| buffers.take(width * rows.len())).collect();
        let mut tasks: Vec<Task<'_>> = Vec::new();
        for (top, left) in (0..rows.len()).step_by(band).flat_map(|y| (0..width).step_by(strip).map(move |x| (y, x))) {
            tasks.push(Task { left, right: width.min(left + strip), top: rows.start + top, out: Vec::new() });
        }
        for plane in &mut out {
            for (i, rows) in plane.chunks_mut(band * width).enumerate() {
                let tasks = &mut tasks[i * across..(i + 1) * across];
                tasks.iter_mut().for_each(|task| task.out.push(Vec::with_capacity(band)));
                for row in rows.chunks_mut(width) {
                    for (task, part) in tasks.iter_mut().zip(row.chunks_mut(strip)) {
                        task.out.last_mut().expect("a plane was begun").push(part);
                    }
                }
            }
        }
        // Of threads that are done with a task, for the next.
        let scratches: Mutex<Vec<stage::Scratch>> = Mutex::default();
        let free = || scratches.lock().unwrap_or_else(PoisonError::into_inner);
        parallel::try_for_each(tasks.into_iter(), |task| {
            let mut scratch = free().pop().unwrap_or_default();
            let done = self.run_task(planes, task, &mut scratch, progress);
            free().push(scratch);
            done
        })?;
        let planes = out.into_iter().map(|data| Plane::new(width, rows.len(), data).expect("width x height samples"));
        Ok(planes.collect())
    }

    fn run_task(
        &self,
        planes: &[Plane<f32>],
        Task { left, right, top, mut out }: Task<'_>,
        scratch: &mut stage::Scratch,
        progress: &dyn Progress,
    ) -> Result<(), EngineError> {
        let mut strip = Strip::new(self, planes, left, right, top, scratch);
        for y in 0..out[0].len() {
            if y % TILE == 0 && progress.cancelled() {
                return Err(EngineError::Cancelled);
            }
            strip.prepare(top + y);
            for (filter, plane) in out.iter_mut().enumerate() {
                self.last.run(filter, &strip.windows[strip.windows.len() - 1], (top + y) as i64, left as i64, plane[y]);
            }
            progress.advance((right - left) as u64);
        }
        Ok(())
    }
}

/// A strip of a band of the output: what a thread computes at a time.
struct Task<'a> {
    left: usize,
    right: usize,
    /// The first row.
    top: usize,
    /// The rows of each plane.
    out: Vec<Vec<&'a mut [f32]>>,
}

/// The height of bands, so that every thread gets some strips of them.
fn band(rows: usize, strips: usize) -> usize {
    let shares = if rows < FEW { 1 } else { SHARES };
    let bands = (shares * parallel::threads()).div_ceil(strips);
    rows.div_ceil(bands).next_multiple_of(TILE).clamp(*BAND.start(), *BAND.end())
}

/// The state of one strip: a window between every two layers.
struct Strip<'a> {
    network: &'a Fused,
    planes: &'a [Plane<f32>],
    windows: Vec<Window>,
    scratch: &'a mut stage::Scratch,
}

impl<'a> Strip<'a> {
    /// Creates windows for columns `left..right` of the output, from row `top` on.
    fn new(
        network: &'a Fused,
        planes: &'a [Plane<f32>],
        left: usize,
        right: usize,
        top: usize,
        scratch: &'a mut stage::Scratch,
    ) -> Self {
        let (mut width, mut height) = (planes[0].width() as i64, planes[0].height() as i64);
        let sizes: Vec<(i64, i64)> = network
            .stages
            .iter()
            .map(|stage| {
                (width, height) = (width - stage.loss(), height - stage.loss());
                (width, height)
            })
            .collect();
        // From the last layer back to the first: the columns that are read, and the first row.
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
        Self { network, planes, windows, scratch }
    }

    /// Computes everything that the last layer needs for row `y`.
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
                stage.run_first(self.planes, &mut self.windows[0], self.scratch);
            } else {
                self.ensure(i - 1, stage.reads_to(next));
                let (before, after) = self.windows.split_at_mut(i);
                stage.run(&before[i - 1], &mut after[0], self.scratch);
            }
        }
    }
}

#[cfg(test)]
mod tests;
