//! Experiments: runs with one difference, whose curves are compared in one chart.
//!
//! An experiment is a TOML file: a table `base` with fields of a configuration, and a list `runs` with the fields in which
//! each run differs. A table `quick` has fields for short runs.

mod builtin;
mod curves;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Table;

use crate::config::{Config, ConfigError};

pub use curves::{Passed, passed, to_csv};

/// Runs whose curves are compared in one chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    /// The name: that of the file without its extension, and of the charts.
    pub name: String,
    /// The contents of the file.
    pub contents: Contents,
}

/// The contents of an experiment's file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contents {
    /// Title of the chart.
    pub title: String,
    /// Description: the comparison, and differences from the paper.
    pub description: String,
    /// Label of the chart's vertical axis.
    #[serde(default = "axis")]
    pub axis: String,
    /// Published PSNR of other methods on the benchmark, in dB. That of bicubic interpolation is measured.
    #[serde(default)]
    pub levels: BTreeMap<String, f64>,
    /// Scores the channels of YCbCr at the end.
    #[serde(default)]
    pub channels: bool,
    /// Published PSNR of bicubic interpolation for Y, Cb, Cr, and these together, in dB.
    pub bicubic_channels: Option<[f64; 4]>,
    /// Fields of all configurations; `preset` is one of them.
    #[serde(default)]
    pub base: Table,
    /// Fields of all short runs; they override those of `base` and of `set`.
    #[serde(default)]
    pub quick: Table,
    /// The runs, in the order of the legend.
    pub runs: Vec<Trial>,
}

/// One run of an experiment.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// Name of the run's folder and model.
    pub name: String,
    /// Label in the legend.
    pub label: String,
    /// Published PSNR on the benchmark, in dB.
    pub published: Option<f64>,
    /// Published PSNR for Y, Cb, Cr, and these together, in dB.
    pub published_channels: Option<[f64; 4]>,
    /// Trains on the large set.
    #[serde(default)]
    pub large: bool,
    /// Fields that differ from `base`.
    #[serde(default)]
    pub set: Table,
    /// Fields of a short run that differ from the experiment's `quick`.
    #[serde(default)]
    pub quick: Table,
}

/// Folders of pictures. An empty list keeps the folders of the experiment; folders that a run sets are always kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folders {
    /// Training.
    pub data: Vec<PathBuf>,
    /// Training, for runs on the large set.
    pub large: Vec<PathBuf>,
    /// Benchmark.
    pub benchmark: Vec<PathBuf>,
}

/// An experiment is not valid.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExperimentError {
    /// There is no such file, nor a built-in experiment of this name.
    #[error("`{name}` is neither a file nor an experiment of the paper; these are {}", Experiment::names().join(", "))]
    Unknown {
        /// The file or the name.
        name: String,
    },
    /// The file cannot be read.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The error of the file system.
        reason: io::Error,
    },
    /// The file is not TOML, or not an experiment.
    #[error("{experiment}: {}", reason.to_string().trim_end())]
    Syntax {
        /// The file or the name.
        experiment: String,
        /// The error of the TOML reader, with the line.
        reason: Box<dyn Error + Send + Sync>,
    },
    /// A field is not valid.
    #[error("{experiment}: {rule}")]
    Rule {
        /// The file or the name.
        experiment: String,
        /// The violated rule.
        rule: &'static str,
    },
    /// The configuration of a run is not valid.
    #[error("{experiment}: run {run}: {reason}")]
    Run {
        /// The experiment.
        experiment: String,
        /// The run.
        run: String,
        /// The error of the configuration.
        reason: ConfigError,
    },
    /// A run needs the large set, and there is no folder of it.
    #[error("{experiment}: run {run} learns from a larger set of pictures: name its folder by --large-data")]
    NoLarge {
        /// The experiment.
        experiment: String,
        /// The run.
        run: String,
    },
}

/// The default label of the vertical axis.
fn axis() -> String {
    "mean PSNR (dB)".to_owned()
}

