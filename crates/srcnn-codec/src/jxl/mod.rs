//! JPEG XL (ISO/IEC 18181), read: the first frame, grey or RGB, with or without alpha, integers of 8 or 16 bits or floats of
//! 32; profile, Exif and XMP.

use std::io::Cursor;

use image::metadata::Orientation;
use jxl_oxide::color::{ColourEncoding, ColourSpace, TransferFunction};
use jxl_oxide::image::BitDepth;
use jxl_oxide::{AllocTracker, AuxBoxData, ExtraChannelType, FrameBufferSample, JxlImage, PixelFormat, Render};

use srcnn_image::image::{Change, Depth, Image, Metadata, Pixels, Samples};
use srcnn_image::{Limits, Size};

use crate::decode_error::DecodeError;
use crate::held::decoded::Decoded;
use crate::limits::{check_finite, check_memory, check_pixels};
use crate::metadata::exif::found;
use crate::samples::alpha::unmultiply;
use crate::unsupported::UnsupportedSamples;

/// Extensions of files that are only read.
pub(crate) const READ_EXTENSIONS: &[&str] = &["jxl"];

/// How a bare codestream begins, and how a container does (ISO/IEC 18181-2).
const SIGNATURES: [&[u8]; 2] = [&[0xFF, 0x0A], b"\0\0\0\x0CJXL \r\n\x87\n"];

/// Whether a file begins as this format does.
pub(crate) fn is_signature(head: &[u8]) -> bool {
    SIGNATURES.iter().any(|signature| head.starts_with(signature))
}

fn refused(error: Box<dyn std::error::Error + Send + Sync>) -> DecodeError {
    DecodeError::decoder("JPEG XL", error)
}

/// Decodes a file; the decoder turns the picture itself.
pub(crate) fn decode(bytes: &[u8], limits: Limits) -> Result<Image, DecodeError> {
    let memory = usize::try_from(limits.memory).unwrap_or(usize::MAX);
    let builder = JxlImage::builder().alloc_tracker(AllocTracker::with_limit(memory));
    let image = builder.read(Cursor::new(bytes)).map_err(refused)?;
    let (width, height, format) = (image.width(), image.height(), image.pixel_format());
    let size = Size::new(width as usize, height as usize);
    check_pixels(size, limits)?;
    // The decoder computes in floating point; then as they are kept.
    let kept = match image.image_header().metadata.bit_depth {
        BitDepth::IntegerSample { bits_per_sample } if bits_per_sample <= 8 => Depth::Eight,
        BitDepth::IntegerSample { .. } => Depth::Sixteen,
        BitDepth::FloatSample { .. } => Depth::Float,
    };
    let sample = 4 + kept.bytes();
    let needed = u64::from(width).saturating_mul(height.into()).saturating_mul(sample * format.channels() as u64);
    check_memory(size, needed, limits)?;
    if !image.is_loading_done() {
        return Err(DecodeError::Truncated);
    }
    let header = &image.image_header().metadata;
    // The decoder gives up, by a panic, on colors that it cannot name.
    if let ColourEncoding::Enum(colors) = &header.colour_encoding
        && (colors.tf == TransferFunction::Unknown
            || matches!(colors.colour_space, ColourSpace::Unknown | ColourSpace::Xyb))
    {
        return Err(DecodeError::Samples(UnsupportedSamples::JxlColors));
    }
    let boxes = image.aux_boxes();
    let mut metadata = Metadata {
        icc: Some(image.rendered_icc()),
        // How the picture is to be turned the codestream says.
        exif: found(boxes.first_exif().ok().and_then(|exif| match exif {
            AuxBoxData::Data(exif) => exif.payload().get(exif.tiff_header_offset() as usize..).map(<[u8]>::to_vec),
            AuxBoxData::Decoding | AuxBoxData::NotFound => None,
        }))
        .0,
        xmp: match boxes.first_xml() {
            AuxBoxData::Data(xmp) => Some(xmp.to_vec()),
            AuxBoxData::Decoding | AuxBoxData::NotFound => None,
        },
        density: None,
        iptc: None,
        color_chunks: Vec::new(),
        changes: Vec::new(),
    };
    if image.num_loaded_keyframes() > 1 {
        metadata.changes.push(Change::First);
    }
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
