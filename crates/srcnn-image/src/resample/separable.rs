//! Horizontal and vertical passes of separable filters.

use srcnn_kernels::Isa;

use super::phases::Phases;
use super::sample::Sample;
use super::taps::Taps;
use crate::parallel;
use crate::plane::Plane;
use crate::real::Real;

/// Rows that are filtered together: their samples are neighbours in vectors, and each tap is read once for all.
pub(super) const ROWS: usize = 16;

/// A horizontal filter for one type of samples.
#[derive(Clone, Debug)]
pub(super) struct Horizontal<'a, S: Sample> {
    taps: &'a Taps,
    weights: Vec<S::Acc>,
    phases: Option<&'a Phases>,
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
    pub(super) fn new(taps: &'a Taps, phases: Option<&'a Phases>) -> Self {
        Self { taps, weights: taps.weights().map(S::Acc::from_f64).collect(), phases }
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

/// Filters every row: the width becomes `taps.len()`.
pub(super) fn horizontal<S: Sample>(plane: &Plane<S>, taps: &Taps, phases: Option<&Phases>) -> Plane<S> {
    let width = taps.len();
    let filter = Horizontal::new(taps, phases);
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
