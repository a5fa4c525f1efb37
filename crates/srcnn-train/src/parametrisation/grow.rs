//! Growing a network: trained parameters from the weights of a smaller network with the same function.

use srcnn::model::{LayerWeights, Model};
use srcnn::random::SplitMix64;

use super::mapping::{LIFT, Parametrisation};

/// A network cannot be grown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GrowError {
    /// The layers differ in number or activation, or are larger.
    #[error("{found} cannot grow into {wanted}: it has another input, other layers, or larger ones")]
    Shape {
        /// The smaller network.
        found: String,
        /// The larger one.
        wanted: String,
    },
    /// The filters that pass on the input, which residual training needs, are missing.
    #[error(
        "its last filters do not carry the input past the ReLUs, so it was not trained as residual; set residual to false"
    )]
    NotResidual,
}

/// Noise on copied filters, relative to the root mean square of the layer's kernels; without it copies would stay equal.
const NOISE: f64 = 0.03;

/// Distinguishes the random numbers of growing from others of the same seed.
const STREAM: u64 = 0x6720;

impl Parametrisation {
    /// The trained parameters of `model`, grown to this network: kernels are padded with zeros, missing filters are copies, and
    /// the weights that read a filter are divided among its copies.
    ///
    /// # Errors
    /// [`GrowError`].
    pub fn grow(&self, model: &Model, seed: u64) -> Result<Vec<f32>, GrowError> {
        let wanted = &self.plain;
        let shape = |found: String| GrowError::Shape { found, wanted: wanted.to_string() };
        let found = model.architecture().ok_or_else(|| shape(model.name().to_owned()))?;
        let layers = || found.layers().iter().zip(wanted.layers());
        let fits = found.input() == wanted.input()
            && found.layers().len() == wanted.layers().len()
            && layers().all(|(f, w)| f.kernel <= w.kernel && f.outputs <= w.outputs && f.activation == w.activation);
        if !fits {
            return Err(shape(found.to_string()));
        }
        let (mut random, last) = (SplitMix64::of(&[seed, STREAM]), self.layers.len() - 1);
        let mut out = Vec::with_capacity(self.count());
        // For each input channel: the channel of `model` that it copies, and the number of copies.
        let mut sources: Vec<(usize, usize)> = (0..wanted.input().channels()).map(|c| (c, 1)).collect();
        let mut carries = true;
        for (i, (layer, from)) in self.layers.iter().zip(found.layers()).enumerate() {
            let LayerWeights { kernels, biases } = &model.weights()[i];
            let kernel = |filter: usize, input: usize| {
                let area = from.kernel * from.kernel;
                &kernels[(filter * from.inputs + input) * area..][..area]
            };
            let carried = |layer: usize| if layer < last { self.carried } else { 0 };
            let have = from.outputs - carried(i);
            for c in 0..self.carried {
                let filter = if i < last { have + c } else { c };
                let input = if i > 0 { from.inputs - self.carried + c } else { c };
                let taps = kernel(filter, input);
                carries &= taps.iter().enumerate().all(|(k, v)| *v == f32::from(u8::from(k == taps.len() / 2)));
                carries &= i > 0 || biases[filter] == LIFT;
            }
            let mean_square = kernels.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / kernels.len() as f64;
            let noise = NOISE * mean_square.sqrt();
            let (margin, side) = ((layer.kernel - from.kernel) / 2, layer.kernel);
            let filters: Vec<usize> = (0..layer.outputs).map(|filter| filter % have).collect();
            for (filter, &source) in filters.iter().enumerate() {
                for &(input, sharers) in &sources {
                    let taps = kernel(source, input);
                    for at in 0..side * side {
                        let (y, x) = ((at / side).wrapping_sub(margin), (at % side).wrapping_sub(margin));
                        let inside = y < from.kernel && x < from.kernel;
                        let value = if inside { taps[y * from.kernel + x] / sharers as f32 } else { 0.0 };
                        let copy = if filter >= have { (noise * random.normal()) as f32 } else { 0.0 };
                        out.push(value + copy);
                    }
                }
            }
            let lift = if i == last { LIFT } else { 0.0 };
            let residual = self.carried > 0;
            out.extend(filters.iter().map(|&source| biases[source] + if residual { lift } else { 0.0 }));
            let sharers = |source| filters.iter().filter(|s| **s == source).count();
            sources = filters.iter().map(|&source| (source, sharers(source))).collect();
        }
        if !carries {
            return Err(GrowError::NotResidual);
        }
        Ok(self.learnt(&out))
    }
}
