//! How a picture is divided into strips of bands. Results do not depend on it.

use std::ops::RangeInclusive;

use crate::parallel;
use srcnn_kernels::TILE;

/// Columns of a strip: wide enough that the columns computed twice at its sides do not matter.
const STRIP: usize = 512;
/// Minimum and maximum height of a band; the rows above and below a band are computed twice.
const BAND: RangeInclusive<usize> = 32..=512;
/// Strips of bands for each thread: a thread that is done early takes more. For few rows, one each: what is computed twice
/// would cost more.
const SHARES: usize = 2;
const FEW: usize = 256;

/// Layers from which on what strips and bands compute twice decides how they are cut.
const DEEP: usize = 5;
/// Most strips, and bands for each thread, that are tried for such networks; and the widest strip.
const MOST: usize = 8;
const WIDEST: usize = 1024;

/// Size of the parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cuts {
    /// Columns of a strip.
    pub(super) strip: usize,
    /// Rows of a band.
    pub(super) band: usize,
}

impl Cuts {
    /// For an output of `width` columns, `rows` rows of which are computed, by so many layers before the last.
    pub(super) fn of(width: usize, rows: usize, layers: usize) -> Self {
        if layers >= DEEP {
            return Self::of_deep(width, rows, layers);
        }
        // Strips of equal width; the last may be narrower.
        let strip = width.div_ceil(width.div_ceil(STRIP)).next_multiple_of(TILE);
        Self { strip, band: band(rows, width.div_ceil(strip)) }
    }

    /// Where each part begins with a tile more for each layer on each side that is cut: the cut that computes least.
    fn of_deep(width: usize, rows: usize, layers: usize) -> Self {
        let threads = parallel::threads();
        let fewest = width.div_ceil(WIDEST);
        let choices = (fewest..fewest + MOST).flat_map(|across| (1..=MOST * threads).map(move |down| (across, down)));
        let choices = choices.map(|(across, down)| {
            let strip = width.div_ceil(across).next_multiple_of(TILE);
            let band = rows.div_ceil(down).next_multiple_of(TILE);
            // Each layer begins a tile further out than the next: on average half of them.
            let beyond = |parts: usize| layers * TILE * (parts - 1).min(2) / 2;
            let parts = width.div_ceil(strip) * rows.div_ceil(band);
            let work = (strip + beyond(across)) * (band + beyond(down)) * parts.div_ceil(threads);
            (work, Self { strip, band })
        });
        choices.min_by_key(|(work, _)| *work).expect("there are choices").1
    }
}

/// The height of bands, so that every thread gets some strips of them.
fn band(rows: usize, strips: usize) -> usize {
    let shares = if rows < FEW { 1 } else { SHARES };
    let bands = (shares * parallel::threads()).div_ceil(strips);
    rows.div_ceil(bands).next_multiple_of(TILE).clamp(*BAND.start(), *BAND.end())
}
