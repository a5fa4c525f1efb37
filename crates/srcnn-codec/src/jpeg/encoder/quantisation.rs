//! Quantisation tables (ITU-T T.81, annex K.1), scaled by a quality as libjpeg does.

/// Table K.1, for luma, row by row.
#[rustfmt::skip]
const LUMA: [u16; 64] = [
    16, 11, 10, 16,  24,  40,  51,  61,
    12, 12, 14, 19,  26,  58,  60,  55,
    14, 13, 16, 24,  40,  57,  69,  56,
    14, 17, 22, 29,  51,  87,  80,  62,
    18, 22, 37, 56,  68, 109, 103,  77,
    24, 35, 55, 64,  81, 104, 113,  92,
    49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103,  99,
];

/// Table K.2, for color differences, row by row.
#[rustfmt::skip]
const CHROMA: [u16; 64] = [
    17, 18, 24, 47, 99, 99, 99, 99,
    18, 21, 26, 66, 99, 99, 99, 99,
    24, 26, 56, 99, 99, 99, 99, 99,
    47, 66, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
];

/// The steps of luma and of color differences, row by row, 1 to 255, at a quality of 1 to 100.
pub(super) fn steps(quality: u8) -> [[u16; 64]; 2] {
    // Percent of the annex's: 100 at a quality of 50, of which the tables are halved at 75 and doubled at 25.
    let percent = match u32::from(quality.clamp(1, 100)) {
        quality @ ..50 => 5000 / quality,
        quality => 200 - 2 * quality,
    };
    [LUMA, CHROMA].map(|table| table.map(|step| ((u32::from(step) * percent + 50) / 100).clamp(1, 255) as u16))
}

/// What [`toward_zero`] takes off where the step is `s`, times the square root of `s + 3`. Chosen on photographs:
/// docs/performance.md.
const TOWARD_ZERO: f32 = 0.115;

/// What is taken off the magnitudes of quotients before they are rounded, row by row: nothing of DC, 0.058 of AC at a step of 1,
/// 0.026 at one of 16.
///
/// Small coefficients are more frequent than large ones, and cost fewer bits: a number whose quotient is a little above a half is
/// hardly nearer to 1 than to 0, while a 0 saves its code (Sullivan, Efficient scalar quantization of exponential and Laplacian
/// random variables, IEEE Transactions on Information Theory, 1996). For the same squared error per bit that is saved, more can
/// be taken off where the step is small.
pub(super) fn toward_zero(steps: &[u16; 64]) -> [f32; 64] {
    let mut all = steps.map(|step| TOWARD_ZERO / (f32::from(step) + 3.0).sqrt());
    all[0] = 0.0;
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_is_taken_off_at_larger_steps_and_nothing_of_dc() {
        let all = toward_zero(&std::array::from_fn(|i| 1 + i as u16));
        assert_eq!(all[0], 0.0);
        assert!(all[1..].is_sorted_by(|a, b| a > b), "{all:?}");
        assert_eq!(all[15], TOWARD_ZERO / 19.0_f32.sqrt());
        assert_eq!(toward_zero(&[1; 64])[1..], [TOWARD_ZERO / 2.0; 63]);
    }

    #[test]
    fn a_quality_of_50_has_the_tables_of_the_annex_and_100_steps_of_1() {
        assert_eq!(steps(50), [LUMA, CHROMA]);
        assert_eq!(steps(100), [[1; 64]; 2]);
        assert_eq!(steps(1), [[255; 64]; 2]);
        // Sums of libjpeg-turbo's tables (3.2.0, by Pillow).
        let sums = [
            (1, [16_320, 16_320]),
            (10, [12_560, 15_110]),
            (33, [5571, 8288]),
            (50, [3688, 5505]),
            (75, [1858, 2780]),
            (90, [736, 1110]),
            (95, [369, 558]),
            (99, [86, 115]),
            (100, [64, 64]),
        ];
        for (quality, expected) in sums {
            assert_eq!(steps(quality).map(|table| table.iter().sum::<u16>()), expected, "{quality}");
        }
        // 0.1 and 0.5 of the first ones, rounded.
        assert_eq!(steps(95)[0][..8], [2, 1, 1, 2, 2, 4, 5, 6]);
        assert_eq!(steps(75)[0][..8], [8, 6, 5, 8, 12, 20, 26, 31]);
        assert_eq!(steps(0), steps(1));
    }
}
