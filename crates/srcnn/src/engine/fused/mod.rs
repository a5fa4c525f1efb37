//! Execution of a network with its layers fused: only twelve rows of each layer but the last are kept, just enough for
//! the next layer.
//!
//! The picture is divided into bands of rows, and bands into strips of columns, which are distributed over threads.
//! Within a strip the last layer requests rows of the layer before, that one requests rows of the one before it, and so
//! on; rows are computed four at a time, the height of a tile. Tiles are aligned to multiples of four in each layer's
//! own coordinates, wherever strips and bands begin. This alignment, and sums in a fixed order, make results
//! independent of the division.

mod cuts;
mod lowered;
mod stage;
mod window;

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use super::error::EngineError;
use super::execution::Execution;
use crate::Size;
use crate::model::LayerWeights;
use crate::model::graph::Graph;
use crate::parallel;
use crate::plane::Plane;
use crate::progress::Progress;
use crate::resample::{Convention, Resampler};
use cuts::Cuts;
use lowered::{Base, Lowered};
use srcnn_image::buffers::Buffers;
use srcnn_kernels::{Precision, TILE};
use stage::{Last, Stage};
use window::Window;

/// A network packed for one instruction set.
#[derive(Clone, Debug)]
pub(super) struct Fused {
    /// Layers whose outputs are kept in windows.
    stages: Vec<Stage>,
    /// The layer behind them, if it has few filters.
    last: Option<Last>,
    /// Channels of the result.
    channels: usize,
    /// Rows, and columns, of pixels that become channels of one before the first layer.
    gathered: usize,
    /// Rows, and columns, of pixels that the channels of one pixel become.
    factor: usize,
    base: Base,
    strip: Option<usize>,
    band: Option<usize>,
}

impl Fused {
    /// Packs a network; none if it is no chain of layers, or a layer has no kernel here.
    pub(super) fn pack(graph: &Graph, weights: &[LayerWeights], execution: Execution) -> Option<Self> {
        let (graph, weights) = graph.folded(weights);
        let Lowered { gathered, layers, factor, base } = Lowered::of(&graph, &weights)?;
        let (final_layer, inner) = layers.split_last()?;
        let last = if inner.is_empty() { None } else { Last::pack(final_layer, execution.isa) };
        let staged = if last.is_some() { inner } else { &layers[..] };
        let stages = staged.iter().enumerate().map(|(i, layer)| match i {
            0 => Some(Stage::pack_first(layer, execution.isa)),
            _ => Stage::pack(layer, execution),
        });
        let stages = stages.collect::<Option<Vec<_>>>()?;
        // A single layer with few filters is better left to the reference.
        if inner.is_empty() && factor == 1 {
            return None;
        }
        let channels = final_layer.outputs / (factor * factor);
        Some(Self { stages, last, channels, gathered, factor, base, strip: None, band: None })
    }

    /// Rows and columns of the kernels of each layer.
    pub(super) fn kernels(&self) -> impl Iterator<Item = usize> {
        self.stages.iter().map(Stage::kernel).chain(self.last.iter().map(Last::kernel))
    }

