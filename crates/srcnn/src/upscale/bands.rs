//! Computation of results in bands of rows, each from the rows of the picture that it depends on.

use std::borrow::Cow;
use std::ops::Range;

use super::color::{Channel, Colors, composed, grey, ycc_planes};
use super::error::UpscaleError;
use super::fault::{Fault, Span};
use super::hidden;
use super::overshoot::{self, Overshoot};
use super::plan::Plan;
use super::step::Step;
use crate::color::Ycc;
use crate::image::{Depth, Image, Metadata};
use crate::model::Input;
use crate::parallel;
use crate::plane::Plane;
use crate::progress::Progress;
use crate::resample::{Convention, Resampler, ResizeError};
use crate::rows::{Parts, RowBuffer, Rows, RowsError, Shape};
use crate::stage::{Stage, measured};
use crate::{Edge, Limits, Size};
use srcnn_image::buffers::Buffers;
use srcnn_image::channels::planes;

/// Memory of a band, in bytes, beyond which larger bands save nothing.
const ENOUGH: u64 = 64 << 20;
/// Minimum height of a band that a network computes: with fewer rows, most of the work would be the rows above and
/// below.
const FEWEST: usize = 16;
/// Rows of a band that are joined to pixels at a time, at least, and for each thread, so that all have work.
const JOINED: usize = 16;
const JOINED_A_THREAD: usize = 4;

/// The result as rows. In memory are one band, and the rows of the picture that it depends on.
pub struct Upscaled<'a> {
    source: Box<dyn Rows + 'a>,
    window: RowBuffer,
    work: Work,
    band: usize,
    /// The rows that are to be computed, and whether they were all rows at first.
    wanted: Range<usize>,
    is_whole: bool,
    /// A band that is computed and not joined to pixels yet.
    ready: Option<Band>,
    /// Rows that are joined to pixels and not read yet.
    joined: Option<Parts>,
    progress: &'a dyn Progress,
}

impl<'a> Upscaled<'a> {
    /// The result of a plan that was made for pictures of the source's size.
    pub(super) fn new(
        source: Box<dyn Rows + 'a>,
        plan: Plan,
        limits: Limits,
        progress: &'a dyn Progress,
    ) -> Result<Self, UpscaleError> {
        let from = source.shape();
        for size in [&plan.target].into_iter().chain(&plan.steps) {
            let Size { width, height } = *size;
            if width as u128 * height as u128 > u128::from(limits.pixels) {
                return Err(UpscaleError::TooLarge { width, height, limit: limits.pixels });
            }
        }
        // The memory of filters is known before they are made; bands are sized to fit beside them.
        let filters = filter_bytes(from.size(), &plan.steps, plan.target);
        let memory = limits.memory.saturating_sub(source.held_bytes());
        if filters > memory {
            return Err(UpscaleError::Memory { needed: filters, limit: memory });
        }
        let work = Work::new(plan, from)?;
        let band = work.band(memory, filters)?;
        let (window, wanted) = (RowBuffer::new(from), 0..work.plan.target.height);
        Ok(Self { source, window, work, band, wanted, is_whole: true, ready: None, joined: None, progress })
    }

    /// Sets the height of bands.
    #[cfg(test)]
    pub(super) fn with_band(self, band: usize) -> Self {
        Self { band, ..self }
    }

    /// These rows alone. Whether the network works is not told by them, but for values that are not finite.
    pub(super) fn of_rows(self, wanted: Range<usize>) -> Self {
        Self { is_whole: wanted == self.wanted, wanted, ..self }
    }

    /// The rows of the result that depend on some of the picture's.
    pub(super) fn depending(&self, rows: &Range<usize>) -> Range<usize> {
        let depends = |y: &usize| {
            let Range { start, end } = self.work.reads(*y..*y + 1).source;
            start < rows.end && rows.start < end
        };
        let height = self.work.plan.target.height;
        if self.work.needs_all_rows() && !rows.is_empty() {
            return 0..height;
        }
        let Some(first) = (0..height).find(depends) else { return 0..0 };
        first..(first..height).rfind(depends).map_or(first, |last| last + 1)
    }

    /// Computes the next band; none after the last.
    fn band(&mut self) -> Result<Option<Band>, RowsError> {
        let height = self.work.plan.target.height;
        let rows = self.wanted.start..self.wanted.end.min(self.wanted.start + self.band);
        if rows.is_empty() {
            return Ok(None);
        }
        let reads = self.work.reads(rows.clone());
        self.window.drop_above(reads.source.start);
        while self.window.rows().end < reads.source.end {
            // Rows that nothing depends on are passed over some at a time.
            let there = self.window.rows().end;
            let missing = match reads.source.start.checked_sub(there) {
                Some(above @ 1..) => above.min(FEWEST),
                Some(0) | None => reads.source.end - there,
            };
            let part = self.source.read(missing)?.ok_or("fewer rows came than the picture has")?;
            measured(Stage::Planes, || self.window.push(&part));
            self.window.drop_above(reads.source.start);
        }
        let (work, window, progress) = (&mut self.work, &self.window, self.progress);
        let band = measured(Stage::Planes, || {
            let part = window.part(reads.source.clone());
            work.compute(&part, &reads, rows.clone(), progress)
        })?;
        self.wanted.start = rows.end;
        if rows.end == height && self.is_whole {
            self.work.check()?;
        }
        Ok(Some(band))
    }

