//! The capabilities of TIFF as a format that is written.

use srcnn_image::image::Depth;

use super::exif;
use crate::format_traits::{FormatTraits, Grey, MetadataPlaces};

pub(crate) const TRAITS: FormatTraits = FormatTraits {
    extensions: &["tif", "tiff"],
    written_in_rows: true,
    deepest: Depth::Float,
    alpha: true,
    grey: Grey::Always,
    animations: false,
    density: true,
    color_chunks: false,
    metadata: Some(MetadataPlaces {
        grey_profiles: true,
        exif_fits: exif::can_begin_a_file,
        xmp_fits: |_| true,
        iptc: true,
    }),
};
