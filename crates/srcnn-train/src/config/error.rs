//! Errors of configurations.

use std::error::Error;

use srcnn::model::ArchitectureError;

/// Names of presets.
pub(super) const PRESETS: [&str; 3] = ["best", "paper", "keras"];

/// A configuration is not valid.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// There is no preset of this name.
    #[error("no preset is called `{name}`; there are {}", PRESETS.join(", "))]
    Preset {
        /// The name.
        name: String,
    },
    /// The text is not TOML, a field is unknown, or its value has the wrong type.
    #[error("{}", .reason.to_string().trim_end())]
    Syntax {
        /// The error of the TOML reader, with the line.
        reason: Box<dyn Error + Send + Sync>,
    },
    /// The layers are not those of a network.
    #[error(transparent)]
    Architecture(#[from] ArchitectureError),
    /// A value is out of range.
    #[error("{field} {rule}")]
    Value {
        /// The field.
        field: &'static str,
        /// The rule that its value violates.
        rule: &'static str,
    },
}
