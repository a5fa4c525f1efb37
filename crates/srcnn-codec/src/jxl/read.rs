//! The first picture of a file.

use std::borrow::Cow;
use std::error::Error;

use image::metadata::Orientation;
use jxl_grid::OutOfMemory;
use jxl_oxide::color::{ColourEncoding, ColourSpace, TransferFunction};
use jxl_oxide::image::BitDepth;
use jxl_oxide::{AllocTracker, ExtraChannelType, FrameBufferSample, InitializeResult, JxlImage, PixelFormat, Render};

use srcnn_image::Limits;
use srcnn_image::image::{Change, Depth, Image, Metadata, Pixels, Samples};

use super::container::Contents;
use super::frames::{Walked, walk};
use crate::decode_error::DecodeError;
use crate::held::decoded::Decoded;
use crate::limits::{check_finite, check_memory};
use crate::metadata::exif::found;
use crate::metadata::limit::longest;
use crate::samples::alpha::unmultiply;
use crate::unsupported::UnsupportedSamples;

/// Bytes of the codestream that the decoder is given at a time.
const PORTION: usize = 1 << 16;

fn refused(error: Box<dyn Error + Send + Sync>) -> DecodeError {
    let first: &(dyn Error + 'static) = &*error;
    let is_memory = std::iter::successors(Some(first), |error: &&(dyn Error + 'static)| (*error).source())
        .any(|error| error.is::<OutOfMemory>());
    match is_memory {
        true => DecodeError::decoder_limit("JPEG XL", error.to_string()),
        false => DecodeError::decoder("JPEG XL", error.to_string()),
    }
}

/// A decoder that has read what comes before the frames, and counts its memory.
fn begin(codestream: &[u8], memory: &AllocTracker) -> Result<JxlImage, DecodeError> {
    let mut image = JxlImage::builder().alloc_tracker(memory.clone()).build_uninit();
    image.feed_bytes(codestream).map_err(refused)?;
    match image.try_init().map_err(refused)? {
        InitializeResult::Initialized(image) => Ok(image),
        InitializeResult::NeedMoreData(_) => Err(DecodeError::Truncated),
    }
}

/// Gives the decoder the frames of the first picture.
fn load(image: &mut JxlImage, codestream: &[u8], walked: &Walked) -> Result<(), DecodeError> {
    let mut at = walked.header;
    for data in &walked.frames {
        // Its headers at once, so that they are read once.
        image.feed_bytes(codestream.get(at..data.start).ok_or(DecodeError::Truncated)?).map_err(refused)?;
        for portion in codestream.get(data.clone()).ok_or(DecodeError::Truncated)?.chunks(PORTION) {
            image.feed_bytes(portion).map_err(refused)?;
        }
        at = data.end;
    }
    Ok(())
}

/// Decodes a file; the decoder turns the picture itself.
pub(crate) fn decode(bytes: &[u8], limits: Limits) -> Result<Image, DecodeError> {
    let contents = Contents::read(bytes, longest(limits));
    let copied = if matches!(contents.codestream, Cow::Owned(_)) { contents.codestream.len() } else { 0 };
    let limits = Limits { memory: limits.memory.saturating_sub(copied as u64), ..limits };
    let walked = walk(&contents.codestream, limits)?;
    let memory = AllocTracker::with_limit(usize::try_from(limits.memory - walked.cost.held).unwrap_or(usize::MAX));
    let mut image = begin(contents.codestream.get(..walked.header).ok_or(DecodeError::Truncated)?, &memory)?;
    let (size, format) = (walked.size, image.pixel_format());
    // The decoder computes in floating point; then as they are kept.
    let kept = match image.image_header().metadata.bit_depth {
        BitDepth::IntegerSample { bits_per_sample } if bits_per_sample <= 8 => Depth::Eight,
        BitDepth::IntegerSample { .. } => Depth::Sixteen,
        BitDepth::FloatSample { .. } => Depth::Float,
    };
    let count = size.pixels().saturating_mul(format.channels() as u64);
    check_memory(size, count.saturating_mul(4 + kept.bytes()).saturating_add(walked.cost.held), limits)?;
    if !walked.complete {
        return Err(contents.error.unwrap_or(DecodeError::Truncated));
    }
    // The decoder counts what it takes itself, and not what is kept.
    let kept_bytes = usize::try_from(count.saturating_mul(kept.bytes())).unwrap_or(usize::MAX);
    memory.shrink_limit(kept_bytes).map_err(|error| refused(error.into()))?;
    load(&mut image, &contents.codestream, &walked)?;
    let header = &image.image_header().metadata;
    // The decoder gives up, by a panic, on colors that it cannot name.
    if let ColourEncoding::Enum(colors) = &header.colour_encoding
        && (colors.tf == TransferFunction::Unknown
            || matches!(colors.colour_space, ColourSpace::Unknown | ColourSpace::Xyb))
    {
        return Err(DecodeError::Samples(UnsupportedSamples::JxlColors));
    }
    let notes = [
        (walked.pictures > 1, Change::First),
        (contents.large, Change::LargeMetadata),
        (contents.odd, Change::OddMetadata),
    ];
    let metadata = Metadata {
        icc: Some(image.rendered_icc()),
        // How the picture is to be turned the codestream says.
        exif: found(contents.exif).0,
        xmp: contents.xmp,
        density: None,
        iptc: None,
        color_chunks: Vec::new(),
        changes: notes.into_iter().filter(|(is_so, _)| *is_so).map(|(_, change)| change).collect(),
    };
    let kinds = header.ec_info.iter().map(|channel| &channel.ty);
    let associated = kinds.clone().any(|kind| matches!(kind, ExtraChannelType::Alpha { alpha_associated: true }));
    let render = image.render_frame(0).map_err(refused)?;
    let channels = match format {
        PixelFormat::Gray => 1,
        PixelFormat::Graya => 2,
        PixelFormat::Rgb => 3,
        PixelFormat::Rgba => 4,
        PixelFormat::Cmyk | PixelFormat::Cmyka => return Err(DecodeError::Samples(UnsupportedSamples::JxlCmyk)),
    };
    let premultiplied = associated && format.has_alpha();
    let samples = match kept {
        Depth::Eight => {
            let mut v: Vec<u8> = samples(&render, channels)?;
            if premultiplied {
                unmultiply(&mut v, channels);
            }
            Pixels::new(size.width, size.height, channels, v).map(Samples::U8)
        }
        Depth::Sixteen => {
            let mut v: Vec<u16> = samples(&render, channels)?;
            if premultiplied {
                unmultiply(&mut v, channels);
            }
            Pixels::new(size.width, size.height, channels, v).map(Samples::U16)
        }
        Depth::Float => {
            let mut v: Vec<f32> = samples(&render, channels)?;
            if premultiplied {
                unmultiply(&mut v, channels);
            }
            check_finite(&v)?;
            Pixels::new(size.width, size.height, channels, v).map(Samples::F32)
        }
    };
    let picture = Image::new(samples.map_err(|_| DecodeError::Truncated)?).expect("1 to 4 channels");
    Ok(Decoded { picture, metadata, orientation: Orientation::NoTransforms }.upright())
}

fn samples<T: FrameBufferSample + Clone + Default>(render: &Render, channels: usize) -> Result<Vec<T>, DecodeError> {
    let mut stream = render.stream();
    if stream.channels() as usize != channels {
        return Err(DecodeError::Samples(UnsupportedSamples::JxlChannels(stream.channels())));
    }
    let mut out = vec![T::default(); stream.width() as usize * stream.height() as usize * channels];
    stream.write_to_buffer(&mut out);
    Ok(out)
}