    /// Joins the next rows to pixels: at least `rows` and as many as give work to all threads, as far as the band goes;
    /// none after the last.
    fn join(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        let mut band = match self.ready.take() {
            Some(band) => band,
            None => {
                let Some(band) = self.band()? else { return Ok(None) };
                band
            }
        };
        let rows = rows.max(JOINED).max(JOINED_A_THREAD * parallel::threads());
        let next = band.rows.start..band.rows.end.min(band.rows.start.saturating_add(rows));
        let part = measured(Stage::Back, || self.work.composed(&band, next.clone()))?;
        band.rows.start = next.end;
        if band.rows.is_empty() {
            self.work.reuse(band);
        } else {
            self.ready = Some(band);
        }
        Ok(Some(part))
    }
}

impl Rows for Upscaled<'_> {
    fn shape(&self) -> Shape {
        let Size { width, height } = self.work.plan.target;
        Shape { width, height, ..self.work.from }
    }

    fn metadata(&self) -> &Metadata {
        self.source.metadata()
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        let joined = match self.joined.take() {
            Some(joined) => joined,
            None => match self.join(rows)? {
                Some(part) => Parts::from(part),
                None => return Ok(None),
            },
        };
        let (part, left) = joined.take(rows);
        self.joined = left;
        Ok(Some(part))
    }

    fn held_bytes(&self) -> u64 {
        self.source.held_bytes()
    }
}

/// Rows that a band of the result depends on.
struct Reads {
    /// Rows of the picture.
    source: Range<usize>,
    /// Rows of the result of each step.
    steps: Vec<Range<usize>>,
}

/// Rows of the result, computed but not joined to pixels yet.
struct Band {
    /// The restorer's planes.
    restored: Vec<Plane<f32>>,
    /// The planes of the picture that are only resampled, prepared for it, from the row `top` of the picture on.
    others: Vec<Plane<f32>>,
    overshoot: Overshoot,
    top: usize,
    colors: Colors,
    /// The first row of `restored`.
    first: usize,
    /// The rows that are not read yet.
    rows: Range<usize>,
}

/// State shared by all bands.
struct Work {
    plan: Plan,
    from: Shape,
    /// Applications of the restorer; empty if interpolation does everything.
    steps: Vec<Step>,
    /// Interpolation from the picture to the result.
    direct: Resampler,
    /// Interpolation from the last step to the result.
    last: Option<Resampler>,
    seen: Vec<Seen>,
    /// Memory of the picture's planes in bands before.
    buffers: Buffers,
}

/// Ranges of values of a plane seen so far, in the picture and after each step.
struct Seen {
    before: Span,
    after: Vec<Option<Span>>,
}

impl Work {
    fn new(plan: Plan, from: Shape) -> Result<Self, UpscaleError> {
        let steps = plan.passes(from.size())?;
        let before = plan.steps.last().copied().filter(|size| *size != plan.target);
        let last = before.map(|before| interpolation(plan.edge, before, plan.target)).transpose()?;
        let direct = interpolation(plan.edge, from.size(), plan.target)?;
        let (seen, buffers) = (Vec::new(), Buffers::default());
        Ok(Self { plan, from, steps, direct, last, seen, buffers })
    }

    /// The rows that `rows` of the result depend on.
    fn reads(&self, rows: Range<usize>) -> Reads {
        let (from, height) = (self.from.height, self.plan.target.height);
        if self.plan.edge != Edge::Replicate {
            // Rows depend on those of the opposite edge: there is only one band.
            debug_assert_eq!(rows, 0..height);
            return Reads { source: 0..from, steps: self.steps.iter().map(|step| 0..step.size.height).collect() };
        }
        let mut steps = Vec::new();
        let mut read = self.last.as_ref().map_or(rows.clone(), |last| last.reads(rows.clone()));
        for step in self.steps.iter().rev() {
            steps.insert(0, read.clone());
            read = step.reads(read);
        }
        let direct = self.direct.reads(rows);
        let mut source = if self.steps.is_empty() { direct } else { unite(read, direct) };
        if self.from.has_alpha() {
            source = source.start.saturating_sub(hidden::RINGS)..from.min(source.end + hidden::RINGS);
        }
        Reads { source, steps }
    }

