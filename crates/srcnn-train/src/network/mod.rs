//! Trainable networks: chains of layers with forward and backward passes.
//!
//! The parameters of a network are one vector of `f32`: for each layer its kernels (filter, input, row, column), its biases,
//! and the slopes of its activation. A [`Worker`] takes one sample at a time through the chain and back and adds up gradients;
//! workers share nothing and run in parallel.

mod chain;
mod error;
mod layer;
mod sheet;
mod worker;

pub use chain::Network;
pub use error::NetworkError;
pub use layer::{Activation, Layer};
pub use worker::Worker;

#[cfg(test)]
mod tests;
