//! TIFF files, opened.

use std::io::{BufRead, Seek, SeekFrom};

use image::metadata::Orientation;
use tiff::decoder::Decoder;
use tiff::tags::Tag;

use srcnn_image::image::{Change, Metadata};
use srcnn_image::rows::{Held, Rows};
use srcnn_image::{Limits, Size};

use super::directories::Directories;
use super::error::refused;
use super::layout::{ASSOCIATED, BLACK_IS_ZERO, CMYK, Layout, PALETTE, RGB, UNASSOCIATED, WHITE_IS_ZERO};
use super::patched::{Patch, Patched};
use super::rows::{Chunks, TiffRows};
use super::{exif, whole};
use crate::decode_error::DecodeError;
use crate::limits::check_pixels;
use crate::metadata::tags::{EXTRA_SAMPLES, PHOTOMETRIC_INTERPRETATION, SAMPLES_PER_PIXEL, XMP};
use crate::metadata::upright::upright;

/// Opens a file from its beginning.
pub(crate) fn open<'a>(
    mut source: impl BufRead + Seek + Send + 'a,
    limits: Limits,
) -> Result<Box<dyn Rows + 'a>, DecodeError> {
    let directories = Directories::read(&mut source)?;
    source.seek(SeekFrom::Start(0))?;
    let (patch, photometric) = directories.as_ref().and_then(misread).unzip();
    let decoder = Decoder::new(Patched::new(source, patch)).map_err(refused)?;
    let mut decoder = decoder.with_limits(decoder_limits(limits));
    let (width, height) = decoder.dimensions().map_err(refused)?;
    check_pixels(Size::new(width as usize, height as usize), limits)?;
    let layout = Layout::new(&mut decoder, photometric)?;
    let chunks = Chunks::find(&mut decoder, &layout, limits)?;
    let block = directories.as_ref().and_then(Directories::block);
    let metadata = Metadata {
        icc: decoder.get_tag_u8_vec(Tag::IccProfile).ok(),
        xmp: decoder.get_tag(Tag::Unknown(XMP)).ok().and_then(|v| v.into_u8_vec().ok()),
        exif: directories.as_ref().and_then(|directories| exif::block(directories.bytes())),
        density: block.and_then(|block| block.density()),
        color_chunks: Vec::new(),
        changes: if block.is_some_and(|block| block.has_second()) { vec![Change::First] } else { Vec::new() },
    };
    let Some(chunks) = chunks else {
        return Ok(Box::new(Held::from(whole::decode(decoder, &layout, metadata, limits)?)));
    };
    let metadata = upright(metadata, Orientation::NoTransforms, chunks.shape.is_grey());
    Ok(Box::new(TiffRows::new(decoder, layout, chunks, metadata)))
}

/// The decoder's own limits.
fn decoder_limits(limits: Limits) -> tiff::decoder::Limits {
    let memory = usize::try_from(limits.memory).unwrap_or(usize::MAX);
    let mut allowed = tiff::decoder::Limits::default();
    allowed.decoding_buffer_size = memory;
    allowed.intermediate_buffer_size = memory;
    allowed.ifd_value_size = memory;
    allowed
}

/// How a file is to be patched for the decoder, and its real photometric interpretation: indices of palettes pass for grey, and
/// so does what has samples beyond the colors that are no alpha, all of which are given then: the decoder would leave them out
/// before it undoes predictors.
fn misread(directories: &Directories) -> Option<(Patch, u16)> {
    let block = directories.block()?;
    let entries = block.first()?;
    let number = |tag: u16| entries.iter().find(|e| e.tag == tag).and_then(|e| block.number(e));
    let kind = number(PHOTOMETRIC_INTERPRETATION)? as u16;
    let samples = number(SAMPLES_PER_PIXEL).unwrap_or(1);
    let extra = number(EXTRA_SAMPLES);
    let colors = match kind {
        RGB => 3,
        CMYK => 4,
        _ => u32::MAX,
    };
    let is_alpha = |kind: u32| [ASSOCIATED, UNASSOCIATED].map(u32::from).contains(&kind);
    let more = samples > colors && (samples > colors + 1 || !extra.is_none_or(is_alpha));
    let misread = kind == PALETTE || kind == WHITE_IS_ZERO && samples > 1 || more;
    let patch = Patch { at: directories.photometric_at?, bytes: block.order.u16(BLACK_IS_ZERO) };
    misread.then_some((patch, kind))
}
