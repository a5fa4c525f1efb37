//! A run: configuration, pictures, network and measurements.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use srcnn::codec::files::write_whole;
use srcnn::engine::Isa;
use srcnn::metrics::Scores;
use srcnn::model::{Facts, Model, Padding, Preprocessing};
use srcnn::random::SplitMix64;
use srcnn::weights::{Builtin, LoadError, WeightFile};

use super::error::RunError;
use super::folder::{CHECKPOINT, CONFIG, FILES, recorded_config, rows_until};
use super::metrics::Row;
use crate::checkpoint::{Best, Checkpoint, CheckpointError};
use crate::config::Config;
use crate::data::{Corpus, Pictures, Sampler};
use crate::learner::{Learner, LearnerError};
use crate::validation::Validation;

/// A run in its folder.
#[derive(Debug)]
pub struct Run {
    pub(super) folder: PathBuf,
    pub(super) config: Config,
    pub(super) isa: Isa,
    pub(super) pictures: Pictures,
    pub(super) sampler: Sampler,
    pub(super) validation: Validation,
    pub(super) benchmark: Option<Validation>,
    pub(super) learner: Learner,
    pub(super) best: Option<Best>,
    pub(super) rows: Vec<Row>,
    /// Time of the training and validation so far.
    pub(super) seconds: f64,
    /// Sum and number of the losses since the last validation.
    pub(super) losses: (f64, u64),
    /// Steps of the last checkpoint.
    pub(super) saved: u64,
}

