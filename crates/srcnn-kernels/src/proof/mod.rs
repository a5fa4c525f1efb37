//! What the tests of the kernels share: inputs, slices in poison, bounds of rounding errors, and the list of what is
//! proved.
//!
//! Each kernel is compared with its definition, written as naive loops in f64 in the tests of its module. The
//! admissible error is derived from the arithmetic, for each value of each result: see [`bound`].

pub(crate) mod bound;
pub(crate) mod cpu;
mod kernels;
pub(crate) mod panics;
pub(crate) mod pattern;
pub(crate) mod poison;
