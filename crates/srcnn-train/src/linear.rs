//! Symmetric matrices: covariance and matrix powers.

/// A symmetric matrix, stored in full.
#[derive(Clone, Debug)]
pub struct Symmetric {
    side: usize,
    values: Vec<f64>,
}

impl Symmetric {
    /// The covariance of samples of `side` values each.
    ///
    /// # Panics
    /// If there is no sample, or the last one is incomplete.
    pub fn covariance(side: usize, samples: &[f64]) -> Self {
        let count = samples.len() / side;
        assert!(count > 0 && samples.len() == count * side, "whole samples");
        let mut mean = vec![0.0; side];
        for sample in samples.chunks_exact(side) {
            mean.iter_mut().zip(sample).for_each(|(m, v)| *m += v / count as f64);
        }
        let mut values = vec![0.0; side * side];
        for sample in samples.chunks_exact(side) {
            let centred: Vec<f64> = sample.iter().zip(&mean).map(|(v, m)| v - m).collect();
            for (row, a) in values.chunks_exact_mut(side).zip(&centred) {
                row.iter_mut().zip(&centred).for_each(|(sum, b)| *sum += a * b / count as f64);
            }
        }
        Self { side, values }
    }

    /// Number of rows and of columns.
    pub fn side(&self) -> usize {
        self.side
    }

    /// Powers of the matrix after `floor` was added to its eigenvalues.
    pub fn powers<const N: usize>(&self, exponents: [f64; N], floor: f64) -> [Vec<f64>; N] {
        let (values, vectors) = self.eigen();
        let n = self.side;
        exponents.map(|exponent| {
            let mut out = vec![0.0; n * n];
            for (value, vector) in values.iter().zip(vectors.chunks_exact(n)) {
                let factor = (value.max(0.0) + floor).powf(exponent);
                for (row, a) in out.chunks_exact_mut(n).zip(vector) {
                    row.iter_mut().zip(vector).for_each(|(sum, b)| *sum += factor * a * b);
                }
            }
            out
        })
    }

    /// Eigenvalues and eigenvectors (as rows) by Jacobi rotations (Golub and Van Loan, section 8.5).
    fn eigen(&self) -> (Vec<f64>, Vec<f64>) {
        let n = self.side;
        let mut a = self.values.clone();
        let mut vectors = vec![0.0; n * n];
        (0..n).for_each(|i| vectors[i * n + i] = 1.0);
        let size: f64 = a.iter().map(|v| v * v).sum();
        for _ in 0..SWEEPS {
            let off: f64 = (0..n * n).filter(|at| at / n != at % n).map(|at| a[at] * a[at]).sum();
            if off <= size * CONVERGED {
                break;
            }
            for p in 0..n {
                for q in p + 1..n {
                    rotate(&mut a, &mut vectors, n, p, q);
                }
            }
        }
        ((0..n).map(|i| a[i * n + i]).collect(), vectors)
    }
}

/// The limit of sweeps. Convergence is quadratic, and ten are enough for covariances.
const SWEEPS: usize = 30;

/// Off-diagonal squares of a converged matrix, relative to all squares.
const CONVERGED: f64 = 1e-26;

/// The rotation that makes `a[p][q]` zero.
fn rotate(a: &mut [f64], vectors: &mut [f64], n: usize, p: usize, q: usize) {
    let off = a[p * n + q];
    if off == 0.0 {
        return;
    }
    let ratio = (a[q * n + q] - a[p * n + p]) / (2.0 * off);
    let tangent = ratio.signum() / (ratio.abs() + (1.0 + ratio * ratio).sqrt());
    let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
    let sine = tangent * cosine;
    let turn = |x: &mut f64, y: &mut f64| (*x, *y) = (cosine * *x - sine * *y, sine * *x + cosine * *y);
    let rows = |matrix: &mut [f64]| {
        let (upper, lower) = matrix.split_at_mut(q * n);
        upper[p * n..][..n].iter_mut().zip(&mut lower[..n]).for_each(|(x, y)| turn(x, y));
    };
    rows(a);
    rows(vectors);
    for row in a.chunks_exact_mut(n) {
        let (left, right) = row.split_at_mut(q);
        turn(&mut left[p], &mut right[0]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use srcnn::random::SplitMix64;

    #[test]
    fn powers_undo_each_other_and_whiten() {
        let (n, mut random) = (12, SplitMix64::new(3));
        let samples: Vec<f64> = (0..n * 200).map(|i| random.normal() + (i % n) as f64 * random.unit()).collect();
        let matrix = Symmetric::covariance(n, &samples);
        let [inverse_root, root, one] = matrix.powers([-0.5, 0.5, 1.0], 0.0);
        let product = |a: &[f64], b: &[f64]| -> Vec<f64> {
            (0..n * n).map(|at| (0..n).map(|k| a[at / n * n + k] * b[k * n + at % n]).sum()).collect()
        };
        let near = |a: &[f64], b: &dyn Fn(usize) -> f64| {
            (0..n * n).all(|at| (a[at] - b(at)).abs() < 1e-12 * f64::from(1u32 << 10))
        };
        let identity = |at: usize| f64::from(u8::from(at / n == at % n));
        assert!(near(&one, &|at| matrix.values[at]));
        assert!(near(&product(&inverse_root, &root), &identity));
        let whitened = product(&product(&inverse_root, &matrix.values), &inverse_root);
        assert!(near(&whitened, &identity));
    }
}
