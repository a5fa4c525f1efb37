//! Scores of networks, measured by the engine and metrics of `srcnn`.

mod channels;
mod pictures;

pub use channels::ChannelScores;
pub use pictures::Validation;
