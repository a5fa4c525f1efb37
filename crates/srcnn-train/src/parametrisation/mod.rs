//! Trained parameters and the weights of the plain network that they stand for.
//!
//! Three reparametrisations make training converge faster; each is folded into plain weights exactly:
//! - *residual*: the trained chain has one filter per channel less in each inner layer, and its output is added to the input.
//!   In the plain network, these filters pass on the input's centre pixel, raised by 1 so that ReLU does not clip it.
//! - *whitening*: the first layer's kernels act on patches without their mean, whitened by the covariance of patches.
//! - *unit*: the last layer's output is in units of the target's standard deviation.

mod grow;
mod mapping;

pub use grow::GrowError;
pub use mapping::{Parametrisation, Statistics};

#[cfg(test)]
mod tests;
