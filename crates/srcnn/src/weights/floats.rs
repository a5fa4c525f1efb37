//! Floating-point numbers as files store them, to f32.

use half::{bf16, f16};

/// Storage type of a number, little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Float {
    /// IEEE 754 half precision, two bytes.
    Half,
    /// bfloat16: the upper two bytes of a single.
    Brain,
    /// Single precision, four bytes.
    Single,
    /// Double precision, eight bytes; rounded on reading.
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

    /// The conversion to f32, for people; nothing for f32 itself.
    pub(super) fn remark(self) -> Option<&'static str> {
        match self {
            Self::Half => Some("weights of 16 bits (half), made f32"),
            Self::Brain => Some("weights of 16 bits (bfloat16), made f32"),
            Self::Single => None,
            Self::Double => Some("weights of 64 bits, rounded to f32"),
        }
    }

    /// Reads one number from [`Self::size`] bytes.
    pub(super) fn read(self, bytes: &[u8]) -> f32 {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        let word = u64::from_le_bytes(word);
        match self {
            Self::Half => f16::from_bits(word as u16).to_f32(),
            Self::Brain => bf16::from_bits(word as u16).to_f32(),
            Self::Single => f32::from_bits(word as u32),
            Self::Double => f64::from_bits(word) as f32,
        }
    }

    /// Reads all numbers of `bytes`; bytes at the end that do not fill a number are ignored.
    pub(super) fn read_all(self, bytes: &[u8]) -> Vec<f32> {
        if self == Self::Single {
            return bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        }
        bytes.chunks_exact(self.size()).map(|b| self.read(b)).collect()
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
