//! Horizontal and vertical passes of separable filters.

use std::borrow::Cow;

use srcnn_kernels::Isa;

use super::phases::Phases;
use super::sample::Sample;
use super::taps::Taps;
use crate::parallel;
use crate::plane::Plane;
use crate::real::Real;

/// Rows that are filtered together: their samples are neighbours in vectors, and each tap is read once for all.
pub(super) const ROWS: usize = 16;

/// The taps of a horizontal filter, with what f32 takes, made once.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    taps: Taps,
    phases: Option<Phases>,
    /// The weights of all taps; none if there are phases.
    weights: Vec<f32>,
}

impl Columns {
    /// For rows of `input` samples.
    pub(super) fn new(taps: Taps, input: usize) -> Self {
        let phases = Phases::of(&taps, input);
        let weights = if phases.is_none() { taps.weights().map(f32::from_f64).collect() } else { Vec::new() };
        Self { taps, phases, weights }
    }

    /// Width of the result.
    pub(super) fn len(&self) -> usize {
        self.taps.len()
    }

    /// The filter for one type of samples.
    pub(super) fn of<S: Sample>(&self) -> Horizontal<'_, S> {
        let weights = S::kept(&self.weights).map(Cow::Borrowed);
        Horizontal {
            phases: self.phases.as_ref(),
            weights: weights.unwrap_or_else(|| weights_of(&self.taps)),
            taps: &self.taps,
        }
    }
}

/// A horizontal filter for one type of samples.
#[derive(Clone, Debug)]
pub(super) struct Horizontal<'a, S: Sample> {
    taps: &'a Taps,
    weights: Cow<'a, [S::Acc]>,
    phases: Option<&'a Phases>,
}

/// The weights of all taps, rounded.
fn weights_of<T: Real>(taps: &Taps) -> Cow<'_, [T]> {
    taps.weights().map(T::from_f64).collect()
}

/// Buffers of a thread.
#[derive(Clone, Debug)]
pub(super) struct Scratch<S: Sample> {
    isa: Isa,
    columns: Vec<[S::Acc; ROWS]>,
    sums: Vec<S::Acc>,
    weights: Vec<S::Acc>,
}

impl<S: Sample> Default for Scratch<S> {
    fn default() -> Self {
        Self { isa: Isa::best(), columns: Vec::new(), sums: Vec::new(), weights: Vec::new() }
    }
}

impl<'a, S: Sample> Horizontal<'a, S> {
    /// The filter of taps without phases.
    pub(super) fn new(taps: &'a Taps) -> Self {
        Self { taps, weights: weights_of(taps), phases: None }
    }

    /// Whether rows are filtered by phases, one by one.
    pub(super) fn is_enlargement(&self) -> bool {
        self.phases.is_some()
    }

    /// Filters at most [`ROWS`] rows of `width` samples: the width becomes that of the taps.
    pub(super) fn run(&self, rows: &[S], width: usize, scratch: &mut Scratch<S>, out: &mut [S]) {
        let wide = self.taps.len();
        if let Some(phases) = self.phases {
            let mut each = rows.chunks_exact(width).zip(out.chunks_exact_mut(wide));
            if each.all(|(row, out)| S::enlarged(scratch.isa, phases, row, out)) {
                return;
            }
        }
        let columns = &mut scratch.columns;
        columns.resize(width, [S::Acc::ZERO; ROWS]);
        for (y, row) in rows.chunks_exact(width).enumerate() {
            columns.iter_mut().zip(row).for_each(|(column, sample)| column[y] = sample.load());
        }
        for x in 0..wide {
            let mut sums = [S::Acc::ZERO; ROWS];
            for (position, weight) in self.taps.positions(x).zip(&self.weights[self.taps.range(x)]) {
                for (sum, sample) in sums.iter_mut().zip(&columns[position]) {
                    *sum += *sample * *weight;
                }
            }
            for (row, sum) in out.chunks_exact_mut(wide).zip(sums) {
                row[x] = S::store(sum);
            }
        }
    }
}

