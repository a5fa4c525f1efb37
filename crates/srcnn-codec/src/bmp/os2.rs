//! Headers of OS/2 2.x (OS22XBITMAPHEADER): the fields of BITMAPINFOHEADER and some more behind them, or only the first of them.

use super::header::{COMPRESSION, HEADER_SIZE, HUFFMAN, INFO_HEADER, OS2_HEADER, PIXELS, RLE24, SHORT_OS2_HEADER};
use super::layout::number;
use crate::decode_error::DecodeError;
use crate::unsupported::UnsupportedSamples;

/// A file with the header of Windows in place of one of OS/2; none if it has none of OS/2.
///
/// # Errors
/// Compression that is OS/2's alone.
pub(super) fn as_windows(bytes: &[u8]) -> Result<Option<Vec<u8>>, DecodeError> {
    let Some(size) = number(bytes, HEADER_SIZE) else { return Ok(None) };
    if ![OS2_HEADER, SHORT_OS2_HEADER].contains(&size) {
        return Ok(None);
    }
    let (new, end) = (INFO_HEADER as usize, HEADER_SIZE + size as usize);
    let (Some(header), Some(pixels)) = (bytes.get(HEADER_SIZE..end), number(bytes, PIXELS)) else {
        return Err(DecodeError::Truncated);
    };
    let mut header = header.to_vec();
    header.resize(new, 0);
    header[..4].copy_from_slice(&INFO_HEADER.to_le_bytes());
    let mut file = [&bytes[..HEADER_SIZE], &header, &bytes[end..]].concat();
    let pixels = pixels.wrapping_add(INFO_HEADER).wrapping_sub(size);
    file[PIXELS..PIXELS + 4].copy_from_slice(&pixels.to_le_bytes());
    match number(&file, COMPRESSION) {
        Some(HUFFMAN) => Err(DecodeError::Samples(UnsupportedSamples::BmpCompression("Huffman 1D"))),
        Some(RLE24) => Err(DecodeError::Samples(UnsupportedSamples::BmpCompression("RLE24"))),
        _ => Ok(Some(file)),
    }
}
