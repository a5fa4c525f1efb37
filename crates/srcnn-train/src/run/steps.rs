//! The steps of a run: training, validation, checkpoints.

use std::io;
use std::time::Instant;

use rayon::prelude::*;
use srcnn::codec::files::write_whole;
use srcnn::model::Card;
use srcnn::weights::to_safetensors;

use super::card;
use super::error::RunError;
use super::folder::{CHECKPOINT, METRICS};
use super::metrics::{self, Row};
use super::state::Run;
use crate::checkpoint::{Best, Checkpoint};
use crate::data::Sample;

/// A validation PSNR this much below the best, in dB, counts as divergence.
const FALL: f64 = 10.0;

/// Follows a run, and may stop it.
pub trait Observer {
    /// Called after each step with the number of steps done and the loss.
    fn stepped(&mut self, steps: u64, loss: f64);

    /// Called after each validation, when all files are written, with all measurements so far; the first one is before the
    /// first step.
    ///
    /// # Errors
    /// Those of the observer's own files; they end the run.
    fn scored(&mut self, run: &Run, rows: &[Row]) -> io::Result<()>;

    /// Whether the run shall save a checkpoint and stop.
    fn stop(&self) -> bool;
}

/// The end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All steps are done.
    Done,
    /// [`Observer::stop`] was true; a checkpoint is saved.
    Stopped,
}

impl Run {
    /// Trains until all steps are done or the observer stops the run.
    ///
    /// # Errors
    /// [`RunError`]; [`RunError::Diverged`] keeps the last checkpoint.
    pub fn go(&mut self, observer: &mut dyn Observer) -> Result<End, RunError> {
        if self.rows.is_empty() {
            self.score(None, observer)?;
        } else {
            // The process may have been killed before the last call.
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

    /// The sub-images of the next step.
    fn batch(&self) -> Result<Vec<Sample>, RunError> {
        let (step, sampler) = (self.steps(), &self.sampler);
        let samples = (0..self.config.batch).into_par_iter().map(|i| sampler.sample(step, i));
        samples.collect::<io::Result<Vec<_>>>().map_err(RunError::Store)
    }

    /// The error of a divergence.
    fn diverged(&self, what: &'static str) -> RunError {
        RunError::Diverged { step: self.steps(), what, good: self.saved }
    }

    /// Validates the network, and writes measurements, model and checkpoint.
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

    /// Calls [`Observer::scored`].
    fn tell(&mut self, observer: &mut dyn Observer) -> Result<(), RunError> {
        let rows = std::mem::take(&mut self.rows);
        let told = observer.scored(self, &rows);
        self.rows = rows;
        told.map_err(|e| RunError::File { path: self.folder.clone(), reason: e.into() })
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
