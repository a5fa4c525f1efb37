//! GIF files of one picture, written.

use std::io::Write;

use srcnn_image::rows::{Rows, collect};

use super::frame_writer::GifFrameWriter;
use super::traits::TRAITS;
use crate::encode_error::EncodeError;
use crate::frames::timing::Delay;
use crate::loss::Loss;
use crate::samples::convert::Converted;

/// Writes a file; gives what its palette did not hold.
pub(crate) fn write(rows: impl Rows, out: &mut impl Write) -> Result<Vec<Loss>, EncodeError> {
    let rows = Converted::new(rows, &TRAITS);
    let mut writer = GifFrameWriter::new(out, rows.shape(), None)?;
    writer.write(&collect(rows)?, (0, 0), Delay::milliseconds(0))?;
    writer.finish()
}
