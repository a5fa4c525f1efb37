//! RGB and YCbCr in floating point.

use crate::isa::Isa;
use crate::kernel::loops_for_isa;

/// Factors of a conversion between RGB (0.0 to 1.0) and YCbCr with chroma centred on zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct YccFactors {
    /// Weights of red, green and blue in luma; their sum is 1.
    pub weights: [f32; 3],
    /// Luma of black.
    pub offset: f32,
    /// Luma of white less that of black.
    pub gain: f32,
    /// Chroma's factor beyond a range of -0.5 to 0.5.
    pub chroma_gain: f32,
    /// Range of blue less luma, and of red less luma.
    pub spans: [f32; 2],
}

impl YccFactors {
    /// Converts rows of red, green and blue to rows of Y, Cb and Cr, in place.
    ///
    /// # Panics
    /// If the rows' lengths differ.
    pub fn from_rgb(&self, isa: Isa, [r, g, b]: [&mut [f32]; 3]) {
        assert!(r.len() == g.len() && g.len() == b.len(), "rows of one length");
        let (f, r, g, b) = (self, r, g, b);
        loops_for_isa!(YccFromRgb, isa, from_rgb(f: &YccFactors, r: &mut [f32], g: &mut [f32], b: &mut [f32]));
    }

    /// Converts rows of Y, Cb and Cr to rows of red, green and blue, in place, without clamping.
    ///
    /// # Panics
    /// If the rows' lengths differ.
    pub fn to_rgb(&self, isa: Isa, [y, cb, cr]: [&mut [f32]; 3]) {
        assert!(y.len() == cb.len() && cb.len() == cr.len(), "rows of one length");
        let (f, y, cb, cr) = (self, y, cb, cr);
        loops_for_isa!(RgbFromYcc, isa, to_rgb(f: &YccFactors, y: &mut [f32], cb: &mut [f32], cr: &mut [f32]));
    }
}

#[inline(always)]
fn from_rgb(f: &YccFactors, r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
    let f = *f;
    for ((r, g), b) in r.iter_mut().zip(g).zip(b) {
        let grey = f.weights[0] * *r + f.weights[1] * *g + f.weights[2] * *b;
        let cb = (*b - grey) / f.spans[0] * f.chroma_gain;
        let cr = (*r - grey) / f.spans[1] * f.chroma_gain;
        (*r, *g, *b) = (f.offset + f.gain * grey, cb, cr);
    }
}

#[inline(always)]
fn to_rgb(f: &YccFactors, y: &mut [f32], cb: &mut [f32], cr: &mut [f32]) {
    let f = *f;
    for ((y, cb), cr) in y.iter_mut().zip(cb).zip(cr) {
        let grey = (*y - f.offset) / f.gain;
        let b = grey + *cb / f.chroma_gain * f.spans[0];
        let r = grey + *cr / f.chroma_gain * f.spans[1];
        let g = (grey - f.weights[0] * r - f.weights[2] * b) / f.weights[1];
        (*y, *cb, *cr) = (r, g, b);
    }
}
