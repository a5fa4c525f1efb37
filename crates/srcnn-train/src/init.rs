//! Fresh weights, as the paper, Keras and He et al. draw them.

use serde::{Deserialize, Serialize};
use srcnn::model::{Activation, Architecture, LayerSpec, LayerWeights, Model, ModelError, Preprocessing};
use srcnn::random::SplitMix64;

/// Standard deviation of [`Init::Gaussian`].
const SIGMA: f64 = 0.001;

/// Distribution of fresh weights; biases are zero. A fan is kernel area times channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Init {
    /// Normal with a standard deviation of 0.001: the paper.
    Gaussian,
    /// Uniform within `sqrt(6 / (fan_in + fan_out))`: Keras (Glorot and Bengio 2010).
    GlorotUniform,
    /// Normal with a standard deviation of `sqrt(2 / fan_in)` before ReLU, else `sqrt(1 / fan_in)` (He et al. 2015). In
    /// training, the last layer begins at a tenth of it.
    He,
}

impl Init {
    /// A model with fresh weights: the same for the same seed, on every machine.
    ///
    /// # Errors
    /// [`ModelError::Scale`].
    pub fn model(
        self,
        name: impl Into<String>,
        architecture: Architecture,
        seed: u64,
        preprocessing: Preprocessing,
    ) -> Result<Model, ModelError> {
        let weights = self.weights(&architecture, seed);
        Model::new(name, architecture, weights, preprocessing, Default::default())
    }

    /// Draws the weights of every layer, in the order of layers and of their kernel values.
    pub fn weights(self, architecture: &Architecture, seed: u64) -> Vec<LayerWeights> {
        let mut random = SplitMix64::new(seed);
        architecture
            .layers()
            .iter()
            .map(|spec| LayerWeights {
                kernels: (0..spec.kernel_values()).map(|_| self.draw(spec, &mut random) as f32).collect(),
                biases: vec![0.0; spec.outputs],
            })
            .collect()
    }

    /// Draws one weight of a layer.
    pub fn draw(self, spec: &LayerSpec, random: &mut SplitMix64) -> f64 {
        match self {
            Self::Gaussian => SIGMA * random.normal(),
            Self::GlorotUniform => {
                let fans = spec.kernel * spec.kernel * (spec.inputs + spec.outputs);
                (2.0 * random.unit() - 1.0) * (6.0 / fans as f64).sqrt()
            }
            Self::He => {
                let gain = if spec.activation == Activation::Relu { 2.0 } else { 1.0 };
                let fan_in = spec.kernel * spec.kernel * spec.inputs;
                (gain / fan_in as f64).sqrt() * random.normal()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_layer(init: Init, seed: u64) -> Vec<f32> {
        let architecture = Architecture::named("srcnn-keras").expect("named");
        init.weights(&architecture, seed).swap_remove(0).kernels
    }

    #[test]
    fn glorot_fills_its_interval_and_gaussian_has_its_spread() {
        let limit = (6.0f32 / (81.0 + 81.0 * 128.0)).sqrt();
        let glorot = first_layer(Init::GlorotUniform, 1);
        let largest = glorot.iter().fold(0.0f32, |m, w| m.max(w.abs()));
        assert!(largest <= limit && largest > 0.99 * limit);
        let gaussian = first_layer(Init::Gaussian, 1);
        let n = gaussian.len() as f32;
        let mean = gaussian.iter().sum::<f32>() / n;
        let deviation = (gaussian.iter().map(|w| (w - mean).powi(2)).sum::<f32>() / n).sqrt();
        assert!(mean.abs() < 4e-5 && (deviation - 0.001).abs() < 3e-5, "{mean} {deviation}");
    }

    #[test]
    fn a_seed_repeats_and_another_differs() {
        assert_eq!(first_layer(Init::GlorotUniform, 7), first_layer(Init::GlorotUniform, 7));
        assert_ne!(first_layer(Init::GlorotUniform, 7), first_layer(Init::GlorotUniform, 8));
    }
}
