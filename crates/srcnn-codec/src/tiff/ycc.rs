//! YCbCr as TIFF describes it (TIFF 6.0, section 21): coefficients of luma, and the values that stand for black and white.

use super::directories::Directories;
use crate::metadata::tags::{REFERENCE_BLACK_WHITE, YCC_COEFFICIENTS};

/// ITU-R BT.601's, which hold if none are stated.
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];
/// Black and white of Y, and of Cb and Cr, where black is none; those of samples of 8 bits without headroom.
const REFERENCE: [f32; 6] = [0.0, 255.0, 128.0, 255.0, 128.0, 255.0];

/// How samples of 8 bits become red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ycc {
    reference: [f32; 6],
    /// What Cr adds to red, Cb and Cr take from green, and Cb adds to blue.
    factors: [f32; 4],
}

impl Ycc {
    /// As JPEG has it.
    pub(super) const JPEG: Self = Self { reference: REFERENCE, factors: [1.402, 0.344_136, 0.714_136, 1.772] };

    /// As a file states it.
    pub(super) fn stated(directories: &Directories) -> Self {
        let six = |tag: u16, default: &[f32]| -> Vec<f32> {
            let stated =
                directories.fractions(tag).filter(|v| v.len() == default.len() && v.iter().all(|v| v.is_finite()));
            stated.map_or_else(|| default.to_vec(), |v| v.into_iter().map(|v| v as f32).collect())
        };
        let reference = *six(REFERENCE_BLACK_WHITE, &REFERENCE).first_chunk().unwrap_or(&REFERENCE);
        let luma = *six(YCC_COEFFICIENTS, &LUMA).first_chunk().unwrap_or(&LUMA);
        if luma == LUMA || luma[1] <= 0.0 {
            return Self { reference, ..Self::JPEG };
        }
        let [red, green, blue] = luma;
        let (of_red, of_blue) = (2.0 - 2.0 * red, 2.0 - 2.0 * blue);
        Self { reference, factors: [of_red, of_blue * blue / green, of_red * red / green, of_blue] }
    }

    /// A pixel's red, green and blue.
    pub(super) fn rgb(&self, ycc: [u8; 3]) -> [u8; 3] {
        let [y, cb, cr] = ycc.map(f32::from);
        let [black, white, blue_black, blue_white, red_black, red_white] = self.reference;
        let scaled = |v: f32, black: f32, white: f32, range: f32| match white - black {
            span if span == range => v - black,
            0.0 => (v - black) * range,
            span => (v - black) * range / span,
        };
        let y = scaled(y, black, white, 255.0);
        let (cb, cr) = (scaled(cb, blue_black, blue_white, 127.0), scaled(cr, red_black, red_white, 127.0));
        let [a, b, c, d] = self.factors;
        [y + a * cr, y - b * cb - c * cr, y + d * cb].map(|v| v.round().clamp(0.0, 255.0) as u8)
    }
}
