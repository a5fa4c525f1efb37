//! The forward discrete cosine transform of blocks of 8x8 samples (ITU-T T.81, A.3.3), and quantisation (A.3.4): the algorithm
//! of Arai, Agui and Nakajima (Transactions of the IEICE, 1988), whose scale factors are part of the quantisation.

use super::lanes::Lanes;
use crate::isa::Isa;
use crate::kernel::for_isa;

/// Samples of a side of a block.
const SIDE: usize = 8;
/// Blocks of the widest vector.
const MOST: usize = 2;

/// The quantised coefficients of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Block {
    /// Column by column: the coefficient of horizontal frequency `u` and vertical frequency `v` is `values[8 * u + v]`.
    pub values: [i16; 64],
    /// Bit `i` tells whether `values[i]` is not 0.
    pub nonzero: u64,
}

impl Block {
    /// A block without coefficients.
    pub const ZERO: Self = Self { values: [0; 64], nonzero: 0 };
}

/// The forward transform with quantisation to steps of its own.
#[derive(Clone, Debug)]
pub struct ForwardDct {
    isa: Isa,
    /// What a coefficient of the scaled transform is multiplied by, column by column.
    factors: [f32; 64],
    /// What is taken off a quotient's magnitude before it is rounded, column by column.
    toward_zero: [f32; 64],
}

impl ForwardDct {
    /// For quantisation steps, row by row: that of horizontal frequency `u` and vertical frequency `v` is `steps[8 * v + u]`.
    ///
    /// `toward_zero`, in the same order, is what is taken off the magnitude of a coefficient's quotient before it is rounded: 0
    /// rounds to nearest, and with 0.1 quotients below 0.6 become 0, those from 0.6 to 1.6 become 1.
    ///
    /// # Panics
    /// If a step is 0, or a number of `toward_zero` is not in 0.0..0.5.
    pub fn new(isa: Isa, steps: &[u16; 64], toward_zero: &[f32; 64]) -> Self {
        assert!(steps.iter().all(|step| *step > 0), "a step of 0");
        assert!(toward_zero.iter().all(|by| (0.0..0.5).contains(by)), "less than half a step toward 0");
        let scale = |k: usize| match k {
            0 => 1.0,
            _ => (k as f64 * std::f64::consts::PI / 16.0).cos() * std::f64::consts::SQRT_2,
        };
        let factors = std::array::from_fn(|i| {
            let (u, v) = (i / SIDE, i % SIDE);
            (1.0 / (8.0 * scale(u) * scale(v) * f64::from(steps[SIDE * v + u]))) as f32
        });
        let toward_zero = std::array::from_fn(|i| toward_zero[SIDE * (i % SIDE) + i / SIDE]);
        Self { isa, factors, toward_zero }
    }

    /// Transforms and quantises blocks next to each other.
    ///
    /// Of a coefficient's quotient by its step, what is taken off toward zero is taken off its magnitude, and the rest is rounded
    /// to the nearest number, halves to even.
    ///
    /// `samples` are 8 rows that begin every `stride` floats. Of each row 8 floats a block are used, and read are as many as an
    /// even number of blocks has. They are -128 to 128.
    ///
    /// # Panics
    /// If there are too few samples.
    pub fn run(&self, samples: &[f32], stride: usize, blocks: &mut [Block]) {
        if blocks.is_empty() {
            return;
        }
        let row = SIDE * blocks.len().next_multiple_of(MOST);
        assert!(stride >= row && samples.len() >= (SIDE - 1) * stride + row, "8 rows of samples");
        let scaling = [&self.factors, &self.toward_zero];
        for_isa!(
            JpegDct,
            self.isa,
            transform(samples: &[f32], stride: usize, scaling: [&[f32; 64]; 2], blocks: &mut [Block])
        );
    }
}

/// # Safety
/// The instructions of `S`, and what [`ForwardDct::run`] checks.
#[inline(always)]
unsafe fn transform<S: Lanes>(
    samples: &[f32],
    stride: usize,
    [factors, toward_zero]: [&[f32; 64]; 2],
    blocks: &mut [Block],
) {
    let at_once = S::LANES / SIDE;
    let mut spare = Block::ZERO;
    for (at, blocks) in blocks.chunks_mut(at_once).enumerate() {
        // SAFETY: guaranteed by the caller.
        let mut rows = unsafe { [S::zero(); SIDE] };
        for (y, row) in rows.iter_mut().enumerate() {
            // SAFETY: each row has the samples of an even number of blocks, at least as many as are left.
            *row = unsafe { S::load(samples.as_ptr().add(y * stride + at * S::LANES)) };
        }
        // SAFETY: guaranteed by the caller.
        let columns = unsafe { pass(S::transpose(pass(rows))) };
        let (block, next) = match blocks {
            [block, next, ..] => (block, next),
            [block, ..] => (block, &mut spare),
            [] => break,
        };
        (block.nonzero, next.nonzero) = (0, 0);
        for (u, column) in columns.into_iter().enumerate() {
            let [values, next_values] = [&mut block.values, &mut next.values];
            let to = [values[SIDE * u..][..SIDE].as_mut_ptr(), next_values[SIDE * u..][..SIDE].as_mut_ptr()];
            let [factors, by] = [factors, toward_zero].map(|numbers| numbers[SIDE * u..][..SIDE].as_ptr());
            // SAFETY: guaranteed by the caller; there are eight numbers of each kind, and room for eight. A coefficient has at
            // most 11 bits.
            let nonzero = unsafe { column.mul(S::load_each(factors)).toward_zero(S::load_each(by)).store_rounded(to) };
            let [first, second] = nonzero.to_le_bytes().map(u64::from);
            block.nonzero |= first << (SIDE * u);
            next.nonzero |= second << (SIDE * u);
        }
    }
}

/// One-dimensional transforms of the lanes, scaled: by 8 and cosines that [`ForwardDct::new`] divides by.
///
/// # Safety
/// The instructions of `S`.
#[inline(always)]
unsafe fn pass<S: Lanes>([v0, v1, v2, v3, v4, v5, v6, v7]: [S; SIDE]) -> [S; SIDE] {
    // SAFETY: guaranteed by the caller.
    unsafe {
        let (s07, s16, s25, s34) = (v0.add(v7), v1.add(v6), v2.add(v5), v3.add(v4));
        let (d07, d16, d25, d34) = (v0.sub(v7), v1.sub(v6), v2.sub(v5), v3.sub(v4));
        // Even frequencies.
        let (outer, outer_less, inner, inner_less) = (s07.add(s34), s07.sub(s34), s16.add(s25), s16.sub(s25));
        let turned = inner_less.add(outer_less).mul(S::splat(std::f32::consts::FRAC_1_SQRT_2));
        // Odd frequencies: cos(6 pi/16), and with it sqrt(2) times cos(6 pi/16) and cos(2 pi/16).
        let (low, middle, high) = (d34.add(d25), d25.add(d16), d16.add(d07));
        let both = low.sub(high).mul(S::splat(0.382_683_43));
        let low = low.mul(S::splat(0.541_196_1)).add(both);
        let high = high.mul(S::splat(1.306_563)).add(both);
        let middle = middle.mul(S::splat(std::f32::consts::FRAC_1_SQRT_2));
        let (sum, difference) = (d07.add(middle), d07.sub(middle));
        [
            outer.add(inner),
            sum.add(high),
            outer_less.add(turned),
            difference.sub(low),
            outer.sub(inner),
            difference.add(low),
            outer_less.sub(turned),
            sum.sub(high),
        ]
    }
}
