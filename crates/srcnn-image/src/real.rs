//! The two floating-point types that planes and networks are computed in.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Mul};

/// `f32` for use, `f64` for reference computations.
pub trait Real:
    Copy + Debug + Default + PartialOrd + Add<Output = Self> + AddAssign + Mul<Output = Self> + Send + Sync + 'static
{
    /// The additive identity.
    const ZERO: Self;
    /// Rounds to nearest.
    fn from_f64(value: f64) -> Self;
    /// Widens without loss.
    fn to_f64(self) -> f64;
}

impl Real for f32 {
    const ZERO: Self = 0.0;
    fn from_f64(value: f64) -> Self {
        value as f32
    }
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
}

impl Real for f64 {
    const ZERO: Self = 0.0;
    fn from_f64(value: f64) -> Self {
        value
    }
    fn to_f64(self) -> f64 {
        self
    }
}
