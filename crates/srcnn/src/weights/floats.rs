//! Floats as files store them, to f32.

/// How a number is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Float {
    /// IEEE 754 of two bytes.
    Half,
    /// The upper two bytes of a single.
    Brain,
    /// Four bytes.
    Single,
    /// Eight bytes, rounded on reading.
    Double,
}

impl Float {
    /// Bytes of a number.
    pub(super) fn size(self) -> usize {
        match self {
            Self::Half | Self::Brain => 2,
            Self::Single => 4,
            Self::Double => 8,
        }
    }

    /// What was done to numbers of this kind, for people; nothing for those that are kept as they are.
    pub(super) fn remark(self) -> Option<&'static str> {
        match self {
            Self::Half => Some("weights of 16 bits (half), made f32"),
            Self::Brain => Some("weights of 16 bits (bfloat16), made f32"),
            Self::Single => None,
            Self::Double => Some("weights of 64 bits, rounded to f32"),
        }
    }

    /// The number that `bytes`, little-endian and as many as [`Self::size`] says, stand for.
    pub(super) fn read(self, bytes: &[u8]) -> f32 {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        let word = u64::from_le_bytes(word);
        match self {
            Self::Half => half_to_single(word as u16),
            Self::Brain => f32::from_bits((word as u32) << 16),
            Self::Single => f32::from_bits(word as u32),
            Self::Double => f64::from_bits(word) as f32,
        }
    }

    /// All numbers of `bytes`; what does not fill a number is left.
    pub(super) fn read_all(self, bytes: &[u8]) -> Vec<f32> {
        bytes.chunks_exact(self.size()).map(|b| self.read(b)).collect()
    }
}

fn half_to_single(half: u16) -> f32 {
    let sign = if half >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(half >> 10 & 0x1F), f32::from(half & 0x3FF));
    sign * match exponent {
        0 => fraction * 2f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f32.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_float_is_read_as_it_is() {
        let halves =
            [(0x3C00, 1.0), (0xC000, -2.0), (0x0001, 5.960_464_5e-8), (0x7BFF, 65504.0), (0x7C00, f32::INFINITY)];
        for (bits, value) in halves {
            assert_eq!(Float::Half.read(&u16::to_le_bytes(bits)), value, "{bits:04x}");
        }
        assert_eq!(Float::Half.read(&[0, 0x80]).to_bits(), (-0.0f32).to_bits());
        assert!(Float::Half.read(&[1, 0x7C]).is_nan());
        assert_eq!(Float::Brain.read(&[0xC0, 0x3F]), 1.5);
        assert_eq!(Float::Double.read(&0.1f64.to_le_bytes()), 0.1);
        assert_eq!(Float::Single.read_all(&[0, 0, 0x80, 0x3F, 7]), [1.0]);
    }
}
