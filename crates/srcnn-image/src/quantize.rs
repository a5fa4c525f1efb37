//! Conversion of floating-point samples to integers, by each rule that a protocol uses.

use crate::real::Real;

/// Rounds to the nearest integer, halves away from zero, and clamps to 0 to `peak`, as MATLAB's `uint8` and `uint16`.
///
/// `peak` is 255 or 65535; NaN becomes 0.
pub fn round_half_away(value: f64, peak: f64) -> f64 {
    // `max` and `min` return the bound for NaN. After clamping, truncation is rounding down. On CPUs without a rounding
    // instruction this is several times as fast as `f64::round`, and every CPU has vectors of `i32`.
    let value = value.max(0.0).min(peak);
    let below = f64::from(value as i32);
    if value - below >= 0.5 { below + 1.0 } else { below }
}

/// MATLAB's `uint8(255 x)`: 0.0 to 1.0 becomes 0 to 255.
pub fn to_u8<T: Real>(value: T) -> u8 {
    round_half_away(value.to_f64() * 255.0, 255.0) as u8
}

/// MATLAB's `uint16(65535 x)`: 0.0 to 1.0 becomes 0 to 65535.
pub fn to_u16<T: Real>(value: T) -> u16 {
    round_half_away(value.to_f64() * 65535.0, 65535.0) as u16
}

/// The Keras notebook's conversion: 255 x in single precision, clamped to 0 to 255, truncated.
pub fn truncate_to_u8(value: f32) -> u8 {
    // The cast truncates and saturates; NaN is 0.
    (value * 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_away_from_zero_and_the_ends_saturate() {
        for (value, expected) in [
            (0.5, 1),
            (1.5, 2),
            (2.5, 3),
            (-0.5, 0),
            (-7.0, 0),
            (254.5, 255),
            (300.0, 255),
            (0.499_999_999_999_999_94, 0),
        ] {
            assert_eq!(round_half_away(value, 255.0) as u8, expected, "{value}");
        }
        assert_eq!(to_u8(f64::NAN), 0);
        assert_eq!(to_u8(f64::INFINITY), 255);
        assert_eq!(to_u16(1.0f32), 65535);
    }

    #[test]
    fn the_notebook_truncates() {
        assert_eq!(truncate_to_u8(0.999), 254);
        assert_eq!(truncate_to_u8(1.5), 255);
        assert_eq!(truncate_to_u8(-1.0), 0);
        assert_eq!(truncate_to_u8(f32::NAN), 0);
    }
}
