//! Runs: from a configuration to a model, with checkpoints, in a folder for each.
//!
//! The folder holds `config.toml`, written before the first step; `checkpoint.safetensors`; `metrics.csv`, with a line for each
//! validation; and the best model so far, `NAME.safetensors` with its card `NAME.toml`. Each file is written whole or not at
//! all.

mod card;
mod error;
mod folder;
mod metrics;
mod state;
mod steps;

pub use error::RunError;
pub use folder::{FILES, Recorded};
pub use metrics::Row;
pub use state::Run;
pub use steps::{End, Observer};
