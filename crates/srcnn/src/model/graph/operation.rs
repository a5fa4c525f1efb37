//! The operations of networks.

use crate::resample::Convention;

/// What lies beyond the edges of planes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fill {
    /// Zeros.
    Zero,
    /// The nearest sample of the edge.
    Replicate,
    /// The samples inside, mirrored; that of the edge itself is not repeated.
    Reflect,
}

/// Samples on each side of a plane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Sides {
    /// Rows above.
    pub top: usize,
    /// Columns to the left.
    pub left: usize,
    /// Rows below.
    pub bottom: usize,
    /// Columns to the right.
    pub right: usize,
}

impl Sides {
    /// The same on all sides.
    pub const fn all(samples: usize) -> Self {
        Self { top: samples, left: samples, bottom: samples, right: samples }
    }

    /// Rows, and columns, of both sides together.
    pub(crate) fn totals(self) -> [usize; 2] {
        [self.top + self.bottom, self.left + self.right]
    }
}

/// A correlation: each sample of the result is its bias and the sum of weight times sample over the kernel and the channels.
///
/// Weights have the order output, input of the group, row, column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Convolution {
    /// Channels that it takes.
    pub inputs: usize,
    /// Channels of the result.
    pub outputs: usize,
    /// Rows and columns of a kernel.
    pub kernel: [usize; 2],
    /// Distance of the positions of the kernel.
    pub stride: usize,
    /// Distance of the samples under the kernel.
    pub dilation: usize,
    /// Groups of channels, each with kernels of its own.
    pub groups: usize,
    /// Samples beyond the edges that it takes.
    pub padding: Sides,
    /// What they are.
    pub fill: Fill,
}

impl Convolution {
    /// A square kernel without padding, stride, dilation and groups.
    pub const fn valid(inputs: usize, outputs: usize, kernel: usize) -> Self {
        let padding = Sides::all(0);
        Self { inputs, outputs, kernel: [kernel; 2], stride: 1, dilation: 1, groups: 1, padding, fill: Fill::Zero }
    }

    /// As [`Convolution::valid`], with zeros beyond the edges, so that the result has the size of what it takes. The size of the
    /// kernel must be odd.
    pub const fn same(inputs: usize, outputs: usize, kernel: usize) -> Self {
        Self { padding: Sides::all(kernel / 2), ..Self::valid(inputs, outputs, kernel) }
    }

    /// Rows and columns from the first to the last sample under the kernel.
    pub(crate) fn span(&self) -> [usize; 2] {
        self.kernel.map(|side| (side - 1) * self.dilation + 1)
    }
}

/// A transposed convolution: each sample, times the kernel, is added to the result, `stride` samples from the next; then sides are cut.
///
/// Weights have the order output of the group, input, row, column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Transposed {
    /// Channels that it takes.
    pub inputs: usize,
    /// Channels of the result.
    pub outputs: usize,
    /// Rows and columns of a kernel.
    pub kernel: [usize; 2],
    /// Distance of neighbouring samples in the result.
    pub stride: usize,
    /// Groups of channels, each with kernels of its own.
    pub groups: usize,
    /// Samples of the result that are cut.
    pub cut: Sides,
}

/// A function of a sample.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Function {
    /// `max(x, 0)`.
    Relu,
    /// `x` if it is positive, else `slope x`.
    Leaky {
        /// The slope.
        slope: f32,
    },
    /// As `Leaky`, with a slope for each channel, which is a weight.
    Prelu {
        /// Channels that it takes.
        channels: usize,
    },
    /// `x` within bounds.
    Clip {
        /// The smallest result.
        low: f32,
        /// The largest result.
        high: f32,
    },
    /// The hyperbolic tangent.
    Tanh,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// `x / (1 + exp(-x))`.
    Silu,
}

/// A way to enlarge planes by a whole factor.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Enlargement {
    /// Each sample repeated.
    Nearest,
    /// As a convention of resampling has it, in floating point.
    By(Convention),
}