/// Computes row `y` of the result of a vertical filter. `part` has the input's rows from `top` on.
pub(super) fn vertical_row<S: Sample>(
    part: &Plane<S>,
    top: usize,
    taps: &Taps,
    y: usize,
    scratch: &mut Scratch<S>,
    out: &mut [S],
) {
    let rows: Vec<&[S]> = taps.at(y).iter().map(|pair| part.row(pair.0 - top)).collect();
    scratch.weights.clear();
    scratch.weights.extend(taps.at(y).iter().map(|pair| S::Acc::from_f64(pair.1)));
    S::weighted(scratch.isa, &rows, &scratch.weights, &mut scratch.sums, out);
}

/// Filters every row: the width becomes that of the filter's taps.
pub(super) fn horizontal<S: Sample>(plane: &Plane<S>, filter: &Horizontal<'_, S>) -> Plane<S> {
    let width = filter.taps.len();
    let mut out = vec![S::default(); width * plane.height()];
    let blocks = out.chunks_mut(width * ROWS).zip(plane.as_slice().chunks(plane.width() * ROWS));
    parallel::for_each_with(blocks, Scratch::default, |scratch, (out, rows)| {
        filter.run(rows, plane.width(), scratch, out);
    });
    Plane::new(width, plane.height(), out).expect("one sample an output position")
}

/// Filters every column: the height becomes `taps.len()`.
pub(super) fn vertical<S: Sample>(plane: &Plane<S>, taps: &Taps) -> Plane<S> {
    let width = plane.width();
    let mut out = vec![S::default(); width * taps.len()];
    parallel::for_each_with(out.chunks_mut(width).enumerate(), Scratch::default, |scratch, (y, out)| {
        vertical_row(plane, 0, taps, y, scratch, out);
    });
    Plane::new(width, taps.len(), out).expect("one row an output position")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A filter of 3 taps around the sample nearest to each output.
    fn taps(from: usize, to: usize) -> Taps {
        let mut taps = Taps::new();
        for x in 0..to {
            let middle = x * from / to;
            let positions = [middle.saturating_sub(1), middle, (middle + 1).min(from - 1)];
            let first = 0.1 + (x * from % to) as f64 / (3 * to) as f64;
            taps.push(positions.into_iter().zip([first, 0.5, 0.5 - first]));
        }
        taps
    }

    #[test]
    fn weights_are_kept_in_f32_unless_phases_take_their_place() {
        for (from, to) in [(60, 120), (60, 180), (60, 100), (60, 25), (60, 60)] {
            let taps = taps(from, to);
            let columns = Columns::new(taps.clone(), from);
            assert_eq!(columns.phases.is_some(), to == 120 || to == 180, "{from} to {to}");
            let filter = columns.of::<f32>();
            assert!(matches!(filter.weights, Cow::Borrowed(_)));
            match columns.phases {
                Some(_) => assert!(filter.weights.is_empty()),
                None => assert_eq!(filter.weights, weights_of::<f32>(&taps)),
            }
            assert_eq!(columns.of::<f64>().weights, weights_of::<f64>(&taps));

            // The same bits as by weights that are made for the call.
            let row = |i: usize| (i * i % 97) as f32 / 96.0;
            let plane = Plane::new(from, 21, (0..from * 21).map(row).collect()).expect("filled");
            let (kept, made) = (horizontal(&plane, &filter), horizontal(&plane, &Horizontal::new(&taps)));
            let bits = |plane: &Plane<f32>| plane.as_slice().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&kept), bits(&made), "{from} to {to}");
            let large = plane.map(f64::from);
            let (kept, made) = (horizontal(&large, &columns.of()), horizontal(&large, &Horizontal::new(&taps)));
            assert_eq!(kept, made, "{from} to {to}");
        }
    }
}
