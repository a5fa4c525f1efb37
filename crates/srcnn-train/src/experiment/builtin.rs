//! The experiments of Dong et al., "Image Super-Resolution Using Deep Convolutional Networks" (arXiv 1501.00092).

use super::{Experiment, ExperimentError};

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../experiments/", $name, ".toml")))),*]
    };
}

/// Names and files, in the order of the paper.
const PAPER: [(&str, &str); 7] =
    embedded!["first-figure", "data", "filter-number", "filter-size", "depth", "deeper", "colour"];

impl Experiment {
    /// Names of the built-in experiments.
    pub fn names() -> Vec<&'static str> {
        PAPER.iter().map(|(name, _)| *name).collect()
    }

    /// The file of a built-in experiment.
    pub fn builtin(name: &str) -> Option<&'static str> {
        PAPER.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    }

    /// All built-in experiments.
    ///
    /// # Errors
    /// [`ExperimentError`] for a file that is not valid; the tests read all files.
    pub fn paper() -> Result<Vec<Self>, ExperimentError> {
        PAPER.iter().map(|(name, text)| Self::parse(name, name, text)).collect()
    }
}
