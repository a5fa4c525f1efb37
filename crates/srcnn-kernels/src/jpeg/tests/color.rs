use crate::isa::Isa;
use crate::jpeg::{Planes, grey_to_luma, halve, rgb_to_ycc};
use crate::proof::panics::assert_panics;

/// Below, at and above one and two of the kernels' 32 pixels.
const WIDTHS: [usize; 10] = [0, 1, 7, 8, 31, 32, 33, 63, 64, 65];
/// Rounding to a whole number, four roundings of numbers below 256, and what makes halves be rounded down.
const TOLERANCE: f64 = 0.5 + 4.0 * 256.0 * f32::EPSILON as f64 + 1.0 / 1024.0;

/// Rows of luma and color differences.
fn ycc(isa: Isa, rgb: &[u8]) -> [Vec<f32>; 3] {
    let mut rows = [(); 3].map(|()| vec![f32::NAN; rgb.len() / 3]);
    let [luma, blue, red] = &mut rows;
    rgb_to_ycc(isa, rgb, Planes { luma, blue, red });
    rows
}

/// The definition (T.871, 7), less the middles.
fn definition([r, g, b]: [u8; 3]) -> [f64; 3] {
    let [r, g, b] = [r, g, b].map(f64::from);
    let luma = 0.299 * r + 0.587 * g + 0.114 * b;
    [luma - 128.0, (b - luma) / (2.0 - 2.0 * 0.114), (r - luma) / (2.0 - 2.0 * 0.299)].map(|v| v.clamp(-128.0, 127.0))
}

pub(crate) fn colors_agree_with_their_definition() {
    for width in WIDTHS {
        // Every corner of the cube, then others.
        let rgb: Vec<u8> = (0..width)
            .flat_map(|x| match x {
                0..8 => [x & 1, x >> 1 & 1, x >> 2].map(|v| 255 * v as u8),
                _ => [37 * x, 91 * x + 11, 151 * x + 77].map(|v| v as u8),
            })
            .collect();
        let first = ycc(Isa::best(), &rgb);
        for isa in Isa::available() {
            let rows = ycc(isa, &rgb);
            assert_eq!(rows, first, "{isa:?}, {width}");
            for (x, pixel) in rgb.as_chunks::<3>().0.iter().enumerate() {
                for (row, expected) in rows.iter().zip(definition(*pixel)) {
                    assert!((f64::from(row[x]) - expected).abs() <= TOLERANCE, "{isa:?}: {pixel:?}: {expected}");
                    assert!(row[x].fract() == 0.0 && (-128.0..=127.0).contains(&row[x]), "{isa:?}: {pixel:?}");
                }
            }
        }
    }
}

pub(crate) fn grey_is_shifted() {
    let grey: Vec<u8> = (0..=255).collect();
    for isa in Isa::available() {
        for width in WIDTHS.into_iter().chain([256]) {
            let mut luma = vec![f32::NAN; width];
            grey_to_luma(isa, &grey[..width], &mut luma);
            assert!(luma.iter().enumerate().all(|(x, v)| *v == x as f32 - 128.0), "{isa:?}, {width}");
        }
    }
}

pub(crate) fn means_agree_with_their_definition() {
    for isa in Isa::available() {
        for width in WIDTHS {
            // Multiples of 1/4, whose sums are exact.
            let row = |seed: usize| (0..2 * width).map(|x| ((x * 37 + seed) % 1021) as f32 / 4.0 - 128.0).collect();
            let (upper, lower): (Vec<f32>, Vec<f32>) = (row(3), row(500));
            let mut out = vec![f32::NAN; width];
            halve(isa, &upper, &lower, &mut out);
            for (x, mean) in out.into_iter().enumerate() {
                let sum = |row: &[f32]| row[2 * x] + row[2 * x + 1];
                assert_eq!(mean, (sum(&upper) + sum(&lower)) / 4.0, "{isa:?}, {width}, {x}");
            }
        }
    }
}

#[test]
fn the_purest_colors_have_the_outermost_differences() {
    for isa in Isa::available() {
        // Blue, yellow; red, cyan.
        let [_, blue, red] = ycc(isa, &[0, 0, 255, 255, 255, 0, 255, 0, 0, 0, 255, 255]);
        assert_eq!((&blue[..2], &red[2..]), (&[127.0, -128.0][..], &[127.0, -128.0][..]), "{isa:?}");
    }
}

#[test]
fn rows_of_other_lengths_are_refused() {
    let isa = Isa::best();
    assert_panics("grey", || grey_to_luma(isa, &[0; 4], &mut [0.0; 3]));
    assert_panics("means", || halve(isa, &[0.0; 4], &[0.0; 5], &mut [0.0; 2]));
    assert_panics("red", || {
        let (luma, blue, red) = (&mut [0.0; 2], &mut [0.0; 2], &mut [0.0; 1]);
        rgb_to_ycc(isa, &[0; 6], Planes { luma, blue, red });
    });
    assert_panics("part of a pixel", || {
        let (luma, blue, red) = (&mut [0.0; 2], &mut [0.0; 2], &mut [0.0; 2]);
        rgb_to_ycc(isa, &[0; 7], Planes { luma, blue, red });
    });
}