impl Experiment {
    /// Reads an experiment: a file, or a built-in one by its name.
    ///
    /// # Errors
    /// [`ExperimentError`].
    pub fn find(name: &Path) -> Result<Self, ExperimentError> {
        let shown = name.display().to_string();
        if name.is_file() {
            let text = std::fs::read_to_string(name);
            let text = text.map_err(|reason| ExperimentError::File { path: name.to_owned(), reason })?;
            let stem = name.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
            return Self::parse(&stem, &shown, &text);
        }
        match Self::builtin(&shown) {
            Some(text) => Self::parse(&shown, &shown, text),
            None => Err(ExperimentError::Unknown { name: shown }),
        }
    }

    /// Parses the experiment `name`; errors mention it as `place`.
    ///
    /// # Errors
    /// [`ExperimentError`], also if the configuration of a run, short or not, is not valid.
    pub fn parse(name: &str, place: &str, text: &str) -> Result<Self, ExperimentError> {
        let contents: Contents = toml::from_str(text)
            .map_err(|e| ExperimentError::Syntax { experiment: place.to_owned(), reason: e.into() })?;
        let experiment = Self { name: name.to_owned(), contents };
        let runs = &experiment.contents.runs;
        let distinct = |of: fn(&Trial) -> &str| runs.iter().map(of).collect::<BTreeSet<_>>().len() == runs.len();
        // Folders of runs are in the same folder as files of experiments.
        let plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        let rules = [
            (!runs.is_empty(), "there is no run in it"),
            (distinct(|run| &run.name), "two runs have one name"),
            (distinct(|run| &run.label), "two runs have one label"),
            (
                runs.iter().all(|run| !run.name.is_empty() && plain(&run.name)),
                "names of runs are made of letters, digits, - and _",
            ),
            (experiment.contents.levels.values().all(|level| level.is_finite()), "levels are finite numbers"),
        ];
        if let Some((_, rule)) = rules.into_iter().find(|(holds, _)| !holds) {
            return Err(ExperimentError::Rule { experiment: place.to_owned(), rule });
        }
        let anywhere = || vec![PathBuf::from(".")];
        let folders = Folders { data: anywhere(), large: anywhere(), benchmark: anywhere() };
        for run in runs {
            for quick in [false, true] {
                experiment.config(run, &folders, quick).map_err(|e| match e {
                    ExperimentError::Run { run, reason, .. } => {
                        ExperimentError::Run { experiment: place.to_owned(), run, reason }
                    }
                    other => other,
                })?;
            }
        }
        Ok(experiment)
    }

    /// The configuration of a run: `base`, overridden by `set`, and for a short run by both `quick` tables.
    ///
    /// # Errors
    /// [`ExperimentError::Run`] if a field is not valid, [`ExperimentError::NoLarge`] if the large set has no folder.
    pub fn config(&self, run: &Trial, folders: &Folders, quick: bool) -> Result<Config, ExperimentError> {
        let mut table = self.contents.base.clone();
        table.extend(run.set.clone());
        if quick {
            table.extend(self.contents.quick.clone());
            table.extend(run.quick.clone());
        }
        if run.large && folders.large.is_empty() && !run.set.contains_key("data") {
            return Err(ExperimentError::NoLarge { experiment: self.name.clone(), run: run.name.clone() });
        }
        let data = if run.large { &folders.large } else { &folders.data };
        for (field, folders) in [("data", data), ("benchmark", &folders.benchmark)] {
            if !folders.is_empty() && !run.set.contains_key(field) {
                let folders = folders.iter().map(|f| f.to_string_lossy().into_owned().into());
                table.insert(field.to_owned(), toml::Value::Array(folders.collect()));
            }
        }
        table.insert("name".to_owned(), run.name.clone().into());
        let levels = self.contents.levels.iter().map(|(name, value)| (name.clone(), (*value).into()));
        table.insert("levels".to_owned(), levels.collect::<Table>().into());
        let failed = |reason| ExperimentError::Run { experiment: self.name.clone(), run: run.name.clone(), reason };
        let config = Config::from_table(table).map_err(failed)?;
        if config.benchmark.is_empty() {
            return Err(failed(ConfigError::Value { field: "benchmark", rule: "needs a folder of pictures" }));
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests;
