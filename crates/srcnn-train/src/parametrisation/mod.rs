//! What is learnt and the plain network that it stands for.
//!
//! Three changes of variables make learning faster; each folds into ordinary weights exactly:
//! - *residual*: the chain that learns has one filter a channel less in each inner layer, and its output is added to the
//!   input. In the plain network those filters carry the input's centre pixel, lifted by 1 so that no ReLU cuts it.
//! - *whitening*: the first layer's kernels act on patches without their mean, whitened by the patches' own covariance.
//! - *unit*: the last layer's output is in units of the residual's standard deviation.

mod grow;

use std::ops::Range;

use srcnn::model::{Architecture, LayerSpec, LayerWeights};

use crate::linear::Symmetric;

pub use grow::GrowError;

/// Added to samples on their way past the ReLUs: bicubic's overshoot is negative.
const LIFT: f32 = 1.0;

/// What data say of the input, for `precondition`.
#[derive(Clone, Debug)]
pub struct Statistics {
    /// Mean sample.
    pub mean: f64,
    /// Covariance of patches of the first kernel's size: channel, row, column.
    pub covariance: Symmetric,
    /// Standard deviation of what is to be learnt.
    pub unit: f64,
}

/// Added to the variances, so that noise that is not there is not amplified.
const FLOOR: f64 = 1e-4;

#[derive(Clone, Debug)]
struct Whitening {
    mean: f64,
    /// Symmetric, and its inverse.
    matrix: Vec<f64>,
    inverse: Vec<f64>,
}

/// The way from learnt numbers to weights and back. Both are laid out as the parameters of a network of [`Self::layers`].
#[derive(Clone, Debug)]
pub struct Parametrisation {
    plain: Architecture,
    carried: usize,
    layers: Vec<LayerSpec>,
    whitening: Option<Whitening>,
    unit: f64,
}

impl Parametrisation {
    /// For a plain network; `statistics` if learning is preconditioned.
    ///
    /// # Panics
    /// If an inner layer has too few filters to be residual, or the statistics are of other patches.
    pub fn new(plain: Architecture, residual: bool, statistics: Option<&Statistics>) -> Self {
        let (carried, last) = (if residual { plain.input().channels() } else { 0 }, plain.layers().len() - 1);
        let mut layers = plain.layers().to_vec();
        for (i, layer) in layers.iter_mut().enumerate() {
            if i > 0 {
                layer.inputs -= carried;
            }
            if i < last {
                layer.outputs -= carried;
            }
            assert!(layer.inputs > 0 && layer.outputs > 0, "filters are left beside those that carry");
        }
        let whitening = statistics.map(|s| {
            let side = layers[0].inputs * layers[0].kernel * layers[0].kernel;
            assert_eq!(s.covariance.side(), side, "patches of the first layer");
            let [matrix, inverse] = s.covariance.powers([-0.5, 0.5], FLOOR);
            Whitening { mean: s.mean, matrix, inverse }
        });
        let unit = statistics.map_or(1.0, |s| s.unit);
        Self { plain, carried, layers, whitening, unit }
    }

    /// The chain that learns: that of the plain network, without the filters that carry.
    pub fn layers(&self) -> &[LayerSpec] {
        &self.layers
    }

    /// Whether the input is added to the chain's output.
    pub fn residual(&self) -> bool {
        self.carried > 0
    }

    /// Where kernels and biases of each layer lie.
    pub fn ranges(&self) -> Vec<[Range<usize>; 2]> {
        let mut at = 0;
        let ranges = self.layers.iter().map(|layer| {
            let kernels = at..at + layer.kernel_values();
            at = kernels.end + layer.outputs;
            [kernels.clone(), kernels.end..at]
        });
        ranges.collect()
    }

    /// How many numbers are learnt.
    pub fn count(&self) -> usize {
        self.ranges().last().map_or(0, |[_, biases]| biases.end)
    }

