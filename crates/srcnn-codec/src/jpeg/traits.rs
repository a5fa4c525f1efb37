//! The capabilities of JPEG as a format that is written.

use srcnn_image::image::Depth;

use super::extended_xmp::split;
use super::metadata::LONGEST_EXIF;
use crate::format_traits::{FormatTraits, Grey, MetadataPlaces};

/// Extensions of files that are only read: several pictures, of which the first is a JPEG as any other.
pub(crate) const READ_EXTENSIONS: &[&str] = &["mpo"];

pub(crate) const TRAITS: FormatTraits = FormatTraits {
    extensions: &["jpg", "jpeg", "jpe", "jfif", "jif"],
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
        xmp_fits: |packet| split(packet).is_some(),
        iptc: true,
    }),
};
