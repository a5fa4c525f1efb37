//! Floating-point numbers of 16 bits (IEEE 754 binary16).

/// The nearest one, ties to even; what is too large becomes infinite.
pub(super) fn from_single(value: f32) -> u16 {
    let bits = value.to_bits();
    let sign = (bits >> 16 & 0x8000) as u16;
    if value.is_nan() {
        return sign | 0x7E00;
    }
    let magnitude = value.abs();
    // Halfway between the largest one and what would follow it.
    if magnitude >= 65520.0 {
        return sign | 0x7C00;
    }
    // The spacing at this size; adding a power of two as large as a single's fraction rounds to it.
    let exponent = ((magnitude.to_bits() >> 23) as i32 - 127).max(-14);
    let steps = (f64::from(magnitude) * 2f64.powi(10 - exponent)).round_ties_even() as u16;
    // Below 1024 steps the number is subnormal; 2048 carry into the exponent by themselves.
    let high = if exponent == -14 { 0 } else { (exponent + 14) as u16 };
    sign | ((high << 10) + steps)
}

/// Without loss.
pub(super) fn to_single(half: u16) -> f32 {
    let sign = if half >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(half >> 10 & 0x1F), f32::from(half & 0x3FF));
    sign * match exponent {
        0 => fraction * 2f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1024.0 + fraction) * 2f32.powi(exponent - 25),
    }
}

/// The nearest number that a half can hold.
pub(super) fn round(value: f32) -> f32 {
    to_single(from_single(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_comes_back() {
        for half in 0..=u16::MAX {
            let value = to_single(half);
            if !value.is_nan() {
                assert_eq!(from_single(value), half, "{value}");
            }
        }
        assert!(round(f32::NAN).is_nan());
    }

    #[test]
    fn what_lies_between_goes_to_the_nearest_and_ties_to_even() {
        for half in 0..0x7BFF {
            let (a, b) = (f64::from(to_single(half)), f64::from(to_single(half + 1)));
            let middle = 0.5 * (a + b);
            assert_eq!(from_single(middle as f32), half + half % 2, "{middle}");
            assert_eq!(from_single((middle + 0.1 * (b - a)) as f32), half + 1);
            assert_eq!(from_single((middle - 0.1 * (b - a)) as f32), half);
        }
        assert_eq!(from_single(65519.0), 0x7BFF);
        assert_eq!(from_single(-65520.0), 0xFC00);
    }
}
