//! A run in a folder of its own: from its configuration to a model, by way of checkpoints.
//!
//! The folder holds `config.toml`, written before the first step; `checkpoint.safetensors`; `metrics.csv`, a line a
//! validation; and the best model so far, `NAME.safetensors` with its card `NAME.toml`. Each file appears whole or not at
//! all.

mod card;
mod metrics;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;
use srcnn::codec::files::write_whole;
use srcnn::engine::{EngineError, Isa};
use srcnn::metrics::Scores;
use srcnn::model::{Builtin, Card, Facts, Model, Padding, Preprocessing};
use srcnn::random::SplitMix64;
use srcnn::weights::{LoadError, WeightFile, to_safetensors};

use crate::checkpoint::{Best, Checkpoint, CheckpointError};
use crate::config::{Config, ConfigError};
use crate::data::{Corpus, DataError, Pictures, Sample, Sampler};
use crate::learner::{Learner, LearnerError};
use crate::validation::Validation;

pub use metrics::Row;

/// Told how a run goes, and asked whether it should stop.
pub trait Observer {
    /// A step was done; `steps` by now.
    fn stepped(&mut self, steps: u64, loss: f64);

    /// The network was scored, and everything is on disk. All rows so far, the first before the first step.
    fn scored(&mut self, run: &Run, rows: &[Row]) -> io::Result<()>;

    /// Whether to save and stop.
    fn stop(&self) -> bool;
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All steps are done.
    Done,
    /// [`Observer::stop`] said so; a checkpoint was saved.
    Stopped,
}

/// A run that cannot begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A file of the run.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file, or the folder.
        path: PathBuf,
        /// What is wrong.
        reason: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Its configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Its pictures.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Its network.
    #[error(transparent)]
    Learner(#[from] LearnerError),
    /// What it begins with.
    #[error(transparent)]
    Start(#[from] LoadError),
    /// Validation.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Pictures on disk.
    #[error("sub-images cannot be read back from disk: {0}")]
    Store(io::Error),
    /// The folder has a file that a run would write.
    #[error("{}: there is {name} already, of a run perhaps: go on with it by --resume, or name another folder", folder.display())]
    Exists {
        /// The folder.
        folder: PathBuf,
        /// The file.
        name: String,
    },
    /// The pictures, or the instruction set, are others than at the beginning.
    #[error("{}: the run began with other pictures (or another --isa): they have changed since", folder.display())]
    Changed {
        /// The folder of the run.
        folder: PathBuf,
    },
    /// Learning got lost.
    #[error(
        "step {step}: {what}; try a lower rate, clip or warm_up. The last good checkpoint, after step {good}, is kept"
    )]
    Diverged {
        /// Steps done by then.
        step: u64,
        /// What shows it.
        what: &'static str,
        /// Steps of the checkpoint.
        good: u64,
    },
}

/// What a folder says of its run.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Its configuration.
    pub config: Config,
    /// What was measured so far.
    pub rows: Vec<Row>,
    /// Whether all steps are done.
    pub done: bool,
}

impl Recorded {
    /// Reads the files of the run in `folder`, and no picture; nothing if there is no run.
    ///
    /// # Errors
    /// [`RunError::File`].
    pub fn read(folder: &Path) -> Result<Option<Self>, RunError> {
        let Some(config) = recorded_config(folder)? else { return Ok(None) };
        let path = folder.join(CHECKPOINT);
        let step = match Checkpoint::steps(&path) {
            Ok(step) => step,
            Err(CheckpointError::Io(e)) if e.kind() == io::ErrorKind::NotFound => {
                return Ok(Some(Self { config, rows: Vec::new(), done: false }));
            }
            Err(reason) => return Err(RunError::File { path, reason: reason.into() }),
        };
        let rows = rows_until(folder, step)?;
        let done = step == config.steps && rows.last().is_some_and(|row| row.step == step);
        Ok(Some(Self { config, rows, done }))
    }
}

/// How far validation may fall below the best before that is called divergence, in dB.
const FALL: f64 = 10.0;

/// A run.
#[derive(Debug)]
pub struct Run {
    folder: PathBuf,
    config: Config,
    isa: Isa,
    pictures: Pictures,
    sampler: Sampler,
    validation: Validation,
    benchmark: Option<Validation>,
    learner: Learner,
    best: Option<Best>,
    rows: Vec<Row>,
    seconds: f64,
    /// Sum and number of the losses since the last validation.
    losses: (f64, u64),
    saved: u64,
}

impl Run {
    /// Begins a run in `folder`, which is made if need be; the configuration is written there before
    /// the first step.
    ///
    /// # Errors
    /// [`RunError`]; [`RunError::Exists`] if the folder has a run.
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

