//! The list of kernels, and the macros that compile a kernel's body for each instruction set.

use crate::isa::Isa;

/// A kernel: a body that is compiled for instruction sets and chosen by an [`Isa`].
///
/// The macros of this file compile a body under one of these names, and `proof::kernels` has a test for each name:
/// without it, the tests do not compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kernel {
    /// Rows times a packed matrix: [`Matrix::apply`](crate::Matrix::apply).
    Matmul,
    /// Dot products along the channels: [`DotKernels::run`](crate::DotKernels::run).
    Dot,
    /// Sums of products with strides: `strided::accumulate`.
    Strided,
    /// Winograd F(4x4, 3x3): [`WinogradKernels::run`](crate::WinogradKernels::run).
    Winograd3x3,
    /// Winograd F(4x4, 5x5).
    Winograd5x5,
    /// Winograd F(4x4, 3x3), products in bf16.
    #[cfg(target_arch = "x86_64")]
    Winograd3x3Bf16,
    /// Winograd F(4x4, 5x5), products in bf16.
    #[cfg(target_arch = "x86_64")]
    Winograd5x5Bf16,
    /// Weighted sums of rows: [`weighted`](crate::filter::weighted).
    Weighted,
    /// Filters of several phases: [`interleaved`](crate::filter::interleaved).
    Interleaved,
    /// Pixels of 8 bits to planes: [`split_u8`](crate::color::split_u8).
    SplitU8,
    /// Pixels of 16 bits to planes: [`split_u16`](crate::color::split_u16).
    SplitU16,
    /// Planes to pixels of 8 bits: [`join_u8`](crate::color::join_u8).
    JoinU8,
    /// Planes to pixels of 16 bits: [`join_u16`](crate::color::join_u16).
    JoinU16,
    /// Lowest and highest sample: [`range`](crate::color::range).
    Range,
    /// RGB to YCbCr: [`YccFactors::from_rgb`](crate::color::YccFactors::from_rgb).
    YccFromRgb,
    /// YCbCr to RGB: [`YccFactors::to_rgb`](crate::color::YccFactors::to_rgb).
    RgbFromYcc,
    /// RGB to luma and color differences: [`jpeg::rgb_to_ycc`](crate::jpeg::rgb_to_ycc).
    JpegColor,
    /// Grey to luma: [`jpeg::grey_to_luma`](crate::jpeg::grey_to_luma).
    JpegGrey,
    /// Means of two by two samples: [`jpeg::halve`](crate::jpeg::halve).
    JpegHalve,
    /// Luma and color differences to RGB: [`jpeg::ycc_to_rgb`](crate::jpeg::ycc_to_rgb).
    JpegRgb,
    /// Red, green and blue to RGB: [`jpeg::interleave`](crate::jpeg::interleave).
    JpegInterleave,
    /// Dequantisation and inverse transform: [`jpeg::inverse_dct`](crate::jpeg::inverse_dct).
    JpegInverseDct,
    /// Forward transform and quantisation: [`jpeg::ForwardDct`](crate::jpeg::ForwardDct).
    JpegDct,
    /// Operations of a vector, by themselves.
    #[cfg(test)]
    Operations,
    /// Products of matrices without bias, by themselves.
    #[cfg(test)]
    Product,
    /// Transforms of Winograd convolutions, by themselves.
    #[cfg(test)]
    Transforms,
    /// Rounding to bf16 and products in bf16, by themselves.
    #[cfg(all(test, target_arch = "x86_64"))]
    ProductBf16,
}

impl Kernel {
    /// Records under test that the kernel runs on `isa`; otherwise does nothing.
    #[inline(always)]
    pub(crate) fn record(self, isa: Isa) {
        #[cfg(test)]
        RUNS.with_borrow_mut(|runs| {
            if !runs.contains(&(self, isa)) {
                runs.push((self, isa));
            }
        });
        #[cfg(not(test))]
        let _ = (self, isa);
    }

    /// Whether the kernel ran on `isa` in this thread.
    #[cfg(test)]
    pub(crate) fn has_run_on(self, isa: Isa) -> bool {
        RUNS.with_borrow(|runs| runs.contains(&(self, isa)))
    }
}

#[cfg(test)]
thread_local! {
    /// What has run in this thread.
    static RUNS: std::cell::RefCell<Vec<(Kernel, Isa)>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// Calls `$body::<S>(…)` compiled for the instruction set `$isa`, as the kernel `Kernel::$kernel`.
///
/// Each wrapper is reached only with an [`Isa`] of its kind, which exists only where the CPU has the features.
macro_rules! for_isa {
    ($kernel:ident, $isa:expr, $body:ident($($arg:ident: $t:ty),* $(,)?)) => {{
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx512f")]
        unsafe fn avx512($($arg: $t),*) {
            // SAFETY: guaranteed by the caller.
            unsafe { $body::<$crate::simd::Avx512>($($arg),*) }
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,fma")]
        unsafe fn avx2($($arg: $t),*) {
            // SAFETY: guaranteed by the caller.
            unsafe { $body::<$crate::simd::Avx2>($($arg),*) }
        }
        let isa = $isa;
        $crate::kernel::Kernel::$kernel.record(isa);
        match isa.0 {
            // SAFETY: needs no features; lengths were checked by the caller of this macro.
            $crate::isa::Kind::Portable => unsafe { $body::<$crate::simd::Portable>($($arg),*) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an `Isa` of this kind proves the feature; lengths were checked by the caller of this macro.
            $crate::isa::Kind::Avx2 => unsafe { avx2($($arg),*) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an `Isa` of this kind proves the feature; lengths were checked by the caller of this macro.
            $crate::isa::Kind::Avx512 => unsafe { avx512($($arg),*) },
        }
    }};
}
pub(crate) use for_isa;

/// Calls `$body(…)` compiled for AVX-512 with BF16, as the kernel `Kernel::$kernel`.
///
/// # Safety
/// `bf16::is_available($isa)`, and what the body asks for.
#[cfg(target_arch = "x86_64")]
macro_rules! for_bf16 {
    ($kernel:ident, $isa:expr, $body:ident($($arg:ident: $t:ty),* $(,)?)) => {{
        #[target_feature(enable = "avx512f,avx512bf16")]
        unsafe fn avx512_bf16($($arg: $t),*) {
            // SAFETY: guaranteed by the caller.
            unsafe { $body($($arg),*) }
        }
        $crate::kernel::Kernel::$kernel.record($isa);
        avx512_bf16($($arg),*)
    }};
}
#[cfg(target_arch = "x86_64")]
pub(crate) use for_bf16;

/// Calls `$body(…)`, plain loops over slices, compiled for the instruction set `$isa`, as the kernel `Kernel::$kernel`.
///
/// The body must be `#[inline(always)]`, and so must be what it calls. AVX-512 runs the code for AVX2. Products and sums
/// are not contracted, so that every instruction set gives the same bits.
macro_rules! loops_for_isa {
    ($kernel:ident, $isa:expr, $body:ident($($arg:ident: $t:ty),* $(,)?)) => {{
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2")]
        fn avx2($($arg: $t),*) {
            $body($($arg),*)
        }
        let isa = $isa;
        $crate::kernel::Kernel::$kernel.record(isa);
        match isa.0 {
            $crate::isa::Kind::Portable => $body($($arg),*),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: an `Isa` of this kind proves the feature; AVX-512 implies AVX2.
            $crate::isa::Kind::Avx2 | $crate::isa::Kind::Avx512 => unsafe { avx2($($arg),*) },
        }
    }};
}
pub(crate) use loops_for_isa;
