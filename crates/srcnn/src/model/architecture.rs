//! A network's layers without their weights, checked to fit one another when built.

use std::fmt;
use std::str::FromStr;

use super::layer::{Activation, Input, LayerSpec, Padding};

/// A chain of convolutions whose first layer takes, and whose last layer returns, the channels of its [`Input`].
///
/// ```
/// use srcnn::model::Architecture;
///
/// let architecture: Architecture = "9-1-5:64-32".parse()?;
/// assert_eq!(architecture.parameters(), 8129);
/// # Ok::<(), srcnn::model::ArchitectureError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Architecture {
    input: Input,
    layers: Vec<LayerSpec>,
}

/// Layers that do not make a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArchitectureError {
    /// There is no layer.
    #[error("a network has at least one layer")]
    Empty,
    /// There are too many layers.
    #[error("{found} layers; {MAX_LAYERS} are possible")]
    Layers {
        /// Number of layers.
        found: usize,
    },
    /// There are too many weights.
    #[error("{found} weights; {MAX_PARAMETERS} are possible")]
    Parameters {
        /// Number of weights and biases.
        found: usize,
    },
    /// A list has not one entry a layer (filters: one fewer).
    #[error("{found} {what}, {expected} needed")]
    PerLayer {
        /// The entries: `filters`, `paddings` or `activations`.
        what: &'static str,
        /// Entries needed.
        expected: usize,
        /// Entries given.
        found: usize,
    },
    /// A kernel size is even, zero or too large.
    #[error("layer {layer}: a kernel of {kernel}x{kernel}; odd sizes from 1 to {MAX_KERNEL} are possible")]
    Kernel {
        /// Layer, counted from 1.
        layer: usize,
        /// Rows and columns.
        kernel: usize,
    },
    /// A layer has no filters, or too many.
    #[error("layer {layer}: {filters} filters; 1 to {MAX_FILTERS} are possible")]
    Filters {
        /// Layer, counted from 1.
        layer: usize,
        /// Number of filters.
        filters: usize,
    },
    /// A layer takes another number of channels than the layer before it returns.
    #[error("layer {layer}: takes {found} channels, but {expected} come in")]
    Chain {
        /// Layer, counted from 1.
        layer: usize,
        /// Channels that the layer before returns.
        expected: usize,
        /// Channels that the layer takes.
        found: usize,
    },
    /// The last layer returns another number of channels than the first takes.
    #[error("the last layer gives {found} channels, {expected} are needed")]
    Output {
        /// Channels needed.
        expected: usize,
        /// Channels that the last layer returns.
        found: usize,
    },
    /// The text is neither a name nor sizes and filters.
    #[error("`{text}` describes no network; write sizes and filters, such as 9-5-5:64-32")]
    Syntax {
        /// The text.
        text: String,
    },
}

// Bounds far beyond any published network; they keep sums of sizes within `usize` and hostile files within memory.
const MAX_KERNEL: usize = 63;
const MAX_FILTERS: usize = 4096;
const MAX_LAYERS: usize = 64;
const MAX_PARAMETERS: usize = 1 << 28;

/// Named architectures: name, kernel sizes, filters.
const NAMED: [(&str, [usize; 3], [usize; 2]); 4] = [
    ("srcnn-915", [9, 1, 5], [64, 32]),
    ("srcnn-935", [9, 3, 5], [64, 32]),
    ("srcnn-955", [9, 5, 5], [64, 32]),
    ("srcnn-keras", [9, 3, 5], [128, 64]),
];

impl Architecture {
    /// Checks a chain of layers.
    ///
    /// # Errors
    /// [`ArchitectureError`] if a layer is out of bounds or does not fit its neighbours.
    pub fn new(input: Input, layers: Vec<LayerSpec>) -> Result<Self, ArchitectureError> {
        if layers.is_empty() {
            return Err(ArchitectureError::Empty);
        }
        if layers.len() > MAX_LAYERS {
            return Err(ArchitectureError::Layers { found: layers.len() });
        }
        let mut channels = input.channels();
        for (i, spec) in layers.iter().enumerate() {
            let layer = i + 1;
            if spec.kernel.is_multiple_of(2) || spec.kernel > MAX_KERNEL {
                return Err(ArchitectureError::Kernel { layer, kernel: spec.kernel });
            }
            if !(1..=MAX_FILTERS).contains(&spec.outputs) {
                return Err(ArchitectureError::Filters { layer, filters: spec.outputs });
            }
            if spec.inputs != channels {
                return Err(ArchitectureError::Chain { layer, expected: channels, found: spec.inputs });
            }
            channels = spec.outputs;
        }
        if channels != input.channels() {
            return Err(ArchitectureError::Output { expected: input.channels(), found: channels });
        }
        let architecture = Self { input, layers };
        let found = architecture.parameters();
        if found > MAX_PARAMETERS {
            return Err(ArchitectureError::Parameters { found });
        }
        Ok(architecture)
    }

    /// An SRCNN with ReLU after all layers but the last. `kernels` and `padding` have one entry a layer, `filters` one
    /// fewer.
    ///
    /// # Errors
    /// [`ArchitectureError`] if a size is out of bounds or a list has the wrong length.
    pub fn srcnn(
        input: Input,
        kernels: &[usize],
        filters: &[usize],
        padding: &[Padding],
    ) -> Result<Self, ArchitectureError> {
        let count = kernels.len();
        if count == 0 {
            return Err(ArchitectureError::Empty);
        }
        for (what, expected, found) in [("filters", count - 1, filters.len()), ("paddings", count, padding.len())] {
            if expected != found {
                return Err(ArchitectureError::PerLayer { what, expected, found });
            }
        }
        let ends = [input.channels()];
        let inputs = ends.iter().chain(filters);
        let outputs = filters.iter().chain(&ends);
        let layers = inputs.zip(outputs).zip(kernels.iter().zip(padding)).enumerate();
        let layers = layers.map(|(i, ((&inputs, &outputs), (&kernel, &padding)))| LayerSpec {
            inputs,
            outputs,
            kernel,
            padding,
            activation: if i + 1 < count { Activation::Relu } else { Activation::None },
        });
        Self::new(input, layers.collect())
    }

