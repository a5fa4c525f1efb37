//! One convolution without its weights, and the color planes that a network works on.

/// Padding of a layer's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Padding {
    /// None: height and width of the output are smaller by kernel - 1.
    Valid,
    /// Zeros: the output has the size of the input.
    Zero,
    /// The nearest edge sample repeated: the output has the size of the input.
    Replicate,
}

/// Function applied to each output of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// `max(x, 0)`.
    Relu,
    /// The identity.
    None,
}

/// Color planes that a network takes and returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Input {
    /// Luma.
    Y,
    /// Red, green, blue.
    Rgb,
    /// Luma and both chromas, for an experiment of the paper. Such networks do not upscale pictures.
    Ycbcr,
}

impl Input {
    /// Number of planes: 1 or 3.
    pub fn channels(self) -> usize {
        match self {
            Self::Y => 1,
            Self::Rgb | Self::Ycbcr => 3,
        }
    }
}

/// Shape of one convolution, its padding and its activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerSpec {
    /// Input channels.
    pub inputs: usize,
    /// Output channels, one for each filter.
    pub outputs: usize,
    /// Rows and columns of a kernel; odd.
    pub kernel: usize,
    /// Padding of the input.
    pub padding: Padding,
    /// Activation of the output.
    pub activation: Activation,
}

impl LayerSpec {
    /// Number of weights without the biases.
    pub fn kernel_values(&self) -> usize {
        self.inputs * self.outputs * self.kernel * self.kernel
    }
}
