//! Netpbm's formats (the manuals pbm(5) to pam(5)): PBM, PGM, PPM and PAM are read; written are PGM and PPM, by the channels,
//! and PAM, which has alpha. 8 and 16 bits a sample, no metadata.

use std::io::{Cursor, Write};

use image::codecs::pnm::PnmDecoder;

use srcnn_image::Limits;
use srcnn_image::image::{Depth, Image, Samples};
use srcnn_image::rows::Rows;

use crate::decode_error::DecodeError;
use crate::encode_error::EncodeError;
use crate::format_traits::{FormatTraits, Grey};
use crate::held::library;
use crate::samples::bytes::to_big_endian;
use crate::samples::convert::Converted;

/// PGM and PPM.
pub(crate) const TRAITS: FormatTraits = FormatTraits {
    extensions: &["pnm", "pgm", "ppm"],
    written_in_rows: true,
    deepest: Depth::Sixteen,
    alpha: false,
    grey: Grey::Always,
    animations: false,
    density: false,
    color_chunks: false,
    metadata: None,
};

pub(crate) const PAM_TRAITS: FormatTraits = FormatTraits { extensions: &["pam"], alpha: true, ..TRAITS };

/// Extensions of files that are only read.
pub(crate) const READ_EXTENSIONS: &[&str] = &["pbm"];

/// Rows that are asked for at a time.
const ROWS: usize = 64;

/// Whether a file begins as this format does.
pub(crate) fn is_signature(head: &[u8]) -> bool {
    matches!(head, [b'P', b'1'..=b'7', ..])
}

/// Decodes a file.
pub(crate) fn decode(bytes: &[u8], limits: Limits) -> Result<Image, DecodeError> {
    Ok(library::decode("PNM", PnmDecoder::new(Cursor::new(bytes)), None, limits)?.upright())
}

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
    while let Some(part) = rows.read(ROWS)? {
        match part.samples() {
            Samples::F32(_) => unreachable!("converted to integers"),
            Samples::U8(p) => out.write_all(p.as_slice())?,
            Samples::U16(p) => out.write_all(&to_big_endian(p.as_slice()))?,
        }
    }
    Ok(())
}
