//! Fresh weights, as Keras and as the paper draw them.

use super::LayerWeights;
use super::architecture::{Architecture, LayerSpec};

/// How weights begin; biases are zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    /// Uniform within `sqrt(6 / (fan_in + fan_out))`, a fan being kernel area times channels: Keras (Glorot, Bengio 2010).
    GlorotUniform,
    /// Normal with this standard deviation: the paper, with 0.001.
    Gaussian(f64),
}

impl Init {
    /// Draws the weights of every layer, in the order of layers and of their kernels' values.
    pub(super) fn weights(self, architecture: &Architecture, seed: u64) -> Vec<LayerWeights> {
        let mut random = SplitMix64(seed);
        architecture
            .layers()
            .iter()
            .map(|spec| LayerWeights {
                kernels: (0..spec.kernel_values()).map(|_| self.draw(spec, &mut random) as f32).collect(),
                biases: vec![0.0; spec.outputs],
            })
            .collect()
    }

    fn draw(self, spec: &LayerSpec, random: &mut SplitMix64) -> f64 {
        match self {
            Self::GlorotUniform => {
                let fans = spec.kernel * spec.kernel * (spec.inputs + spec.outputs);
                (2.0 * random.unit() - 1.0) * (6.0 / fans as f64).sqrt()
            }
            Self::Gaussian(sigma) => {
                // Box and Muller 1958; 1 - unit is never zero.
                let radius = (-2.0 * (1.0 - random.unit()).ln()).sqrt();
                sigma * radius * (std::f64::consts::TAU * random.unit()).cos()
            }
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and fixed for ever, so that a seed means the same in every version.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in 0.0..1.0, 53 bits.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
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
    fn the_generator_is_the_published_one() {
        // First outputs for seed 1234567, from the reference implementation.
        let mut random = SplitMix64(1_234_567);
        assert_eq!([random.next(), random.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    #[test]
    fn glorot_fills_its_interval_and_gaussian_has_its_spread() {
        let limit = (6.0f32 / (81.0 + 81.0 * 128.0)).sqrt();
        let glorot = first_layer(Init::GlorotUniform, 1);
        let largest = glorot.iter().fold(0.0f32, |m, w| m.max(w.abs()));
        assert!(largest <= limit && largest > 0.99 * limit);
        let gaussian = first_layer(Init::Gaussian(0.001), 1);
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
