//! Figures: comparison sheets, charts of training curves, pictures of filters and feature maps.

mod canvas;
pub mod chart;
mod comparison;
pub mod filters;

pub use comparison::draw;
