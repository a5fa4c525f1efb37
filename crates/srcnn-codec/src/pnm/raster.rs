//! The samples of a file behind its header.

use std::io::{Read, Seek, SeekFrom};

use image::codecs::pnm::{PnmDecoder, PnmSubtype, SampleEncoding};
use image::{ExtendedColorType, ImageDecoder};

use srcnn_image::image::Depth;
use srcnn_image::rows::Shape;

use crate::decode_error::DecodeError;

/// Headers that are longer, by their comments, are read with the file as a whole.
const LONGEST_HEADER: u64 = 1 << 16;

/// How binary samples are stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raster {
    pub(super) shape: Shape,
    /// One bit a sample, 1 being black; rows begin at whole bytes.
    pub(super) bits: bool,
    /// The factor by which samples are to be multiplied, if white is not the largest number.
    pub(super) factor: Option<f32>,
}

impl Raster {
    /// The raster of a file that stands at its beginning; it stands behind the header then. None if the header is not sound, or
    /// the samples are not binary numbers.
    pub(super) fn find(source: &mut (impl Read + Seek)) -> Result<Option<Self>, DecodeError> {
        source.seek(SeekFrom::Start(0))?;
        let Ok(decoder) = PnmDecoder::new(source.by_ref().take(LONGEST_HEADER)) else { return Ok(None) };
        let (width, height) = decoder.dimensions();
        let subtype = decoder.subtype();
        let (channels, depth, bits) = match (subtype, decoder.original_color_type()) {
            (PnmSubtype::Bitmap(SampleEncoding::Binary), _) => (1, Depth::Eight, true),
            (PnmSubtype::Bitmap(_), _) => return Ok(None),
            (PnmSubtype::Graymap(SampleEncoding::Ascii) | PnmSubtype::Pixmap(SampleEncoding::Ascii), _) => {
                return Ok(None);
            }
            (_, ExtendedColorType::L8) => (1, Depth::Eight, false),
            (_, ExtendedColorType::La8) => (2, Depth::Eight, false),
            (_, ExtendedColorType::Rgb8) => (3, Depth::Eight, false),
            (_, ExtendedColorType::Rgba8) => (4, Depth::Eight, false),
            (_, ExtendedColorType::L16) => (1, Depth::Sixteen, false),
            (_, ExtendedColorType::La16) => (2, Depth::Sixteen, false),
            (_, ExtendedColorType::Rgb16) => (3, Depth::Sixteen, false),
            (_, ExtendedColorType::Rgba16) => (4, Depth::Sixteen, false),
            // Black and white as PAM: other numbers than 0 and 1 are errors.
            _ => return Ok(None),
        };
        let stated = decoder.header().maximal_sample();
        let largest: u32 = if depth == Depth::Sixteen { u16::MAX.into() } else { u8::MAX.into() };
        let factor = (!bits && stated != largest).then(|| largest as f32 / stated as f32);
        let shape = Shape { width: width as usize, height: height as usize, channels, depth };
        Ok(Some(Self { shape, bits, factor }))
    }

    /// Bytes of a row in the file.
    pub(super) fn row_bytes(&self) -> u64 {
        if self.bits { (self.shape.width as u64).div_ceil(8) } else { self.shape.row_bytes() }
    }
}
