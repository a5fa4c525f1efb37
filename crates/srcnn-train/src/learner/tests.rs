use serde::Deserialize;
use srcnn::model::{Input, Padding};
use srcnn::plane::Plane;

use super::*;
use crate::config::{Loss, Optimiser, Reduction, Schedule};

/// The first training steps of PyTorch (fixture by `tools/oracles/make_training.py`).
#[derive(Deserialize)]
struct Fixture {
    kernels: Vec<usize>,
    filters: Vec<usize>,
    padding: Vec<Padding>,
    crop: usize,
    steps: u64,
    momentum: f64,
    ema: f64,
    batches: Vec<Vec<usize>>,
    start: Vec<f32>,
    #[serde(default)]
    early_channels: Vec<f64>,
    samples: Vec<SampleCase>,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct SampleCase {
    input: Vec<f32>,
    truth: Vec<f32>,
    weights: Vec<f32>,
}

#[derive(Deserialize)]
struct Run {
    optimiser: Optimiser,
    loss: Loss,
    reduction: Reduction,
    rates: Vec<f64>,
    clip: f64,
    losses: Vec<f64>,
    lengths: Vec<f64>,
    learnt: Vec<f32>,
    average: Vec<f32>,
}

/// The largest relative difference of losses and of norms of gradients.
const BOUND: f64 = 1e-5;

/// The largest difference of parameters, relative to the largest change of a parameter of the same tensor.
const WAY: f64 = 1e-4;

/// `count` square planes from consecutive values.
fn squares(values: &[f32], count: usize) -> Vec<Plane<f32>> {
    let side = (values.len() / count).isqrt();
    values.chunks(side * side).map(|plane| Plane::new(side, side, plane.to_vec()).expect("a square")).collect()
}

impl Fixture {
    fn read() -> Self {
        let fixture = include_str!("../../tests/fixtures/training.json");
        serde_json::from_str(fixture).expect("the script writes this")
    }

    /// Three channels, which have different weights in the first half of the run.
    fn colored() -> Self {
        let fixture = include_str!("../../tests/fixtures/channels.json");
        serde_json::from_str(fixture).expect("the script writes this")
    }

    fn channels(&self) -> usize {
        self.early_channels.len().max(1)
    }

    fn config(&self) -> Config {
        Config {
            input: if self.channels() == 3 { Input::Ycbcr } else { Input::Y },
            early_channels: self.early_channels.clone(),
            early_until: 0.5,
            kernels: self.kernels.clone(),
            filters: self.filters.clone(),
            padding: self.padding.clone(),
            crop: self.crop,
            steps: self.steps,
            momentum: self.momentum,
            average: self.ema,
            residual: false,
            precondition: false,
            late_loss: None,
            clip: 0.0,
            warm_up: 0,
            ..Config::preset("best").expect("a preset")
        }
    }

    fn samples(&self) -> Vec<Sample> {
        let sample = |case: &SampleCase| Sample {
            input: squares(&case.input, self.channels()),
            truth: squares(&case.truth, self.channels()),
            weights: squares(&case.weights, 1).remove(0),
        };
        self.samples.iter().map(sample).collect()
    }

    fn batch(&self, step: usize) -> Vec<Sample> {
        let samples = self.samples();
        self.batches[step].iter().map(|n| samples[*n].clone()).collect()
    }

    /// A learner with PyTorch's initial parameters.
    fn learner(&self, config: &Config, isa: Isa) -> Learner {
        let mut learner = Learner::new(config, isa, None, None).expect("a network");
        let (learnt, moments) = (self.start.clone(), Moments::zeros(self.start.len()));
        // The average begins with the first step.
        learner.resume(State { step: 0, average: vec![f32::MAX; learnt.len()], learnt, moments });
        learner
    }
}

/// The largest difference of a tensor's values, relative to the largest change in PyTorch.
fn off(ours: &[f32], theirs: &[f32], start: &[f32]) -> f64 {
    assert!(ours.iter().all(|v| v.is_finite()));
    let largest = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from((a - b).abs())).fold(0.0, f64::max);
    largest(ours, theirs) / largest(theirs, start)
}

#[test]
fn first_steps_are_those_of_pytorch_on_every_instruction_set() {
    let fixture = Fixture::read();
    assert!(fixture.runs.len() >= 14);
    follow(&fixture);
}

