//! Metadata of a picture that was read, in agreement with the picture that comes out.

use image::metadata::Orientation;

use srcnn_image::image::{Change, Metadata};

use super::ifd::Block;
use super::limit::bounded;
use super::{exif, icc, xmp};
use crate::samples::orientation::swaps_sides;

/// The color chunk of PNG that a profile does not overrule (ISO/IEC 15948, 11.3.2.1).
const CICP: &[u8; 4] = b"cICP";

/// The metadata of a picture that has been turned upright by `orientation`, of grey or RGB: orientation reset, thumbnail
/// removed, density turned too and taken from Exif if it is nowhere else, no profile for other channels, no color chunks that
/// a profile overrules, no Exif that cannot be read, nothing that is too large.
pub(crate) fn upright(mut metadata: Metadata, orientation: Orientation, is_grey: bool) -> Metadata {
    let mut is_too_large = false;
    for block in [&mut metadata.icc, &mut metadata.exif, &mut metadata.xmp, &mut metadata.iptc] {
        *block = bounded(block.take(), &mut is_too_large);
    }
    if is_too_large && !metadata.changes.contains(&Change::LargeMetadata) {
        metadata.changes.push(Change::LargeMetadata);
    }
    if metadata.exif.as_ref().is_some_and(|block| Block::new(block).and_then(|block| block.first()).is_none()) {
        metadata.changes.push(Change::UnreadableExif);
        metadata.exif = None;
    }
    if let (None, Some(block)) = (&metadata.iptc, &mut metadata.exif) {
        metadata.iptc = exif::take_iptc(block);
        // Without it there may be nothing left.
        let is_empty = metadata.iptc.is_some()
            && Block::new(block).and_then(|block| block.first()).is_none_or(|all| all.is_empty());
        metadata.exif = metadata.exif.filter(|_| !is_empty);
    }
    if let Some(block) = &mut metadata.exif {
        exif::remove_orientation_and_thumbnail(block);
        metadata.density = metadata.density.or_else(|| Block::new(block)?.density());
    }
    if let Some(packet) = metadata.xmp.as_mut().filter(|_| orientation != Orientation::NoTransforms) {
        xmp::reset_orientation(packet);
    }
    if swaps_sides(orientation)
        && let Some(density) = &mut metadata.density
    {
        std::mem::swap(&mut density.x, &mut density.y);
    }
    metadata.icc = metadata.icc.filter(|profile| icc::is_for(profile, is_grey));
    if metadata.icc.is_some() {
        metadata.color_chunks.retain(|(kind, _)| kind == CICP);
    }
    metadata
}
