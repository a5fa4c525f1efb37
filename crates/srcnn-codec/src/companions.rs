//! What goes along with the samples, as far as a format has room for it.

use super::decode_held::profile_fits;
use super::{FileFormat, container, exif, tiff_write, xmp};
use srcnn_image::image::{ColorChunk, Density, Depth, Metadata};
use srcnn_image::rows::Shape;

/// What a format cannot hold of a picture, and leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Samples of 16 bits, rounded to 8.
    Depth,
    /// Floating-point samples, rounded to 16 or 8 bits, and cut off below black and above white.
    Float,
    /// The ICC profile: there is no place for one, or it is for other channels than are written.
    Profile,
    /// What PNG says of the colors without a profile: it has no place elsewhere.
    ColorChunks,
    /// The Exif block: there is no place for one, or not for so large a one.
    Exif,
    /// The XMP packet: there is no place for one, or not for so large a one.
    Xmp,
    /// The density: there is no place for one.
    Density,
    /// Colors beyond the 256 that a frame may have.
    Colors,
    /// Transparency that is neither none nor all.
    SoftAlpha,
}

impl std::fmt::Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Depth => "samples are rounded from 16 to 8 bits",
            Self::Float => "floating-point samples are rounded to integers, cut off below 0 and above 1",
            Self::Profile => "the color profile is left out",
            Self::ColorChunks => {
                "what PNG says of the colors (cICP, gamma, primaries) is left out: they may look different"
            }
            Self::Exif => "the Exif data is left out",
            Self::Xmp => "the XMP packet is left out",
            Self::Density => "the resolution (pixels an inch) is left out",
            Self::Colors => "colors are reduced to 256",
            Self::SoftAlpha => "soft transparency becomes all or nothing",
        })
    }
}

/// What [`encode`](super::encode) will leave out of a picture in this format.
pub fn losses(shape: Shape, metadata: &Metadata, format: FileFormat) -> Vec<Loss> {
    let with = Companions::of(shape, metadata, format);
    let density = metadata.density.is_some_and(|d| d.per_metre().is_some()) && !format.holds_density();
    let found = [
        (shape.depth == Depth::Sixteen && format.nearest(shape.depth) != shape.depth, Loss::Depth),
        (shape.depth == Depth::Float && format.nearest(shape.depth) != shape.depth, Loss::Float),
        (metadata.icc.is_some() && with.icc.is_none(), Loss::Profile),
        (!metadata.color_chunks.is_empty() && !metadata.says_srgb() && format != FileFormat::Png, Loss::ColorChunks),
        (metadata.exif.is_some() && with.exif.is_none(), Loss::Exif),
        (metadata.xmp.is_some() && with.xmp.is_none(), Loss::Xmp),
        (density, Loss::Density),
    ];
    found.into_iter().filter_map(|(lost, loss)| lost.then_some(loss)).collect()
}

/// What goes along with the samples, its statements of size made true.
pub(super) struct Companions {
    /// For the channels that are written.
    pub(super) icc: Option<Vec<u8>>,
    pub(super) exif: Option<Vec<u8>>,
    pub(super) xmp: Option<Vec<u8>>,
    pub(super) density: Option<Density>,
    /// For PNG alone.
    pub(super) color_chunks: Vec<ColorChunk>,
}

impl Companions {
    pub(super) fn of(shape: Shape, metadata: &Metadata, format: FileFormat) -> Self {
        // WebP and QOI know no grey.
        let grey = shape.is_grey() && format != FileFormat::WebP;
        let icc = metadata.icc.as_ref().filter(|icc| format.holds_metadata() && profile_fits(icc, grey));
        Self {
            icc: icc.cloned(),
            exif: exif_block(shape, metadata, format),
            xmp: xmp_packet(shape, metadata, format),
            density: metadata.density,
            color_chunks: metadata.color_chunks.clone(),
        }
    }
}

fn exif_block(shape: Shape, metadata: &Metadata, format: FileFormat) -> Option<Vec<u8>> {
    /// A segment of JPEG has 65,535 bytes, of which two are its length and six say what it is.
    const JPEG_EXIF: usize = 65_527;
    let mut block = metadata.exif.clone().filter(|block| match format {
        FileFormat::Png | FileFormat::WebP => true,
        FileFormat::Jpeg => block.len() <= JPEG_EXIF,
        FileFormat::Tiff => tiff_write::holds(block),
        FileFormat::Bmp | FileFormat::Gif | FileFormat::Pnm | FileFormat::Pam | FileFormat::Qoi => false,
    })?;
    exif::set_size(&mut block, shape.width as u32, shape.height as u32);
    Some(block)
}

fn xmp_packet(shape: Shape, metadata: &Metadata, format: FileFormat) -> Option<Vec<u8>> {
    let mut packet = metadata.xmp.clone().filter(|_| format.holds_metadata())?;
    xmp::set_size(&mut packet, shape.width as u32, shape.height as u32);
    (format != FileFormat::Jpeg || packet.len() <= container::JPEG_XMP).then_some(packet)
}
