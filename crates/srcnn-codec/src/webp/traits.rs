//! The capabilities of WebP as a format that is written.

use srcnn_image::image::Depth;

use crate::format_traits::{FormatTraits, Grey, MetadataPlaces};

pub(crate) const TRAITS: FormatTraits = FormatTraits {
    extensions: &["webp"],
    written_in_rows: false,
    deepest: Depth::Eight,
    alpha: true,
    grey: Grey::Always,
    animations: true,
    density: true,
    color_chunks: false,
    // Grey is coded as RGB.
    metadata: Some(MetadataPlaces { grey_profiles: false, exif_fits: |_| true, xmp_fits: |_| true, iptc: false }),
};
