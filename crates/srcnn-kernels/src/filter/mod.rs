//! Separable filters on rows of samples. Sums begin with zero and take products in the order of the weights, each rounded,
//! so that results are those of plain loops, bit for bit.

use crate::isa::Isa;
use crate::kernel::loops_for_isa;

#[cfg(test)]
pub(crate) mod tests;

/// Samples of a row that are computed at a time: their sums stay in the first-level cache.
const CHUNK: usize = 64;
/// Phases of [`interleaved`], at most.
pub const MOST_PHASES: usize = 4;

/// `out[x]` becomes the sum over `k` of `rows[k][x] * weights[k]`.
///
/// # Panics
/// If the numbers of rows and weights differ, or a row is shorter than `out`.
pub fn weighted(isa: Isa, rows: &[&[f32]], weights: &[f32], out: &mut [f32]) {
    assert_eq!(rows.len(), weights.len(), "one weight a row");
    assert!(rows.iter().all(|row| row.len() >= out.len()), "rows as long as the result");
    loops_for_isa!(Weighted, isa, weighted_body(rows: &[&[f32]], weights: &[f32], out: &mut [f32]));
}

#[inline(always)]
fn weighted_body(rows: &[&[f32]], weights: &[f32], out: &mut [f32]) {
    let n = out.len();
    if let (&[a, b, c, d], &[wa, wb, wc, wd]) = (rows, weights) {
        let (a, b, c, d) = (&a[..n], &b[..n], &c[..n], &d[..n]);
        for x in 0..n {
            out[x] = 0.0 + a[x] * wa + b[x] * wb + c[x] * wc + d[x] * wd;
        }
        return;
    }
    out.fill(0.0);
    for (row, &weight) in rows.iter().zip(weights) {
        for (out, &sample) in out.iter_mut().zip(&row[..n]) {
            *out += sample * weight;
        }
    }
}

/// A filter that moves by one sample of the input from each output to the next but the other phases'.
#[derive(Clone, Debug, PartialEq)]
pub struct Phase {
    /// The input sample of the first weight for the first output.
    pub start: usize,
    /// Weights of successive samples.
    pub weights: Vec<f32>,
}

/// Enlarges a row by the number of phases: `out[phases * i + p]` becomes the sum over `k` of
/// `row[phase.start + i + k] * phase.weights[k]`, where `phase` is number `p`.
///
/// # Panics
/// If there are no phases or more than [`MOST_PHASES`], `out` is no multiple of them, or a sample is missing.
pub fn interleaved(isa: Isa, row: &[f32], phases: &[Phase], out: &mut [f32]) {
    assert!((1..=MOST_PHASES).contains(&phases.len()), "1 to {MOST_PHASES} phases");
    assert!(out.len().is_multiple_of(phases.len()), "as many outputs of each phase");
    let count = out.len() / phases.len();
    let end = |phase: &Phase| phase.start + count + phase.weights.len();
    assert!(count == 0 || phases.iter().all(|phase| end(phase) <= row.len() + 1), "samples for all outputs");
    loops_for_isa!(Interleaved, isa, interleaved_body(row: &[f32], phases: &[Phase], out: &mut [f32]));
}

#[inline(always)]
fn interleaved_body(row: &[f32], phases: &[Phase], out: &mut [f32]) {
    let mut sums = [[0.0; CHUNK]; MOST_PHASES];
    let mut begin = 0;
    for out in out.chunks_mut(CHUNK * phases.len()) {
        let count = out.len() / phases.len();
        for (phase, sums) in phases.iter().zip(&mut sums) {
            filter_chunk(&row[phase.start + begin..], &phase.weights, &mut sums[..count]);
        }
        match phases.len() {
            1 => out.copy_from_slice(&sums[0][..count]),
            2 => interleave_chunk::<2>(&sums, out),
            3 => interleave_chunk::<3>(&sums, out),
            _ => interleave_chunk::<4>(&sums, out),
        }
        begin += count;
    }
}

#[inline(always)]
fn filter_chunk(row: &[f32], weights: &[f32], sums: &mut [f32]) {
    let n = sums.len();
    if let &[wa, wb, wc, wd] = weights {
        let (a, b, c, d) = (&row[..n], &row[1..][..n], &row[2..][..n], &row[3..][..n]);
        for x in 0..n {
            sums[x] = 0.0 + a[x] * wa + b[x] * wb + c[x] * wc + d[x] * wd;
        }
        return;
    }
    sums.fill(0.0);
    for (k, &weight) in weights.iter().enumerate() {
        for (sum, &sample) in sums.iter_mut().zip(&row[k..][..n]) {
            *sum += sample * weight;
        }
    }
}

#[inline(always)]
fn interleave_chunk<const P: usize>(sums: &[[f32; CHUNK]; MOST_PHASES], out: &mut [f32]) {
    let (pixels, _) = out.as_chunks_mut::<P>();
    let count = pixels.len().min(CHUNK);
    for (i, pixel) in pixels[..count].iter_mut().enumerate() {
        for p in 0..P {
            pixel[p] = sums[p][i];
        }
    }
}
