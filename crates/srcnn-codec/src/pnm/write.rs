//! PGM, PPM and PAM files, written row by row.

use std::io::Write;

use srcnn_image::image::{Depth, Samples};
use srcnn_image::rows::Rows;

use super::traits::{PAM_TRAITS, TRAITS};
use crate::encode_error::EncodeError;
use crate::samples::bytes::write_as;
use crate::samples::convert::Converted;
use crate::samples::portion::rows_at_a_time;

/// Writes PGM (one channel) or PPM (three).
pub(crate) fn write(rows: impl Rows, out: &mut impl Write) -> Result<(), EncodeError> {
    let mut rows = Converted::new(rows, &TRAITS);
    let shape = rows.shape();
    let magic = if shape.channels == 1 { "P5" } else { "P6" };
    let header = format!("{magic}\n{} {}\n{}\n", shape.width, shape.height, largest(shape.depth));
    out.write_all(header.as_bytes())?;
    write_samples(&mut rows, out)
}

/// Writes PAM.
pub(crate) fn write_pam(rows: impl Rows, out: &mut impl Write) -> Result<(), EncodeError> {
    let mut rows = Converted::new(rows, &PAM_TRAITS);
    let shape = rows.shape();
    let (width, height, channels, largest) = (shape.width, shape.height, shape.channels, largest(shape.depth));
    let kind = ["GRAYSCALE", "GRAYSCALE_ALPHA", "RGB", "RGB_ALPHA"][channels - 1];
    let header =
        format!("P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH {channels}\nMAXVAL {largest}\nTUPLTYPE {kind}\nENDHDR\n");
    out.write_all(header.as_bytes())?;
    write_samples(&mut rows, out)
}

/// The value of white.
fn largest(depth: Depth) -> u16 {
    if depth == Depth::Sixteen { u16::MAX } else { u8::MAX.into() }
}

fn write_samples(rows: &mut impl Rows, out: &mut impl Write) -> Result<(), EncodeError> {
    let portion = rows_at_a_time(rows.shape());
    while let Some(part) = rows.read(portion)? {
        match part.samples() {
            Samples::F32(_) => unreachable!("converted to integers"),
            Samples::U8(p) => out.write_all(p.as_slice())?,
            Samples::U16(p) => write_as(p.as_slice(), u16::to_be_bytes, out)?,
        }
    }
    Ok(())
}
