//! Transforms of patches (B), kernels (G) and sums (A), in the notation of Lavin and Gray.

use crate::simd::Simd;

/// Rows and columns of the outputs of a tile.
pub const TILE: usize = 4;

/// Interpolation points, in the order of a patch's positions. Infinity follows the last.
const POINTS: [f64; 7] = [0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5];

/// G, `points` x `taps`: powers of each point, scaled so that the transform of patches has small whole numbers.
pub(super) fn kernel_transform(points: usize, taps: usize) -> Vec<Vec<f64>> {
    let scale: &[f64] = if points == 6 {
        &[1.0 / 4.0, -1.0 / 6.0, -1.0 / 6.0, 1.0 / 24.0, 1.0 / 24.0]
    } else {
        &[1.0, -2.0 / 9.0, -2.0 / 9.0, 1.0 / 90.0, 1.0 / 90.0, 32.0 / 45.0, 32.0 / 45.0]
    };
    let finite = scale.iter().zip(POINTS).map(|(s, p)| (0..taps as i32).map(|j| s * p.powi(j)).collect());
    let infinite = (0..taps).map(|j| f64::from(u8::from(j + 1 == taps))).collect();
    finite.chain([infinite]).collect()
}

/// Transforms of one set of points along one axis. (A trait, since functions that are passed on would not be compiled
/// for the instruction set of their caller.)
pub(super) trait Transform<const P: usize> {
    /// Transposed B times a row or column of a patch.
    ///
    /// # Safety
    /// The CPU has the instructions of `S`.
    unsafe fn forward<S: Simd>(d: [S; P]) -> [S; P];
    /// Transposed A times a row or column of sums.
    ///
    /// # Safety
    /// The CPU has the instructions of `S`.
    unsafe fn back<S: Simd>(m: [S; P]) -> [S; TILE];
}

/// F(4, 3): points 0, 1, -1, 2, -2, infinity.
pub(super) struct Six;

/// F(4, 5): points 0, 1, -1, 2, -2, 1/2, -1/2, infinity.
pub(super) struct Eight;

impl Transform<6> for Six {
    #[inline(always)]
    unsafe fn forward<S: Simd>(d: [S; 6]) -> [S; 6] {
        // SAFETY: guaranteed by the caller.
        unsafe {
            let (two, four) = (S::splat(2.0), S::splat(4.0));
            let (minus_four, minus_five) = (S::splat(-4.0), S::splat(-5.0));
            let (even, odd) = (d[2].mul_add(minus_four, d[4]), d[1].mul_add(minus_four, d[3]));
            let (even_two, odd_two) = (d[4].sub(d[2]), d[3].sub(d[1]).mul(two));
            [
                d[2].mul_add(minus_five, d[0].mul_add(four, d[4])),
                even.add(odd),
                even.sub(odd),
                even_two.add(odd_two),
                even_two.sub(odd_two),
                d[3].mul_add(minus_five, d[1].mul_add(four, d[5])),
            ]
        }
    }

    #[inline(always)]
    unsafe fn back<S: Simd>(m: [S; 6]) -> [S; TILE] {
        // SAFETY: guaranteed by the caller.
        unsafe {
            let (s1, d1) = (m[1].add(m[2]), m[1].sub(m[2]));
            let (s2, d2) = (m[3].add(m[4]), m[3].sub(m[4]));
            [
                m[0].add(s1).add(s2),
                d2.mul_add(S::splat(2.0), d1),
                s2.mul_add(S::splat(4.0), s1),
                d2.mul_add(S::splat(8.0), d1).add(m[5]),
            ]
        }
    }
}

impl Transform<8> for Eight {
    #[inline(always)]
    unsafe fn forward<S: Simd>(d: [S; 8]) -> [S; 8] {
        // SAFETY: guaranteed by the caller.
        unsafe {
            let (half, two) = (S::splat(0.5), S::splat(2.0));
            let minus_five_halves = S::splat(-2.5);
            let minus_17_quarters = S::splat(-4.25);
            let a1 = d[4].mul_add(minus_17_quarters, d[2].add(d[6]));
            let b1 = d[3].mul_add(minus_17_quarters, d[1].add(d[5]));
            let a2 = d[4].mul_add(S::splat(-1.25), d[2].mul_add(S::splat(0.25), d[6]));
            let b2 = d[5].mul_add(two, d[3].mul_add(minus_five_halves, d[1].mul(half)));
            let a3 = d[4].mul_add(S::splat(-5.0), d[2].mul_add(S::splat(4.0), d[6]));
            let b3 = d[5].mul_add(half, d[3].mul_add(minus_five_halves, d[1].mul(two)));
            let k = S::splat(5.25);
            [
                d[4].sub(d[2]).mul_add(k, d[0].sub(d[6])),
                a1.add(b1),
                a1.sub(b1),
                a2.add(b2),
                a2.sub(b2),
                a3.add(b3),
                a3.sub(b3),
                d[3].sub(d[5]).mul_add(k, d[7].sub(d[1])),
            ]
        }
    }

    #[inline(always)]
    unsafe fn back<S: Simd>(m: [S; 8]) -> [S; TILE] {
        // SAFETY: guaranteed by the caller.
        unsafe {
            let (s1, d1) = (m[1].add(m[2]), m[1].sub(m[2]));
            let (s2, d2) = (m[3].add(m[4]), m[3].sub(m[4]));
            let (s3, d3) = (m[5].add(m[6]), m[5].sub(m[6]));
            [
                m[0].add(s1).add(s2).add(s3),
                d3.mul_add(S::splat(0.5), d2.mul_add(S::splat(2.0), d1)),
                s3.mul_add(S::splat(0.25), s2.mul_add(S::splat(4.0), s1)),
                d3.mul_add(S::splat(0.125), d2.mul_add(S::splat(8.0), d1)).add(m[7]),
            ]
        }
    }
}
