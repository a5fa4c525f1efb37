//! The metadata that are written with a picture, as far as its format has room for them; and what is left out.

use srcnn_image::image::{ColorChunk, Density, Depth, Metadata};
use srcnn_image::rows::Shape;

use super::{exif, icc, xmp};
use crate::format_traits::FormatTraits;
use crate::loss::Loss;

/// Metadata that a format has room for; the size that Exif and XMP state is the picture's.
pub(crate) struct WrittenMetadata {
    /// A profile for the channels that are written.
    pub(crate) icc: Option<Vec<u8>>,
    pub(crate) exif: Option<Vec<u8>>,
    pub(crate) xmp: Option<Vec<u8>>,
    /// An IPTC record, where it has a place of its own.
    pub(crate) iptc: Option<Vec<u8>>,
    pub(crate) density: Option<Density>,
    /// Chunks of PNG, for PNG alone.
    pub(crate) color_chunks: Vec<ColorChunk>,
}

impl WrittenMetadata {
    pub(crate) fn new(shape: Shape, metadata: &Metadata, traits: &FormatTraits) -> Self {
        let mut written = Self {
            icc: None,
            exif: None,
            xmp: None,
            iptc: None,
            density: metadata.density,
            color_chunks: metadata.color_chunks.clone(),
        };
        let Some(places) = &traits.metadata else { return written };
        let grey = shape.is_grey() && places.grey_profiles;
        let (width, height) = (shape.width as u32, shape.height as u32);
        written.icc = metadata.icc.clone().filter(|profile| icc::is_for(profile, grey));
        let block = match &metadata.iptc {
            Some(record) if !places.iptc => Some(exif::with_iptc(metadata.exif.clone(), record)),
            _ => metadata.exif.clone(),
        };
        written.iptc = metadata.iptc.clone().filter(|_| places.iptc);
        written.exif = block.filter(|block| (places.exif_fits)(block)).map(|mut block| {
            exif::set_size(&mut block, width, height);
            block
        });
        written.xmp = metadata.xmp.clone().map(|mut packet| {
            xmp::set_size(&mut packet, width, height);
            packet
        });
        written.xmp = written.xmp.filter(|packet| (places.xmp_fits)(packet));
        written
    }
}

/// The parts and properties of a picture that a format leaves out, as far as its shape and its metadata tell.
pub(crate) fn losses(shape: Shape, metadata: &Metadata, traits: &FormatTraits) -> Vec<Loss> {
    let written = WrittenMetadata::new(shape, metadata, traits);
    let rounded = traits.nearest(shape.depth) != shape.depth;
    let density = metadata.density.is_some_and(|d| d.per_metre().is_some()) && !traits.density;
    let found = [
        (shape.depth == Depth::Sixteen && rounded, Loss::Depth),
        (shape.depth == Depth::Float && rounded, Loss::Float),
        (metadata.icc.is_some() && written.icc.is_none(), Loss::Profile),
        (!metadata.color_chunks.is_empty() && !metadata.says_srgb() && !traits.color_chunks, Loss::ColorChunks),
        (metadata.exif.is_some() && written.exif.is_none(), Loss::Exif),
        (metadata.xmp.is_some() && written.xmp.is_none(), Loss::Xmp),
        (metadata.iptc.is_some() && traits.metadata.is_none(), Loss::Iptc),
        (density, Loss::Density),
    ];
    found.into_iter().filter_map(|(lost, loss)| lost.then_some(loss)).collect()
}
