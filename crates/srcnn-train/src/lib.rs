//! Training of SRCNN without a framework.
//!
//! A [`network`] is a chain of layers with forward and backward passes on the kernels of `srcnn-kernels`.

pub mod checkpoint;
pub mod config;
pub mod data;
pub mod experiment;
pub mod init;
pub mod learner;
pub mod linear;
pub mod loss;
pub mod network;
pub mod optimiser;
pub mod parametrisation;
pub mod run;
pub mod validation;
