use crate::isa::Isa;
use crate::jpeg::{interleave, ycc_to_rgb};
use crate::proof::panics::assert_panics;

/// Below, at and above one and two of the kernels' 32 pixels.
const WIDTHS: [usize; 8] = [0, 1, 31, 32, 33, 63, 64, 65];

/// The definition in integers of 32 bits.
fn definition([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let [y, b, r] = [i32::from(y), i32::from(cb) - 128, i32::from(cr) - 128];
    let wide = [(91_881 * r + 32_768) >> 16, (-22_554 * b - 46_802 * r + 32_768) >> 16, (116_130 * b + 32_768) >> 16];
    wide.map(|v| (y + v).clamp(0, 255) as u8)
}

/// Fails if a width's pixels are not those of `pixel`, or others are written.
fn check(convert: impl Fn(Isa, [&[u8]; 3], &mut [u8]), pixel: impl Fn([u8; 3]) -> [u8; 3]) {
    let row = |factor: usize| (0..65).map(|x| (x * factor + x / 3) as u8).collect::<Vec<u8>>();
    let rows = [row(3), row(37), row(101)];
    for isa in Isa::available() {
        for width in WIDTHS {
            let mut out = vec![7; 3 * width + 3];
            convert(isa, [&rows[0], &rows[1], &rows[2]], &mut out[..3 * width]);
            assert_eq!(out[3 * width..], [7; 3]);
            for (x, out) in out.as_chunks::<3>().0.iter().enumerate().take(width) {
                assert_eq!(*out, pixel([rows[0][x], rows[1][x], rows[2][x]]), "{isa:?}, {width}, {x}");
            }
        }
    }
}

pub(crate) fn colors_are_those_of_wide_arithmetic() {
    check(ycc_to_rgb, definition);
    // Every pair of color differences.
    let red: Vec<u8> = (0..=255).collect();
    for isa in Isa::available() {
        for blue in 0..=255 {
            for luma in [0, 1, 100, 255] {
                let mut out = [0; 3 * 256];
                ycc_to_rgb(isa, [&[luma; 256], &[blue; 256], &red], &mut out);
                for (red, out) in (0..=255).zip(out.as_chunks::<3>().0) {
                    assert_eq!(*out, definition([luma, blue, red]), "{isa:?}, {luma} {blue} {red}");
                }
            }
        }
    }
}

pub(crate) fn components_come_in_order() {
    check(interleave, |pixel| pixel);
}

#[test]
fn rows_that_are_too_short_are_refused() {
    let isa = Isa::best();
    assert_panics("short row", || ycc_to_rgb(isa, [&[0; 4], &[0; 4], &[0; 3]], &mut [0; 12]));
    assert_panics("part of a pixel", || interleave(isa, [&[0; 4]; 3], &mut [0; 11]));
}
