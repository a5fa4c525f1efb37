//! Why bytes are not the weights of a network.

use std::error::Error;

use super::format::Format;
use crate::model::{ArchitectureError, CardError, ModelError};

/// An error of a format's reader, or of a library below it.
pub(super) type Reason = Box<dyn Error + Send + Sync>;

/// Bytes that are no weight file, or not one of a network that this crate can run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WeightError {
    /// No known signature.
    #[error("no weight file of a known format (PyTorch, ONNX, ncnn, Keras, MATLAB 5, safetensors)")]
    UnknownFormat,
    /// The container cannot be read.
    #[error("damaged {format} file: {reason}")]
    Damaged {
        /// Format of the container.
        format: Format,
        /// Error of the format's reader, part of the message.
        reason: Box<dyn Error + Send + Sync>,
    },
    /// A folder, or a file of another program that is known and not read.
    #[error("{0}")]
    OtherKind(Box<dyn Error + Send + Sync>),
    /// The container is whole, but holds no network that this crate can run.
    #[error("no network that can be run in this {format} file: {reason}")]
    NoNetwork {
        /// Format of the container.
        format: Format,
        /// Error of the format's reader, part of the message.
        reason: Box<dyn Error + Send + Sync>,
    },
    /// The file holds several networks. [`WeightFile::open_part`](super::WeightFile::open_part) takes the name of one.
    #[error("this {format} file holds several networks: {}; say which by its name behind the file's: FILE#{}",
        quoted(.names), .names.first().map_or("NAME", String::as_str))]
    SeveralNetworks {
        /// Format of the container.
        format: Format,
        /// Names of the networks, at most six.
        names: Vec<String>,
    },
    /// The file holds no network of the name that was asked for.
    #[error("this {format} file holds no network named `{part}`{}", others(.names))]
    NoPart {
        /// Format of the container.
        format: Format,
        /// The name that was asked for.
        part: String,
        /// Names of the networks that it holds, at most six; none if the format knows no names of networks.
        names: Vec<String>,
    },
    /// A fact in the file's metadata cannot be read.
    #[error("metadata `{key}`: `{value}` is not understood")]
    Metadata {
        /// Name of the fact.
        key: String,
        /// Its value.
        value: String,
    },
    /// The card cannot be read or contradicts the weights.
    #[error(transparent)]
    Card(#[from] CardError),
    /// The layers do not make a network.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Neither the file, nor a card, nor the caller states these facts.
    #[error("the file does not say its {}", .0.join(", "))]
    Missing(Vec<&'static str>),
}

impl WeightError {
    /// The error of a format whose files hold one network, which has no name.
    pub(super) fn no_part(format: Format, part: &str) -> Self {
        Self::NoPart { format, part: part.to_owned(), names: Vec::new() }
    }

    /// [`WeightError::Damaged`], for `map_err`.
    pub(super) fn damaged<E: Into<Reason>>(format: Format) -> impl Fn(E) -> Self + Copy {
        move |reason| Self::Damaged { format, reason: reason.into() }
    }

    /// [`WeightError::NoNetwork`], for `map_err`.
    pub(super) fn no_network<E: Into<Reason>>(format: Format) -> impl Fn(E) -> Self + Copy {
        move |reason| Self::NoNetwork { format, reason: reason.into() }
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn others(names: &[String]) -> String {
    match names {
        [] => ": it has one network without a name".to_owned(),
        names => format!("; there is {}", quoted(names)),
    }
}

impl From<ArchitectureError> for WeightError {
    fn from(error: ArchitectureError) -> Self {
        Self::Model(error.into())
    }
}
