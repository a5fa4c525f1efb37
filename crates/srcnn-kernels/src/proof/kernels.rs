//! The list of kernels and their proofs: the tests that compare them with their definitions.

use crate::isa::Isa;
use crate::kernel::Kernel;

/// Makes a test of each proof, in a list that must name every kernel.
macro_rules! proofs {
    ($($(#[$attribute:meta])* $name:ident: $kernel:ident => $proof:path,)+) => {
        $(
            $(#[$attribute])*
            #[test]
            fn $name() {
                prove(Kernel::$kernel, $proof);
            }
        )+

        /// Whether a kernel multiplies in bf16, as its name says. Does not compile where a kernel is missing in the
        /// list.
        fn is_bf16(kernel: Kernel) -> bool {
            match kernel {
                $($(#[$attribute])* Kernel::$kernel => stringify!($kernel).ends_with("Bf16"),)+
            }
        }
    };
}

proofs! {
    matmul: Matmul => crate::matmul::tests::products_agree_with_their_definition,
    dot: Dot => crate::dot::tests::outputs_agree_with_their_definition,
    strided: Strided => crate::strided::tests::sums_agree_with_their_definition,
    winograd_3x3: Winograd3x3 => crate::winograd::tests::tiles::tiles_of_3x3_agree_with_their_definition,
    winograd_5x5: Winograd5x5 => crate::winograd::tests::tiles::tiles_of_5x5_agree_with_their_definition,
    #[cfg(target_arch = "x86_64")]
    winograd_3x3_bf16: Winograd3x3Bf16 => crate::winograd::tests::tiles::tiles_of_3x3_in_bf16_agree_with_their_definition,
    #[cfg(target_arch = "x86_64")]
    winograd_5x5_bf16: Winograd5x5Bf16 => crate::winograd::tests::tiles::tiles_of_5x5_in_bf16_agree_with_their_definition,
    weighted: Weighted => crate::filter::tests::weighted_sums_agree_with_their_definition,
    interleaved: Interleaved => crate::filter::tests::interleaved_filters_agree_with_their_definition,
    split_u8: SplitU8 => crate::color::tests::pixels_of_8_bits_become_planes,
    split_u16: SplitU16 => crate::color::tests::pixels_of_16_bits_become_planes,
    join_u8: JoinU8 => crate::color::tests::planes_become_pixels_of_8_bits,
    join_u16: JoinU16 => crate::color::tests::planes_become_pixels_of_16_bits,
    range: Range => crate::color::tests::ranges_agree_with_their_definition,
    ycc_from_rgb: YccFromRgb => crate::color::tests::rgb_becomes_ycc,
    rgb_from_ycc: RgbFromYcc => crate::color::tests::ycc_becomes_rgb,
    jpeg_color: JpegColor => crate::jpeg::tests::color::colors_agree_with_their_definition,
    jpeg_grey: JpegGrey => crate::jpeg::tests::color::grey_is_shifted,
    jpeg_halve: JpegHalve => crate::jpeg::tests::color::means_agree_with_their_definition,
    jpeg_rgb: JpegRgb => crate::jpeg::tests::pixels::colors_are_those_of_wide_arithmetic,
    jpeg_interleave: JpegInterleave => crate::jpeg::tests::pixels::components_come_in_order,
    jpeg_inverse_dct: JpegInverseDct => crate::jpeg::tests::idct::samples_agree_with_their_definition,
    jpeg_dct: JpegDct => crate::jpeg::tests::dct::coefficients_agree_with_their_definition,
    operations: Operations => crate::simd::tests::operations_agree_with_their_definition,
    product: Product => crate::matmul::tests::bare_products_agree_with_their_definition,
    transforms: Transforms => crate::winograd::tests::transforms::transforms_agree_with_their_matrices,
    #[cfg(target_arch = "x86_64")]
    product_bf16: ProductBf16 => crate::bf16::tests::x86::products_agree_with_their_definition,
}

/// Runs a proof, prints on which instruction sets the kernel ran, and fails if it was not every one that this CPU has
/// for it.
fn prove(kernel: Kernel, proof: fn()) {
    let isas: Vec<_> =
        Isa::available().into_iter().filter(|isa| !is_bf16(kernel) || crate::bf16::is_available(*isa)).collect();
    if isas.is_empty() {
        println!("{kernel:?}: NOT proved, this CPU has no AVX-512 BF16");
        return;
    }
    proof();
    for isa in isas {
        assert!(kernel.has_run_on(isa), "{kernel:?} did not run on {}", isa.name());
        println!("{kernel:?}: agrees with its definition on {}", isa.name());
    }
}

/// Only the macros of `kernel.rs` compile functions for instruction sets: they ask for a [`Kernel`], and thereby for a
/// proof.
#[test]
fn no_kernel_is_compiled_without_being_listed() {
    let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![sources.clone()];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the crate's sources") {
            let path = entry.expect("the crate's sources").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let is_listed = path == sources.join("kernel.rs");
            let text = std::fs::read_to_string(&path).expect("the crate's sources");
            let compiles = text.lines().any(|line| line.trim_start().starts_with("#[target_feature"));
            assert_eq!(compiles, is_listed, "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen} files of the crate");
}
