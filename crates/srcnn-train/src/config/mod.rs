//! The configuration of a run: a flat table of fields.

mod check;
mod error;
mod fields;
mod presets;
mod table;

pub use error::ConfigError;
pub use fields::{Config, Loss, Optimiser, Reduction, Schedule};
