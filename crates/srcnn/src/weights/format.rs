//! Names of the weight formats.

use std::fmt;

/// A format of weight files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// HDF5 as Keras writes it, alone or in the archive of Keras 3.
    Keras,
    /// MATLAB 5 in the layout of the paper's authors.
    Matlab,
    /// PyTorch, as `torch.save` writes it.
    PyTorch,
    /// ONNX, in one file or with its values in others beside it.
    Onnx,
    /// ncnn: a text `.param` and its `.bin`.
    Ncnn,
    /// A ZIP archive of unknown content. In errors only.
    Archive,
    /// Safetensors, as programs on PyTorch write them or in this project's layout: `layer1.weight`, `layer1.bias` and so
    /// on, facts in the metadata.
    Safetensors,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keras => "Keras",
            Self::Matlab => "MATLAB 5",
            Self::PyTorch => "PyTorch",
            Self::Onnx => "ONNX",
            Self::Ncnn => "ncnn",
            Self::Archive => "ZIP",
            Self::Safetensors => "safetensors",
        })
    }
}
