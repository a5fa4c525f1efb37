//! The mapping from trained parameters to weights and back.

use std::ops::Range;

use srcnn::model::{Architecture, LayerSpec, LayerWeights};

use crate::linear::Symmetric;

/// Added to samples that pass ReLUs: overshoot of bicubic interpolation is negative.
pub(super) const LIFT: f32 = 1.0;

/// Statistics of the training data, for `precondition`.
#[derive(Clone, Debug)]
pub struct Statistics {
    /// Mean sample.
    pub mean: f64,
    /// Covariance of patches of the first kernel's size, in the order channel, row, column.
    pub covariance: Symmetric,
    /// Standard deviation of the target.
    pub unit: f64,
}

/// Added to the variances, which bounds the gain of directions of little variance.
const FLOOR: f64 = 1e-4;

/// Whitening of patches.
#[derive(Clone, Debug)]
struct Whitening {
    mean: f64,
    /// The whitening matrix, which is symmetric.
    matrix: Vec<f64>,
    inverse: Vec<f64>,
}

/// The mapping from trained parameters to weights. Both have the order of the parameters of a network of [`Self::layers`].
#[derive(Clone, Debug)]
pub struct Parametrisation {
    pub(super) plain: Architecture,
    /// Channels of the input that filters of inner layers pass on.
    pub(super) carried: usize,
    pub(super) layers: Vec<LayerSpec>,
    whitening: Option<Whitening>,
    unit: f64,
}

impl Parametrisation {
    /// The mapping for a plain network; with `statistics`, training is preconditioned.
    ///
    /// # Panics
    /// If an inner layer has too few filters for a residual network, or the statistics are of patches of another size.
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

    /// The layers of the trained chain: those of the plain network without the filters that pass on the input.
    pub fn layers(&self) -> &[LayerSpec] {
        &self.layers
    }

    /// Whether the input is added to the output of the chain.
    pub fn residual(&self) -> bool {
        self.carried > 0
    }

    /// The ranges of each layer's kernels and biases.
    pub fn ranges(&self) -> Vec<[Range<usize>; 2]> {
        let mut at = 0;
        let ranges = self.layers.iter().map(|layer| {
            let kernels = at..at + layer.kernel_values();
            at = kernels.end + layer.outputs;
            [kernels.clone(), kernels.end..at]
        });
        ranges.collect()
    }

    /// Number of trained parameters.
    pub fn count(&self) -> usize {
        self.ranges().last().map_or(0, |[_, biases]| biases.end)
    }

    /// The weights of the chain for trained parameters.
    pub fn weights(&self, learnt: &[f32]) -> Vec<f32> {
        self.change(learnt, self.unit, |w, row, _| {
            let row = multiply(&w.matrix, row);
            let gain = -w.mean * row.iter().sum::<f64>();
            (row, gain)
        })
    }

    /// The trained parameters for weights of the chain.
    pub fn learnt(&self, weights: &[f32]) -> Vec<f32> {
        self.change(weights, self.unit.recip(), |w, row, _| {
            (multiply(&w.inverse, row), w.mean * row.iter().sum::<f64>())
        })
    }

    /// The gradient of the trained parameters, given that of the weights.
    pub fn gradient(&self, weights: &[f32]) -> Vec<f32> {
        self.change(weights, self.unit, |w, row, bias| {
            // The bias contains minus the mean times each value of the whitened kernel.
            let row: Vec<f64> = row.iter().map(|v| v - w.mean * bias).collect();
            (multiply(&w.matrix, &row), 0.0)
        })
    }

    /// Multiplies the last layer by `unit` and maps the first one: `first` takes a filter's kernel and bias, and gives the new
    /// kernel and the change of the bias.
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

    /// The weights of the plain network for weights of the chain.
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

/// The product of a row and a symmetric matrix.
fn multiply(matrix: &[f64], row: &[f64]) -> Vec<f64> {
    matrix.chunks_exact(row.len()).map(|m| m.iter().zip(row).map(|(a, b)| a * b).sum()).collect()
}
