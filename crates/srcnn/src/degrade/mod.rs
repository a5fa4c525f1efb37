//! Degradation of pictures: shrinking, and enlarging again to the old size.
//!
//! [`Degradation`] works on 8-bit planes by a whole factor, as the published procedures do; [`shrink`] and
//! [`shrink_and_enlarge`] work on pictures of any depth by any factor.

mod picture;
mod recipe;

pub use picture::{DegradeError, shrink, shrink_and_enlarge};
pub use recipe::{Degradation, Degraded};
