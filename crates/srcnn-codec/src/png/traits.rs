//! The capabilities of PNG as a format that is written.

use srcnn_image::image::Depth;

use crate::format_traits::{FormatTraits, Grey, MetadataPlaces};

pub(crate) const TRAITS: FormatTraits = FormatTraits {
    extensions: &["png", "apng"],
    written_in_rows: true,
    deepest: Depth::Sixteen,
    alpha: true,
    grey: Grey::Always,
    animations: true,
    density: true,
    color_chunks: true,
    metadata: Some(MetadataPlaces { grey_profiles: true, exif_fits: |_| true, xmp_fits: |_| true, iptc: false }),
};
