//! QOI ("The Quite OK Image Format Specification", version 1.0): RGB or RGBA of 8 bits, no metadata. Grey is written as RGB.

use std::io::{Cursor, Write};

use image::codecs::qoi::{QoiDecoder, QoiEncoder};

use srcnn_image::Limits;
use srcnn_image::image::{Depth, Image};
use srcnn_image::rows::{Rows, collect};

use crate::decode_error::DecodeError;
use crate::encode_error::EncodeError;
use crate::format_traits::{FormatTraits, Grey};
use crate::held::library;
use crate::samples::convert::Converted;

const NAME: &str = "QOI";

pub(crate) const TRAITS: FormatTraits = FormatTraits {
    extensions: &["qoi"],
    written_in_rows: false,
    deepest: Depth::Eight,
    alpha: true,
    grey: Grey::Never,
    animations: false,
    density: false,
    color_chunks: false,
    metadata: None,
};

/// Whether a file begins as this format does.
pub(crate) fn is_signature(head: &[u8]) -> bool {
    head.starts_with(b"qoif")
}

/// Decodes a file.
pub(crate) fn decode(bytes: &[u8], limits: Limits) -> Result<Image, DecodeError> {
    Ok(library::decode(NAME, QoiDecoder::new(Cursor::new(bytes)), None, limits)?.upright())
}

/// Writes a file.
pub(crate) fn write(rows: impl Rows, out: &mut impl Write) -> Result<(), EncodeError> {
    library::encode(NAME, QoiEncoder::new(out), &collect(Converted::new(rows, &TRAITS))?)
}
