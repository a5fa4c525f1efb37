//! The matrices of F(4, 3) and F(4, 5) in f64, as printed: the first by Lavin and Gray 2015, the second, for the points
//! 0, +-1, +-2, +-1/2 and infinity, as their program `wincnn` gives it.

use crate::winograd::TILE;

/// Transposed B, G and transposed A of F(4, `taps`), row by row.
pub(super) struct Matrices {
    pub(super) points: usize,
    /// `points` x `points`.
    pub(super) b: &'static [f64],
    /// `points` x `taps`.
    pub(super) g: &'static [f64],
    /// [`TILE`] x `points`.
    pub(super) a: &'static [f64],
}

#[rustfmt::skip]
const OF_3: Matrices = Matrices {
    points: 6,
    b: &[
        4.0,  0.0, -5.0,  0.0, 1.0, 0.0,
        0.0, -4.0, -4.0,  1.0, 1.0, 0.0,
        0.0,  4.0, -4.0, -1.0, 1.0, 0.0,
        0.0, -2.0, -1.0,  2.0, 1.0, 0.0,
        0.0,  2.0, -1.0, -2.0, 1.0, 0.0,
        0.0,  4.0,  0.0, -5.0, 0.0, 1.0,
    ],
    g: &[
         1.0 / 4.0,   0.0,         0.0,
        -1.0 / 6.0,  -1.0 / 6.0,  -1.0 / 6.0,
        -1.0 / 6.0,   1.0 / 6.0,  -1.0 / 6.0,
         1.0 / 24.0,  1.0 / 12.0,  1.0 / 6.0,
         1.0 / 24.0, -1.0 / 12.0,  1.0 / 6.0,
         0.0,         0.0,         1.0,
    ],
    a: &[
        1.0, 1.0,  1.0, 1.0,  1.0, 0.0,
        0.0, 1.0, -1.0, 2.0, -2.0, 0.0,
        0.0, 1.0,  1.0, 4.0,  4.0, 0.0,
        0.0, 1.0, -1.0, 8.0, -8.0, 1.0,
    ],
};

#[rustfmt::skip]
const OF_5: Matrices = Matrices {
    points: 8,
    b: &[
        1.0,  0.0, -5.25,  0.0,   5.25,  0.0,  -1.0, 0.0,
        0.0,  1.0,  1.0,  -4.25, -4.25,  1.0,   1.0, 0.0,
        0.0, -1.0,  1.0,   4.25, -4.25, -1.0,   1.0, 0.0,
        0.0,  0.5,  0.25, -2.5,  -1.25,  2.0,   1.0, 0.0,
        0.0, -0.5,  0.25,  2.5,  -1.25, -2.0,   1.0, 0.0,
        0.0,  2.0,  4.0,  -2.5,  -5.0,   0.5,   1.0, 0.0,
        0.0, -2.0,  4.0,   2.5,  -5.0,  -0.5,   1.0, 0.0,
        0.0, -1.0,  0.0,   5.25,  0.0,  -5.25,  0.0, 1.0,
    ],
    g: &[
         1.0,          0.0,         0.0,        0.0,        0.0,
        -2.0 / 9.0,   -2.0 / 9.0,  -2.0 / 9.0, -2.0 / 9.0, -2.0 / 9.0,
        -2.0 / 9.0,    2.0 / 9.0,  -2.0 / 9.0,  2.0 / 9.0, -2.0 / 9.0,
         1.0 / 90.0,   1.0 / 45.0,  2.0 / 45.0, 4.0 / 45.0, 8.0 / 45.0,
         1.0 / 90.0,  -1.0 / 45.0,  2.0 / 45.0, -4.0 / 45.0, 8.0 / 45.0,
         32.0 / 45.0,  16.0 / 45.0, 8.0 / 45.0, 4.0 / 45.0, 2.0 / 45.0,
         32.0 / 45.0, -16.0 / 45.0, 8.0 / 45.0, -4.0 / 45.0, 2.0 / 45.0,
         0.0,          0.0,         0.0,        0.0,        1.0,
    ],
    a: &[
        1.0, 1.0,  1.0, 1.0,  1.0, 1.0,    1.0,   0.0,
        0.0, 1.0, -1.0, 2.0, -2.0, 0.5,   -0.5,   0.0,
        0.0, 1.0,  1.0, 4.0,  4.0, 0.25,   0.25,  0.0,
        0.0, 1.0, -1.0, 8.0, -8.0, 0.125, -0.125, 1.0,
    ],
};

impl Matrices {
    /// Those of kernels with 3 or 5 rows.
    pub(super) fn of(taps: usize) -> &'static Self {
        match taps {
            3 => &OF_3,
            5 => &OF_5,
            _ => unreachable!("no matrices for {taps} rows"),
        }
    }
}

/// `matrix` times `square` times `matrix` transposed, entry by entry changed by `f` first. `matrix` has rows of `side`
/// entries, as many as `square` has rows and columns.
pub(super) fn both_ways(matrix: &[f64], square: &[f64], side: usize, f: impl Fn(f64) -> f64) -> Vec<f64> {
    let rows = matrix.len() / side;
    let mut half = vec![0.0; rows * side];
    for r in 0..rows {
        for c in 0..side {
            half[r * side + c] = (0..side).map(|k| f(matrix[r * side + k]) * f(square[k * side + c])).sum();
        }
    }
    let mut out = vec![0.0; rows * rows];
    for r in 0..rows {
        for c in 0..rows {
            out[r * rows + c] = (0..side).map(|k| half[r * side + k] * f(matrix[c * side + k])).sum();
        }
    }
    out
}

/// Output `o` of a convolution takes input `o + j` with tap `j`, and nothing else.
#[test]
fn the_matrices_make_a_convolution() {
    /// Rounding of a few sums in f64.
    const ROUNDING: f64 = 1e-14;
    for taps in [3, 5] {
        let Matrices { points, b, g, a, .. } = Matrices::of(taps);
        for o in 0..TILE {
            for j in 0..taps {
                for i in 0..*points {
                    let sum: f64 = (0..*points).map(|p| a[o * points + p] * g[p * taps + j] * b[p * points + i]).sum();
                    let expected = f64::from(u8::from(i == o + j));
                    assert!((sum - expected).abs() < ROUNDING, "{taps}: output {o}, tap {j}, input {i}: {sum}");
                }
            }
        }
    }
}
