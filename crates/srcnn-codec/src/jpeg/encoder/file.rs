//! Files of any kind.

use std::io::Write;

use srcnn_image::parallel;
use srcnn_image::rows::Rows;

use super::frame::Frame;
use super::header::{self, Segment};
use super::quantisation;
use super::stream;
use super::transform::Transform;
use super::whole;
use crate::encode_error::EncodeError;
use crate::jpeg::markers::{PREFIX, START_OF_IMAGE};
use crate::options::EncodeOptions;

/// Rows of pixels that are asked for at a time, at least.
const ROWS: usize = 64;
/// Rows of MCUs that a thread has at a time.
const ROWS_A_THREAD: usize = 4;
/// Bytes of the pixels of the rows of MCUs in work, at most, but for one row of them.
const MOST: u64 = 16 << 20;

/// Writes a file of grey or RGB rows of 8 bits, with `segments` before the frame. Sides are at most 65535.
///
/// # Errors
/// That of the rows, or of writing. Nothing is written before the first rows are there.
pub(crate) fn write(
    rows: &mut impl Rows,
    segments: &[Segment],
    options: &EncodeOptions,
    out: &mut impl Write,
) -> Result<(), EncodeError> {
    let shape = rows.shape();
    let frame = Frame::new(shape.size(), shape.channels, options.subsampling);
    let steps = quantisation::steps(options.quality);
    let mut head = vec![PREFIX, START_OF_IMAGE];
    segments.iter().for_each(|segment| segment.put(&mut head));
    header::frame(&frame, options.progressive).put(&mut head);
    for (table, steps) in (0..).zip(&steps).take(frame.components) {
        header::quantisation(table, steps).put(&mut head);
    }
    let transform = Transform::new(frame, &steps);
    let at_once = at_once(&frame, parallel::threads());
    if options.progressive {
        whole::progressive(rows, &transform, at_once, head, out)
    } else if options.optimize {
        whole::optimized(rows, &transform, at_once, head, out)
    } else {
        stream::write(rows, &transform, at_once, head, out)
    }
}

/// Rows of MCUs in work at a time, at least one.
fn at_once(frame: &Frame, threads: usize) -> usize {
    let wanted = (ROWS / frame.unit()).max(ROWS_A_THREAD * threads).min(frame.down());
    let row = (frame.unit() * frame.components) as u64 * frame.size.width as u64;
    wanted.min((MOST / row.max(1)) as usize).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Subsampling;

    #[test]
    fn rows_in_work_take_little_memory_for_any_number_of_threads_and_any_width() {
        use Subsampling::{S420, S444};
        for (size, channels, subsampling, threads, expected) in [
            // As many as threads want.
            ((1000, 5000), 3, S444, 1, 8),
            ((1000, 5000), 3, S444, 2, 8),
            ((1000, 5000), 3, S444, 16, 64),
            ((1000, 5000), 3, S420, 1, 4),
            // As many as there are.
            ((1000, 40), 3, S444, 16, 5),
            // As many as memory holds.
            ((20_000, 5000), 3, S444, 16, 34),
            ((65_535, 5000), 3, S444, 2, 8),
            ((65_535, 5000), 3, S444, 64, 10),
            ((65_535, 5000), 1, S444, 64, 32),
            ((65_535, 5000), 3, S420, 64, 5),
        ] {
            let frame = Frame::new(size.into(), channels, subsampling);
            assert_eq!(at_once(&frame, threads), expected, "{size:?}, {channels}, {subsampling:?}, {threads} threads");
        }
    }
}
