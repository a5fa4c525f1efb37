//! The experiments of Dong et al., "Image Super-Resolution Using Deep Convolutional Networks" (arXiv 1501.00092).

use super::{Experiment, ExperimentError};

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../experiments/", $name, ".toml")))),*]
    };
}

/// Names and files, in the paper's order.
const PAPER: [(&str, &str); 7] =
    embedded!["first-figure", "data", "filter-number", "filter-size", "depth", "deeper", "colour"];

impl Experiment {
    /// The names of the paper's experiments.
    pub fn names() -> Vec<&'static str> {
        PAPER.iter().map(|(name, _)| *name).collect()
    }

    /// The file of one of them.
    pub fn builtin(name: &str) -> Option<&'static str> {
        PAPER.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    }

    /// All of them.
    ///
    /// # Errors
    /// None, as the tests say.
    pub fn paper() -> Result<Vec<Self>, ExperimentError> {
        PAPER.iter().map(|(name, text)| Self::parse(name, name, text)).collect()
    }
}
