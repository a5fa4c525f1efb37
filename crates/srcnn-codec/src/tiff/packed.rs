//! Samples that are not whole bytes: packed, the most significant bit first, rows beginning at whole bytes.

use super::layout::{Layout, PALETTE};
use super::samples::Values;
use crate::decode_error::DecodeError;
use crate::unsupported::UnsupportedSamples;

/// Whether samples of so many bits are whole bytes.
pub(super) fn is_whole(bits: u16) -> bool {
    bits >= 8 && bits.is_multiple_of(8)
}

/// One sample in each value, `samples` a pixel: of 8 bits, or of 16 if they have more. They are spread over the whole range unless they
/// are of a palette.
///
/// # Errors
/// More than 16 bits.
pub(super) fn unpacked(packed: &[u8], layout: &Layout, samples: usize) -> Result<Values, DecodeError> {
    let bits = usize::from(layout.bits);
    let row_samples = layout.width as usize * samples;
    let rows = packed.chunks_exact((row_samples * bits).div_ceil(8).max(1));
    let spread = layout.photometric != PALETTE;
    match bits {
        1..=8 => {
            let largest = (1_u32 << bits) - 1;
            let of = |v: u32| if spread { (v * 255 + largest / 2) / largest } else { v } as u8;
            let all: Vec<u8> = (0..=largest).map(of).collect();
            Ok(Values::Eight(rows.flat_map(|row| numbers(row, row_samples, bits).map(|v| all[v as usize])).collect()))
        }
        9..=16 => {
            let largest = (1_u32 << bits) - 1;
            let of = |v: u32| if spread { (v * 65535 + largest / 2) / largest } else { v } as u16;
            Ok(Values::Sixteen(rows.flat_map(|row| numbers(row, row_samples, bits).map(of)).collect()))
        }
        _ => {
            let (samples, bits) = (layout.samples, layout.bits);
            Err(DecodeError::Samples(UnsupportedSamples::TiffBits { samples, bits }))
        }
    }
}

/// The numbers of a row, of at most 16 bits.
fn numbers(row: &[u8], count: usize, bits: usize) -> impl Iterator<Item = u32> {
    let byte = |at: usize| u32::from(row.get(at).copied().unwrap_or(0));
    (0..count).map(move |i| {
        let (at, shift) = (i * bits / 8, i * bits % 8);
        let three = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
        three >> (24 - shift - bits) & ((1 << bits) - 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_all_widths_come_back() {
        for bits in 1..=16 {
            let values: Vec<u32> = (0..37_u32).map(|i| i.wrapping_mul(2_654_435_761) >> (32 - bits)).collect();
            let mut row = vec![0_u8; (values.len() * bits).div_ceil(8)];
            for (i, value) in values.iter().enumerate() {
                for bit in 0..bits {
                    let at = i * bits + bit;
                    row[at / 8] |= ((value >> (bits - 1 - bit) & 1) as u8) << (7 - at % 8);
                }
            }
            assert_eq!(numbers(&row, values.len(), bits).collect::<Vec<_>>(), values, "{bits} bits");
        }
    }
}
