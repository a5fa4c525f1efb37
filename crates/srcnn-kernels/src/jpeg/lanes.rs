//! What the forward transform asks of vectors beyond [`Simd`]: eight lanes each are transposed, rounded, stored.

use crate::simd::{Portable, Simd};

/// Vectors of one or two rows of eight floats, each of a block of its own.
///
/// # Safety
/// As of [`Simd`].
pub(super) trait Lanes: Simd {
    /// The eight floats at `from`, for each block.
    unsafe fn load_each(from: *const f32) -> Self;
    /// Lane `x` of row `y` becomes lane `y` of row `x`, of each block.
    unsafe fn transpose(rows: [Self; 8]) -> [Self; 8];
    /// Each lane less `by` in magnitude; where `by` is larger, it changes its sign. `by` is not negative.
    unsafe fn toward_zero(self, by: Self) -> Self;
    /// Writes the nearest numbers, halves to even, eight to each block's pointer, of which the second is not used by vectors of
    /// one row. Gives a bit for each lane that is not 0.
    ///
    /// The lanes must be numbers of 16 bits.
    unsafe fn store_rounded(self, to: [*mut i16; 2]) -> u16;
}

/// Added to a float of at most 22 bits, this leaves the nearest whole number in the last bits: 1.5 times 2 to the 23rd.
const TO_WHOLE: f32 = 12_582_912.0;

impl Lanes for Portable {
    #[inline(always)]
    unsafe fn load_each(from: *const f32) -> Self {
        // SAFETY: guaranteed by the caller.
        let row = unsafe { from.cast::<[f32; 8]>().read() };
        Self::from_lanes(std::array::from_fn(|i| row[i % 8]))
    }

    #[inline(always)]
    unsafe fn transpose(rows: [Self; 8]) -> [Self; 8] {
        let rows = rows.map(Self::lanes);
        std::array::from_fn(|y| Self::from_lanes(std::array::from_fn(|i| rows[i % 8][i / 8 * 8 + y])))
    }

    #[inline(always)]
    unsafe fn toward_zero(self, by: Self) -> Self {
        let (lanes, by) = (self.lanes(), by.lanes());
        Self::from_lanes(std::array::from_fn(|i| lanes[i] - by[i].copysign(lanes[i])))
    }

    #[inline(always)]
    unsafe fn store_rounded(self, to: [*mut i16; 2]) -> u16 {
        let numbers = self.lanes().map(|lane| (lane + TO_WHOLE).to_bits() as i16);
        for (to, numbers) in to.into_iter().zip(numbers.as_chunks::<8>().0) {
            // SAFETY: guaranteed by the caller.
            unsafe { to.cast::<[i16; 8]>().write(*numbers) };
        }
        numbers.iter().enumerate().fold(0, |bits, (i, number)| bits | u16::from(*number != 0) << i)
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::Lanes;
    use crate::simd::{Avx2, Avx512};

    /// Transposes four by four, within each 128 bits: columns 0 to 3 of rows `$a` to `$d`.
    macro_rules! quarters {
        ($low:ident, $high:ident, $shuffle:ident, $a:expr, $b:expr, $c:expr, $d:expr) => {{
            let (ab, ab_high) = ($low($a.0, $b.0), $high($a.0, $b.0));
            let (cd, cd_high) = ($low($c.0, $d.0), $high($c.0, $d.0));
            (
                $shuffle::<0x44>(ab, cd),
                $shuffle::<0xEE>(ab, cd),
                $shuffle::<0x44>(ab_high, cd_high),
                $shuffle::<0xEE>(ab_high, cd_high),
            )
        }};
    }

    impl Lanes for Avx2 {
        #[inline(always)]
        unsafe fn load_each(from: *const f32) -> Self {
            // SAFETY: guaranteed by the caller.
            Self(unsafe { _mm256_loadu_ps(from) })
        }

        #[inline(always)]
        unsafe fn transpose([a, b, c, d, e, f, g, h]: [Self; 8]) -> [Self; 8] {
            // SAFETY: guaranteed by the caller.
            unsafe {
                let (a, b, c, d) = quarters!(_mm256_unpacklo_ps, _mm256_unpackhi_ps, _mm256_shuffle_ps, a, b, c, d);
                let (e, f, g, h) = quarters!(_mm256_unpacklo_ps, _mm256_unpackhi_ps, _mm256_shuffle_ps, e, f, g, h);
                [
                    Self(_mm256_permute2f128_ps::<0x20>(a, e)),
                    Self(_mm256_permute2f128_ps::<0x20>(b, f)),
                    Self(_mm256_permute2f128_ps::<0x20>(c, g)),
                    Self(_mm256_permute2f128_ps::<0x20>(d, h)),
                    Self(_mm256_permute2f128_ps::<0x31>(a, e)),
                    Self(_mm256_permute2f128_ps::<0x31>(b, f)),
                    Self(_mm256_permute2f128_ps::<0x31>(c, g)),
                    Self(_mm256_permute2f128_ps::<0x31>(d, h)),
                ]
            }
        }

        #[inline(always)]
        unsafe fn toward_zero(self, by: Self) -> Self {
            // SAFETY: guaranteed by the caller.
            unsafe {
                let sign = _mm256_and_ps(self.0, _mm256_set1_ps(-0.0));
                Self(_mm256_sub_ps(self.0, _mm256_or_ps(by.0, sign)))
            }
        }

        #[inline(always)]
        unsafe fn store_rounded(self, to: [*mut i16; 2]) -> u16 {
            // SAFETY: guaranteed by the caller.
            unsafe {
                let whole = _mm256_cvtps_epi32(self.0);
                let packed = _mm_packs_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256::<1>(whole));
                _mm_storeu_si128(to[0].cast(), packed);
                let zero = _mm256_cmpeq_epi32(whole, _mm256_setzero_si256());
                !(_mm256_movemask_ps(_mm256_castsi256_ps(zero)) as u16) & 0xFF
            }
        }
    }