    /// Rows of what goes in, and of the result, that are one row of the layers.
    pub(super) fn rows_of_layers(&self) -> [usize; 2] {
        [self.gathered, self.factor]
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

    /// Computes rows `rows` of the output, whose size is given, from planes that have been checked and are `part` of higher ones.
    pub(super) fn run(
        &self,
        planes: &[Plane<f32>],
        size @ Size { width, height }: Size,
        rows: Range<usize>,
        part: Part,
        buffers: &Buffers,
        progress: &dyn Progress,
    ) -> Result<Vec<Plane<f32>>, EngineError> {
        debug_assert!(rows.end <= height);
        let base = match self.base {
            Base::Enlarged(convention) => Some(enlarged(planes, size, &rows, part, convention, buffers)?),
            Base::None | Base::Input | Base::Repeated => None,
        };
        let gathered: Vec<Plane<f32>> = match self.gathered {
            1 => Vec::new(),
            factor => planes.iter().flat_map(|plane| gathered(plane, factor)).collect(),
        };
        let taken = if self.gathered == 1 { planes } else { &gathered };
        let factor = self.factor;
        // Pixels of the last layer, each of which becomes as many as the factor says.
        let (inner, inner_rows) = (width / factor, rows.start / factor..rows.end.div_ceil(factor));
        let cuts = Cuts::of(inner, inner_rows.len(), self.stages.len());
        let (strip, band) = (self.strip.unwrap_or(cuts.strip), self.band.unwrap_or(cuts.band));
        let across = inner.div_ceil(strip);
        let high = inner_rows.len() * factor;
        let mut out: Vec<_> = (0..self.channels).map(|_| buffers.take(width * high)).collect();
        let mut tasks: Vec<Task<'_>> = Vec::new();
        let places = (0..inner_rows.len()).step_by(band).flat_map(|y| (0..inner).step_by(strip).map(move |x| (y, x)));
        for (top, left) in places {
            tasks.push(Task { left, right: inner.min(left + strip), top: inner_rows.start + top, out: Vec::new() });
        }
        for plane in &mut out {
            for (i, rows) in plane.chunks_mut(band * factor * width).enumerate() {
                let tasks = &mut tasks[i * across..(i + 1) * across];
                tasks.iter_mut().for_each(|task| task.out.push(Vec::with_capacity(band * factor)));
                for row in rows.chunks_mut(width) {
                    for (task, part) in tasks.iter_mut().zip(row.chunks_mut(strip * factor)) {
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
            let done = self.run_task((taken, planes), task, &mut scratch, progress);
            free().push(scratch);
            done
        })?;
        let above = rows.start - inner_rows.start * factor;
        let planes = out.into_iter().map(|mut data| {
            if high != rows.len() {
                data.copy_within(above * width..(above + rows.len()) * width, 0);
                data.truncate(rows.len() * width);
            }
            Plane::new(width, rows.len(), data).expect("width x height samples")
        });
        let mut planes: Vec<Plane<f32>> = planes.collect();
        if let Some(base) = base {
            for (plane, base) in planes.iter_mut().zip(&base) {
                let rows = plane.as_mut_slice().chunks_mut(width).zip(base.as_slice().chunks(width));
                parallel::for_each(rows, |(row, base)| row.iter_mut().zip(base).for_each(|(v, base)| *v += base));
            }
            buffers.give(base);
        }
        Ok(planes)
    }

    /// `taken` are the planes that the first layer takes, `planes` those that went in.
    fn run_task(
        &self,
        (taken, planes): (&[Plane<f32>], &[Plane<f32>]),
        Task { left, right, top, mut out }: Task<'_>,
        scratch: &mut stage::Scratch,
        progress: &dyn Progress,
    ) -> Result<(), EngineError> {
        let factor = self.factor;
        let mut strip = Strip::new(self, taken, left, right, top, scratch);
        let mut line = vec![0.0; if factor > 1 { right - left } else { 0 }];
        for y in 0..out[0].len() / factor {
            if y % TILE == 0 && progress.cancelled() {
                return Err(EngineError::Cancelled);
            }
            strip.prepare(top + y);
            let window = &strip.windows[strip.windows.len() - 1];
            let row = (top + y) as i64;
            for (channel, plane) in out.iter_mut().enumerate() {
                for phase in 0..factor * factor {
                    let filter = channel * factor * factor + phase;
                    let to = &mut *plane[y * factor + phase / factor];
                    match &self.last {
                        Some(last) if factor == 1 => last.run(filter, window, row, left as i64, to),
                        Some(last) => {
                            last.run(filter, window, row, left as i64, &mut line);
                            to.iter_mut().skip(phase % factor).step_by(factor).zip(&line).for_each(|(to, v)| *to = *v);
                        }
                        None => {
                            let pixels = window.row(row, left as i64).iter().skip(filter).step_by(window.channels());
                            to.iter_mut().skip(phase % factor).step_by(factor).zip(pixels).for_each(|(to, v)| *to = *v);
                        }
                    }
                }
                let rows = &mut plane[y * factor..(y + 1) * factor];
                match self.base {
                    Base::None | Base::Enlarged(_) => {}
                    Base::Input => {
                        for (phase, to) in rows.iter_mut().enumerate() {
                            let from = &planes[channel].row((top + y) * factor + phase)[left * factor..right * factor];
                            to.iter_mut().zip(from).for_each(|(to, v)| *to += v);
                        }
                    }
                    Base::Repeated => {
                        let from = &planes[channel].row(top + y)[left..right];
                        for to in rows {
                            let pixels = to.chunks_exact_mut(factor).zip(from);
                            pixels.for_each(|(to, v)| to.iter_mut().for_each(|to| *to += v));
                        }
                    }
                }
            }
            progress.advance(((right - left) * factor * factor) as u64);
        }
        Ok(())
    }
}

/// Planes that are a part of higher ones.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    /// Rows above them.
    pub(super) top: usize,
    /// Rows of the whole.
    pub(super) height: usize,
}

/// Rows `rows` of the planes enlarged to `size`, as those of the whole planes are.
fn enlarged(
    planes: &[Plane<f32>],
    size: Size,
    rows: &Range<usize>,
    Part { top, height }: Part,
    convention: Convention,
    buffers: &Buffers,
) -> Result<Vec<Plane<f32>>, EngineError> {
    let from = planes[0].size();
    let factor = size.width / from.width;
    let whole = Size::new(from.width, height);
    let resampler = Resampler::new(whole, whole.times(factor), convention).map_err(|_| EngineError::Sizes)?;
    let rows = rows.start + top * factor..rows.end + top * factor;
    Ok(planes.iter().map(|plane| resampler.rows_in(plane, top, rows.clone(), buffers)).collect())
}

/// Each `factor` times `factor` pixels as planes of one pixel each.
fn gathered(plane: &Plane<f32>, factor: usize) -> Vec<Plane<f32>> {
    let Size { width, height } = plane.size();
    let places = (0..factor).flat_map(|row| (0..factor).map(move |column| (row, column)));
    let part = |(row, column): (usize, usize)| {
        let mut samples = Vec::with_capacity(width * height / (factor * factor));
        for y in (row..height).step_by(factor) {
            samples.extend(plane.row(y)[column..].iter().step_by(factor));
        }
        Plane::new(width / factor, height / factor, samples).expect("sides are multiples of the factor")
    };
    places.map(part).collect()
}

/// A strip of a band of the last layer's pixels: what a thread computes at a time.
struct Task<'a> {
    left: usize,
    right: usize,
    /// The first row.
    top: usize,
    /// The rows of each plane.
    out: Vec<Vec<&'a mut [f32]>>,
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
        let (left, right, top) = (left as i64, right as i64, top as i64);
        let (mut read, mut row, mut pads_with_zero) = match &network.last {
            Some(last) => (last.reads_columns(left, right), last.reads_from(top), last.pads_with_zero()),
            None => ((left, right), top, false),
        };
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
        let row = self.network.last.as_ref().map_or(y as i64, |last| last.reads_to(y as i64));
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
