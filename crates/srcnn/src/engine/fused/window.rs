//! Windows: the rows of a layer's output that the next layer still needs, for one strip of columns.

use srcnn_kernels::{Buffer, TILE};

/// Rows of a window: three rows of tiles, since the next layer reads at most nine rows, from any row on.
const ROWS: i64 = 3 * TILE as i64;

/// A ring buffer of twelve rows, with padding where the next layer reads beyond the edges.
#[derive(Clone, Debug)]
pub(super) struct Window {
    /// Size of the layer's whole output.
    width: i64,
    height: i64,
    channels: usize,
    /// Column of the first stored pixel; negative for padding.
    first_column: i64,
    stored_columns: i64,
    tiles: (i64, i64),
    next_row: i64,
    pads_with_zero: bool,
    data: Buffer,
    zeros: Buffer,
}

const SIDE: i64 = TILE as i64;

impl Window {
    /// A window on a layer's output of `size` pixels and `channels` channels (as stored), of which columns `read` are
    /// read, from row `row` on. Padding is zeros, or the edge pixels replicated.
    pub(super) fn new(
        (width, height): (i64, i64),
        channels: usize,
        read: (i64, i64),
        row: i64,
        pads_with_zero: bool,
    ) -> Self {
        let inside = |x: i64| x.clamp(0, width);
        // At least one tile: even if only padding is read, the edge itself is needed for it.
        let first_tile = inside(read.0).min(width - 1).div_euclid(SIDE);
        let end_tile = (inside(read.1) + SIDE - 1).div_euclid(SIDE).max(first_tile + 1);
        let first_column = read.0.min(first_tile * SIDE);
        let stored_columns = read.1.max(end_tile * SIDE) - first_column;
        let row_length = stored_columns as usize * channels;
        Self {
            width,
            height,
            channels,
            first_column,
            stored_columns,
            tiles: (first_tile, end_tile),
            next_row: row.clamp(0, height - 1).div_euclid(SIDE) * SIDE,
            pads_with_zero,
            data: Buffer::zeros(ROWS as usize * row_length),
            zeros: Buffer::zeros(if pads_with_zero { row_length } else { 0 }),
        }
    }

    /// Channels as stored.
    pub(super) fn channels(&self) -> usize {
        self.channels
    }

    pub(super) fn first_tile(&self) -> i64 {
        self.tiles.0
    }

    pub(super) fn end_tile(&self) -> i64 {
        self.tiles.1
    }

    /// The first row that is not computed yet; a multiple of four.
    pub(super) fn next_row(&self) -> i64 {
        self.next_row
    }

    /// Whether `row`, or the last row if `row` is below it, is not computed yet.
    pub(super) fn lacks(&self, row: i64) -> bool {
        row.min(self.height - 1) >= self.next_row
    }

    /// Floats per stored row.
    pub(super) fn row_length(&self) -> usize {
        self.stored_columns as usize * self.channels
    }

    /// The pixels of `row` from `column` on; rows outside the picture are padding.
    pub(super) fn row(&self, row: i64, column: i64) -> &[f32] {
        let start = (column - self.first_column) as usize * self.channels;
        let inside = row.clamp(0, self.height - 1);
        if inside != row && self.pads_with_zero {
            return &self.zeros[start..];
        }
        let at = inside.rem_euclid(ROWS) as usize * self.row_length();
        &self.data[at + start..at + self.row_length()]
    }

    /// Has `fill` write the next four rows, which start at the first tile's first pixel and are [`Window::row_length`]
    /// apart, and then fills the padding beside them.
    pub(super) fn advance(&mut self, fill: impl FnOnce(&mut [f32])) {
        let row_length = self.row_length();
        let at = self.next_row.rem_euclid(ROWS) as usize * row_length;
        let slab = &mut self.data[at..at + TILE * row_length];
        let start = (self.tiles.0 * SIDE - self.first_column) as usize * self.channels;
        fill(&mut slab[start..]);
        let channels = self.channels;
        let index = |column: i64| (column - self.first_column) as usize * channels;
        let end = self.first_column + self.stored_columns;
        for row in slab.chunks_exact_mut(row_length) {
            let beyond = (self.first_column..0).chain(self.width..end);
            for column in beyond {
                let to = index(column);
                if self.pads_with_zero {
                    row[to..to + channels].fill(0.0);
                } else if column < 0 || column >= self.width {
                    let from = index(column.clamp(0, self.width - 1));
                    row.copy_within(from..from + channels, to);
                }
            }
        }
        self.next_row += SIDE;
    }
}
