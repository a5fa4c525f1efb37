//! Why a Keras file is not read.

use crate::weights::error::WeightError;
use crate::weights::format::Format;
use crate::weights::networks::ChoiceError;

/// Format of the errors.
pub(super) const FORMAT: Format = Format::Keras;

/// A damaged file.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileError {
    #[error("`{name}` is not there")]
    NoEntry { name: &'static str },
    #[error("it is cut off: {found} of {length} bytes")]
    Cut { found: usize, length: u64 },
    #[error("invalid data: `{name}` claims {count} values")]
    TooManyValues { name: String, count: u64 },
}

/// A model, or tensors, that are no chain of convolutions.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChainError {
    #[error("its tensors are in no layer's group")]
    LooseTensors,
    #[error("layer `{layer}` is no convolution: it holds {tensors:?}")]
    NoConvolution { layer: String, tensors: Vec<(String, Vec<u64>)> },
    #[error("it holds {found} convolutions, and its configuration {described}")]
    OtherCount { found: usize, described: usize },
    #[error("its weights have other names than its configuration")]
    OtherNames,
    #[error("kernels of shapes {shapes:?} make no chain in either axis order")]
    NoChain { shapes: Vec<[usize; 4]> },
    #[error("kernels of shapes {shapes:?} fit in both axis orders")]
    BothOrders { shapes: Vec<[usize; 4]> },
    #[error("`{name}` is stored as {kind}: floating-point numbers of 16, 32 and 64 bits are read")]
    Type { name: String, kind: String },
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// A configuration that does not describe a chain of convolutions.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConfigError {
    #[error("its configuration is too long")]
    TooLong,
    #[error("its configuration cannot be read: {0}")]
    Json(serde_json::Error),
    #[error("its configuration lists no layers")]
    NoLayers,
    #[error("it ends with padding")]
    PaddingLast,
    #[error("its layers are not in one line: `{name}` takes {sources:?}")]
    Branch { name: String, sources: Vec<String> },
    #[error("it has the layer {class} (`{name}`){}: not supported", why(class))]
    Layer { class: String, name: String },
    #[error("`{name}` is a ReLU with a slope or a limit: not supported")]
    OtherRelu { name: String },
    #[error("`{name}` is a ReLU before the first convolution")]
    EarlyRelu { name: String },
    #[error("`{name}` has {key} {value}: not supported")]
    Steps { name: String, key: &'static str, value: String },
    #[error("`{name}` does not say its kernel's size")]
    NoKernelSize { name: String },
    #[error("`{name}` is {kernel}x{kernel}, `{mode}`, after padding by {border}: not supported")]
    PaddingMode { name: String, kernel: u64, mode: String, border: u64 },
    #[error("`{name}` pads {padding}: not supported")]
    PaddingSides { name: String, padding: String },
    #[error("`{name}` has the activation {activation}: the engine has no such activation")]
    Activation { name: String, activation: String },
    #[error("`{name}` has an activation of its own: not supported")]
    CustomActivation { name: String },
}

/// Why a class of layers is not supported.
fn why(class: &str) -> &'static str {
    match class {
        "Conv2DTranspose" => ", as of FSRCNN",
        "PReLU" | "LeakyReLU" | "ELU" => ": the engine has no such activation",
        _ => "",
    }
}

/// Any failure to read HDF5: of the library, of the file, or of what it holds.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error(transparent)]
    Hdf5(#[from] hdf5_reader::error::Error),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error("no network, or several")]
    Choice(ChoiceError),
}

impl From<ChoiceError> for ReadError {
    fn from(error: ChoiceError) -> Self {
        Self::Choice(error)
    }
}

impl From<ReadError> for WeightError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Hdf5(reason) => Self::damaged(FORMAT)(reason),
            ReadError::File(reason) => Self::damaged(FORMAT)(reason),
            ReadError::Chain(reason) => Self::no_network(FORMAT)(reason),
            ReadError::Choice(choice) => choice.of(FORMAT),
        }
    }
}
