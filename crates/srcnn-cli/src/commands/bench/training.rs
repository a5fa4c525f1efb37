//! `srcnn bench --train`: one step of learning.

use std::time::Instant;

use anyhow::{Result, ensure};
use serde_json::json;
use srcnn::engine::Isa;
use srcnn::model::Architecture;
use srcnn::plane::Plane;
use srcnn_train::config::{Config, Optimiser, Reduction};
use srcnn_train::data::Sample;
use srcnn_train::init::Init;
use srcnn_train::learner::Learner;

use super::times::{Times, noise, report};
use crate::args::BenchArgs;
use crate::outcome::Outcome;

/// By how much a step may differ from the portable instruction set's, as a part of its longest move.
const BOUND: f64 = 1e-4;

/// Times steps of Adam on the mean squared error of `valid` sub-images of noise.
pub(super) fn run(args: &BenchArgs, architecture: &Architecture) -> Result<Outcome> {
    let isa = args.execution.isa.unwrap_or_else(Isa::best);
    let config = Config {
        kernels: architecture.layers().iter().map(|l| l.kernel).collect(),
        filters: architecture.layers().split_last().map_or(&[][..], |(_, l)| l).iter().map(|l| l.outputs).collect(),
        init: Init::GlorotUniform,
        optimiser: Optimiser::Adam,
        reduction: Reduction::Mean,
        rates: vec![1e-4],
        batch: usize::from(args.batch),
        crop: usize::from(args.crop),
        ..Config::preset("paper")?
    };
    let loss = architecture.layers().iter().map(|l| l.kernel - 1).sum::<usize>();
    ensure!(config.crop > loss, "--crop {}: the network loses {loss} rows and columns", config.crop);
    let size = config.crop - loss;
    let samples: Vec<Sample> = (0..config.batch)
        .map(|i| Sample {
            input: vec![noise(config.crop, config.crop, 2 * i)],
            truth: vec![noise(size, size, 2 * i + 1)],
            weights: Plane::filled(size, size, 1.0),
        })
        .collect();
    let max_error = max_error(&config, isa, &samples)?;
    ensure!(max_error <= BOUND, "wrong result: off by {max_error:e} of the step, more than {BOUND:e}");
    let mut learner = Learner::new(&config, isa, None, None)?;
    let times = Times::of(args.reps, || {
        let begin = Instant::now();
        let report = learner.step(&samples);
        ensure!(report.loss.is_finite(), "the loss is not finite");
        Ok(begin.elapsed())
    })?;
    let (threads, batch, crop) = (rayon::current_num_threads(), config.batch, config.crop);
    let net = &args.net;
    let text = format!(
        "{net} training, {batch} sub-images of {crop}x{crop}, {threads} threads on {}: {times}; off by {max_error:.1e} at most",
        isa.name()
    );
    let json = json!({"net": net, "training": true, "batch": batch, "crop": crop, "threads": threads,
        "isa": isa.name(), "milliseconds": times.json(), "max_error": max_error});
    report(args, &text, &json)
}

/// The greatest difference between where one step of plain descent leads with this instruction set and with the portable
/// one, as a part of the longest move.
fn max_error(config: &Config, isa: Isa, samples: &[Sample]) -> Result<f64> {
    let config = Config { optimiser: Optimiser::Sgd, momentum: 0.0, rates: vec![1.0], ..config.clone() };
    let step = |isa: Isa| -> Result<(Vec<f32>, Vec<f32>)> {
        let mut learner = Learner::new(&config, isa, None, None)?;
        let before = learner.state().learnt.clone();
        learner.step(samples);
        Ok((before, learner.state().learnt.clone()))
    };
    let ((before, truth), (_, ours)) = (step(Isa::named("portable")?)?, step(isa)?);
    let most = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from((a - b).abs())).fold(0.0, f64::max);
    Ok(most(&truth, &ours) / most(&before, &truth))
}
