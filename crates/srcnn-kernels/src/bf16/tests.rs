use super::{Bf16Matrix, is_available, to_bf16};
use crate::isa::Isa;
use crate::proof::cpu;

fn from_bf16(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// All values in bf16 with what may lie below: nothing, less than half, half, more than half.
fn values() -> impl Iterator<Item = f32> {
    (0..=u16::MAX).flat_map(|high| {
        [0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF].map(|low: u32| f32::from_bits(u32::from(high) << 16 | low))
    })
}

/// The nearer of the two values in bf16 between which `value` lies, the even one in the middle. Infinity lies where the
/// next value would be, at 2^128.
fn definition(value: f32) -> u16 {
    let toward_zero = (value.to_bits() >> 16) as u16;
    if value.is_infinite() {
        return toward_zero;
    }
    let size =
        |bits: u16| if from_bf16(bits).is_infinite() { 2.0f64.powi(128) } else { f64::from(from_bf16(bits)).abs() };
    let size_of_value = f64::from(value).abs();
    let (below, above) = (size_of_value - size(toward_zero), size(toward_zero + 1) - size_of_value);
    if below < above || (below == above && toward_zero.is_multiple_of(2)) { toward_zero } else { toward_zero + 1 }
}

#[test]
fn rounds_to_nearest_and_ties_to_even() {
    for (value, expected) in [
        (0.0, 0.0),
        (1.0, 1.0),
        (-2.5, -2.5),
        (1.0 + 1.0 / 256.0, 1.0),
        (1.0 + 3.0 / 256.0, 1.0 + 1.0 / 64.0),
        (1.0 + 1.01 / 256.0, 1.0 + 1.0 / 128.0),
        (f32::INFINITY, f32::INFINITY),
        (f32::MAX, f32::INFINITY),
    ] {
        assert_eq!(from_bf16(to_bf16(value)), expected, "{value}");
    }
    assert!(from_bf16(to_bf16(f32::NAN)).is_nan());
}

#[test]
fn every_value_is_rounded_as_defined() {
    for value in values() {
        if value.is_nan() {
            assert!(from_bf16(to_bf16(value)).is_nan(), "{:x}", value.to_bits());
        } else {
            assert_eq!(to_bf16(value), definition(value), "{value} ({:x})", value.to_bits());
        }
    }
}

#[test]
fn is_available_where_the_system_reports_it() {
    let available: Vec<_> = Isa::available().into_iter().filter(|isa| is_available(*isa)).map(Isa::name).collect();
    println!("bf16 on: {available:?}");
    let Some(flags) = cpu::flags() else {
        println!("the system does not report the CPU's features: detection is not compared with them");
        return;
    };
    let has = |flag: &str| flags.iter().any(|f| f == flag);
    assert_eq!(available, if has("avx512f") && has("avx512_bf16") { vec!["avx512"] } else { vec![] });
}

/// The order is that of the instruction: panels of at most 64 columns, pairs of rows, columns, rows of a pair.
#[test]
fn a_matrix_is_packed_in_pairs_of_rows() {
    for (depth, columns) in [(1, 1), (2, 16), (3, 17), (16, 33), (17, 64), (31, 100), (32, 129)] {
        let value = |k: usize, n: usize| (1 + k * columns + n) as f32 / 16.0;
        let matrix = Bf16Matrix::pack(depth, columns, |k, n| {
            assert!(k < depth && n < columns, "values beyond the matrix are not asked for");
            value(k, n)
        });
        let stored = columns.next_multiple_of(16);
        assert_eq!((matrix.pairs, matrix.columns), (depth.next_multiple_of(16) / 2, stored));
        let mut data = matrix.data.iter();
        let mut start = 0;
        while start < stored {
            let width = [64, 32, 16].into_iter().find(|width| start + width <= stored).expect("whole groups");
            for pair in 0..matrix.pairs {
                for n in start..start + width {
                    for k in [2 * pair, 2 * pair + 1] {
                        let expected = if k < depth && n < columns { to_bf16(value(k, n)) } else { 0 };
                        assert_eq!(data.next(), Some(&expected), "{depth} x {columns}: row {k}, column {n}");
                    }
                }
            }
            start += width;
        }
        assert!(data.next().is_none());
    }
}

/// What is multiplied by the CPU. Without AVX-512 BF16 it is not called, and `is_available_where_the_system_reports_it`
/// says so.
#[cfg(target_arch = "x86_64")]
pub(crate) mod x86 {
    use super::{definition, from_bf16, values};
    use crate::bf16::{Bf16Matrix, is_available, product, store};
    use crate::isa::Isa;
    use crate::kernel::for_bf16;
    use crate::layout::{GROUP, padded};
    use crate::proof::bound::{Sum, assert_same_bits, assert_within};
    use crate::proof::pattern::Pattern;
    use crate::proof::poison::Poisoned;
    use crate::simd::{Avx512, Simd};

    /// Below, at and above a pair, a group and two.
    const DEPTHS: [usize; 9] = [1, 2, 3, 15, 16, 17, 31, 33, 64];
    /// Panels of one, two and four vectors, and every rest.
    const COLUMNS: [usize; 12] = [1, 15, 16, 17, 32, 33, 48, 63, 64, 65, 112, 130];
    /// Below, at and above blocks of 1, 2, 4, 6 and 12 rows.
    const COUNTS: [usize; 15] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 17, 24, 25];
    const MOST: usize = 25;

    fn isas() -> impl Iterator<Item = Isa> {
        Isa::available().into_iter().filter(|isa| is_available(*isa))
    }

    #[inline(always)]
    unsafe fn store_all(values: &[f32], out: &mut [u16]) {
        for (from, to) in values.chunks_exact(GROUP).zip(out.chunks_exact_mut(GROUP)) {
            // SAFETY: both have sixteen values; the rest is guaranteed by the caller.
            unsafe { store(Avx512::load(from.as_ptr()), to.as_mut_ptr()) }
        }
    }

    #[test]
    fn vectors_are_rounded_as_numbers_are() {
        for isa in isas() {
            let values: Vec<f32> = values().collect();
            let mut ours = vec![0; values.len()];
            let (from, to) = (&values[..], &mut ours[..]);
            // SAFETY: the instruction set has bf16; both slices have as many values.
            unsafe { for_bf16!(ProductBf16, isa, store_all(from: &[f32], to: &mut [u16])) };
            for (value, ours) in values.iter().zip(ours) {
                if value.is_nan() {
                    assert!(from_bf16(ours).is_nan(), "{:x}", value.to_bits());
                } else if value.is_subnormal() {
                    assert_eq!(from_bf16(ours), 0.0, "{value}");
                } else {
                    assert_eq!(ours, definition(*value), "{value} ({:x})", value.to_bits());
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn multiply(matrix: &Bf16Matrix, rows: &[u16], count: usize, out: &mut [f32]) {
        // SAFETY: `Operands::multiply` makes slices of these sizes.
        unsafe { product(matrix, rows.as_ptr(), count, out.as_mut_ptr()) }
    }

    /// Operands as plain values, rounded to bf16.
    struct Operands {
        depth: usize,
        columns: usize,
        /// [`MOST`] rows of `depth`.
        rows: Vec<f32>,
        /// `depth` rows of `columns`.
        matrix: Vec<f32>,
    }

    impl Operands {
        fn new(pattern: Pattern, depth: usize, columns: usize) -> Self {
            let seed = (depth * 1000 + columns) as u32;
            let round = |values: Vec<f32>| values.into_iter().map(|value| from_bf16(definition(value))).collect();
            let (rows, matrix) = (pattern.values(MOST * depth, seed), pattern.weights(depth * columns, seed + 1));
            Self { depth, columns, rows: round(rows), matrix: round(matrix) }
        }

        /// The products by definition. Products of two values of 8 bits are exact in f32.
        fn definition(&self) -> Vec<Sum> {
            let mut sums = vec![Sum::default(); MOST * padded(self.columns)];
            for (row, sums) in self.rows.chunks_exact(self.depth).zip(sums.chunks_exact_mut(padded(self.columns))) {
                for (n, sum) in sums[..self.columns].iter_mut().enumerate() {
                    for (k, value) in row.iter().enumerate() {
                        sum.add_product(*value, self.matrix[k * self.columns + n]);
                    }
                }
            }
            sums
        }

        /// Multiplies rows `first..first + count`. Values that pad a row are zero.
        fn multiply(&self, isa: Isa, first: usize, count: usize) -> Vec<f32> {
            let matrix = Bf16Matrix::pack(self.depth, self.columns, |k, n| self.matrix[k * self.columns + n]);
            let mut rows = vec![0u16; count * padded(self.depth)];
            let from = self.rows.chunks_exact(self.depth).skip(first);
            for (to, from) in rows.chunks_exact_mut(padded(self.depth)).zip(from) {
                to.iter_mut().zip(from).for_each(|(to, from)| *to = definition(*from));
            }
            let columns = padded(self.columns);
            let mut out = Poisoned::room(columns * count, columns * count, 1);
            {
                let (matrix, rows, to) = (&matrix, &rows[..], out.slice_mut());
                // SAFETY: the instruction set has bf16; rows and results have the sizes of the matrix.
                unsafe {
                    for_bf16!(ProductBf16, isa, multiply(matrix: &Bf16Matrix, rows: &[u16], count: usize, to: &mut [f32]));
                }
            }
            out.written("products")
        }
    }

    /// The proof of [`Kernel::ProductBf16`](crate::kernel::Kernel::ProductBf16).
    pub(crate) fn products_agree_with_their_definition() {
        for isa in isas() {
            for pattern in Pattern::ALL {
                for depth in DEPTHS {
                    for columns in COLUMNS {
                        let operands = Operands::new(pattern, depth, columns);
                        let sums = operands.definition();
                        for count in COUNTS {
                            let expected: Vec<_> =
                                sums[..count * padded(columns)].iter().map(|s| s.expected()).collect();
                            let case = format!("{pattern:?}, {count} rows, {depth} x {columns}, {}", isa.name());
                            assert_within(&case, &operands.multiply(isa, 0, count), &expected);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn results_do_not_depend_on_how_many_rows_are_multiplied_together() {
        for isa in isas() {
            for columns in COLUMNS {
                let operands = Operands::new(Pattern::Noise, 33, columns);
                let whole = operands.multiply(isa, 0, MOST);
                for cut in 0..=MOST {
                    let mut parts = operands.multiply(isa, 0, cut);
                    parts.extend(operands.multiply(isa, cut, MOST - cut));
                    assert_same_bits(&format!("{columns} columns, cut at {cut}"), &whole, &parts);
                }
            }
        }
    }
}
