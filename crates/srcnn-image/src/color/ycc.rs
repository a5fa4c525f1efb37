//! Conversion between RGB and YCbCr in floating point, without rounding.

use srcnn_kernels::Isa;
use srcnn_kernels::color::YccFactors;

/// Range of luma from black to white.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LumaRange {
    /// 16/255 to 235/255, as in MATLAB's `rgb2ycbcr`.
    Studio,
    /// 0 to 1, as in JPEG and OpenCV.
    Full,
}

/// Conversion between RGB and YCbCr with the weights of BT.601. RGB is 0 to 1, chroma is centred on zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ycc {
    luma_offset: f32,
    luma_gain: f32,
    chroma_gain: f32,
}

/// Weights of R, G and B in luma (ITU-R BT.601).
const WEIGHT: [f32; 3] = [0.299, 0.587, 0.114];
/// Full-range chroma is (B - Y) and (R - Y), divided by these spans, which gives -0.5 to 0.5.
const CB_SPAN: f32 = 2.0 * (1.0 - WEIGHT[2]);
const CR_SPAN: f32 = 2.0 * (1.0 - WEIGHT[0]);

impl Ycc {
    /// The conversion with luma in `range`.
    pub fn new(range: LumaRange) -> Self {
        match range {
            LumaRange::Studio => {
                Self { luma_offset: 16.0 / 255.0, luma_gain: 219.0 / 255.0, chroma_gain: 224.0 / 255.0 }
            }
            LumaRange::Full => Self { luma_offset: 0.0, luma_gain: 1.0, chroma_gain: 1.0 },
        }
    }

    /// [R, G, B] to [Y, Cb, Cr].
    pub fn from_rgb(&self, [r, g, b]: [f32; 3]) -> [f32; 3] {
        let y = WEIGHT[0] * r + WEIGHT[1] * g + WEIGHT[2] * b;
        [self.luma_of_grey(y), (b - y) / CB_SPAN * self.chroma_gain, (r - y) / CR_SPAN * self.chroma_gain]
    }

    /// [Y, Cb, Cr] to [R, G, B]; not clamped to 0 to 1.
    pub fn to_rgb(&self, [y, cb, cr]: [f32; 3]) -> [f32; 3] {
        let y = self.grey_of_luma(y);
        let b = y + cb / self.chroma_gain * CB_SPAN;
        let r = y + cr / self.chroma_gain * CR_SPAN;
        let g = (y - WEIGHT[0] * r - WEIGHT[2] * b) / WEIGHT[1];
        [r, g, b]
    }

    /// Converts rows of red, green and blue to rows of Y, Cb and Cr, in place, as [`Ycc::from_rgb`].
    ///
    /// # Panics
    /// If the rows' lengths differ.
    pub fn rows_from_rgb(&self, isa: Isa, rows: [&mut [f32]; 3]) {
        self.factors().from_rgb(isa, rows);
    }

    /// Converts rows of Y, Cb and Cr to rows of red, green and blue, in place, as [`Ycc::to_rgb`].
    ///
    /// # Panics
    /// If the rows' lengths differ.
    pub fn rows_to_rgb(&self, isa: Isa, rows: [&mut [f32]; 3]) {
        self.factors().to_rgb(isa, rows);
    }

    fn factors(&self) -> YccFactors {
        let Self { luma_offset: offset, luma_gain: gain, chroma_gain } = *self;
        YccFactors { weights: WEIGHT, offset, gain, chroma_gain, spans: [CB_SPAN, CR_SPAN] }
    }

    /// Luma of a grey value.
    pub fn luma_of_grey(&self, grey: f32) -> f32 {
        self.luma_offset + self.luma_gain * grey
    }

    /// Grey value of a luma.
    pub fn grey_of_luma(&self, luma: f32) -> f32 {
        (luma - self.luma_offset) / self.luma_gain
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::{matlab, opencv};

    fn colors() -> impl Iterator<Item = [u8; 3]> {
        (0..6u8).flat_map(|r| (0..6u8).flat_map(move |g| (0..6u8).map(move |b| [r * 51, g * 51, b * 51])))
    }

    #[test]
    fn studio_range_agrees_with_matlab_and_full_range_with_opencv() {
        for rgb in colors() {
            let unit = rgb.map(|v| f32::from(v) / 255.0);
            let [y, cb, cr] = Ycc::new(LumaRange::Studio).from_rgb(unit);
            let studio = matlab::rgb_to_ycbcr(rgb).map(f32::from);
            for (ours, theirs) in [y * 255.0, cb * 255.0 + 128.0, cr * 255.0 + 128.0].iter().zip(studio) {
                assert!((ours - theirs).abs() <= 0.501, "{rgb:?}: {ours} against {theirs}");
            }
            let [y, cb, cr] = Ycc::new(LumaRange::Full).from_rgb(unit);
            let full = opencv::rgb_to_ycrcb(rgb).map(f32::from);
            // OpenCV computes chroma from the rounded luma and saturates it: within one level.
            for (ours, theirs) in [y * 255.0, cr * 255.0 + 128.0, cb * 255.0 + 128.0].iter().zip(full) {
                assert!((ours - theirs).abs() <= 1.01, "{rgb:?}: {ours} against {theirs}");
            }
        }
    }

    #[test]
    fn rows_are_converted_as_single_colors() {
        let colors: Vec<[f32; 3]> = colors().map(|rgb| rgb.map(|v| f32::from(v) / 255.0)).collect();
        let rows = || [0, 1, 2].map(|c| colors.iter().map(|color| color[c]).collect::<Vec<f32>>());
        for (isa, range) in
            Isa::available().into_iter().flat_map(|isa| [(isa, LumaRange::Studio), (isa, LumaRange::Full)])
        {
            let ycc = Ycc::new(range);
            let [mut a, mut b, mut c] = rows();
            ycc.rows_from_rgb(isa, [&mut a, &mut b, &mut c]);
            for (x, rgb) in colors.iter().enumerate() {
                assert_eq!([a[x], b[x], c[x]], ycc.from_rgb(*rgb), "{rgb:?}");
            }
            let before: Vec<_> = (0..colors.len()).map(|x| [a[x], b[x], c[x]]).collect();
            ycc.rows_to_rgb(isa, [&mut a, &mut b, &mut c]);
            for (x, values) in before.into_iter().enumerate() {
                assert_eq!([a[x], b[x], c[x]], ycc.to_rgb(values), "{values:?}");
            }
        }
    }

    #[test]
    fn there_and_back_gives_the_color() {
        for range in [LumaRange::Studio, LumaRange::Full] {
            let ycc = Ycc::new(range);
            for rgb in colors() {
                let unit = rgb.map(|v| f32::from(v) / 255.0);
                let back = ycc.to_rgb(ycc.from_rgb(unit));
                assert!(unit.iter().zip(back).all(|(a, b)| (a - b).abs() < 2e-6), "{rgb:?}: {back:?}");
            }
        }
    }
}