    /// The weights that learnt numbers stand for.
    pub fn weights(&self, learnt: &[f32]) -> Vec<f32> {
        self.change(learnt, self.unit, |w, row, _| {
            let row = multiply(&w.matrix, row);
            let gain = -w.mean * row.iter().sum::<f64>();
            (row, gain)
        })
    }

    /// The learnt numbers that stand for weights.
    pub fn learnt(&self, weights: &[f32]) -> Vec<f32> {
        self.change(weights, self.unit.recip(), |w, row, _| {
            (multiply(&w.inverse, row), w.mean * row.iter().sum::<f64>())
        })
    }

    /// The gradient of learnt numbers from that of weights.
    pub fn gradient(&self, weights: &[f32]) -> Vec<f32> {
        self.change(weights, self.unit, |w, row, bias| {
            // The bias takes away the mean of the whitened kernel, so each of its values counts there too.
            let row: Vec<f64> = row.iter().map(|v| v - w.mean * bias).collect();
            (multiply(&w.matrix, &row), 0.0)
        })
    }

    /// Multiplies the last layer by `unit` and changes the first: `first` makes of a filter's kernel and bias its new kernel
    /// and what its bias gains.
    fn change(
        &self,
        values: &[f32],
        unit: f64,
        first: impl Fn(&Whitening, &[f64], f64) -> (Vec<f64>, f64),
    ) -> Vec<f32> {
        let mut out = values.to_vec();
        let ranges = self.ranges();
        if let Some([kernels, biases]) = ranges.last() {
            out[kernels.start..biases.end].iter_mut().for_each(|v| *v = (f64::from(*v) * unit) as f32);
        }
        if let (Some(whitening), Some([kernels, biases])) = (&self.whitening, ranges.first()) {
            let (kernels, biases) = out[kernels.start..biases.end].split_at_mut(kernels.len());
            let side = kernels.len() / biases.len();
            for (kernel, bias) in kernels.chunks_exact_mut(side).zip(biases) {
                let row: Vec<f64> = kernel.iter().map(|v| f64::from(*v)).collect();
                let (row, gain) = first(whitening, &row, f64::from(*bias));
                kernel.iter_mut().zip(&row).for_each(|(out, v)| *out = *v as f32);
                *bias += gain as f32;
            }
        }
        out
    }

    /// The layers of the plain network for weights of the chain.
    pub fn plain(&self, weights: &[f32]) -> Vec<LayerWeights> {
        let last = self.layers.len() - 1;
        let chain = self.layers.iter().zip(self.plain.layers()).zip(self.ranges()).enumerate();
        chain
            .map(|(i, ((layer, plain), [kernels, biases]))| {
                let area = plain.kernel * plain.kernel;
                let mut out = LayerWeights { kernels: Vec::new(), biases: weights[biases].to_vec() };
                for filter in weights[kernels].chunks_exact(layer.inputs * area) {
                    out.kernels.extend(filter);
                    out.kernels.resize(out.kernels.len() + (plain.inputs - layer.inputs) * area, 0.0);
                }
                out.biases.resize(plain.outputs, 0.0);
                out.kernels.resize(plain.kernel_values(), 0.0);
                for c in 0..self.carried {
                    let filter = if i < last { layer.outputs + c } else { c };
                    let input = if i > 0 { layer.inputs + c } else { c };
                    out.kernels[(filter * plain.inputs + input) * area + area / 2] = 1.0;
                    out.biases[filter] += if i == 0 { LIFT } else { 0.0 } - if i == last { LIFT } else { 0.0 };
                }
                out
            })
            .collect()
    }
}

/// `row` times a symmetric matrix.
fn multiply(matrix: &[f64], row: &[f64]) -> Vec<f64> {
    matrix.chunks_exact(row.len()).map(|m| m.iter().zip(row).map(|(a, b)| a * b).sum()).collect()
}

#[cfg(test)]
mod tests;