    /// The architecture of this name: `srcnn-915`, `srcnn-935`, `srcnn-955` (64 and 32 filters, edges replicated, as the
    /// paper evaluates them) or `srcnn-keras` (9-3-5, 128 and 64 filters; valid, zero, valid padding), all on luma.
    pub fn named(name: &str) -> Option<Self> {
        let (name, kernels, filters) = NAMED.iter().find(|(n, _, _)| *n == name)?;
        let padding = if *name == "srcnn-keras" {
            [Padding::Valid, Padding::Zero, Padding::Valid]
        } else {
            [Padding::Replicate; 3]
        };
        Self::srcnn(Input::Y, kernels, filters, &padding).ok()
    }

    /// Names that [`Architecture::named`] knows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMED.iter().map(|(name, _, _)| *name)
    }

    /// The same layers with other paddings.
    ///
    /// # Errors
    /// [`ArchitectureError::PerLayer`] unless there is one padding a layer.
    pub fn with_padding(&self, padding: &[Padding]) -> Result<Self, ArchitectureError> {
        let (expected, found) = (self.layers.len(), padding.len());
        if expected != found {
            return Err(ArchitectureError::PerLayer { what: "paddings", expected, found });
        }
        let mut layers = self.layers.clone();
        for (layer, &padding) in layers.iter_mut().zip(padding) {
            layer.padding = padding;
        }
        Ok(Self { input: self.input, layers })
    }

    /// Color planes that go in and come out.
    pub fn input(&self) -> Input {
        self.input
    }

    /// Layers, first to last.
    pub fn layers(&self) -> &[LayerSpec] {
        &self.layers
    }

    /// Pixels by which the output is smaller on each side: half a kernel for each layer of [`Padding::Valid`].
    pub fn border_loss(&self) -> usize {
        let valid = self.layers.iter().filter(|l| l.padding == Padding::Valid);
        valid.map(|l| l.kernel / 2).sum()
    }

    /// Kernel sizes joined by dashes, such as `9-5-5`.
    pub fn kernels(&self) -> String {
        join(self.layers.iter().map(|l| l.kernel))
    }

    /// Numbers of filters of all layers but the last, joined by dashes, such as `64-32`.
    pub fn filters(&self) -> String {
        join(self.layers[..self.layers.len() - 1].iter().map(|l| l.outputs))
    }

    /// Number of weights and biases.
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(|l| l.kernel_values() + l.outputs).sum()
    }
}

fn join(numbers: impl Iterator<Item = usize>) -> String {
    numbers.map(|n| n.to_string()).collect::<Vec<_>>().join("-")
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kernels(), self.filters())
    }
}

/// Reads a name that [`Architecture::named`] knows, or sizes and filters such as `9-5-5:64-32`: on luma, edges replicated.
impl FromStr for Architecture {
    type Err = ArchitectureError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(named) = Self::named(text) {
            return Ok(named);
        }
        let syntax = || ArchitectureError::Syntax { text: text.to_owned() };
        let numbers = |part: &str| -> Option<Vec<usize>> { part.split('-').map(|n| n.parse().ok()).collect() };
        let (kernels, filters) = text.split_once(':').ok_or_else(syntax)?;
        let kernels = numbers(kernels).ok_or_else(syntax)?;
        let filters = numbers(filters).ok_or_else(syntax)?;
        if filters.len() + 1 != kernels.len() {
            return Err(syntax());
        }
        Self::srcnn(Input::Y, &kernels, &filters, &vec![Padding::Replicate; kernels.len()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keras_network_has_85_889_parameters_and_loses_six_pixels() {
        let keras = Architecture::named("srcnn-keras").expect("named");
        assert_eq!((keras.parameters(), keras.border_loss()), (85_889, 6));
        assert_eq!(keras.to_string(), "9-3-5:128-64");
        let valid = "9-5-5:64-32".parse::<Architecture>().and_then(|a| a.with_padding(&[Padding::Valid; 3]));
        assert_eq!(valid.map(|a| (a.parameters(), a.border_loss())), Ok((57_281, 8)));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let layer =
            LayerSpec { inputs: 1, outputs: 1, kernel: 3, padding: Padding::Zero, activation: Activation::Relu };
        let cases: [(Vec<LayerSpec>, ArchitectureError); 5] = [
            (vec![], ArchitectureError::Empty),
            (vec![LayerSpec { kernel: 4, ..layer }], ArchitectureError::Kernel { layer: 1, kernel: 4 }),
            (vec![LayerSpec { outputs: 0, ..layer }], ArchitectureError::Filters { layer: 1, filters: 0 }),
            (
                vec![layer, LayerSpec { inputs: 2, ..layer }],
                ArchitectureError::Chain { layer: 2, expected: 1, found: 2 },
            ),
            (vec![LayerSpec { outputs: 2, ..layer }], ArchitectureError::Output { expected: 1, found: 2 }),
        ];
        for (layers, error) in cases {
            assert_eq!(Architecture::new(Input::Y, layers), Err(error));
        }
        for text in ["", "9", "9-5-5", "9-5-5:64", "9-x-5:64-32", "9-5-5:64-32-16", "8-5-5:64-32"] {
            assert!(text.parse::<Architecture>().is_err(), "{text}");
        }
    }
}
