//! The layers of a network without their weights, checked to fit one another when built.

use std::fmt;
use std::str::FromStr;

/// What a layer does at the edge of its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Padding {
    /// Nothing: the output is smaller by kernel - 1.
    Valid,
    /// Zeros around: the output keeps the size.
    Zero,
    /// The edge samples repeated: the output keeps the size.
    Replicate,
}

/// What follows a layer's sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// `max(x, 0)`.
    Relu,
    /// Nothing.
    None,
}

/// What the network reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Input {
    /// Luma.
    Y,
    /// Red, green, blue.
    Rgb,
    /// Luma and both chromas, as an experiment of the paper has it. Pictures are not upscaled by such networks.
    Ycbcr,
}

impl Input {
    /// Planes that go in and come out.
    pub fn channels(self) -> usize {
        match self {
            Self::Y => 1,
            Self::Rgb | Self::Ycbcr => 3,
        }
    }
}

/// One convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerSpec {
    /// Channels that come in.
    pub inputs: usize,
    /// Channels that go out: the filters.
    pub outputs: usize,
    /// Rows and columns of a kernel; odd.
    pub kernel: usize,
    /// What happens at the edge.
    pub padding: Padding,
    /// What follows the sums.
    pub activation: Activation,
}

impl LayerSpec {
    /// Values in all kernels.
    pub fn kernel_values(&self) -> usize {
        self.inputs * self.outputs * self.kernel * self.kernel
    }
}

/// A chain of convolutions that begins and ends with the channels of its [`Input`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Architecture {
    input: Input,
    layers: Vec<LayerSpec>,
}

/// Layers that make no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchitectureError {
    /// No layer at all.
    #[error("a network has at least one layer")]
    Empty,
    /// More layers than any use has.
    #[error("{found} layers; {MAX_LAYERS} are possible")]
    Layers {
        /// The number.
        found: usize,
    },
    /// More weights than any use has.
    #[error("{found} weights; {MAX_PARAMETERS} are possible")]
    Parameters {
        /// The number.
        found: usize,
    },
    /// Lists that must have one entry a layer, or one fewer.
    #[error("{found} {what}, {expected} needed")]
    PerLayer {
        /// What is listed.
        what: &'static str,
        /// Entries needed.
        expected: usize,
        /// Entries given.
        found: usize,
    },
    /// A kernel of even size, size zero, or beyond any use.
    #[error("layer {layer}: a kernel of {kernel}x{kernel}; odd sizes from 1 to {MAX_KERNEL} are possible")]
    Kernel {
        /// Counted from 1.
        layer: usize,
        /// The size.
        kernel: usize,
    },
    /// No filters, or beyond any use.
    #[error("layer {layer}: {filters} filters; 1 to {MAX_FILTERS} are possible")]
    Filters {
        /// Counted from 1.
        layer: usize,
        /// The number.
        filters: usize,
    },
    /// A layer does not take what the one before gives.
    #[error("layer {layer}: takes {found} channels, but {expected} come in")]
    Chain {
        /// Counted from 1.
        layer: usize,
        /// Channels that come in.
        expected: usize,
        /// Channels that the layer takes.
        found: usize,
    },
    /// The last layer does not give what the first takes.
    #[error("the last layer gives {found} channels, {expected} are needed")]
    Output {
        /// Channels needed.
        expected: usize,
        /// Channels given.
        found: usize,
    },
    /// A description that cannot be read.
    #[error("`{text}` describes no network; write sizes and filters, such as 9-5-5:64-32")]
    Syntax {
        /// The description.
        text: String,
    },
}

const MAX_KERNEL: usize = 63;
const MAX_FILTERS: usize = 4096;
const MAX_LAYERS: usize = 64;
const MAX_PARAMETERS: usize = 1 << 28;

/// The architectures that have names: (name, kernels, filters).
const NAMED: [(&str, [usize; 3], [usize; 2]); 4] = [
    ("srcnn-915", [9, 1, 5], [64, 32]),
    ("srcnn-935", [9, 3, 5], [64, 32]),
    ("srcnn-955", [9, 5, 5], [64, 32]),
    ("srcnn-keras", [9, 3, 5], [128, 64]),
];

impl Architecture {
    /// Any chain of layers.
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

    /// An SRCNN of any sizes: `filters` has one entry fewer than `kernels`; ReLU after all layers but the last.
    ///
    /// # Errors
    /// [`ArchitectureError`] if a size is out of bounds or the lists' lengths do not fit.
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

    /// `srcnn-915`, `srcnn-935`, `srcnn-955` (64 and 32 filters, edges replicated, as the paper evaluates them) or
    /// `srcnn-keras` (9-3-5, 128 and 64, valid - zero - valid), all on luma.
    pub fn named(name: &str) -> Option<Self> {
        let (name, kernels, filters) = NAMED.iter().find(|(n, _, _)| *n == name)?;
        let padding = if *name == "srcnn-keras" {
            [Padding::Valid, Padding::Zero, Padding::Valid]
        } else {
            [Padding::Replicate; 3]
        };
        Self::srcnn(Input::Y, kernels, filters, &padding).ok()
    }

    /// The names that [`Architecture::named`] knows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMED.iter().map(|(name, _, _)| *name)
    }

    /// The same with other paddings.
    ///
    /// # Errors
    /// [`ArchitectureError::PerLayer`] if there is not one padding a layer.
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

    /// What goes in and comes out.
    pub fn input(&self) -> Input {
        self.input
    }

    /// The layers, first to last.
    pub fn layers(&self) -> &[LayerSpec] {
        &self.layers
    }

    /// Pixels lost on every side, by the layers whose padding is [`Padding::Valid`].
    pub fn border_loss(&self) -> usize {
        let valid = self.layers.iter().filter(|l| l.padding == Padding::Valid);
        valid.map(|l| l.kernel / 2).sum()
    }

    /// Kernel sizes joined by dashes: `9-5-5`.
    pub fn kernels(&self) -> String {
        join(self.layers.iter().map(|l| l.kernel))
    }

    /// Filter numbers of all layers but the last, joined by dashes: `64-32`.
    pub fn filters(&self) -> String {
        join(self.layers[..self.layers.len() - 1].iter().map(|l| l.outputs))
    }

    /// Weights and biases together.
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

/// Reads a name or `9-5-5:64-32`, on luma with replicated edges.
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