    /// Goes on with the run in `folder` from its last checkpoint, or from the beginning if there is none yet.
    ///
    /// # Errors
    /// [`RunError`]; [`RunError::Changed`] if the pictures are others than at the beginning.
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

    /// Its configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its pictures.
    pub fn pictures(&self) -> &Pictures {
        &self.pictures
    }

    /// Where its sub-images come from.
    pub fn sampler(&self) -> &Sampler {
        &self.sampler
    }

    /// Steps done.
    pub fn steps(&self) -> u64 {
        self.learner.state().step
    }

    /// What the bicubic pictures score: validation, and benchmark if there is one.
    pub fn bicubic(&self) -> (Scores, Option<Scores>) {
        (self.validation.bicubic(), self.benchmark.as_ref().map(Validation::bicubic))
    }

    /// The model of the averaged weights by now.
    pub fn model(&self) -> Model {
        self.model_of(&self.learner.state().average, Default::default())
    }

    /// The file of the best model.
    pub fn model_path(&self) -> PathBuf {
        self.folder.join(format!("{}.safetensors", self.config.name))
    }

    fn model_of(&self, learnt: &[f32], notes: std::collections::BTreeMap<String, String>) -> Model {
        let preprocessing = Preprocessing {
            scale: self.config.scales.iter().copied().max().unwrap_or(2),
            interpolation: self.config.degradation,
            luma: self.config.luma,
        };
        let architecture = self.config.architecture().expect("it was checked");
        let model = Model::new(&self.config.name, architecture, self.learner.plain_of(learnt), preprocessing, notes);
        model.expect("finite weights of this architecture")
    }

    /// Learns until all steps are done or the observer says stop.
    ///
    /// # Errors
    /// [`RunError`]; [`RunError::Diverged`] leaves the last checkpoint as it is.
    pub fn go(&mut self, observer: &mut dyn Observer) -> Result<End, RunError> {
        if self.rows.is_empty() {
            self.score(None, observer)?;
        } else {
            // A kill may have come before the last figures.
            self.tell(observer)?;
        }
        let mut begin = Instant::now();
        while self.steps() < self.config.steps {
            let batch = self.batch()?;
            let report = self.learner.step(&batch);
            if !(report.loss.is_finite() && report.gradient.is_finite() && self.learner.is_finite()) {
                return Err(self.diverged("the loss is no longer a finite number"));
            }
            self.losses = (self.losses.0 + report.loss, self.losses.1 + 1);
            let step = self.steps();
            observer.stepped(step, report.loss);
            self.seconds += begin.elapsed().as_secs_f64();
            begin = Instant::now();
            if step.is_multiple_of(self.config.every) || step == self.config.steps {
                let (sum, count) = std::mem::take(&mut self.losses);
                self.score(Some(sum / count as f64), observer)?;
                begin = Instant::now();
            } else if observer.stop() {
                self.save()?;
                return Ok(End::Stopped);
            }
            if observer.stop() && step < self.config.steps {
                return Ok(End::Stopped);
            }
        }
        Ok(End::Done)
    }

    fn batch(&self) -> Result<Vec<Sample>, RunError> {
        let (step, sampler) = (self.steps(), &self.sampler);
        let samples = (0..self.config.batch).into_par_iter().map(|i| sampler.sample(step, i));
        samples.collect::<io::Result<Vec<_>>>().map_err(RunError::Store)
    }

    fn diverged(&self, what: &'static str) -> RunError {
        RunError::Diverged { step: self.steps(), what, good: self.saved }
    }

    /// Scores the network and writes everything.
    fn score(&mut self, loss: Option<f64>, observer: &mut dyn Observer) -> Result<(), RunError> {
        let begin = Instant::now();
        let model = self.model();
        let validation = self.validation.score(&model)?.psnr;
        let benchmark = self.benchmark.as_ref().map(|b| b.score(&model)).transpose()?.map(|s| s.psnr);
        let step = self.steps();
        let best = self.best.as_ref().map(|b| b.score);
        if validation.is_nan() || best.is_some_and(|best| validation < best - FALL) {
            return Err(self.diverged("validation fell far below what it was"));
        }
        let better = best.is_none_or(|best| validation > best);
        if better {
            let learnt = self.learner.state().average.clone();
            self.best = Some(Best { learnt, score: validation, step });
        }
        self.seconds += begin.elapsed().as_secs_f64();
        let rate = self.config.rate_at(step.saturating_sub(1)) * self.config.layer_rates()[0];
        let backpropagations = step * self.config.batch as u64;
        let seconds = self.seconds;
        self.rows.push(Row { step, backpropagations, seconds, rate, loss, validation, benchmark });
        let path = self.folder.join(METRICS);
        let text = metrics::to_csv(&self.rows);
        write_whole(&path, text.as_bytes(), true).map_err(|e| RunError::File { path, reason: e.into() })?;
        if better || step == self.config.steps {
            self.save_model()?;
        }
        self.save()?;
        self.tell(observer)
    }

