//! Degradations: a picture shrunk, and enlarged again, as networks see it in training and in use.
//!
//! [`Degradation`] works on planes of 8 bits by a whole factor, as the published procedures do; [`shrink`] and
//! [`shrink_and_enlarge`] on pictures of any depth by any factor.

mod picture;
mod recipe;

pub use picture::{DegradeError, shrink, shrink_and_enlarge};
pub use recipe::{Degradation, Degraded};
