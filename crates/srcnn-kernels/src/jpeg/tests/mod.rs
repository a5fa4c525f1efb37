//! The kernels of JPEG against their definitions in f64, on every instruction set.

pub(crate) mod color;
pub(crate) mod dct;
pub(crate) mod idct;
pub(crate) mod pixels;