    /// Whether the result must be computed as one band.
    fn needs_all_rows(&self) -> bool {
        self.plan.edge != Edge::Replicate || self.steps.iter().any(Step::needs_all_rows)
    }

    /// The height of bands, so that bands and filters together take at most `memory` bytes.
    fn band(&self, memory: u64, filters: u64) -> Result<usize, UpscaleError> {
        let height = self.plan.target.height;
        let fewest = match self.needs_all_rows() {
            true => height,
            false if self.steps.is_empty() => 1,
            false => FEWEST.min(height),
        };
        let needed = filters.saturating_add(self.bytes(fewest));
        if needed > memory {
            return Err(UpscaleError::Memory { needed, limit: memory });
        }
        let enough = memory.min(ENOUGH.max(needed));
        let (mut rows, mut too_many) = (fewest, height + 1);
        while too_many - rows > 1 {
            let middle = rows.midpoint(too_many);
            if filters.saturating_add(self.bytes(middle)) <= enough {
                rows = middle;
            } else {
                too_many = middle;
            }
        }
        // Bands of equal height; the last may be lower.
        Ok(height.div_ceil(height.div_ceil(rows)))
    }

    /// Bytes that a band of `rows` rows takes, in the middle of the picture.
    fn bytes(&self, rows: usize) -> u64 {
        let Shape { width, channels, depth, .. } = self.from;
        let sample = depth.bytes();
        let top = (self.plan.target.height - rows) / 2;
        let reads = self.reads(top..top + rows);
        let floats = |planes: usize, width: usize| (4 * planes as u64).saturating_mul(width as u64);
        // Per row: the picture, stored twice and as planes; the result, as planes and as stored.
        let stored = |width: usize| (2 * sample * channels as u64).saturating_mul(width as u64);
        // Overshoot: planes above white and below black; half as much again between the passes, beside the picture.
        let beyond = if depth == Depth::Float { 2 * channels } else { 0 };
        let source = stored(width).saturating_add(floats(channels + 2 + beyond + beyond / 2, width));
        let result =
            stored(self.plan.target.width).saturating_add(floats(channels + 1 + beyond, self.plan.target.width));
        let steps = self.steps.iter().zip(&reads.steps).map(|(step, keep)| step.bytes(keep.clone()));
        let prepared = if self.direct.is_horizontal_first() { channels + beyond } else { 0 };
        let source = source.saturating_add(floats(prepared, self.plan.target.width));
        let source = source.saturating_mul(reads.source.len() as u64);
        source.saturating_add(steps.max().unwrap_or(0)).saturating_add(result.saturating_mul(rows as u64))
    }

    /// Computes rows `rows` of the result from the rows of the picture that they depend on.
    fn compute(
        &mut self,
        part: &Image,
        reads: &Reads,
        rows: Range<usize>,
        progress: &dyn Progress,
    ) -> Result<Band, UpscaleError> {
        let (from, top) = (self.from, reads.source.start);
        let part = &*hidden::filled(part, self.plan.edge);
        if self.steps.is_empty() {
            let others = self.prepared(planes(part, &self.buffers));
            let (restored, overshoot, colors) = (Vec::new(), Overshoot::default(), Colors::Stored);
            return Ok(Band { restored, others, overshoot, top, colors, first: rows.start, rows });
        }
        let (part, overshoot) = Overshoot::cut(part)?;
        let part = &*part;
        let (restored, others, colors) = match self.plan.restorer.input() {
            Input::Y => {
                let ycc = Ycc::new(self.plan.restorer.luma());
                let range = (ycc.luma_of_grey(0.0), ycc.luma_of_grey(1.0));
                let mut planes = ycc_planes(part, &ycc, &self.buffers);
                let others = planes.split_off(1);
                (self.restored(planes, range, reads, &rows, progress)?, others, Colors::Ycc(ycc))
            }
            Input::Ycbcr => return Err(UpscaleError::Ycbcr),
            Input::Rgb => {
                let mut planes = planes(part, &self.buffers);
                let others = planes.split_off(from.channels - usize::from(from.has_alpha()));
                if from.is_grey() {
                    planes = vec![planes[0].clone(); 3];
                }
                let rgb = self.restored(planes, (0.0, 1.0), reads, &rows, progress)?;
                (if from.is_grey() { vec![grey(&rgb)] } else { rgb }, others, Colors::Stored)
            }
        };
        let overshoot = overshoot.map(|planes| self.prepared(planes));
        Ok(Band { restored, others: self.prepared(others), overshoot, top, colors, first: rows.start, rows })
    }

    /// Planes of the picture, prepared for interpolation to the result's size.
    fn prepared(&self, planes: Vec<Plane<f32>>) -> Vec<Plane<f32>> {
        let each = |plane| self.direct.prepared(Cow::Owned(plane)).into_owned();
        measured(Stage::Resampling, || planes.into_iter().map(each).collect())
    }

