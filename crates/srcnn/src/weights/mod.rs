//! Weight files: a module each format, all of which give a [`WeightFile`], that is layers and the facts that the file states.
//!
//! The format is told by content. Facts that a file does not state come from the card beside it (`x3.toml` beside
//! `x3.mat`) or from the caller; those still missing are an error that names them. Nothing is guessed. Files are untrusted:
//! memory and time stay within a few times the file's size.

mod archive;
mod beside;
mod builtin;
mod chain;
mod error;
mod families;
mod file;
mod floats;
mod format;
mod keras;
mod matlab;
mod metadata;
mod named;
mod ncnn;
mod networks;
mod onnx;
mod parse;
mod pytorch;
mod safetensors;
mod weight_file;

pub use builtin::{Builtin, UnknownBuiltin};
pub use error::WeightError;
pub use file::{LoadError, LoadErrorKind, split_part};
pub use format::Format;
pub use onnx::{Unwritable, to_onnx};
pub use safetensors::to_safetensors;
pub use weight_file::WeightFile;
