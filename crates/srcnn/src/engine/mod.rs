//! Engines that run networks on planes.
//!
//! [`Engine`] is the fast one: it uses the kernels of `srcnn-kernels` and fuses layers over strips of columns, so that
//! intermediate results stay in the cache. [`Reference`] computes the definition, layer by layer, in `f32` or `f64`.

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
