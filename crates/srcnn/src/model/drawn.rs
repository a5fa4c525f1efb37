//! Networks of random weights, for tests.

use super::architecture::Architecture;
use super::{LayerWeights, Model, Preprocessing};
use crate::random::SplitMix64;

/// A model whose weights are uniform within Glorot's bound, biases zero: the same for the same seed.
pub(crate) fn drawn(architecture: Architecture, seed: u64, preprocessing: Preprocessing) -> Model {
    let mut random = SplitMix64::new(seed);
    let layers = architecture.layers().iter().map(|spec| {
        let bound = (6.0 / (spec.kernel * spec.kernel * (spec.inputs + spec.outputs)) as f64).sqrt();
        let kernels = (0..spec.kernel_values()).map(|_| ((2.0 * random.unit() - 1.0) * bound) as f32);
        LayerWeights { kernels: kernels.collect(), biases: vec![0.0; spec.outputs] }
    });
    let weights = layers.collect();
    Model::new("drawn", architecture, weights, preprocessing, Default::default()).expect("finite weights that fit")
}