#[test]
fn first_steps_are_those_of_pytorch_where_channels_do_not_count_alike() {
    let fixture = Fixture::colored();
    assert!(fixture.runs.len() >= 4 && fixture.early_channels == [0.5, 0.0, 2.0]);
    let config = fixture.config();
    assert_eq!((config.channels_at(2), config.channels_at(3)), (vec![0.5, 0.0, 2.0], vec![1.0; 3]));
    follow(&fixture);
}

/// Repeats the steps of every run of a fixture on every instruction set.
fn follow(fixture: &Fixture) {
    let (mut worst, mut worst_way) = (0.0f64, 0.0f64);
    println!("instruction sets: {:?}", Isa::available());
    for (run, isa) in fixture.runs.iter().flat_map(|run| Isa::available().into_iter().map(move |isa| (run, isa))) {
        let config = Config {
            optimiser: run.optimiser,
            loss: run.loss,
            reduction: run.reduction,
            rates: run.rates.clone(),
            clip: run.clip,
            schedule: if run.optimiser == Optimiser::Adam { Schedule::Cosine } else { Schedule::Constant },
            ..fixture.config()
        };
        let case = format!("{:?} {:?} {:?} {} on {}", run.optimiser, run.loss, run.reduction, run.clip, isa.name());
        let mut learner = fixture.learner(&config, isa);
        for (step, (loss, length)) in run.losses.iter().zip(&run.lengths).enumerate() {
            let report = learner.step(&fixture.batch(step));
            for (what, ours, theirs) in [("loss", report.loss, loss), ("gradient", report.gradient, length)] {
                let off = (ours / theirs - 1.0).abs();
                assert!(off < BOUND, "{case}: {what} {ours} before step {step}, expected {theirs}");
                worst = worst.max(off);
            }
        }
        let state = learner.state();
        assert_eq!(state.step, 4);
        for tensor in learner.parametrisation.ranges().into_iter().flatten() {
            for (what, ours, theirs) in
                [("learnt", &state.learnt, &run.learnt), ("average", &state.average, &run.average)]
            {
                let off = off(&ours[tensor.clone()], &theirs[tensor.clone()], &fixture.start[tensor.clone()]);
                assert!(off < WAY, "{case}: {what} {tensor:?} {off}");
                worst_way = worst_way.max(off);
            }
        }
    }
    println!("losses and lengths: {worst:e}; parameters: {worst_way:e} of their way");
}

/// Samples of noise.
fn noise(count: usize, crop: usize) -> Vec<Sample> {
    let mut random = SplitMix64::new(3);
    let mut plane = |size: usize| Plane::from_fn(size, size, |_, _| random.unit() as f32);
    let sample = |_| Sample { input: vec![plane(crop)], truth: vec![plane(crop)], weights: plane(crop) };
    (0..count).map(sample).collect()
}

#[test]
fn steps_are_the_same_on_any_number_of_threads() {
    let config = Config {
        kernels: vec![5, 1, 3],
        filters: vec![18, 9],
        precondition: false,
        ..Config::preset("best").expect("a preset")
    };
    for count in [1, 7, 8, 19] {
        let batch = noise(count, 21);
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| {
                let mut learner = Learner::new(&config, Isa::best(), None, None).expect("a network");
                let reports: Vec<StepReport> = (0..3).map(|_| learner.step(&batch)).collect();
                (reports, learner.state().clone())
            })
        };
        let one = run(1);
        assert_eq!(one.1.step, 3);
        assert_ne!(one.0[0], one.0[2]);
        for threads in [2, 3] {
            assert!(run(threads) == one, "{count} samples on {threads} threads");
        }
    }
}

#[test]
fn a_step_that_is_not_finite_changes_nothing() {
    let fixture = Fixture::read();
    let mut learner = fixture.learner(&fixture.config(), Isa::best());
    learner.step(&fixture.batch(0));
    let before = learner.state().clone();
    let mut batch = fixture.batch(1);
    batch[0].truth[0].as_mut_slice()[7] = f32::NAN;
    let report = learner.step(&batch);
    assert!(report.loss.is_nan() && learner.state() == &before);
    learner.step(&fixture.batch(1));
    assert_eq!(learner.state().step, 2);
}
