//! Linear algebra in double precision on row-major matrices: symmetric systems and eigenvectors.
//!
//! Sums have a fixed order, so that training gives the same file again.

use srcnn::real::Real;

/// The matrix is not positive definite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotDefinite;

/// Solves `A X = B` by Cholesky's decomposition; `a` is symmetric positive definite (n x n) and is overwritten; `b` has n
/// rows and becomes X.
///
/// # Errors
/// [`NotDefinite`].
pub(super) fn solve(a: &mut [f64], b: &mut [f64], n: usize) -> Result<(), NotDefinite> {
    let columns = b.len() / n.max(1);
    for i in 0..n {
        for j in 0..=i {
            let (above, row) = a.split_at_mut(i * n);
            let sum: f64 = if j < i { dot(&row[..j], &above[j * n..j * n + j]) } else { dot(&row[..i], &row[..i]) };
            if j < i {
                row[j] = (row[j] - sum) / above[j * n + j];
            } else {
                let square = row[i] - sum;
                if square.is_nan() || square <= 0.0 {
                    return Err(NotDefinite);
                }
                row[i] = square.sqrt();
            }
        }
    }
    for i in 0..n {
        let (above, row) = b.split_at_mut(i * columns);
        let row = &mut row[..columns];
        for k in 0..i {
            add_scaled(row, &above[k * columns..][..columns], -a[i * n + k]);
        }
        row.iter_mut().for_each(|v| *v /= a[i * n + i]);
    }
    for i in (0..n).rev() {
        let (above, row) = b.split_at_mut(i * columns);
        let row = &mut row[..columns];
        row.iter_mut().for_each(|v| *v /= a[i * n + i]);
        for k in 0..i {
            add_scaled(&mut above[k * columns..][..columns], row, -a[i * n + k]);
        }
    }
    Ok(())
}

/// Eigenvalues in descending order and eigenvectors (as rows) of a symmetric positive semidefinite matrix.
///
/// One-sided Jacobi rotations (Hestenes 1958): pairs of rows are rotated until all rows are orthogonal; their directions are
/// then the eigenvectors, and their lengths the eigenvalues. The vector of an eigenvalue of zero is zero.
pub(super) fn eigen(mut a: Vec<f64>, n: usize) -> (Vec<f64>, Vec<f64>) {
    /// The largest cosine between orthogonal rows.
    const ORTHOGONAL: f64 = 1e-12;
    /// Eigenvalues of at most this part of the matrix's norm are zero.
    const NEGLIGIBLE: f64 = 1e-14;
    const MAX_SWEEPS: usize = 40;
    let total: f64 = dot(&a, &a).sqrt();
    let least = (total * NEGLIGIBLE).powi(2);
    for _ in 0..MAX_SWEEPS {
        let mut turned = false;
        for p in 0..n {
            for q in p + 1..n {
                let (first, second) = a.split_at_mut(q * n);
                let (x, y) = (&mut first[p * n..][..n], &mut second[..n]);
                let (xx, yy, xy) = (dot(x, x), dot(y, y), dot(x, y));
                // The longer row goes first, so that the vectors come out in order.
                if xx >= yy && (xy * xy <= ORTHOGONAL * ORTHOGONAL * xx * yy || yy <= least) {
                    continue;
                }
                turned = true;
                let (c, s) = rotation(xx, yy, xy);
                for (x, y) in x.iter_mut().zip(y) {
                    (*x, *y) = (c * *x + s * *y, c * *y - s * *x);
                }
            }
        }
        if !turned {
            break;
        }
    }
    let values: Vec<f64> = a.chunks_exact(n).map(|row| dot(row, row).sqrt()).collect();
    for (row, value) in a.chunks_exact_mut(n).zip(&values) {
        let scale = if value * value > least { 1.0 / value } else { 0.0 };
        row.iter_mut().for_each(|v| *v *= scale);
    }
    (values, a)
}

