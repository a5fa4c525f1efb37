//! Errors of baselines and of their files.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use srcnn::Size;
use srcnn::resample::ResizeError;

use super::method::Method;

/// The value of `format` in the metadata of a baseline's file.
pub(super) const FORMAT: &str = "srcnn-baseline";

/// A baseline cannot be trained, read, written or applied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// There is no built-in baseline of this method and factor.
    #[error("no {method} for x{scale} is built in")]
    NoBuiltin {
        /// The requested method.
        method: Method,
        /// The requested factor.
        scale: usize,
    },
    /// The factor is outside of the range that baselines are trained for.
    #[error("a scale of {scale} is not between 2 and 8")]
    Scale {
        /// The factor.
        scale: usize,
    },
    /// The requested size is not the small picture's times the factor.
    #[error("x{scale} makes {expected} of the small picture, not {found}")]
    Size {
        /// The baseline's factor.
        scale: usize,
        /// The small picture's size times the factor.
        expected: Size,
        /// The requested size.
        found: Size,
    },
    /// The small picture cannot be interpolated.
    #[error(transparent)]
    Resize(#[from] ResizeError),
    /// A setting is out of range.
    #[error("{name}: {value} is not between {} and {}", .bounds.0, .bounds.1)]
    Setting {
        /// The setting's name.
        name: &'static str,
        /// Its value.
        value: f64,
        /// The smallest and the largest valid value.
        bounds: (f64, f64),
    },
    /// The training pictures are too few or too small.
    #[error("the pictures give {found} samples; {needed} are needed")]
    TooFewSamples {
        /// Samples in the pictures.
        found: usize,
        /// Samples needed.
        needed: usize,
    },
    /// A system of linear equations of the training has no solution.
    #[error("nothing can be learnt from the samples: their equations have no solution")]
    Unsolvable,
    /// A file cannot be read or written.
    #[error("{}: {reason}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the file system.
        reason: io::Error,
    },
    /// A file does not hold a baseline.
    #[error("{}: {reason}", .path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The difference from the format.
        reason: FormatError,
    },
    /// [`Progress::cancelled`](srcnn::progress::Progress::cancelled) was true.
    #[error("cancelled")]
    Cancelled,
}

/// Bytes that are not the file of a baseline.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// The bytes are not a safetensors file, or a truncated one.
    #[error("damaged: {reason}")]
    Damaged {
        /// The error of the safetensors reader.
        reason: Box<dyn Error + Send + Sync>,
    },
    /// The safetensors file holds something else.
    #[error("no baseline: its metadata says no `format` of `{FORMAT}`")]
    NotBaseline,
    /// An entry of the metadata is missing or out of range.
    #[error("`{name}` in the metadata: {found:?} where {expected} is expected")]
    Entry {
        /// The entry's name.
        name: &'static str,
        /// Its value, if it exists.
        found: Option<String>,
        /// A description of valid values.
        expected: &'static str,
    },
    /// A tensor is missing, or has another type or shape.
    #[error("tensor `{name}`: {found} where {expected} is expected")]
    Tensor {
        /// The tensor's name.
        name: &'static str,
        /// Its type and shape, or `none`.
        found: String,
        /// The expected type and shape.
        expected: String,
    },
    /// A tensor has an infinity or a NaN.
    #[error("tensor `{name}` has values that are no finite numbers")]
    NotFinite {
        /// The tensor's name.
        name: &'static str,
    },
    /// The regressors of ANR cannot be computed from the dictionary.
    #[error("its atoms give no regressors")]
    Unsolvable,
}