    /// Shows all rows to the observer.
    fn tell(&mut self, observer: &mut dyn Observer) -> Result<(), RunError> {
        let rows = std::mem::take(&mut self.rows);
        let told = observer.scored(self, &rows);
        self.rows = rows;
        told.map_err(|e| RunError::File { path: self.folder.clone(), reason: e.into() })
    }

    /// Tells other pictures, and another instruction set, from those of this run.
    fn fingerprint(&self) -> u64 {
        let benchmark = self.benchmark.as_ref().map_or(0, Validation::fingerprint);
        let isa = self.isa.name().bytes().map(u64::from);
        let parts = [self.sampler.corpus().fingerprint(), self.validation.fingerprint(), benchmark];
        SplitMix64::of(&parts.into_iter().chain(isa).collect::<Vec<_>>()).next_u64()
    }

    /// Writes the checkpoint.
    fn save(&mut self) -> Result<(), RunError> {
        let checkpoint = Checkpoint {
            state: self.learner.state().clone(),
            best: self.best.clone(),
            seconds: self.seconds,
            fingerprint: self.fingerprint(),
            losses: self.losses,
        };
        let path = self.folder.join(CHECKPOINT);
        checkpoint.save(&path).map_err(|e| RunError::File { path, reason: e.into() })?;
        self.saved = self.steps();
        Ok(())
    }

    /// Writes the best model and its card.
    fn save_model(&self) -> Result<(), RunError> {
        let Some(best) = &self.best else { return Ok(()) };
        let model = self.model_of(&best.learnt, Default::default());
        let validation = self.validation.score(&model)?;
        let benchmark = self.benchmark.as_ref().map(|b| b.score(&model)).transpose()?;
        let card = card::write(self, best, validation, benchmark);
        let notes = Card::parse(&card).expect("a card").notes();
        let files = [
            (self.model_path(), to_safetensors(&self.model_of(&best.learnt, notes))),
            (self.folder.join(format!("{}.toml", self.config.name)), card.into_bytes()),
        ];
        for (path, bytes) in files {
            write_whole(&path, &bytes, true).map_err(|e| RunError::File { path, reason: e.into() })?;
        }
        Ok(())
    }
}

const CONFIG: &str = "config.toml";
const CHECKPOINT: &str = "checkpoint.safetensors";
const METRICS: &str = "metrics.csv";

/// The files of every run, beside the model and its card; the last three are drawn by those who watch.
pub const FILES: [&str; 6] = [CONFIG, CHECKPOINT, METRICS, "curve.png", "curve.svg", "filters.png"];

/// The configuration of the run in `folder`; nothing if there is none.
fn recorded_config(folder: &Path) -> Result<Option<Config>, RunError> {
    let path = folder.join(CONFIG);
    let error = |reason: Box<dyn std::error::Error + Send + Sync>| RunError::File { path: path.clone(), reason };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(error(e.into())),
    };
    Config::fields(&text).and_then(Config::from_table).map(Some).map_err(|e| error(e.into()))
}

/// What was measured up to the checkpoint's step. A kill may have come between the two files: later rows will be written
/// again.
fn rows_until(folder: &Path, step: u64) -> Result<Vec<Row>, RunError> {
    let path = folder.join(METRICS);
    let rows = metrics::read(&path).map_err(|reason| RunError::File { path, reason })?;
    Ok(rows.into_iter().filter(|row| row.step <= step).collect())
}

/// The model to begin with: a file, or a built-in one by its name. What a file does not say does not matter here.
fn start(path: &Path, config: &Config) -> Result<Model, LoadError> {
    let name = path.to_string_lossy();
    if !path.is_file()
        && let Ok(builtin) = Builtin::pick(Some(&name), f64::from(config.scales[0]))
    {
        return Ok(builtin.model());
    }
    let mut file = WeightFile::open(path)?;
    file.facts = std::mem::take(&mut file.facts).or(Facts {
        scale: config.scales.first().copied(),
        interpolation: Some(config.degradation),
        luma: Some(config.luma),
        padding: Some(vec![Padding::Replicate]),
        ..Facts::default()
    });
    file.into_model(&name).map_err(|e| LoadError { path: path.to_owned(), reason: e.into() })
}
