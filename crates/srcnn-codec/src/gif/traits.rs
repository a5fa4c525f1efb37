//! The capabilities of GIF as a format that is written.

use srcnn_image::image::Depth;

use crate::format_traits::{FormatTraits, Grey};

pub(crate) const TRAITS: FormatTraits = FormatTraits {
    extensions: &["gif"],
    written_in_rows: false,
    deepest: Depth::Eight,
    alpha: true,
    grey: Grey::Always,
    animations: true,
    density: false,
    color_chunks: false,
    metadata: None,
};
