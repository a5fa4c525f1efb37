//! How bitmaps begin, and their capabilities as a format that is written.

use srcnn_image::image::Depth;

use super::header::SIGNATURE;
use crate::format_traits::{FormatTraits, Grey};

pub(crate) const TRAITS: FormatTraits = FormatTraits {
    extensions: &["bmp", "dib"],
    written_in_rows: true,
    deepest: Depth::Eight,
    alpha: true,
    grey: Grey::WithoutAlpha,
    animations: false,
    density: true,
    color_chunks: false,
    metadata: None,
};

/// Whether a file begins as this format does.
pub(crate) fn is_signature(head: &[u8]) -> bool {
    head.starts_with(SIGNATURE)
}
