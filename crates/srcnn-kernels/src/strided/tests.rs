use std::collections::BTreeSet;

use super::{Extent, Left, Right, accumulate};
use crate::isa::Isa;
use crate::layout::GROUP;
use crate::proof::bound::{Sum, assert_every_isa, assert_same_bits};
use crate::proof::panics::assert_panics;
use crate::proof::pattern::Pattern;
use crate::proof::poison::{POISON, Poisoned};

/// Below, at and above blocks of 2, 6 and 12 rows, and shares that are uneven.
const ROWS: [usize; 14] = [1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 14, 19, 25, 37];
/// Panels of one, two and four vectors, and every rest.
const COLUMNS: [usize; 9] = [16, 32, 48, 64, 80, 96, 112, 128, 144];
const DEPTHS: [usize; 4] = [1, 2, 7, 20];
const SEGMENTS: [usize; 3] = [1, 2, 5];

/// Distances of factors and sums in memory.
#[derive(Clone, Copy, Debug)]
struct Strides {
    left_row: usize,
    left_step: usize,
    left_segment: usize,
    right_step: usize,
    right_segment: usize,
    out_row: usize,
}

/// Strides as the passes of a convolution have them, and such that leave gaps everywhere.
fn strides(extent: Extent) -> [Strides; 3] {
    let Extent { rows, columns, depth, segments } = extent;
    [
        // Forward: depth runs along the channels and pixels of a row, rows are pixels, which overlap.
        Strides {
            left_row: 3,
            left_step: 1,
            left_segment: 3 * rows + depth,
            right_step: columns,
            right_segment: depth * columns,
            out_row: columns,
        },
        // Gradient of the weights: depth runs along pixels, rows along channels.
        Strides {
            left_row: 1,
            left_step: rows,
            left_segment: rows * depth + 5,
            right_step: columns,
            right_segment: columns * (depth + 1),
            out_row: columns,
        },
        // None divides another; segments lie between the depths.
        Strides {
            left_row: (segments + 1) * depth + 3,
            left_step: segments + 1,
            left_segment: 1,
            right_step: columns * segments + 7,
            right_segment: columns + 1,
            out_row: columns + 9,
        },
    ]
}

/// Factors and initial sums in memory, with poison wherever there is none.
struct Operands {
    extent: Extent,
    strides: Strides,
    left: Poisoned,
    right: Poisoned,
    out: Poisoned,
}

impl Operands {
    fn new(pattern: Pattern, extent: Extent, strides: Strides) -> Self {
        let Extent { rows, columns, depth, segments } = extent;
        let seed = (rows * 7 + columns * 11 + depth * 13 + segments * 17) as u32;
        let indices = || (0..segments).flat_map(|s| (0..depth).map(move |k| (s, k)));
        let places = |(s, k)| (0..rows).map(move |row| strides.left(s, row, k));
        let left = scattered(indices().flat_map(places), |count| pattern.values(count, seed));
        let places = |(s, k)| (0..columns).map(move |column| strides.right(s, k, column));
        let right = scattered(indices().flat_map(places), |count| pattern.weights(count, seed + 1));
        let out = Poisoned::rows(&pattern.weights(rows * columns, seed + 2), columns, strides.out_row);
        Self { extent, strides, left, right, out }
    }

    /// The sums by definition.
    fn definition(&self) -> Vec<Sum> {
        let Extent { rows, columns, depth, segments } = self.extent;
        let mut sums = vec![Sum::default(); rows * columns];
        for (at, sum) in sums.iter_mut().enumerate() {
            let (row, column) = (at / columns, at % columns);
            sum.add(f64::from(self.out.slice()[row * self.strides.out_row + column]));
            for segment in 0..segments {
                for k in 0..depth {
                    let left = self.left.slice()[self.strides.left(segment, row, k)];
                    sum.add_product(left, self.right.slice()[self.strides.right(segment, k, column)]);
                }
            }
        }
        sums
    }

    fn left(&self) -> Left<'_> {
        let Strides { left_row: row, left_step: step, left_segment: segment, .. } = self.strides;
        Left { data: self.left.slice(), row, step, segment }
    }

    fn right(&self) -> Right<'_> {
        let Strides { right_step: step, right_segment: segment, .. } = self.strides;
        Right { data: self.right.slice(), step, segment }
    }

    fn run(&self, isa: Isa) -> Vec<f32> {
        let mut out = self.out.clone();
        accumulate(isa, self.left(), self.right(), self.extent, out.slice_mut(), self.strides.out_row);
        out.written("sums")
    }
}

impl Strides {
    fn left(&self, segment: usize, row: usize, k: usize) -> usize {
        segment * self.left_segment + row * self.left_row + k * self.left_step
    }

    fn right(&self, segment: usize, k: usize, column: usize) -> usize {
        segment * self.right_segment + k * self.right_step + column
    }
}

/// A slice that ends with the last of `places`. They hold `values` in the order of memory, poison lies between them.
fn scattered(places: impl Iterator<Item = usize>, values: impl Fn(usize) -> Vec<f32>) -> Poisoned {
    let places: BTreeSet<usize> = places.collect();
    let mut slice = vec![POISON; places.last().map_or(0, |last| last + 1)];
    for (place, value) in places.iter().zip(values(places.len())) {
        slice[*place] = value;
    }
    Poisoned::row(&slice)
}

