use super::{Matrix, ROW_BLOCK, product};
use crate::isa::Isa;
use crate::kernel::for_isa;
use crate::layout::{GROUP, padded};
use crate::proof::bound::{Sum, assert_every_isa, assert_same_bits};
use crate::proof::panics::assert_panics;
use crate::proof::pattern::Pattern;
use crate::proof::poison::{POISON, Poisoned};
use crate::simd::Simd;

/// Below, at and above a vector of eight, a group, and blocks of the rows, which are independent of the depth.
const DEPTHS: [usize; 8] = [1, 2, 7, 8, 9, 15, 17, 33];
/// Below, at and above one to four vectors of sixteen, and what is no whole number of panels.
const COLUMNS: [usize; 16] = [1, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 80, 128, 130];
/// Below, at and above blocks of 1, 2, 4, 6 and 12 rows, and [`ROW_BLOCK`].
const COUNTS: [usize; 17] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 16, 17, 23, 24, 25];
const MOST: usize = 25;

const _: () = assert!(ROW_BLOCK == 12 && MOST == 2 * ROW_BLOCK + 1, "counts are chosen for these blocks");

/// Operands as plain values.
struct Operands {
    depth: usize,
    columns: usize,
    /// [`MOST`] rows of `depth`.
    rows: Vec<f32>,
    /// `depth` rows of `columns`.
    matrix: Vec<f32>,
    biases: Vec<f32>,
}

impl Operands {
    fn new(pattern: Pattern, depth: usize, columns: usize) -> Self {
        let seed = (depth * 1000 + columns) as u32;
        Self {
            depth,
            columns,
            rows: pattern.values(MOST * depth, seed),
            matrix: pattern.weights(depth * columns, seed + 1),
            biases: pattern.weights(columns, seed + 2),
        }
    }

    fn pack(&self, isa: Isa) -> Matrix {
        Matrix::pack(isa, self.depth, self.columns, |k, n| self.matrix[k * self.columns + n])
    }

    /// Biases of all columns as stored. Those that pad are zero.
    fn stored_biases(&self) -> Vec<f32> {
        let mut biases = self.biases.clone();
        biases.resize(padded(self.columns), 0.0);
        biases
    }

    /// The products by definition, with or without bias. Columns that pad are zero.
    fn definition(&self, has_bias: bool) -> Vec<Sum> {
        let mut sums = vec![Sum::default(); MOST * padded(self.columns)];
        for (row, sums) in self.rows.chunks_exact(self.depth).zip(sums.chunks_exact_mut(padded(self.columns))) {
            for (n, sum) in sums[..self.columns].iter_mut().enumerate() {
                for (k, value) in row.iter().enumerate() {
                    sum.add_product(*value, self.matrix[k * self.columns + n]);
                }
                if has_bias {
                    sum.add(f64::from(self.biases[n]));
                }
            }
        }
        sums
    }

    fn apply(&self, isa: Isa, (first, count): (usize, usize), stride: usize, relu: bool) -> Vec<f32> {
        let matrix = self.pack(isa);
        assert_eq!((matrix.depth(), matrix.columns()), (self.depth, padded(self.columns)));
        let rows = Poisoned::rows(&self.rows[first * self.depth..][..count * self.depth], self.depth, stride);
        let biases = Poisoned::row(&self.stored_biases());
        let mut out = Poisoned::room(count * matrix.columns(), count * matrix.columns(), 1);
        matrix.apply(rows.slice(), stride, count, biases.slice(), relu, out.slice_mut());
        out.written("products")
    }
}

