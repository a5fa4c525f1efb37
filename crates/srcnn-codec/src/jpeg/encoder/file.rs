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
    let at_once = (ROWS / frame.unit()).max(ROWS_A_THREAD * parallel::threads()).min(frame.down());
    if options.progressive {
        whole::progressive(rows, &transform, at_once, head, out)
    } else if options.optimize {
        whole::optimized(rows, &transform, at_once, head, out)
    } else {
        stream::write(rows, &transform, at_once, head, out)
    }
}
