//! Experiments: several runs that differ in one thing, and whose curves belong into one chart.
//!
//! An experiment is a file of TOML: a table `base` of the fields that a run's configuration has, and a list `runs` of what
//! is otherwise in each. A table `quick` makes all of them short.

mod builtin;
mod course;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Table;

use crate::config::{Config, ConfigError};

pub use course::{Passed, passed, to_csv};

/// Runs whose curves belong into one chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    /// What it is called; the name of its file without the extension, and of what is drawn.
    pub name: String,
    /// All else.
    pub contents: Contents,
}

/// What the file of an experiment holds.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contents {
    /// Above the chart.
    pub title: String,
    /// For people: what is compared, and what is otherwise than in the paper.
    pub description: String,
    /// What the chart's vertical axis measures.
    #[serde(default = "axis")]
    pub axis: String,
    /// What other methods score on the benchmark as published, in dB; bicubic interpolation is measured.
    #[serde(default)]
    pub levels: BTreeMap<String, f64>,
    /// Whether the channels of YCbCr are scored at the end, too.
    #[serde(default)]
    pub channels: bool,
    /// What bicubic interpolation scores as published: Y, Cb, Cr, and all of these together, in dB.
    pub bicubic_channels: Option<[f64; 4]>,
    /// Fields of every run's configuration, perhaps with a `preset`.
    #[serde(default)]
    pub base: Table,
    /// Fields that make all runs short, over all that is said before.
    #[serde(default)]
    pub quick: Table,
    /// The runs, in their order.
    pub runs: Vec<Trial>,
}

/// One run of an experiment.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// The name of its folder and of its model.
    pub name: String,
    /// In the legend.
    pub label: String,
    /// What the paper's network scored on the benchmark, in dB.
    pub published: Option<f64>,
    /// What it scored on Y, Cb, Cr, and all of these together, in dB.
    pub published_channels: Option<[f64; 4]>,
    /// Learns from the larger folder.
    #[serde(default)]
    pub large: bool,
    /// Fields that are otherwise than in `base`.
    #[serde(default)]
    pub set: Table,
    /// Fields that are otherwise than in the experiment's `quick`.
    #[serde(default)]
    pub quick: Table,
}

/// Where an experiment's pictures are. A list that is empty leaves what the experiment says, and so does a run that sets its
/// own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folders {
    /// To learn from.
    pub data: Vec<PathBuf>,
    /// To learn from, for the runs that ask for more.
    pub large: Vec<PathBuf>,
    /// To score along.
    pub benchmark: Vec<PathBuf>,
}

/// An experiment that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ExperimentError {
    /// Neither a file nor a name.
    #[error("`{name}` is neither a file nor an experiment of the paper; these are {}", Experiment::names().join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// A file that cannot be read.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: io::Error,
    },
    /// Not TOML, or not an experiment.
    #[error("{experiment}: {}", reason.to_string().trim_end())]
    Syntax {
        /// The file or the name.
        experiment: String,
        /// What is wrong, with its line.
        reason: Box<toml::de::Error>,
    },
    /// Runs that do not fit.
    #[error("{experiment}: {rule}")]
    Rule {
        /// The file or the name.
        experiment: String,
        /// What must be.
        rule: &'static str,
    },
    /// A run whose fields do not fit.
    #[error("{experiment}: run {run}: {reason}")]
    Run {
        /// The experiment.
        experiment: String,
        /// The run.
        run: String,
        /// What is wrong.
        reason: ConfigError,
    },
    /// A run that asks for more pictures than there are.
    #[error("{experiment}: run {run} learns from a larger set of pictures: name its folder by --large-data")]
    NoLarge {
        /// The experiment.
        experiment: String,
        /// The run.
        run: String,
    },
}

fn axis() -> String {
    "mean PSNR (dB)".to_owned()
}

impl Experiment {
    /// Finds an experiment: a file, or one of the paper's by its name.
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

    /// Reads the experiment `name`; `place` is what errors call it.
    ///
    /// # Errors
    /// [`ExperimentError`], also for a run whose configuration does not fit, quick or not.
    pub fn parse(name: &str, place: &str, text: &str) -> Result<Self, ExperimentError> {
        let contents: Contents = toml::from_str(text)
            .map_err(|e| ExperimentError::Syntax { experiment: place.to_owned(), reason: Box::new(e) })?;
        let experiment = Self { name: name.to_owned(), contents };
        let runs = &experiment.contents.runs;
        let distinct = |of: fn(&Trial) -> &str| runs.iter().map(of).collect::<BTreeSet<_>>().len() == runs.len();
        // The folders of runs stand beside the files of experiments.
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

    /// The configuration of one run: `base`, over it what the run sets, over that what is quick, if it shall be.
    ///
    /// # Errors
    /// [`ExperimentError::Run`] if its fields do not fit, [`ExperimentError::NoLarge`] if `folders` has too little.
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