/// The proof of [`Kernel::Strided`](crate::kernel::Kernel::Strided).
pub(crate) fn sums_agree_with_their_definition() {
    for pattern in Pattern::ALL {
        for (i, rows) in ROWS.into_iter().enumerate() {
            for (j, columns) in COLUMNS.into_iter().enumerate() {
                // Every depth and number of segments meets every number of rows and of columns.
                let (depth, segments) = (DEPTHS[(i + j) % DEPTHS.len()], SEGMENTS[(i + 2 * j) % SEGMENTS.len()]);
                let extent = Extent { rows, columns, depth, segments };
                for strides in strides(extent) {
                    let operands = Operands::new(pattern, extent, strides);
                    let expected: Vec<_> = operands.definition().into_iter().map(Sum::expected).collect();
                    let case = format!("{pattern:?}, {extent:?}, {strides:?}");
                    assert_every_isa(&case, &expected, |isa| operands.run(isa));
                }
            }
        }
    }
}

/// An extent, for which rows and columns, segments or depths are computed in two calls.
#[test]
fn results_do_not_depend_on_how_the_sums_are_cut() {
    let extent = Extent { rows: 14, columns: 112, depth: 7, segments: 5 };
    let Extent { rows, columns, depth, segments } = extent;
    for isa in Isa::available() {
        for strides in strides(extent) {
            let operands = Operands::new(Pattern::Noise, extent, strides);
            let whole = operands.run(isa);
            let cut = |case: &str, parts: &[(Extent, [usize; 3])]| {
                let mut out = operands.out.clone();
                for &(extent, [l, r, o]) in parts {
                    let left = Left { data: &operands.left.slice()[l..], ..operands.left() };
                    let right = Right { data: &operands.right.slice()[r..], ..operands.right() };
                    accumulate(isa, left, right, extent, &mut out.slice_mut()[o..], strides.out_row);
                }
                let case = format!("{case}, {strides:?}, {}", isa.name());
                assert_same_bits(&case, &whole, &out.written(&case));
            };
            for first in 1..rows {
                let second = [strides.left(0, first, 0), 0, first * strides.out_row];
                cut(
                    &format!("rows at {first}"),
                    &[(Extent { rows: first, ..extent }, [0; 3]), (Extent { rows: rows - first, ..extent }, second)],
                );
            }
            for first in (GROUP..columns).step_by(GROUP) {
                cut(
                    &format!("columns at {first}"),
                    &[
                        (Extent { columns: first, ..extent }, [0; 3]),
                        (Extent { columns: columns - first, ..extent }, [0, first, first]),
                    ],
                );
            }
            for first in 1..segments {
                let second = [strides.left(first, 0, 0), strides.right(first, 0, 0), 0];
                cut(
                    &format!("segments at {first}"),
                    &[
                        (Extent { segments: first, ..extent }, [0; 3]),
                        (Extent { segments: segments - first, ..extent }, second),
                    ],
                );
            }
            let parts: Vec<_> = (0..segments)
                .flat_map(|s| (0..depth).map(move |k| (s, k)))
                .map(|(s, k)| {
                    (Extent { depth: 1, segments: 1, ..extent }, [strides.left(s, 0, k), strides.right(s, k, 0), 0])
                })
                .collect();
            cut("every product by itself", &parts);
        }
    }
}

#[test]
fn nothing_is_touched_where_there_is_nothing_to_add() {
    let extent = Extent { rows: 2, columns: 16, depth: 3, segments: 2 };
    for isa in Isa::available() {
        for empty in [
            Extent { rows: 0, ..extent },
            Extent { columns: 0, ..extent },
            Extent { depth: 0, ..extent },
            Extent { segments: 0, ..extent },
        ] {
            let mut out = [POISON; 32];
            let left = Left { data: &[], row: 1, step: 1, segment: 1 };
            let right = Right { data: &[], step: 1, segment: 1 };
            accumulate(isa, left, right, empty, &mut out, 16);
            assert!(out.iter().all(|value| value.to_bits() == POISON.to_bits()), "{empty:?}, {}", isa.name());
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let extent = Extent { rows: 3, columns: 32, depth: 4, segments: 2 };
    for isa in Isa::available() {
        for strides in strides(extent) {
            let operands = Operands::new(Pattern::Noise, extent, strides);
            let run = |shorter: [usize; 3], extent: Extent, strides: Strides| {
                let mut out = operands.out.clone();
                let (l, r, o) = (operands.left.slice(), operands.right.slice(), out.slice_mut());
                let Strides { left_row, left_step, left_segment, right_step, right_segment, .. } = strides;
                let l = &l[..l.len() - shorter[0]];
                let r = &r[..r.len() - shorter[1]];
                let left = Left { data: l, row: left_row, step: left_step, segment: left_segment };
                let right = Right { data: r, step: right_step, segment: right_segment };
                let room = o.len() - shorter[2];
                accumulate(isa, left, right, extent, &mut o[..room], strides.out_row);
            };
            run([0; 3], extent, strides);
            for (name, shorter) in [("left", [1, 0, 0]), ("right", [0, 1, 0]), ("out", [0, 0, 1])] {
                assert_panics(&format!("{name}, {strides:?}, {}", isa.name()), || run(shorter, extent, strides));
            }
            for columns in [1, 15, 17, 31] {
                assert_panics(&format!("{columns} columns"), || run([0; 3], Extent { columns, ..extent }, strides));
            }
            // Distances that wrap around to a small number.
            let half = usize::MAX / 2 + 1;
            for wrapping in [
                Strides { left_row: half, ..strides },
                Strides { left_segment: usize::MAX, ..strides },
                Strides { left_step: usize::MAX / 3 + 1, ..strides },
                Strides { right_step: usize::MAX / 3 + 1, ..strides },
                Strides { right_segment: usize::MAX, ..strides },
                Strides { out_row: half, ..strides },
            ] {
                assert_panics(&format!("{wrapping:?}, {}", isa.name()), || run([0; 3], extent, wrapping));
            }
        }
    }
}
