//! Netpbm's formats, written: PGM and PPM by the channels, PAM with alpha. There is no place for metadata in them.

use std::io::Write;

use super::EncodeError;
use srcnn_image::image::{Depth, Samples};
use srcnn_image::rows::Rows;

/// Rows that are asked for at a time.
const ROWS: usize = 64;

/// Writes PAM, or else PGM (one channel) or PPM (three).
pub(super) fn write(rows: &mut impl Rows, pam: bool, out: &mut impl Write) -> Result<(), EncodeError> {
    let shape = rows.shape();
    let (width, height, channels) = (shape.width, shape.height, shape.channels);
    let largest = if shape.depth == Depth::Sixteen { 65535 } else { 255 };
    let header = if pam {
        let kind = ["GRAYSCALE", "GRAYSCALE_ALPHA", "RGB", "RGB_ALPHA"][channels - 1];
        format!("P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH {channels}\nMAXVAL {largest}\nTUPLTYPE {kind}\nENDHDR\n")
    } else {
        format!("P{}\n{width} {height}\n{largest}\n", if channels == 1 { 5 } else { 6 })
    };
    out.write_all(header.as_bytes())?;
    while let Some(part) = rows.read(ROWS)? {
        match part.samples() {
            Samples::F32(_) => unreachable!("fitted to integers"),
            Samples::U8(p) => out.write_all(p.as_slice())?,
            Samples::U16(p) => {
                out.write_all(&p.as_slice().iter().flat_map(|v| v.to_be_bytes()).collect::<Vec<u8>>())?;
            }
        }
    }
    Ok(())
}