    /// Joins rows `rows` of the result to pixels.
    fn composed(&self, band: &Band, rows: Range<usize>) -> Result<Image, UpscaleError> {
        let shape = Shape { width: self.plan.target.width, height: self.plan.target.height, ..self.from };
        let resampled = |plane| Channel::Resampled(self.direct.on(plane, band.top));
        let computed = |plane| Channel::Computed(plane, band.first);
        let channels: Vec<_> = band.restored.iter().map(computed).chain(band.others.iter().map(resampled)).collect();
        let mut result = composed(&channels, band.colors, shape, rows.clone());
        let excess = band.overshoot.resampled(|plane| self.direct.on(plane, band.top).rows(rows.clone()));
        overshoot::finish(&mut result, &excess)?;
        Ok(result)
    }

    /// Applies the restorer in steps, reduces to the target's size, and mixes with interpolation. `range` is black and
    /// white.
    fn restored(
        &mut self,
        mut planes: Vec<Plane<f32>>,
        range: (f32, f32),
        reads: &Reads,
        rows: &Range<usize>,
        progress: &dyn Progress,
    ) -> Result<Vec<Plane<f32>>, UpscaleError> {
        let (strength, mut top) = (self.plan.strength, reads.source.start);
        let plain: Vec<_> = match strength < 1.0 {
            true => measured(Stage::Resampling, || {
                planes.iter().map(|plane| self.direct.rows(plane, top, rows.clone())).collect()
            }),
            false => Vec::new(),
        };
        let before =
            planes.iter().map(|plane| Span::of(plane, range).expect("samples between black and white are finite"));
        let before: Vec<_> = before.collect();
        let mut after = vec![Vec::new(); planes.len()];
        for (step, keep) in self.steps.iter().zip(&reads.steps) {
            planes = measured(Stage::Network, || step.run(planes, top, keep, progress))?;
            top = keep.start;
            for (after, plane) in after.iter_mut().zip(&planes) {
                let span = Span::of(plane, range).ok_or(UpscaleError::Fault { fault: Fault::NotFinite })?;
                after.push(Some(span));
            }
        }
        let band = before.into_iter().zip(after).map(|(before, after)| Seen { before, after });
        match self.seen.is_empty() {
            true => self.seen = band.collect(),
            false => self.seen.iter_mut().zip(band).for_each(|(seen, band)| seen.extend(&band)),
        }
        if let Some(last) = &self.last {
            measured(Stage::Resampling, || {
                planes.iter_mut().for_each(|plane| *plane = last.rows(plane, top, rows.clone()));
            });
        }
        for (plane, plain) in planes.iter_mut().zip(&plain) {
            let samples = plane.as_mut_slice().iter_mut().zip(plain.as_slice());
            samples.for_each(|(restored, &plain)| *restored = plain + strength * (*restored - plain));
        }
        Ok(planes)
    }

    /// Takes the planes of a band that was read, whose memory serves the next.
    fn reuse(&self, band: Band) {
        self.buffers.give(band.others);
        if let Some(step) = self.steps.last().filter(|_| self.last.is_none()) {
            step.reuse(band.restored);
        }
    }

    /// Checks that the ranges of values seen can be the results of a working network.
    fn check(&self) -> Result<(), UpscaleError> {
        let faults = self.seen.iter().flat_map(|seen| seen.after.iter().filter_map(|after| seen.before.fault(*after)));
        faults.into_iter().next().map_or(Ok(()), |fault| Err(UpscaleError::Fault { fault }))
    }
}

impl Seen {
    fn extend(&mut self, other: &Self) {
        self.before = self.before.and(other.before);
        for (a, b) in self.after.iter_mut().zip(&other.after) {
            *a = a.zip(*b).map(|(a, b)| a.and(b));
        }
    }
}

/// MATLAB's bicubic. Edges that a network sees replicated are mirrored here, as in MATLAB.
fn interpolation(edge: Edge, from: Size, to: Size) -> Result<Resampler, ResizeError> {
    let edge = match edge {
        Edge::Replicate | Edge::Mirror => Edge::Mirror,
        Edge::Wrap => Edge::Wrap,
    };
    Resampler::new(from, to, Convention::MatlabBicubic(edge))
}

/// Bytes of all filters between the sizes.
fn filter_bytes(from: Size, steps: &[Size], target: Size) -> u64 {
    let (mut before, mut bytes) = (from, Resampler::bytes(from, target));
    for &size in steps.iter().chain([&target]) {
        if size != before {
            bytes = bytes.saturating_add(Resampler::bytes(before, size));
        }
        before = size;
    }
    bytes
}

fn unite(a: Range<usize>, b: Range<usize>) -> Range<usize> {
    a.start.min(b.start)..a.end.max(b.end)
}