/// Cosine and sine of the rotation that makes two rows with these products orthogonal, the longer one first.
fn rotation(xx: f64, yy: f64, xy: f64) -> (f64, f64) {
    let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
    (angle.cos(), angle.sin())
}

/// The scalar product, as eight partial sums in a fixed order.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (a, b) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (a, b) in a.0.iter().zip(b.0) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    let rest: f64 = a.1.iter().zip(b.1).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

/// `to += factor * from`.
pub(super) fn add_scaled(to: &mut [f64], from: &[f64], factor: f64) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += factor * from);
}

/// The index of the value of the largest magnitude, the first of several; none if all values are zero.
pub(super) fn farthest<T: Real>(values: &[T]) -> Option<usize> {
    let mut best = [T::ZERO; 16];
    let (chunks, rest) = values.as_chunks::<16>();
    for chunk in chunks {
        for (best, &v) in best.iter_mut().zip(chunk) {
            *best = larger(v * v, *best);
        }
    }
    let best = best.into_iter().chain(rest.iter().map(|&v| v * v)).fold(T::ZERO, |a, b| larger(b, a));
    if best > T::ZERO { values.iter().position(|&v| v * v == best) } else { None }
}

/// The larger value; the second one if the first is a NaN.
fn larger<T: Real>(a: T, b: T) -> T {
    if a > b { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;
    use srcnn::random::SplitMix64;

    /// `G G'` for a random matrix `G`.
    fn gram(n: usize, rank: usize, seed: u64) -> Vec<f64> {
        let mut random = SplitMix64::new(seed);
        let rows: Vec<f64> = (0..n * rank).map(|_| random.normal()).collect();
        let row = |i: usize| &rows[i * rank..][..rank];
        (0..n * n).map(|at| dot(row(at / n), row(at % n))).collect()
    }

    #[test]
    fn the_value_farthest_from_zero_is_found_wherever_it_is() {
        for n in [1, 15, 16, 17, 40] {
            for at in 0..n {
                let mut values = vec![0.5f32; n];
                values[at] = -2.0;
                assert_eq!(farthest(&values), Some(at));
                values[at] = f32::NAN;
                assert_eq!(farthest(&values), (n > 1).then_some(usize::from(at == 0)));
            }
        }
        assert_eq!(farthest(&[0.0f64; 20]), None);
    }

    #[test]
    fn a_solution_solves() {
        for n in [1, 2, 9, 33] {
            let (a, x) = (gram(n, n + 4, 1), gram(n, 3, 2));
            let mut b: Vec<f64> = (0..n * n).map(|at| dot(&a[at / n * n..][..n], &x[at % n * n..][..n])).collect();
            solve(&mut a.clone(), &mut b, n).expect("positive definite");
            // X' was multiplied, and X is symmetric.
            assert!(b.iter().zip(&x).all(|(b, x)| (b - x).abs() < 1e-7), "{n}");
        }
        assert_eq!(solve(&mut [1.0, 2.0, 2.0, 1.0], &mut [1.0, 1.0], 2), Err(NotDefinite));
        assert_eq!(solve(&mut [f64::NAN], &mut [1.0], 1), Err(NotDefinite));
    }

    #[test]
    fn eigenvectors_are_orthonormal_and_make_up_the_matrix() {
        for (n, rank) in [(1, 1), (5, 5), (24, 7), (24, 40)] {
            let a = gram(n, rank, 3);
            let (values, vectors) = eigen(a.clone(), n);
            assert!(values.windows(2).all(|w| w[0] >= w[1] * (1.0 - 1e-12)), "{values:?}");
            let mut rest = a;
            for (value, vector) in values.iter().zip(vectors.chunks_exact(n)) {
                for (i, row) in rest.chunks_exact_mut(n).enumerate() {
                    add_scaled(row, vector, -value * vector[i]);
                }
            }
            assert!(rest.iter().all(|v| v.abs() < 1e-9 * values[0]), "{n} {rank}");
            assert!((dot(&vectors[..n], &vectors[..n]) - 1.0).abs() < 1e-12);
        }
    }
}