    /// The 128 bits numbered by `$order` in pairs of floats, 8 and up being those of `$right`.
    macro_rules! halves {
        ($left:expr, $order:expr, $right:expr) => {
            Avx512(_mm512_castpd_ps(_mm512_permutex2var_pd(_mm512_castps_pd($left), $order, _mm512_castps_pd($right))))
        };
    }

    impl Lanes for Avx512 {
        #[inline(always)]
        unsafe fn load_each(from: *const f32) -> Self {
            // SAFETY: guaranteed by the caller.
            Self(unsafe { _mm512_castpd_ps(_mm512_broadcast_f64x4(_mm256_castps_pd(_mm256_loadu_ps(from)))) })
        }

        #[inline(always)]
        unsafe fn transpose([a, b, c, d, e, f, g, h]: [Self; 8]) -> [Self; 8] {
            // SAFETY: guaranteed by the caller.
            unsafe {
                let (a, b, c, d) = quarters!(_mm512_unpacklo_ps, _mm512_unpackhi_ps, _mm512_shuffle_ps, a, b, c, d);
                let (e, f, g, h) = quarters!(_mm512_unpacklo_ps, _mm512_unpackhi_ps, _mm512_shuffle_ps, e, f, g, h);
                let even = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
                let odd = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
                [
                    halves!(a, even, e),
                    halves!(b, even, f),
                    halves!(c, even, g),
                    halves!(d, even, h),
                    halves!(a, odd, e),
                    halves!(b, odd, f),
                    halves!(c, odd, g),
                    halves!(d, odd, h),
                ]
            }
        }

        #[inline(always)]
        unsafe fn toward_zero(self, by: Self) -> Self {
            // SAFETY: guaranteed by the caller.
            unsafe {
                let bits = _mm512_castps_si512(self.0);
                let sign = _mm512_and_si512(bits, _mm512_set1_epi32(i32::MIN));
                let signed = _mm512_or_si512(_mm512_castps_si512(by.0), sign);
                Self(_mm512_sub_ps(self.0, _mm512_castsi512_ps(signed)))
            }
        }

        #[inline(always)]
        unsafe fn store_rounded(self, to: [*mut i16; 2]) -> u16 {
            // SAFETY: guaranteed by the caller.
            unsafe {
                let whole = _mm512_cvtps_epi32(self.0);
                let packed = _mm512_cvtsepi32_epi16(whole);
                _mm_storeu_si128(to[0].cast(), _mm256_castsi256_si128(packed));
                _mm_storeu_si128(to[1].cast(), _mm256_extracti128_si256::<1>(packed));
                _mm512_test_epi32_mask(whole, whole)
            }
        }
    }
}
