//! TIFF files, opened.

use std::io::{BufRead, Seek, SeekFrom};

use image::metadata::Orientation;
use tiff::decoder::Decoder;
use tiff::tags::Tag;

use srcnn_image::image::{Change, Metadata};
use srcnn_image::rows::{Held, Rows};
use srcnn_image::{Limits, Size};

use super::compression::{self, JPEG, UNCOMPRESSED};
use super::directories::Directories;
use super::error::refused;
use super::layout::{
    ASSOCIATED, BLACK_IS_ZERO, CMYK, INTERLEAVED, Layout, NO_PREDICTOR, PALETTE, RGB, UNASSOCIATED, WHITE_IS_ZERO,
};
use super::limits::decoder_limits;
use super::patched::Patched;
use super::rewritten::Rewritten;
use super::rows::{Chunks, TiffRows};
use super::samples::Colors;
use super::view::{View, is_reversed};
use super::ycc::Ycc;
use super::{exif, jpeg_strips, sample_tags, whole};
use crate::decode_error::DecodeError;
use crate::limits::check_pixels;
use crate::metadata::limit::longest;
use crate::metadata::tags::{
    COMPRESSION, EXTRA_SAMPLES, FILL_ORDER, IMAGE_LENGTH, PHOTOMETRIC_INTERPRETATION, PLANAR_CONFIGURATION, PREDICTOR,
    ROWS_PER_STRIP, SAMPLES_PER_PIXEL, TILE_WIDTH, XMP,
};
use crate::metadata::upright::upright;

/// Opens a file from its beginning.
pub(crate) fn open<'a>(
    mut source: impl BufRead + Seek + Send + 'a,
    limits: Limits,
) -> Result<Box<dyn Rows + 'a>, DecodeError> {
    // Without a first directory there is no picture.
    let directories = Directories::read(&mut source)?.ok_or(DecodeError::Truncated)?;
    source.seek(SeekFrom::Start(0))?;
    let has_unheeded = sample_tags::check(&directories)?;
    let number = |tag: u16| directories.number(tag);
    let compression = number(COMPRESSION).unwrap_or(UNCOMPRESSED.into()) as u16;
    let (directory, photometric) = corrected(&directories, compression);
    let decoder = Decoder::new(Patched::new(source, Some(directory.patch()))).map_err(refused)?;
    let mut decoder = decoder.with_limits(decoder_limits(limits));
    let (width, height) = decoder.dimensions().map_err(refused)?;
    check_pixels(Size::new(width as usize, height as usize), limits)?;
    let layout = Layout::new(&mut decoder, photometric)?;
    if compression == JPEG {
        jpeg_strips::check(&mut decoder, Size::new(width as usize, height as usize), limits)?;
    }
    let planar = layout.samples > 1 && number(PLANAR_CONFIGURATION).is_some_and(|kind| kind != u32::from(INTERLEAVED));
    let view = View::of(&layout, planar, directories.has(TILE_WIDTH), compression);
    let chunks = match view {
        Some(_) => None,
        None => Chunks::find(&mut decoder, &layout, limits)?,
    };
    let block = directories.block();
    // The decoder takes 32 bytes for each of them, which is all that is allowed, or less.
    let is_small = |tag: u16| directory.count(tag).is_none_or(|count| count <= longest(limits) as u64);
    let (small_profile, small_packet) = (is_small(Tag::IccProfile.to_u16()), is_small(XMP));
    let mut bytes = |tag| decoder.get_tag(tag).ok().and_then(|value| value.into_u8_vec().ok());
    let mut metadata = Metadata {
        icc: if small_profile { bytes(Tag::IccProfile) } else { None },
        xmp: if small_packet { bytes(Tag::Unknown(XMP)) } else { None },
        exif: exif::block(directories.bytes()),
        density: block.and_then(|block| block.density()),
        color_chunks: Vec::new(),
        changes: if block.is_some_and(|block| block.has_second()) { vec![Change::First] } else { Vec::new() },
    };
    if has_unheeded {
        metadata.changes.push(Change::TransferUnheeded);
    }
    if !small_profile || !small_packet {
        metadata.changes.push(Change::LargeMetadata);
    }
    let reversed = is_reversed(number(FILL_ORDER), compression);
    let Some(chunks) = chunks else {
        let ycc = if compression == JPEG { Ycc::JPEG } else { Ycc::stated(&directories) };
        let palette = decoder.find_tag_unsigned_vec::<u16>(Tag::ColorMap).map_err(refused)?;
        // The decoder inverts what it is shown as such.
        let inverted = layout.photometric == WHITE_IS_ZERO && (photometric.is_some() || view.is_some());
        let colors = Colors { palette, inverted, ycc };
        let stored = whole::Stored { layout, view, directory, reversed, colors };
        return Ok(Box::new(Held::from(stored.decode(decoder, metadata, limits)?)));
    };
    decoder.inner().set_reversed(reversed);
    let metadata = upright(metadata, Orientation::NoTransforms, chunks.shape.is_grey());
    Ok(Box::new(TiffRows::new(decoder, layout, chunks, metadata)))
}

/// The first directory as the decoder is to see it, and the real photometric interpretation if it sees another one: indices of
/// palettes pass for grey, and so does what has samples beyond the colors that are no alpha, all of which are given then: the
/// decoder would leave them out before it undoes predictors.
fn corrected(directories: &Directories, compression: u16) -> (Rewritten, Option<u16>) {
    let mut directory = Rewritten::new(&directories.stored);
    let number = |tag: u16| directories.number(tag);
    if let (Some(rows), Some(height)) = (number(ROWS_PER_STRIP), number(IMAGE_LENGTH))
        && rows > height
    {
        directory.set(ROWS_PER_STRIP, height);
    }
    if number(PREDICTOR).is_some() && !compression::has_predictor(compression) {
        directory.set(PREDICTOR, NO_PREDICTOR.into());
    }
    let Some(kind) = number(PHOTOMETRIC_INTERPRETATION) else { return (directory, None) };
    let (kind, samples, extra) = (kind as u16, number(SAMPLES_PER_PIXEL).unwrap_or(1), number(EXTRA_SAMPLES));
    let colors = match kind {
        RGB => 3,
        CMYK => 4,
        _ => u32::MAX,
    };
    let is_alpha = |kind: u32| [ASSOCIATED, UNASSOCIATED].map(u32::from).contains(&kind);
    let more = samples > colors && (samples > colors + 1 || !extra.is_none_or(is_alpha));
    let misread = kind == PALETTE || kind == WHITE_IS_ZERO && samples > 1 || more;
    if misread {
        directory.set(PHOTOMETRIC_INTERPRETATION, BLACK_IS_ZERO.into());
    }
    (directory, misread.then_some(kind))
}
