//! How the samples of a TIFF file are stored.

use std::io::{Read, Seek};

use tiff::decoder::Decoder;
use tiff::tags::Tag;

use super::error::refused;
use crate::decode_error::DecodeError;
use crate::unsupported::UnsupportedSamples;

/// Photometric interpretations.
pub(super) const WHITE_IS_ZERO: u16 = 0;
pub(super) const BLACK_IS_ZERO: u16 = 1;
pub(super) const RGB: u16 = 2;
pub(super) const PALETTE: u16 = 3;
pub(super) const CMYK: u16 = 5;
pub(super) const YCBCR: u16 = 6;
/// Extra samples: alpha by which colors are multiplied, and by which they are not.
pub(super) const ASSOCIATED: u16 = 1;
pub(super) const UNASSOCIATED: u16 = 2;
/// Alpha that is not multiplied in, by Corel Draw 10 (libtiff's tif_dir.c).
pub(super) const COREL_UNASSOCIATED: u16 = 999;
/// Sample formats.
pub(super) const UNSIGNED: u16 = 1;
pub(super) const SIGNED: u16 = 2;
pub(super) const FLOAT: u16 = 3;
/// Planar configuration: samples of a pixel next to each other.
pub(super) const INTERLEAVED: u16 = 1;
/// Predictors: none; differences to the pixel on the left, of samples and of the bytes of floating-point samples.
pub(super) const NO_PREDICTOR: u16 = 1;
pub(super) const DIFFERENCES: u16 = 2;
pub(super) const FLOAT_DIFFERENCES: u16 = 3;

/// How samples are stored, by the first directory.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) photometric: u16,
    /// Samples a pixel.
    pub(super) samples: usize,
    pub(super) bits: u16,
    /// The kind of the first sample beyond the colors.
    pub(super) extra: Option<u16>,
}

impl Layout {
    /// That of the file's first picture, whose photometric interpretation may be known better.
    pub(super) fn new(decoder: &mut Decoder<impl Read + Seek>, photometric: Option<u16>) -> Result<Self, DecodeError> {
        let (width, height) = decoder.dimensions().map_err(refused)?;
        let mut first = |tag| -> Result<Option<u16>, DecodeError> {
            Ok(decoder.find_tag_unsigned_vec::<u16>(tag).map_err(refused)?.and_then(|values| values.first().copied()))
        };
        let (bits, extra) = (first(Tag::BitsPerSample)?.unwrap_or(1), first(Tag::ExtraSamples)?);
        let extra = extra.map(|kind| if kind == COREL_UNASSOCIATED { UNASSOCIATED } else { kind });
        let stated = || decoder.get_tag_unsigned(Tag::PhotometricInterpretation).map_err(refused);
        let photometric = photometric.map_or_else(stated, Ok)?;
        let samples = decoder.find_tag_unsigned::<u16>(Tag::SamplesPerPixel).map_err(refused)?.unwrap_or(1).into();
        Ok(Self { width, height, photometric, samples, bits, extra })
    }

    /// Channels of the picture: extra samples of unknown kind are none.
    pub(super) fn channels(&self) -> Result<usize, DecodeError> {
        let colors = self.colors()?;
        let has_alpha =
            self.samples > colors && self.extra.is_none_or(|kind| matches!(kind, ASSOCIATED | UNASSOCIATED));
        Ok(colors + usize::from(has_alpha))
    }

    /// Samples that are color.
    pub(super) fn colors(&self) -> Result<usize, DecodeError> {
        let colors = match self.photometric {
            WHITE_IS_ZERO | BLACK_IS_ZERO | PALETTE => 1,
            RGB | YCBCR => 3,
            CMYK => 4,
            other => return Err(DecodeError::Samples(UnsupportedSamples::Photometric(other))),
        };
        if self.samples < colors {
            let samples = self.samples;
            return Err(DecodeError::Samples(UnsupportedSamples::TiffColors { samples, colors }));
        }
        Ok(colors)
    }
}
