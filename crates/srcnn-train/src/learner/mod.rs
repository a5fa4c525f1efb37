//! A network that learns: one step at a time.

use rayon::prelude::*;
use srcnn::engine::Isa;
use srcnn::model::{Activation as ModelActivation, LayerWeights, Model};
use srcnn::random::SplitMix64;

use crate::config::{Config, ConfigError};
use crate::data::Sample;
use crate::init::Init;
use crate::loss::loss;
use crate::network::{Activation, Layer, Network, Worker};
use crate::optimiser::{Moments, clip};
use crate::parametrisation::{GrowError, Parametrisation, Statistics};

/// All that changes while a network learns.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Steps done.
    pub step: u64,
    /// What is learnt.
    pub learnt: Vec<f32>,
    /// Its moving average.
    pub average: Vec<f32>,
    /// What the optimiser remembers.
    pub moments: Moments,
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// The loss before the step.
    pub loss: f64,
    /// The length of its gradient.
    pub gradient: f64,
}

/// A network, and all that it needs for learning.
#[derive(Clone, Debug)]
pub struct Learner {
    config: Config,
    parametrisation: Parametrisation,
    network: Network,
    rates: Vec<(std::ops::Range<usize>, f64)>,
    workers: Vec<Worker>,
    state: State,
}

/// Groups that a batch is shared out to. They are the same for every number of threads, and so is the order of sums.
const GROUPS: usize = 8;

impl Learner {
    /// A network at its beginning; `statistics` if learning is preconditioned, `start` to grow from that model.
    ///
    /// # Errors
    /// [`ConfigError`] for impossible layers, [`GrowError`] if `start` does not fit.
    pub fn new(
        config: &Config,
        isa: Isa,
        statistics: Option<&Statistics>,
        start: Option<&Model>,
    ) -> Result<Self, LearnerError> {
        let parametrisation = Parametrisation::new(config.architecture()?, config.residual, statistics);
        let learnt = match start {
            Some(model) => parametrisation.grow(model, config.seed)?,
            None => fresh(config, &parametrisation),
        };
        let network = network_of(isa, &parametrisation);
        let rates = parametrisation.ranges().into_iter().zip(config.layer_rates());
        let rates = rates.map(|([kernels, biases], rate)| (kernels.start..biases.end, rate)).collect();
        let moments = Moments::zeros(learnt.len());
        let state = State { step: 0, average: learnt.clone(), learnt, moments };
        Ok(Self { config: config.clone(), parametrisation, network, rates, workers: Vec::new(), state })
    }

    /// What changes.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Whether all that was learnt is finite.
    pub fn is_finite(&self) -> bool {
        let State { learnt, average, .. } = &self.state;
        let weights = self.parametrisation.weights(average);
        learnt.iter().chain(average).chain(&weights).all(|v| v.is_finite())
    }

    /// Goes on from a state.
    ///
    /// # Panics
    /// If it belongs to another network.
    pub fn resume(&mut self, state: State) {
        assert_eq!(state.learnt.len(), self.parametrisation.count(), "a state of this network");
        self.state = state;
    }

    /// Learns from a batch. If loss or gradient are not finite, nothing changes.
    pub fn step(&mut self, batch: &[Sample]) -> StepReport {
        let weights = self.parametrisation.weights(&self.state.learnt);
        self.network.load(&weights);
        let (network, step) = (&self.network, self.state.step);
        let (kind, channels) = (self.config.loss_at(step), self.config.channels_at(step));
        let factor = self.config.reduce(batch, &channels);
        let share = batch.len().div_ceil(GROUPS);
        self.workers.resize_with(batch.len().div_ceil(share), Worker::default);
        let groups = self.workers.par_iter_mut().zip(batch.par_chunks(share)).map(|(worker, samples)| {
            worker.begin(network, samples[0].input[0].size().into());
            let mut total = 0.0;
            for sample in samples {
                let mut output = worker.forward(network, &weights, &sample.input);
                total += loss(kind, factor, &channels, sample, &mut output);
                worker.backward(network, &weights, &output);
            }
            total
        });
        let losses: Vec<f64> = groups.collect();
        let mut gradient = vec![0.0; weights.len()];
        self.workers.iter().for_each(|worker| worker.add_gradients(network, &mut gradient));
        let mut gradient = self.parametrisation.gradient(&gradient);
        let length = clip(&mut gradient, self.config.clip);
        let report = StepReport { loss: losses.iter().sum(), gradient: length };
        if report.loss.is_finite() && length.is_finite() {
            let State { learnt, average, moments, .. } = &mut self.state;
            moments.step(&self.config, step, learnt, &gradient, &self.rates);
            // The first step's weights, not those drawn at random, begin the average.
            let keep = if step == 0 { 0.0 } else { self.config.average as f32 };
            average.iter_mut().zip(learnt).for_each(|(a, v)| *a = *a * keep + *v * (1.0 - keep));
            self.state.step += 1;
        }
        report
    }

    /// The plain network of the averaged weights.
    pub fn plain(&self) -> Vec<LayerWeights> {
        self.plain_of(&self.state.average)
    }

    /// The plain network of other learnt numbers.
    pub fn plain_of(&self, learnt: &[f32]) -> Vec<LayerWeights> {
        self.parametrisation.plain(&self.parametrisation.weights(learnt))
    }
}

/// A network that cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum LearnerError {
    /// Its layers.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// What it begins with.
    #[error(transparent)]
    Grow(#[from] GrowError),
}

/// Numbers as drawn by `config.init`: for whitened patches, as if these were what is seen.
fn fresh(config: &Config, parametrisation: &Parametrisation) -> Vec<f32> {
    let mut random = SplitMix64::of(&[config.seed, 4]);
    let mut out = vec![0.0; parametrisation.count()];
    let last = parametrisation.layers().len() - 1;
    for (i, (layer, [kernels, _])) in parametrisation.layers().iter().zip(parametrisation.ranges()).enumerate() {
        let small = if config.init == Init::He && i == last && i > 0 { 0.1 } else { 1.0 };
        out[kernels].iter_mut().for_each(|v| *v = (small * config.init.draw(layer, &mut random)) as f32);
    }
    out
}

/// The chain that learns, for the passes.
fn network_of(isa: Isa, parametrisation: &Parametrisation) -> Network {
    let specs = parametrisation.layers();
    let layers: Vec<Layer> = specs
        .iter()
        .map(|spec| Layer::Convolution {
            taps: spec.kernel,
            filters: spec.outputs,
            padding: spec.padding,
            activation: match spec.activation {
                ModelActivation::Relu => Activation::Relu,
                ModelActivation::None => Activation::None,
            },
        })
        .collect();
    Network::new(isa, specs[0].inputs, &layers, parametrisation.residual()).expect("an SRCNN is such a chain")
}

#[cfg(test)]
mod tests;