/// What a node does.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// A convolution.
    Convolution(Convolution),
    /// A transposed convolution.
    Transposed(Transposed),
    /// A function of each sample.
    Function(Function),
    /// A factor and a summand for each channel, which are weights.
    Affine {
        /// Channels that it takes.
        channels: usize,
    },
    /// The sum of all that it takes, which is of one size.
    Add,
    /// The product of all that it takes. What is a single sample a channel counts for all its samples.
    Multiply,
    /// The channels of all that it takes, one after the other.
    Concatenate,
    /// Some of the channels.
    Slice {
        /// The first.
        first: usize,
        /// How many.
        count: usize,
    },
    /// Channels to pixels: sample (x, y) of channel `c` is sample (x / factor, y / factor) of channel
    /// `(c factor + y mod factor) factor + x mod factor`.
    Shuffle {
        /// The factor.
        factor: usize,
    },
    /// Pixels to channels, the inverse.
    Unshuffle {
        /// The factor.
        factor: usize,
    },
    /// Enlarging.
    Enlarge {
        /// The factor.
        factor: usize,
        /// How.
        by: Enlargement,
    },
    /// The mean of each channel, a single sample.
    Mean,
    /// Sides are cut.
    Crop(Sides),
}

/// Numbers of weights of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WeightCounts {
    /// Kernels, slopes or factors.
    pub kernels: usize,
    /// Biases or summands.
    pub biases: usize,
}

impl WeightCounts {
    /// Both together.
    pub fn total(self) -> usize {
        self.kernels + self.biases
    }
}

impl Operation {
    /// Numbers of its weights.
    pub fn weights(&self) -> WeightCounts {
        match self {
            Self::Convolution(c) => {
                WeightCounts { kernels: kernels(c.inputs, c.outputs, c.groups, c.kernel), biases: c.outputs }
            }
            Self::Transposed(t) => {
                WeightCounts { kernels: kernels(t.inputs, t.outputs, t.groups, t.kernel), biases: t.outputs }
            }
            Self::Function(Function::Prelu { channels }) => WeightCounts { kernels: *channels, biases: 0 },
            Self::Affine { channels } => WeightCounts { kernels: *channels, biases: *channels },
            Self::Function(_)
            | Self::Add
            | Self::Multiply
            | Self::Concatenate
            | Self::Slice { .. }
            | Self::Shuffle { .. }
            | Self::Unshuffle { .. }
            | Self::Enlarge { .. }
            | Self::Mean
            | Self::Crop(_) => WeightCounts::default(),
        }
    }

    /// Multiply-adds of convolutions: for each pixel of the result, but of a transposed one for each pixel that it takes.
    pub(super) fn multiply_adds(&self) -> f64 {
        match self {
            Self::Convolution(_) | Self::Transposed(_) => self.weights().kernels as f64,
            _ => 0.0,
        }
    }

    /// Name in messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Convolution(_) => "convolution",
            Self::Transposed(_) => "transposed convolution",
            Self::Function(Function::Relu) => "ReLU",
            Self::Function(Function::Leaky { .. }) => "leaky ReLU",
            Self::Function(Function::Prelu { .. }) => "PReLU",
            Self::Function(Function::Clip { .. }) => "clip",
            Self::Function(Function::Tanh) => "tanh",
            Self::Function(Function::Sigmoid) => "sigmoid",
            Self::Function(Function::Silu) => "SiLU",
            Self::Affine { .. } => "affine",
            Self::Add => "add",
            Self::Multiply => "multiply",
            Self::Concatenate => "concatenate",
            Self::Slice { .. } => "slice",
            Self::Shuffle { .. } => "shuffle",
            Self::Unshuffle { .. } => "unshuffle",
            Self::Enlarge { .. } => "enlarge",
            Self::Mean => "mean",
            Self::Crop(_) => "crop",
        }
    }
}

fn kernels(inputs: usize, outputs: usize, groups: usize, [rows, columns]: [usize; 2]) -> usize {
    inputs / groups.max(1) * outputs * rows * columns
}
