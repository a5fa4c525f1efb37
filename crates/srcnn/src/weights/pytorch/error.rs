//! Why a PyTorch file is not read.

use crate::weights::archive::ArchiveError;

/// A pickle that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum PickleError {
    #[error("it ends within its pickle")]
    Cut,
    #[error("its pickle has more than {0} values")]
    TooManyValues(usize),
    #[error("its pickle has the instruction {0:#04x}, which torch.save does not write")]
    Opcode(u8),
    #[error("its pickle takes more than there is")]
    EmptyStack,
    #[error("its pickle ends a list that was not begun")]
    NoMark,
    #[error("its pickle refers to what it has not kept")]
    NoMemo,
    #[error("its pickle has a size beyond counting")]
    Size,
    #[error("its pickle names a class by something else than text")]
    ClassNoText,
    #[error("its pickle names a class that is no text")]
    ClassNoUtf8,
}

/// Storages that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum StorageError {
    #[error(transparent)]
    Pickle(#[from] PickleError),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error("`{0}` is not there")]
    NoEntry(&'static str),
    #[error("its storages share memory in a way that is no longer written")]
    Views,
    #[error("it has a storage of the kind `{0}`")]
    Kind(String),
    #[error("it has no list of storages")]
    NoList,
    #[error("a storage has no name")]
    NoName,
    #[error("it has a storage that nothing refers to")]
    Unreferenced,
    #[error("it ends within its storages")]
    Cut,
    #[error("the storage `{0}` is not there")]
    NoStorage(String),
    #[error("weights that are no floating-point numbers")]
    NoFloats,
    #[error("a tensor claims shape {0:?}")]
    TooLarge(Vec<usize>),
    #[error("a tensor of shape {0:?} reaches beyond its storage")]
    BeyondStorage(Vec<usize>),
    #[error("`{name}`: {reason}")]
    Tensor { name: String, reason: Box<StorageError> },
}

/// A description of a tensor that is not understood.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum DescriptionError {
    #[error("a tensor of the kind `{0}`")]
    Kind(String),
    #[error("a tensor that is described in an unknown way")]
    Unknown,
}

/// A file without one network that is a chain of convolutions.
#[derive(Debug, thiserror::Error)]
pub(super) enum NetworkError {
    #[error("its numbers are big-endian; little-endian ones are read")]
    BigEndian,
    #[error("its numbers are not little-endian")]
    NotLittleEndian,
    #[error("it is a pickle, but not by torch.save; save a state_dict with torch.save")]
    OtherPickle,
    #[error("it holds thousands of tables")]
    TooManyTables,
    #[error("it holds thousands of tensors")]
    TooManyTensors,
    #[error("it holds no tensors of a convolution")]
    NoConvolution,
    #[error(
        "it is a frozen scripted module (torch.jit.freeze, optimize_for_inference), whose weights are constants of its program; save the module before it is frozen, or its state_dict"
    )]
    Frozen,
    #[error("`{name}` is {reason}")]
    Tensor { name: String, reason: DescriptionError },
    #[error("it holds a `{class}` (`{name}`): not supported yet")]
    Module { name: String, class: String },
    #[error("`{name}` has {key} {steps:?}: not supported")]
    Steps { name: String, key: &'static str, steps: Vec<i64> },
    #[error("`{name}` has {groups} groups: not supported")]
    Groups { name: String, groups: i64 },
    #[error("`{name}` pads by `{mode}`: not supported")]
    PaddingMode { name: String, mode: String },
    #[error("`{name}` pads {padding:?} around kernels of {kernel:?}: not supported")]
    PaddingSize { name: String, padding: Option<Vec<i64>>, kernel: Vec<i64> },
}
