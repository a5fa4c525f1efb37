//! A network: layers, weights, and how its input is made from a picture.

use std::collections::BTreeMap;

use super::architecture::{Architecture, ArchitectureError};
use super::graph::{Graph, GraphError, MAX_SCALE};
use super::layer::Input;
use crate::color::LumaRange;
use crate::resample::Convention;

/// Weights of one layer, or of an operation of a graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayerWeights {
    /// Kernels, in the order output channel, input channel, row, column, applied as a correlation (not flipped); or one slope or
    /// factor for each channel.
    pub kernels: Vec<f32>,
    /// A bias or summand for each output channel.
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
    /// Factor by which the training pictures were shrunk: 1 to 16. That of the network, if it enlarges itself.
    pub scale: u32,
    /// Convention by which small pictures are enlarged before they go in; without effect for networks that enlarge themselves.
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
/// assert_eq!(model.architecture().map(ToString::to_string).as_deref(), Some("9-5-5:64-32"));
/// assert_eq!(model.preprocessing().scale, 3);
/// # Ok::<(), srcnn::weights::UnknownBuiltin>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    name: String,
    input: Input,
    graph: Graph,
    /// The graph as a chain of layers, if it is one.
    architecture: Option<Architecture>,
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
    /// The operations do not make a network.
    #[error(transparent)]
    Graph(#[from] GraphError),
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
    /// A network on other channels than those of its color planes.
    #[error("{inputs} channels go in and {outputs} come out, {expected} are needed")]
    Channels {
        /// Channels of the color planes.
        expected: usize,
        /// Channels that go in.
        inputs: usize,
        /// Channels that come out.
        outputs: usize,
    },
    /// The scale is zero or too large, or not that of a network that enlarges itself.
    #[error("a scale of {scale} is not between 1 and {MAX_SCALE}")]
    Scale {
        /// Scale given.
        scale: u32,
    },
}

impl Model {
    /// Puts a chain of layers together. `notes` are metadata for people under dotted names such as `training.steps`; they are kept
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
        let graph = Graph::from(&architecture);
        let model = Self::of_graph(name, architecture.input(), graph, weights, preprocessing, notes)?;
        Ok(Self { architecture: Some(architecture), ..model })
    }

    /// Puts a graph together with the weights of each of its operations that has any, and the color planes that go in and come
    /// out. `notes` as for [`Model::new`].
    ///
    /// # Errors
    /// [`ModelError`] if weights and graph disagree, a weight is not finite, the graph has other channels than the color planes, or
    /// the scale is not within 1..=16, or not that of a graph that enlarges.
    pub fn of_graph(
        name: impl Into<String>,
        input: Input,
        graph: Graph,
        weights: Vec<LayerWeights>,
        preprocessing: Preprocessing,
        notes: BTreeMap<String, String>,
    ) -> Result<Self, ModelError> {
        let counts: Vec<_> = graph.weight_counts().collect();
        if counts.len() != weights.len() {
            return Err(ModelError::Layers { expected: counts.len(), found: weights.len() });
        }
        for (i, (counts, weights)) in counts.iter().zip(&weights).enumerate() {
            let layer = i + 1;
            let (kernels, biases) = (weights.kernels.len(), weights.biases.len());
            if kernels != counts.kernels {
                return Err(ModelError::Kernels { layer, expected: counts.kernels, found: kernels });
            }
            if biases != counts.biases {
                return Err(ModelError::Biases { layer, expected: counts.biases, found: biases });
            }
            weights.check_finite(layer)?;
        }
        let (expected, inputs, outputs) = (input.channels(), graph.channels(), graph.output_channels());
        if inputs != expected || outputs != expected {
            return Err(ModelError::Channels { expected, inputs, outputs });
        }
        let scale = preprocessing.scale;
        let is_own = graph.scale() == 1 || graph.scale() == scale as usize;
        if !(1..=MAX_SCALE).contains(&scale) || !is_own {
            return Err(ModelError::Scale { scale });
        }
        let architecture = Architecture::of_graph(input, &graph);
        Ok(Self { name: name.into(), input, graph, architecture, weights, preprocessing, notes })
    }

    /// Name from the card or file, or as the caller gave it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Color planes that go in and come out.
    pub fn input(&self) -> Input {
        self.input
    }

    /// The network without its weights.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The network as a chain of layers at one size, as SRCNN is; none if it is anything else.
    pub fn architecture(&self) -> Option<&Architecture> {
        self.architecture.as_ref()
    }

    /// Weights of each operation that has any, first to last: of each layer of a chain.
    pub fn weights(&self) -> &[LayerWeights] {
        &self.weights
    }

    /// Whether the network itself enlarges; otherwise its input is interpolated to the size of the result.
    pub fn enlarges(&self) -> bool {
        self.graph.scale() > 1
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
