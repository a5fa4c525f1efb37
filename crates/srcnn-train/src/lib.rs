//! Training of SRCNN.
//!
//! - [`config`]: the configuration of a run; [`run`]: a run in its folder, with checkpoints.
//! - [`data`]: sub-images of degraded and original pictures.
//! - [`network`]: forward and backward passes; [`parametrisation`]: reparametrisations that converge faster.
//! - [`learner`]: steps of an optimiser, with [`loss`] and [`optimiser`].
//! - [`validation`]: scores on validation and benchmark pictures.
//! - [`experiment`]: several runs whose curves are compared.

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