impl Run {
    /// Begins a run in `folder`, which is created if necessary, and writes the configuration there.
    ///
    /// # Errors
    /// [`RunError`]; [`RunError::Exists`] if the folder already has a run.
    pub fn begin(folder: &Path, config: Config, isa: Isa) -> Result<Self, RunError> {
        config.check()?;
        let file = folder.join(CONFIG);
        let error = |path: &Path, reason: io::Error| RunError::File { path: path.to_owned(), reason: reason.into() };
        let exists = |name: &str| RunError::Exists { folder: folder.to_owned(), name: name.to_owned() };
        let models = [format!("{}.safetensors", config.name), format!("{}.toml", config.name)];
        let names = FILES.into_iter().chain(models.iter().map(String::as_str));
        if let Some(name) = names.into_iter().find(|name| folder.join(name).exists()) {
            return Err(exists(name));
        }
        let run = Self::prepare(folder, config, isa)?;
        std::fs::create_dir_all(folder).map_err(|e| error(folder, e))?;
        write_whole(&file, run.config.to_toml().as_bytes(), false).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => exists(CONFIG),
            _ => error(&file, e),
        })?;
        Ok(run)
    }

    /// Continues the run in `folder` from its last checkpoint, or from the beginning if there is none yet.
    ///
    /// # Errors
    /// [`RunError`]; [`RunError::Changed`] if the pictures changed since the run began.
    pub fn resume(folder: &Path, isa: Isa) -> Result<Self, RunError> {
        let missing = || {
            let reason = io::Error::from(io::ErrorKind::NotFound).into();
            RunError::File { path: folder.join(CONFIG), reason }
        };
        let config = recorded_config(folder)?.ok_or_else(missing)?;
        let mut run = Self::prepare(folder, config, isa)?;
        let path = folder.join(CHECKPOINT);
        let checkpoint = match Checkpoint::load(&path, run.learner.state().learnt.len()) {
            Ok(checkpoint) => checkpoint,
            Err(CheckpointError::Io(e)) if e.kind() == io::ErrorKind::NotFound => return Ok(run),
            Err(reason) => return Err(RunError::File { path, reason: reason.into() }),
        };
        if checkpoint.fingerprint != run.fingerprint() {
            return Err(RunError::Changed { folder: folder.to_owned() });
        }
        run.rows = rows_until(folder, checkpoint.state.step)?;
        run.saved = checkpoint.state.step;
        run.learner.resume(checkpoint.state);
        run.best = checkpoint.best;
        run.seconds = checkpoint.seconds;
        run.losses = checkpoint.losses;
        Ok(run)
    }

    /// Reads the pictures and builds the network.
    fn prepare(folder: &Path, config: Config, isa: Isa) -> Result<Self, RunError> {
        let pictures = Pictures::find(&config)?;
        let validation = Validation::load(&config, &pictures.validation)?;
        let benchmark = match &*pictures.benchmark {
            [] => None,
            paths => Some(Validation::load_benchmark(&config, paths)?),
        };
        let sampler = Sampler::new(&config, Corpus::load(&config, &pictures.train)?);
        let statistics = if config.precondition {
            Some(sampler.statistics(config.kernels[0], config.residual).map_err(RunError::Store)?)
        } else {
            None
        };
        let start = match &config.start {
            Some(path) => Some(start(path, &config)?),
            None => None,
        };
        let learner = Learner::new(&config, isa, statistics.as_ref(), start.as_ref());
        let learner = learner.map_err(|e| match (&config.start, e) {
            (Some(path), LearnerError::Grow(e)) => RunError::File { path: path.clone(), reason: e.into() },
            (_, e) => e.into(),
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            config,
            isa,
            pictures,
            sampler,
            validation,
            benchmark,
            learner,
            best: None,
            rows: Vec::new(),
            seconds: 0.0,
            losses: (0.0, 0),
            saved: 0,
        })
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The files of the pictures.
    pub fn pictures(&self) -> &Pictures {
        &self.pictures
    }

    /// The sampler of sub-images.
    pub fn sampler(&self) -> &Sampler {
        &self.sampler
    }

    /// Steps done.
    pub fn steps(&self) -> u64 {
        self.learner.state().step
    }

    /// Mean scores of the degraded pictures: validation, and benchmark if there is one.
    pub fn bicubic(&self) -> (Scores, Option<Scores>) {
        (self.validation.bicubic(), self.benchmark.as_ref().map(Validation::bicubic))
    }

    /// The current model, with averaged weights.
    pub fn model(&self) -> Model {
        self.model_of(&self.learner.state().average, Default::default())
    }

    /// The path of the best model.
    pub fn model_path(&self) -> PathBuf {
        self.folder.join(format!("{}.safetensors", self.config.name))
    }

    /// The model of trained parameters.
    pub(super) fn model_of(&self, learnt: &[f32], notes: BTreeMap<String, String>) -> Model {
        let preprocessing = Preprocessing {
            scale: self.config.scales.iter().copied().max().unwrap_or(2),
            interpolation: self.config.degradation,
            luma: self.config.luma,
        };
        let architecture = self.config.architecture().expect("it was checked");
        let model = Model::new(&self.config.name, architecture, self.learner.plain_of(learnt), preprocessing, notes);
        model.expect("finite weights of this architecture")
    }

    /// A hash of the pictures, their degradation and the instruction set.
    pub(super) fn fingerprint(&self) -> u64 {
        let benchmark = self.benchmark.as_ref().map_or(0, Validation::fingerprint);
        let isa = self.isa.name().bytes().map(u64::from);
        let parts = [self.sampler.corpus().fingerprint(), self.validation.fingerprint(), benchmark];
        SplitMix64::of(&parts.into_iter().chain(isa).collect::<Vec<_>>()).next_u64()
    }
}

/// The initial model: a file, or a built-in model by its name. Facts that a file lacks are taken from the configuration; they
/// have no influence on the training.
fn start(path: &Path, config: &Config) -> Result<Model, LoadError> {
    let name = path.to_string_lossy();
    if !path.is_file()
        && let Ok(builtin) = Builtin::pick(Some(&name), f64::from(config.scales[0]))
    {
        return Ok(builtin.model());
    }
    let mut file = WeightFile::open_named(path)?;
    file.facts = std::mem::take(&mut file.facts).or(Facts {
        scale: config.scales.first().copied(),
        interpolation: Some(config.degradation),
        luma: Some(config.luma),
        padding: Some(vec![Padding::Replicate]),
        ..Facts::default()
    });
    file.into_model(&name).map_err(|e| LoadError { path: path.to_owned(), reason: e.into() })
}
