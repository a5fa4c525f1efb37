//! Kinds of compression by their numbers (TIFF 6.0 and its supplements, libtiff's tiff.h).

use crate::decode_error::DecodeError;
use crate::unsupported::UnsupportedSamples;

pub(super) const UNCOMPRESSED: u16 = 1;
/// Runs of CCITT's, rows beginning at whole bytes, and at whole words of 16 bits.
pub(super) const RUNS: u16 = 2;
pub(super) const RUNS_BY_WORDS: u16 = 32771;
pub(super) const GROUP_3: u16 = 3;
pub(super) const GROUP_4: u16 = 4;
pub(super) const LZW: u16 = 5;
/// JPEG as TIFF 6.0 first had it, and as its second technical note has it.
pub(super) const OLD_JPEG: u16 = 6;
pub(super) const JPEG: u16 = 7;
/// Deflate by two numbers.
pub(super) const DEFLATE: u16 = 8;
pub(super) const OLD_DEFLATE: u16 = 32946;
pub(super) const PACK_BITS: u16 = 32773;
pub(super) const ZSTANDARD: u16 = 50000;

/// Those that are not read, by name.
const UNREAD: [(u16, &str); 15] = [
    (9, "JBIG"),
    (10, "JBIG"),
    (32766, "NeXT RLE"),
    (32809, "ThunderScan"),
    (32895, "RasterPadding"),
    (32908, "PixarFilm"),
    (32909, "PixarLog"),
    (33003, "JPEG 2000"),
    (33005, "JPEG 2000"),
    (34661, "JBIG"),
    (34676, "SGI LogLuv"),
    (34712, "JPEG 2000"),
    (34887, "LERC"),
    (34925, "LZMA"),
    (50001, "WebP"),
];

/// Refuses compression that is not read.
///
/// # Errors
/// [`UnsupportedSamples::TiffCompression`].
pub(super) fn check(compression: u16) -> Result<(), DecodeError> {
    match compression {
        UNCOMPRESSED | RUNS | RUNS_BY_WORDS | GROUP_3 | GROUP_4 => Ok(()),
        LZW | OLD_JPEG | JPEG | DEFLATE | OLD_DEFLATE | PACK_BITS | ZSTANDARD => Ok(()),
        number => {
            let name = UNREAD.iter().find(|(other, _)| *other == number).map_or("an unknown kind", |(_, name)| name);
            Err(DecodeError::Samples(UnsupportedSamples::TiffCompression { number, name }))
        }
    }
}

/// Whether differences to the pixel on the left (Predictor) are a part of the compression. libtiff passes over the tag with any
/// other.
pub(super) fn has_predictor(compression: u16) -> bool {
    matches!(compression, LZW | DEFLATE | OLD_DEFLATE | ZSTANDARD)
}

/// Whether FillOrder speaks of the compressed data: not of JPEG, as in libtiff.
pub(super) fn has_fill_order(compression: u16) -> bool {
    !is_jpeg(compression)
}

/// Whether colors are JPEG's business.
pub(super) fn is_jpeg(compression: u16) -> bool {
    matches!(compression, OLD_JPEG | JPEG)
}
