//! Optimisers: SGD with momentum, and Adam.

use crate::config::{Config, Optimiser, Schedule};

/// Adam's decay rates of the moments.
const BETAS: (f64, f64) = (0.9, 0.999);
/// Adam's epsilon.
const EPSILON: f64 = 1e-8;

impl Config {
    /// The learning rate at a step, counted from 0, relative to the highest rates.
    pub fn rate_at(&self, step: u64) -> f64 {
        let warm = if step < self.warm_up { (step + 1) as f64 / self.warm_up as f64 } else { 1.0 };
        let schedule = match self.schedule {
            Schedule::Constant => 1.0,
            Schedule::Cosine => 0.5 + 0.5 * (std::f64::consts::PI * step as f64 / self.steps as f64).cos(),
            Schedule::Step => self.decay_by.powf((step / self.decay_every) as f64),
        };
        warm * schedule
    }
}

/// The state of an optimiser: one value of each kind for each parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// Mean of the gradients (Adam), or velocity (SGD).
    pub first: Vec<f32>,
    /// Mean of the squared gradients; zero for SGD.
    pub second: Vec<f32>,
}

impl Moments {
    /// The initial state.
    pub fn zeros(count: usize) -> Self {
        Self { first: vec![0.0; count], second: vec![0.0; count] }
    }

    /// Updates `parameters`. `step` counts from 0; `rates` has the highest learning rate of each range of parameters.
    pub fn step(
        &mut self,
        config: &Config,
        step: u64,
        parameters: &mut [f32],
        gradient: &[f32],
        rates: &[(std::ops::Range<usize>, f64)],
    ) {
        let shared = config.rate_at(step);
        let power = (step + 1) as f64;
        let (first_bias, second_bias) = (1.0 - BETAS.0.powf(power), 1.0 - BETAS.1.powf(power));
        for (range, rate) in rates {
            let rate = rate * shared;
            let moments = self.first[range.clone()].iter_mut().zip(&mut self.second[range.clone()]);
            let values = parameters[range.clone()].iter_mut().zip(&gradient[range.clone()]);
            for ((value, gradient), (first, second)) in values.zip(moments) {
                let g = f64::from(*gradient);
                match config.optimiser {
                    Optimiser::Sgd => {
                        *first = (config.momentum * f64::from(*first) + rate * g) as f32;
                        *value -= *first;
                    }
                    Optimiser::Adam => {
                        *first = (BETAS.0 * f64::from(*first) + (1.0 - BETAS.0) * g) as f32;
                        *second = (BETAS.1 * f64::from(*second) + (1.0 - BETAS.1) * g * g) as f32;
                        let root = (f64::from(*second) / second_bias).sqrt() + EPSILON;
                        *value = (f64::from(*value) - rate * f64::from(*first) / first_bias / root) as f32;
                    }
                }
            }
        }
    }
}

/// PyTorch's epsilon of `clip_grad_norm_`.
const CLIP_EPSILON: f64 = 1e-6;

/// Scales a gradient down to the norm `longest` if it is longer; not if `longest` is 0. Gives the norm before.
pub fn clip(gradient: &mut [f32], longest: f64) -> f64 {
    let length = gradient.iter().map(|g| f64::from(*g).powi(2)).sum::<f64>().sqrt();
    if longest > 0.0 && length > longest {
        let factor = (longest / (length + CLIP_EPSILON)) as f32;
        gradient.iter_mut().for_each(|g| *g *= factor);
    }
    length
}
