//! A network: layers, weights, and how its input is made from a picture.

use std::collections::BTreeMap;

use super::architecture::{Architecture, ArchitectureError};
use crate::color::LumaRange;
use crate::resample::Convention;

/// Largest factor of a single network.
pub(crate) const MAX_SCALE: u32 = 16;

/// Kernels and biases of one layer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayerWeights {
    /// Order: output channel, input channel, row, column. Applied as a correlation (not flipped).
    pub kernels: Vec<f32>,
    /// One for each output channel.
    pub biases: Vec<f32>,
}

impl LayerWeights {
    /// Refuses NaN and infinities. `layer` counts from 1.
    ///
    /// # Errors
    /// [`ModelError::NotFinite`].
    pub(crate) fn check_finite(&self, layer: usize) -> Result<(), ModelError> {
        let finite = self.kernels.iter().chain(&self.biases).all(|w| w.is_finite());
        if finite { Ok(()) } else { Err(ModelError::NotFinite { layer }) }
    }
}

/// How the input of a network is made from a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preprocessing {
    /// Factor by which the training pictures were shrunk: 1 to 16.
    pub scale: u32,
    /// Convention by which small pictures are enlarged before they go in.
    pub interpolation: Convention,
    /// Range of luma; without effect for networks on RGB.
    pub luma: LumaRange,
}

/// A network with its weights and preprocessing.
///
/// ```
/// use srcnn::Model;
///
/// let model = Model::builtin("srcnn-955", 3)?;
/// assert_eq!(model.architecture().to_string(), "9-5-5:64-32");
/// assert_eq!(model.preprocessing().scale, 3);
/// # Ok::<(), srcnn::weights::UnknownBuiltin>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    name: String,
    architecture: Architecture,
    weights: Vec<LayerWeights>,
    preprocessing: Preprocessing,
    notes: BTreeMap<String, String>,
}

/// Layers, weights and preprocessing that do not make a model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The layers do not make a network.
    #[error(transparent)]
    Architecture(#[from] ArchitectureError),
    /// There are more or fewer layers of weights than layers.
    #[error("{found} layers of weights for a network of {expected}")]
    Layers {
        /// Layers of the architecture.
        expected: usize,
        /// Layers given.
        found: usize,
    },
    /// A layer has the wrong number of kernel values.
    #[error("layer {layer}: {found} kernel values, {expected} needed")]
    Kernels {
        /// Layer, counted from 1.
        layer: usize,
        /// Values needed.
        expected: usize,
        /// Values given.
        found: usize,
    },
    /// A layer has the wrong number of biases.
    #[error("layer {layer}: {found} biases, {expected} needed")]
    Biases {
        /// Layer, counted from 1.
        layer: usize,
        /// Values needed.
        expected: usize,
        /// Values given.
        found: usize,
    },
    /// A weight is NaN or infinite.
    #[error("layer {layer}: a weight is not finite")]
    NotFinite {
        /// Layer, counted from 1.
        layer: usize,
    },
    /// The scale is zero or too large.
    #[error("a scale of {scale} is not between 1 and {MAX_SCALE}")]
    Scale {
        /// Scale given.
        scale: u32,
    },
}

impl Model {
    /// Puts a model together. `notes` are metadata for people under dotted names such as `training.steps`; they are kept
    /// and written, and have no effect.
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
        if !(1..=MAX_SCALE).contains(&preprocessing.scale) {
            return Err(ModelError::Scale { scale: preprocessing.scale });
        }
        Ok(Self { name: name.into(), architecture, weights, preprocessing, notes })
    }

    /// Name from the card or file, or as the caller gave it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Layers without their weights.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// Weights of each layer, first to last.
    pub fn weights(&self) -> &[LayerWeights] {
        &self.weights
    }

    /// How the input is made from a picture.
    pub fn preprocessing(&self) -> &Preprocessing {
        &self.preprocessing
    }

    /// Metadata for people, by dotted names such as `training.steps`.
    pub fn notes(&self) -> &BTreeMap<String, String> {
        &self.notes
    }
}
