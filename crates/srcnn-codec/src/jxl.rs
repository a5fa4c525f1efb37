//! JPEG XL files, read.

use std::io::Cursor;

use image::metadata::Orientation;
use jxl_oxide::color::{ColourEncoding, ColourSpace, TransferFunction};
use jxl_oxide::image::BitDepth;
use jxl_oxide::{AllocTracker, AuxBoxData, ExtraChannelType, FrameBufferSample, JxlImage, PixelFormat, Render};

use super::decode_error::{DecodeError, check_finite, check_pixels, too_large};
use super::decode_held::Raw;
use super::tiff_read::divided;
use srcnn_image::Limits;
use srcnn_image::image::{Change, Depth, Image, Metadata, Pixels, Samples};

/// Whether a file begins as JPEG XL does: as a bare codestream or in a container (ISO/IEC 18181-2).
pub(super) fn is_jxl(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, 0x0A]) || bytes.starts_with(b"\0\0\0\x0CJXL \r\n\x87\n")
}

/// The first frame; the decoder has turned it already.
pub(super) fn read(bytes: &[u8], limits: Limits) -> Result<Raw, DecodeError> {
    let memory = usize::try_from(limits.memory).unwrap_or(usize::MAX);
    let builder = JxlImage::builder().alloc_tracker(AllocTracker::with_limit(memory));
    let image = builder.read(Cursor::new(bytes)).map_err(DecodeError::Jxl)?;
    let (width, height, format) = (image.width(), image.height(), image.pixel_format());
    check_pixels(width as usize, height as usize, limits)?;
    // The decoder computes in floating point; then as they are kept.
    let kept = match image.image_header().metadata.bit_depth {
        BitDepth::IntegerSample { bits_per_sample } if bits_per_sample <= 8 => Depth::Eight,
        BitDepth::IntegerSample { .. } => Depth::Sixteen,
        BitDepth::FloatSample { .. } => Depth::Float,
    };
    let sample = 4 + kept.bytes();
    let needed = u64::from(width).saturating_mul(height.into()).saturating_mul(sample * format.channels() as u64);
    if needed > limits.memory {
        return Err(too_large(width, height, needed, limits));
    }
    if !image.is_loading_done() {
        return Err(DecodeError::Truncated);
    }
    let header = &image.image_header().metadata;
    // The decoder gives up, by a panic, on colors that it cannot name.
    if let ColourEncoding::Enum(colors) = &header.colour_encoding
        && (colors.tf == TransferFunction::Unknown
            || matches!(colors.colour_space, ColourSpace::Unknown | ColourSpace::Xyb))
    {
        return Err(DecodeError::Samples("JPEG XL of unnamed colors".to_owned()));
    }
    let boxes = image.aux_boxes();
    let mut metadata = Metadata {
        icc: Some(image.rendered_icc()),
        exif: boxes.first_exif().ok().and_then(|exif| match exif {
            AuxBoxData::Data(exif) => exif.payload().get(exif.tiff_header_offset() as usize..).map(<[u8]>::to_vec),
            AuxBoxData::Decoding | AuxBoxData::NotFound => None,
        }),
        xmp: match boxes.first_xml() {
            AuxBoxData::Data(xmp) => Some(xmp.to_vec()),
            AuxBoxData::Decoding | AuxBoxData::NotFound => None,
        },
        density: None,
        color_chunks: Vec::new(),
        changes: Vec::new(),
    };
    if image.num_loaded_keyframes() > 1 {
        metadata.changes.push(Change::First);
    }
    let kinds = header.ec_info.iter().map(|channel| &channel.ty);
    let associated = kinds.clone().any(|kind| matches!(kind, ExtraChannelType::Alpha { alpha_associated: true }));
    let render = image.render_frame(0).map_err(DecodeError::Jxl)?;
    let channels = match format {
        PixelFormat::Gray => 1,
        PixelFormat::Graya => 2,
        PixelFormat::Rgb => 3,
        PixelFormat::Rgba => 4,
        PixelFormat::Cmyk | PixelFormat::Cmyka => return Err(DecodeError::Samples("CMYK in JPEG XL".to_owned())),
    };
    let premultiplied = associated && format.has_alpha();
    let size = (width as usize, height as usize);
    let samples = match kept {
        Depth::Eight => {
            let mut v: Vec<u8> = samples(&render, channels)?;
            if premultiplied {
                v.chunks_exact_mut(channels).for_each(|p| divided(p, |v| f64::from(*v), 255.0, |v| v.round() as u8));
            }
            Pixels::new(size.0, size.1, channels, v).map(Samples::U8)
        }
        Depth::Sixteen => {
            let mut v: Vec<u16> = samples(&render, channels)?;
            if premultiplied {
                v.chunks_exact_mut(channels).for_each(|p| divided(p, |v| f64::from(*v), 65535.0, |v| v.round() as u16));
            }
            Pixels::new(size.0, size.1, channels, v).map(Samples::U16)
        }
        Depth::Float => {
            let mut v: Vec<f32> = samples(&render, channels)?;
            if premultiplied {
                v.chunks_exact_mut(channels).for_each(|p| divided(p, |v| f64::from(*v), 1.0, |v| v as f32));
            }
            check_finite(&v)?;
            Pixels::new(size.0, size.1, channels, v).map(Samples::F32)
        }
    };
    let picture = Image::new(samples.map_err(|_| DecodeError::Truncated)?).expect("1 to 4 channels");
    Ok(Raw { picture, metadata, orientation: Orientation::NoTransforms })
}

fn samples<T: FrameBufferSample + Clone + Default>(render: &Render, channels: usize) -> Result<Vec<T>, DecodeError> {
    let mut stream = render.stream();
    if stream.channels() as usize != channels {
        return Err(DecodeError::Samples(format!("JPEG XL with {} channels", stream.channels())));
    }
    let mut out = vec![T::default(); stream.width() as usize * stream.height() as usize * channels];
    stream.write_to_buffer(&mut out);
    Ok(out)
}
