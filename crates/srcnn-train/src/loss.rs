//! Loss functions and their gradients.

use srcnn::plane::Plane;

use crate::config::{Config, Loss, Reduction};
use crate::data::Sample;

/// Epsilon of the Charbonnier loss; samples are 0 to 1.
const EPSILON: f32 = 1e-3;

impl Loss {
    /// The loss of an error, and its derivative.
    fn of(self, error: f32) -> (f32, f32) {
        match self {
            Self::Mse => (error * error, 2.0 * error),
            Self::L1 => (error.abs(), if error == 0.0 { 0.0 } else { error.signum() }),
            Self::Charbonnier => {
                let root = (error * error + EPSILON * EPSILON).sqrt();
                (root, error / root)
            }
        }
    }
}

impl Config {
    /// The loss function of a step, counted from 0.
    pub fn loss_at(&self, step: u64) -> Loss {
        match self.late_loss {
            Some(late) if step as f64 >= self.late_from * self.steps as f64 => late,
            _ => self.loss,
        }
    }

    /// The weight of each channel at a step, counted from 0: `early_channels` in the first part of the run, then 1.
    pub fn channels_at(&self, step: u64) -> Vec<f32> {
        if !self.early_channels.is_empty() && (step as f64) < self.early_until * self.steps as f64 {
            return self.early_channels.iter().map(|c| *c as f32).collect();
        }
        vec![1.0; self.input.channels()]
    }

    /// The factor of each pixel's loss in the loss of a batch with these weights of channels.
    pub fn reduce(&self, batch: &[Sample], channels: &[f32]) -> f32 {
        match self.reduction {
            Reduction::HalfSum => 0.5 / batch.len() as f32,
            Reduction::Mean => {
                let pixels = batch.iter().map(|s| s.weights.as_slice().iter().filter(|w| **w > 0.0).count());
                1.0 / (channels.iter().sum::<f32>() * pixels.sum::<usize>().max(1) as f32)
            }
        }
    }
}

/// The loss of an output with these weights of channels; replaces `output` by the gradient. `factor` is that of
/// [`Config::reduce`].
pub fn loss(loss: Loss, factor: f32, channels: &[f32], sample: &Sample, output: &mut [Plane<f32>]) -> f64 {
    let mut sum = 0.0;
    for ((output, truth), channel) in output.iter_mut().zip(&sample.truth).zip(channels) {
        let pixels = truth.as_slice().iter().zip(sample.weights.as_slice());
        for (output, (truth, weight)) in output.as_mut_slice().iter_mut().zip(pixels) {
            let (value, slope) = loss.of(*output - truth);
            let weight = weight * channel;
            sum += f64::from(value * weight);
            *output = slope * weight * factor;
        }
    }
    sum * f64::from(factor)
}
