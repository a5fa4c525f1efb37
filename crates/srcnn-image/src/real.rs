//! Floating-point types of planes and networks.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Mul};

/// `f32`, for use, or `f64`, for reference computations.
pub trait Real:
    Copy + Debug + Default + PartialOrd + Add<Output = Self> + AddAssign + Mul<Output = Self> + Send + Sync + 'static
{
    /// Zero.
    const ZERO: Self;
    /// Converts from `f64`, rounding to nearest.
    fn from_f64(value: f64) -> Self;
    /// Converts to `f64`, without loss.
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
