//! Runs a network on planes.
//!
//! [`Engine`] is the fast one: kernels of `srcnn-kernels`, layers fused over strips of columns, so that intermediate results
//! never leave the cache. [`Reference`] is the definition, layer by layer, in `f32` or `f64`.

mod check;
mod error;
mod execution;
mod fused;
mod packed;
mod reference;

pub use error::EngineError;
pub use execution::{Execution, Isa, Precision, UnknownIsa};
pub use packed::{Engine, EngineBuilder};
pub use reference::Reference;
