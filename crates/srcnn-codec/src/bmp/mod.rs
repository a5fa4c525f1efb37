//! Windows bitmaps (Microsoft's BITMAPINFOHEADER and its successors): grey without alpha, RGB and RGBA of 8 bits, density; no
//! other metadata. A bitmap with a palette is read as RGB, or grey if all its colors are.

use std::io::{Cursor, Write};

use image::codecs::bmp::{BmpDecoder, BmpEncoder};

use srcnn_image::Limits;
use srcnn_image::image::{Density, Depth, Image};
use srcnn_image::rows::{Rows, collect};

use crate::decode_error::DecodeError;
use crate::encode_error::EncodeError;
use crate::format_traits::{FormatTraits, Grey};
use crate::held::library;
use crate::samples::convert::Converted;
use crate::samples::reduce::reduced;

const NAME: &str = "BMP";

pub(crate) const TRAITS: FormatTraits = FormatTraits {
    extensions: &["bmp"],
    written_in_rows: false,
    deepest: Depth::Eight,
    alpha: true,
    grey: Grey::WithoutAlpha,
    animations: false,
    density: true,
    color_chunks: false,
    metadata: None,
};

/// Where the second header states its own size; those of at least `INFO_HEADER` bytes have the fields below.
const HEADER_SIZE: usize = 14;
const INFO_HEADER: u32 = 40;
/// Where bits a pixel are.
const BITS: usize = 28;
/// Where pixels a metre are, across and down.
const DENSITY: [usize; 2] = [38, 42];
/// Bits a pixel of pictures with palettes, at most.
const PALETTE_BITS: u16 = 8;

/// Whether a file begins as this format does.
pub(crate) fn is_signature(head: &[u8]) -> bool {
    head.starts_with(b"BM")
}

/// Decodes a file.
pub(crate) fn decode(bytes: &[u8], limits: Limits) -> Result<Image, DecodeError> {
    let mut decoded = library::decode(NAME, BmpDecoder::new(Cursor::new(bytes)), density(bytes), limits)?;
    if has_palette(bytes) {
        decoded.picture = reduced(decoded.picture);
    }
    Ok(decoded.upright())
}

/// Writes a file.
pub(crate) fn write(rows: impl Rows, out: &mut impl Write) -> Result<(), EncodeError> {
    let density = rows.metadata().density;
    let mut bytes = Vec::new();
    library::encode(NAME, BmpEncoder::new(&mut bytes), &collect(Converted::new(rows, &TRAITS))?)?;
    if let Some((x, y)) = density.and_then(|density| density.per_metre()) {
        for (at, side) in DENSITY.into_iter().zip([x, y]) {
            if let Some(field) = bytes.get_mut(at..at + 4) {
                field.copy_from_slice(&(side.round() as u32).to_le_bytes());
            }
        }
    }
    Ok(out.write_all(&bytes)?)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn has_info_header(bytes: &[u8]) -> bool {
    number(bytes, HEADER_SIZE).is_some_and(|size| size >= INFO_HEADER)
}

fn has_palette(bytes: &[u8]) -> bool {
    let bits = bytes.get(BITS..).and_then(|b| b.first_chunk()).map(|b| u16::from_le_bytes(*b));
    has_info_header(bytes) && bits.is_some_and(|bits| bits <= PALETTE_BITS)
}

/// The density that a file states, if it states one.
fn density(bytes: &[u8]) -> Option<Density> {
    let [x, y] = DENSITY.map(|at| number(bytes, at).filter(|_| has_info_header(bytes)));
    Some(Density::from_per_metre(x?, y?)).filter(|d| d.x > 0.0 && d.y > 0.0)
}
