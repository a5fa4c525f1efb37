//! Portions of rows that writers ask for.

use srcnn_image::rows::Shape;

/// Bytes of a portion, about: many enough that what a portion costs does not count, few enough to stay in the cache.
const PORTION: u64 = 1 << 18;

/// Rows that are asked for at a time, at least one.
pub(crate) fn rows_at_a_time(shape: Shape) -> usize {
    (PORTION / shape.row_bytes().max(1)).clamp(1, shape.height.max(1) as u64) as usize
}
