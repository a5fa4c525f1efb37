//! The capabilities of JPEG as a format that is written.

use srcnn_image::image::Depth;

use super::metadata::{LONGEST_EXIF, LONGEST_XMP};
use crate::format_traits::{FormatTraits, Grey, MetadataPlaces};

pub(crate) const TRAITS: FormatTraits = FormatTraits {
    extensions: &["jpg", "jpeg"],
    written_in_rows: true,
    deepest: Depth::Eight,
    alpha: false,
    grey: Grey::Always,
    animations: false,
    density: true,
    color_chunks: false,
    metadata: Some(MetadataPlaces {
        grey_profiles: true,
        exif_fits: |block| block.len() <= LONGEST_EXIF,
        xmp_fits: |packet| packet.len() <= LONGEST_XMP,
    }),
};
