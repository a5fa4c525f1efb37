//! What a network is: its layers, its weights, and how its input is made. A [`Model`] that exists is valid.

mod architecture;
mod builtin;
mod card;
#[cfg(test)]
mod drawn;
mod facts;

use std::collections::BTreeMap;

use crate::color::LumaRange;
use crate::resample::Convention;
pub use architecture::{Activation, Architecture, ArchitectureError, Input, LayerSpec, Padding};
pub use builtin::{Builtin, UnknownBuiltin};
pub use card::{Card, CardError};
#[cfg(test)]
pub(crate) use drawn::drawn;
pub use facts::Facts;

/// Kernels and biases of one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerWeights {
    /// Output channel, input channel, row, column; applied as a correlation (not flipped).
    pub kernels: Vec<f32>,
    /// One for each output channel.
    pub biases: Vec<f32>,
}

impl LayerWeights {
    /// Refuses weights that are not numbers, or infinite; `layer` counts from 1.
    pub(crate) fn check_finite(&self, layer: usize) -> Result<(), ModelError> {
        let finite = self.kernels.iter().chain(&self.biases).all(|w| w.is_finite());
        if finite { Ok(()) } else { Err(ModelError::NotFinite { layer }) }
    }
}

/// How the input of a network is made from a picture, and what its output means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preprocessing {
    /// The factor by which the pictures that it was trained on had been shrunk.
    pub scale: u32,
    /// How small pictures were enlarged before they went in.
    pub interpolation: Convention,
    /// Where luma lies; of no effect for networks on RGB.
    pub luma: LumaRange,
}

/// A network with weights, and what must be known to use it on a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    name: String,
    architecture: Architecture,
    weights: Vec<LayerWeights>,
    preprocessing: Preprocessing,
    notes: BTreeMap<String, String>,
}

/// Weights do not make a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The layers themselves.
    #[error(transparent)]
    Architecture(#[from] ArchitectureError),
    /// The number of weighted layers.
    #[error("{found} layers of weights for a network of {expected}")]
    Layers {
        /// Layers of the architecture.
        expected: usize,
        /// Layers given.
        found: usize,
    },
    /// The number of kernels' values.
    #[error("layer {layer}: {found} kernel values, {expected} needed")]
    Kernels {
        /// Counted from 1.
        layer: usize,
        /// Values needed.
        expected: usize,
        /// Values given.
        found: usize,
    },
    /// The number of biases.
    #[error("layer {layer}: {found} biases, {expected} needed")]
    Biases {
        /// Counted from 1.
        layer: usize,
        /// Values needed.
        expected: usize,
        /// Values given.
        found: usize,
    },
    /// A weight that is not a number, or infinite.
    #[error("layer {layer}: a weight is not finite")]
    NotFinite {
        /// Counted from 1.
        layer: usize,
    },
    /// A scale of zero, or above 16.
    #[error("a scale of {scale} is not between 1 and 16")]
    Scale {
        /// The scale given.
        scale: u32,
    },
}

impl Model {
    /// Puts a network together. `notes` are further facts for people: they travel with the model and have no effect.
    ///
    /// # Errors
    /// [`ModelError`] if weights and architecture disagree, a weight is not finite, or the scale is not within 1..=16.
    pub fn new(
        name: impl Into<String>,
        architecture: Architecture,
        weights: Vec<LayerWeights>,
        preprocessing: Preprocessing,
        notes: BTreeMap<String, String>,
    ) -> Result<Self, ModelError> {
        let specs = architecture.layers();
        if specs.len() != weights.len() {
            return Err(ModelError::Layers { expected: specs.len(), found: weights.len() });
        }
        for (i, (spec, weights)) in specs.iter().zip(&weights).enumerate() {
            let layer = i + 1;
            let (kernels, biases) = (weights.kernels.len(), weights.biases.len());
            if kernels != spec.kernel_values() {
                return Err(ModelError::Kernels { layer, expected: spec.kernel_values(), found: kernels });
            }
            if biases != spec.outputs {
                return Err(ModelError::Biases { layer, expected: spec.outputs, found: biases });
            }
            weights.check_finite(layer)?;
        }
        if !(1..=16).contains(&preprocessing.scale) {
            return Err(ModelError::Scale { scale: preprocessing.scale });
        }
        Ok(Self { name: name.into(), architecture, weights, preprocessing, notes })
    }

    /// What the model is called, by its card or its file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The layers without their weights.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// The weights of each layer.
    pub fn weights(&self) -> &[LayerWeights] {
        &self.weights
    }

    /// How its input is made.
    pub fn preprocessing(&self) -> &Preprocessing {
        &self.preprocessing
    }

    /// Further facts, by dotted names such as `training.steps`.
    pub fn notes(&self) -> &BTreeMap<String, String> {
        &self.notes
    }
}
