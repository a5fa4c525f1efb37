//! MATLAB's `rgb2ycbcr` and `ycbcr2rgb` on uint8: BT.601, studio range, rounded half away from zero.

use crate::image::Pixels;
use crate::plane::Plane;
use crate::quantize::round_half_away;

/// Coefficients of R, G, B (0 to 255) in Y, Cb and Cr, times 255 (MATLAB's `rgb2ycbcr.m`).
const FORWARD: [[f64; 3]; 3] = [[65.481, 128.553, 24.966], [-37.797, -74.203, 112.0], [112.0, -93.786, -18.214]];
const OFFSET: [f64; 3] = [16.0, 128.0, 128.0];

/// Luma of a color, 16 to 235.
///
/// Computed in integers, because 194 colors lie exactly between two levels, where floating point may round either way.
pub fn luma(rgb: [u8; 3]) -> u8 {
    let [r, g, b] = rgb.map(u32::from);
    ((65_481 * r + 128_553 * g + 24_966 * b + 16 * 255_000 + 127_500) / 255_000) as u8
}

/// RGB to YCbCr: Y is 16 to 235, Cb and Cr are 16 to 240, centred on 128.
pub fn rgb_to_ycbcr(rgb: [u8; 3]) -> [u8; 3] {
    [luma(rgb), chroma(rgb, 1), chroma(rgb, 2)]
}

/// YCbCr to RGB, saturated to 0 to 255.
pub fn ycbcr_to_rgb(ycbcr: [u8; 3]) -> [u8; 3] {
    let inverse = inverse();
    let d = [0, 1, 2].map(|i| f64::from(ycbcr[i]) - OFFSET[i]);
    inverse.map(|row| byte(255.0 * (row[0] * d[0] + row[1] * d[1] + row[2] * d[2])))
}

/// The luma plane of a picture of 1 to 4 channels. A grey picture is its own luma; alpha is ignored.
pub fn luma_plane(pixels: &Pixels<u8>) -> Plane<u8> {
    if pixels.channels() <= 2 {
        return pixels.channel(0);
    }
    let data = pixels.as_slice().chunks_exact(pixels.channels()).map(|p| luma([p[0], p[1], p[2]])).collect();
    Plane::new(pixels.width(), pixels.height(), data).expect("one luma a pixel")
}

fn chroma(rgb: [u8; 3], i: usize) -> u8 {
    let [r, g, b] = rgb.map(f64::from);
    let row = FORWARD[i];
    byte(OFFSET[i] + (row[0] * r + row[1] * g + row[2] * b) / 255.0)
}

fn byte(value: f64) -> u8 {
    round_half_away(value, 255.0) as u8
}

/// The inverse of [`FORWARD`], by cofactors.
fn inverse() -> [[f64; 3]; 3] {
    let m = FORWARD;
    let cofactor = |r: usize, c: usize| {
        let (r1, r2, c1, c2) = ((r + 1) % 3, (r + 2) % 3, (c + 1) % 3, (c + 2) % 3);
        m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]
    };
    let determinant: f64 = (0..3).map(|c| m[0][c] * cofactor(0, c)).sum();
    [0, 1, 2].map(|r| [0, 1, 2].map(|c| cofactor(c, r) / determinant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_and_the_primaries_are_where_matlab_puts_them() {
        let cases = [
            ([0, 0, 0], [16, 128, 128]),
            ([255, 255, 255], [235, 128, 128]),
            ([255, 0, 0], [81, 90, 240]),
            ([0, 255, 0], [145, 54, 34]),
            ([0, 0, 255], [41, 240, 110]),
        ];
        for (rgb, ycbcr) in cases {
            assert_eq!(rgb_to_ycbcr(rgb), ycbcr, "{rgb:?}");
        }
    }

    #[test]
    fn there_and_back_is_within_the_rounding() {
        for r in (0..=255u8).step_by(15) {
            for g in (0..=255u8).step_by(17) {
                for b in (0..=255u8).step_by(15) {
                    let back = ycbcr_to_rgb(rgb_to_ycbcr([r, g, b]));
                    for (a, b) in back.iter().zip([r, g, b]) {
                        assert!(a.abs_diff(b) <= 2, "{:?} became {back:?}", [r, g, b]);
                    }
                }
            }
        }
    }
}
