//! TIFF files, opened.

use std::io::{BufRead, Cursor, Seek};

use image::metadata::Orientation;
use tiff::decoder::Decoder;
use tiff::tags::Tag;

use srcnn_image::image::{Change, Image, Metadata};
use srcnn_image::rows::{Held, Rows, collect};
use srcnn_image::{Limits, Size};

use super::compression::{self, JPEG, OLD_JPEG, UNCOMPRESSED};
use super::directories::Directories;
use super::error::{NAME, refused};
use super::layout::{
    ASSOCIATED, BLACK_IS_ZERO, CMYK, INTERLEAVED, Layout, NO_PREDICTOR, PALETTE, RGB, SIGNED, UNASSOCIATED,
    WHITE_IS_ZERO,
};
use super::limits::decoder_limits;
use super::patched::Patched;
use super::rewritten::Rewritten;
use super::rows::{Chunks, TiffRows};
use super::samples::Colors;
use super::view::{View, is_reversed};
use super::ycc::Ycc;
use super::{exif, expanded, jpeg_strips, old_jpeg, sample_tags, whole};
use crate::decode_error::DecodeError;
use crate::held::decoded::Decoded;
use crate::held::file::limits_beside;
use crate::jpeg;
use crate::limits::check_pixels;
use crate::metadata::limit::longest;
use crate::metadata::tags::{
    COMPRESSION, EXTRA_SAMPLES, FILL_ORDER, ICC_PROFILE, IMAGE_LENGTH, IMAGE_WIDTH, IPTC, ORIENTATION,
    PHOTOMETRIC_INTERPRETATION, PLANAR_CONFIGURATION, PREDICTOR, ROWS_PER_STRIP, SAMPLE_FORMAT, SAMPLES_PER_PIXEL,
    TILE_WIDTH, XMP,
};
use crate::metadata::upright::upright;

/// Opens a file from its beginning.
pub(crate) fn open<'a>(
    mut source: impl BufRead + Seek + Send + 'a,
    mut limits: Limits,
) -> Result<Box<dyn Rows + 'a>, DecodeError> {
    // Without a first directory there is no picture.
    let directories = Directories::read(&mut source)?.ok_or(DecodeError::Truncated)?;
    source.rewind()?;
    let has_unheeded = sample_tags::check(&directories)?;
    let number = |tag: u16| directories.number(tag);
    let mut compression = number(COMPRESSION).unwrap_or(UNCOMPRESSED.into()) as u16;
    let mut reversed = is_reversed(number(FILL_ORDER), compression);
    let (mut directory, photometric) = corrected(&directories, compression);
    let mut source = Patched::new(source);
    if compression == OLD_JPEG {
        let bytes = old_jpeg::interchange(&mut source, &directories, &directory, limits)?;
        return Ok(Box::new(Held::from(of_jpeg(bytes, &directories, has_unheeded, limits)?)));
    }
    if expanded::is_read_here(compression) {
        let held = expanded::expand(&mut source, &directories, &mut directory, compression, limits)?;
        limits.memory = limits.memory.saturating_sub(held);
        (compression, reversed) = (UNCOMPRESSED, false);
    }
    source.set_patches(directory.patches());
    source.rewind()?;
    let decoder = Decoder::new(source).map_err(refused)?;
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
    // The decoder takes 32 bytes for each of them, which is all that is allowed, or less.
    let is_small = |tag: u16| directory.count(tag).is_none_or(|count| count <= longest(limits) as u64);
    let (small_profile, small_packet) = (is_small(Tag::IccProfile.to_u16()), is_small(XMP));
    let mut bytes = |tag| decoder.get_tag(tag).ok().and_then(|value| value.into_u8_vec().ok());
    let mut metadata = Metadata {
        icc: if small_profile { bytes(Tag::IccProfile) } else { None },
        xmp: if small_packet { bytes(Tag::Unknown(XMP)) } else { None },
        ..metadata(&directories, has_unheeded)
    };
    if !small_profile || !small_packet {
        metadata.changes.push(Change::LargeMetadata);
    }
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

/// What the directories say of the picture beside profile and XMP.
fn metadata(directories: &Directories, has_unheeded: bool) -> Metadata {
    let block = directories.block();
    let notes = [
        (block.is_some_and(|block| block.has_second()), Change::First),
        (has_unheeded, Change::TransferUnheeded),
        (directories.number(SAMPLE_FORMAT) == Some(SIGNED.into()), Change::SignedShifted),
    ];
    Metadata {
        exif: exif::block(directories.bytes()),
        iptc: directories.value(IPTC).filter(|record| !record.is_empty()),
        density: block.and_then(|block| block.density()),
        changes: notes.into_iter().filter(|(is_so, _)| *is_so).map(|(_, change)| change).collect(),
        ..Metadata::default()
    }
}

/// The picture of a file of JPEG's with the metadata of the TIFF file that it was in.
fn of_jpeg(
    bytes: Vec<u8>,
    directories: &Directories,
    has_unheeded: bool,
    limits: Limits,
) -> Result<Image, DecodeError> {
    let limits = limits_beside(&bytes, limits);
    let image = collect(jpeg::open(Cursor::new(bytes), limits)?);
    let mut picture =
        image.map_err(|error| error.downcast::<DecodeError>().map_or(DecodeError::Crash, |error| *error))?;
    let side = |tag| directories.number(tag).map_or(0, |side| side as usize);
    if (picture.width(), picture.height()) != (side(IMAGE_WIDTH), side(IMAGE_LENGTH)) {
        return Err(DecodeError::decoder(NAME, "the JPEG within has another size than the file says"));
    }
    let orientation = directories.number(ORIENTATION).and_then(|number| u8::try_from(number).ok());
    let mut metadata = Metadata {
        icc: directories.value(ICC_PROFILE),
        xmp: directories.value(XMP),
        ..metadata(directories, has_unheeded)
    };
    metadata.changes.append(&mut picture.metadata.changes);
    let orientation = orientation.and_then(Orientation::from_exif).unwrap_or(Orientation::NoTransforms);
    Ok(Decoded { picture, metadata, orientation }.upright())
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
    let signed = number(SAMPLE_FORMAT) == Some(SIGNED.into());
    let misread = kind == PALETTE || kind == WHITE_IS_ZERO && (samples > 1 || signed) || more;
    if misread {
        directory.set(PHOTOMETRIC_INTERPRETATION, BLACK_IS_ZERO.into());
    }
    (directory, misread.then_some(kind))
}
