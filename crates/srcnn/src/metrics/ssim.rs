//! Structural similarity (Wang, Bovik, Sheikh, Simoncelli 2004): K = (0.01, 0.03), L = 255, the mean over every
//! position at which the window lies inside the picture.

use super::error::MetricError;
use crate::Size;
use crate::image::Pixels;
use crate::parallel;
use crate::plane::Plane;

/// The weights of local means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// 11x11, Gaussian of sigma 1.5, population covariance: the authors of SSIM.
    Gaussian,
    /// 7x7, flat, sample covariance: scikit-image's default.
    Uniform,
}

impl Window {
    /// The weights along one axis, and the factor of the variances.
    fn weights(self) -> (Vec<f64>, f64) {
        match self {
            Self::Gaussian => {
                let bell: Vec<f64> = (-5..=5).map(|d| (-f64::from(d * d) / (2.0 * 1.5 * 1.5)).exp()).collect();
                let sum: f64 = bell.iter().sum();
                (bell.iter().map(|w| w / sum).collect(), 1.0)
            }
            Self::Uniform => (vec![1.0 / 7.0; 7], 49.0 / 48.0),
        }
    }
}

/// The mean over channels and positions.
pub(super) fn mean_ssim(reference: &Pixels<u8>, other: &Pixels<u8>, window: Window) -> Result<f64, MetricError> {
    let (weights, correction) = window.weights();
    let Size { width, height } = reference.size();
    let side = weights.len();
    if width < side || height < side {
        return Err(MetricError::Window { width, height, window: side });
    }
    let channels = reference.channels();
    let sum: f64 = (0..channels)
        .map(|c| {
            let (a, b) = (reference.channel_map(c, f64::from), other.channel_map(c, f64::from));
            // Collected first: the order of the sum must not depend on threads.
            let rows = parallel::map(0..height - side + 1, |y| row_sum(&a, &b, y, &weights, correction));
            rows.iter().sum::<f64>()
        })
        .sum();
    Ok(sum / (channels * (width - side + 1) * (height - side + 1)) as f64)
}

/// The sum over the windows whose top row is `y`.
fn row_sum(a: &Plane<f64>, b: &Plane<f64>, y: usize, weights: &[f64], correction: f64) -> f64 {
    const C1: f64 = (0.01 * 255.0) * (0.01 * 255.0);
    const C2: f64 = (0.03 * 255.0) * (0.03 * 255.0);
    // Weighted down the columns: a, b, a a, b b, a b.
    let mut columns = vec![[0.0; 5]; a.width()];
    for (k, weight) in weights.iter().enumerate() {
        for (sums, (a, b)) in columns.iter_mut().zip(a.row(y + k).iter().zip(b.row(y + k))) {
            for (sum, term) in sums.iter_mut().zip([*a, *b, a * a, b * b, a * b]) {
                *sum += weight * term;
            }
        }
    }
    columns
        .windows(weights.len())
        .map(|columns| {
            let mut m = [0.0; 5];
            for (weight, sums) in weights.iter().zip(columns) {
                for (m, sum) in m.iter_mut().zip(sums) {
                    *m += weight * sum;
                }
            }
            let [ma, mb, aa, bb, ab] = m;
            let (va, vb) = (correction * (aa - ma * ma), correction * (bb - mb * mb));
            let covariance = correction * (ab - ma * mb);
            ((2.0 * ma * mb + C1) * (2.0 * covariance + C2)) / ((ma * ma + mb * mb + C1) * (va + vb + C2))
        })
        .sum()
}
