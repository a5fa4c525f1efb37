//! How files of Netpbm's formats begin, and their capabilities as formats that are written.

use srcnn_image::image::Depth;

use crate::format_traits::{FormatTraits, Grey};

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

/// Whether a file begins as this format does.
pub(crate) fn is_signature(head: &[u8]) -> bool {
    matches!(head, [b'P', b'1'..=b'7', ..])
}