/// The proof of [`Kernel::Matmul`](crate::kernel::Kernel::Matmul).
pub(crate) fn products_agree_with_their_definition() {
    for pattern in Pattern::ALL {
        for (i, depth) in DEPTHS.into_iter().enumerate() {
            for (j, columns) in COLUMNS.into_iter().enumerate() {
                let operands = Operands::new(pattern, depth, columns);
                let sums = operands.definition(true);
                for (k, count) in COUNTS.into_iter().enumerate() {
                    let stride = depth + [0, 1, 7, 64][(i + j + k) % 4];
                    let relu = (i + j + k) % 3 == 0;
                    let expected: Vec<_> =
                        sums[..count * padded(columns)].iter().map(|sum| sum.expected().relu(relu)).collect();
                    let case = format!("{pattern:?}, {count} rows every {stride}, {depth} x {columns}, relu {relu}");
                    assert_every_isa(&case, &expected, |isa| operands.apply(isa, (0, count), stride, relu));
                    let stored = padded(columns);
                    let slopes: Vec<f32> = (0..stored).map(|n| n as f32 * 0.2 - 1.0).collect();
                    let bent = sums[..count * stored].iter().enumerate();
                    let bent: Vec<_> = bent.map(|(i, sum)| sum.expected().bent(slopes[i % stored])).collect();
                    assert_every_isa(&format!("{case}, slopes"), &bent, |isa| {
                        let rows = Poisoned::rows(&operands.rows[..count * depth], depth, stride);
                        let biases = operands.stored_biases();
                        let mut out = Poisoned::room(count * stored, count * stored, 1);
                        operands.pack(isa).apply_with_slopes(
                            rows.slice(),
                            stride,
                            count,
                            &biases,
                            &slopes,
                            out.slice_mut(),
                        );
                        out.written("products")
                    });
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn without_bias<S: Simd>(
    matrix: &Matrix,
    (rows, stride): (&[f32], usize),
    count: usize,
    out: (&mut [f32], usize),
) {
    // SAFETY: `bare_products_agree_with_their_definition` makes slices of these sizes.
    unsafe {
        let (rows, to) = (rows.as_ptr(), out.0.as_mut_ptr());
        product::<S>(matrix.data(), matrix.depth(), matrix.columns(), rows, stride, count, to, out.1);
    }
}

/// The proof of [`Kernel::Product`](crate::kernel::Kernel::Product).
pub(crate) fn bare_products_agree_with_their_definition() {
    for pattern in Pattern::ALL {
        for columns in COLUMNS {
            let operands = Operands::new(pattern, 17, columns);
            let sums = operands.definition(false);
            for count in COUNTS {
                for gap in [0, 1, 16, 67] {
                    let (stride, stored) = (operands.depth + gap, padded(columns));
                    let expected: Vec<_> = sums[..count * stored].iter().map(|sum| sum.expected()).collect();
                    let case = format!("{pattern:?}, {count} rows, {columns} columns, gaps of {gap}");
                    assert_every_isa(&case, &expected, |isa| {
                        let matrix = operands.pack(isa);
                        let rows = Poisoned::rows(&operands.rows[..count * operands.depth], operands.depth, stride);
                        let mut out = Poisoned::room(stored, stored + gap, count);
                        {
                            let (matrix, rows, to) = (&matrix, (rows.slice(), stride), (out.slice_mut(), stored + gap));
                            for_isa!(Product, isa, without_bias(matrix: &Matrix, rows: (&[f32], usize), count: usize,
                                to: (&mut [f32], usize)));
                        }
                        out.written(&case)
                    });
                }
            }
        }
    }
}

#[test]
fn results_do_not_depend_on_how_many_rows_are_multiplied_together() {
    for isa in Isa::available() {
        for columns in COLUMNS {
            let operands = Operands::new(Pattern::Noise, 33, columns);
            let whole = operands.apply(isa, (0, MOST), 40, false);
            for cut in 0..=MOST {
                let mut parts = operands.apply(isa, (0, cut), 33, false);
                parts.extend(operands.apply(isa, (cut, MOST - cut), 50, false));
                assert_same_bits(&format!("{columns} columns, cut at {cut}, {}", isa.name()), &whole, &parts);
            }
        }
    }
}

#[test]
fn one_row_may_be_multiplied_many_times() {
    let operands = Operands::new(Pattern::Noise, 9, 20);
    for isa in Isa::available() {
        let matrix = operands.pack(isa);
        let mut out = vec![0.0; 13 * matrix.columns()];
        matrix.apply(&operands.rows[..9], 0, 13, &operands.stored_biases(), false, &mut out);
        for row in out.chunks_exact(matrix.columns()) {
            assert_same_bits(isa.name(), row, &operands.apply(isa, (0, 1), 9, false));
        }
    }
}

#[test]
fn a_matrix_without_rows_gives_the_biases() {
    for isa in Isa::available() {
        let matrix = Matrix::pack(isa, 0, 20, |_, _| unreachable!("no values"));
        let biases: Vec<f32> = (0..32).map(|n| n as f32 - 16.0).collect();
        let mut out = vec![POISON; 3 * 32];
        matrix.apply(&[], 0, 3, &biases, false, &mut out);
        assert!(out.chunks_exact(32).all(|row| row == biases), "{}", isa.name());
    }
}

#[test]
fn slices_that_are_too_short_are_refused() {
    let (depth, count, stride) = (5, 4, 8);
    for isa in Isa::available() {
        let matrix = Matrix::pack(isa, depth, GROUP + 1, |k, n| (k + n) as f32);
        let columns = matrix.columns();
        let lengths = [(count - 1) * stride + depth, columns, count * columns];
        let run = |[rows, biases, out]: [usize; 3]| {
            matrix.apply(&vec![1.0; rows], stride, count, &vec![0.0; biases], false, &mut vec![0.0; out]);
        };
        run(lengths);
        for short in 0..lengths.len() {
            let mut lengths = lengths;
            lengths[short] -= 1;
            assert_panics(&format!("{lengths:?}, {}", isa.name()), || run(lengths));
        }
    }
}

/// Sizes whose product wraps around to a small number.
#[test]
fn sizes_that_overflow_are_refused() {
    let matrix = Matrix::pack(Isa::best(), 5, GROUP, |k, n| (k + n) as f32);
    let half = 1 << (usize::BITS / 2);
    for (count, stride) in [(usize::MAX / GROUP + 1, 0), (half + 1, half), (usize::MAX, 1), (3, usize::MAX / 2 + 1)] {
        assert_panics(&format!("{count} rows every {stride}"), || {
            matrix.apply(&[1.0; 64], stride, count, &[0.0; GROUP], false, &mut [0.0; 4 * GROUP]);
        });
    }
}
