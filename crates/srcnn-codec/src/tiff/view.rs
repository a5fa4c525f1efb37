//! What a decoder is shown of a file that it cannot read as it is: planes one by one, and samples that are not whole bytes as rows of
//! bytes.

use std::io::{self, Read, Seek, SeekFrom};

use super::compression::{self, GROUP_4, JPEG};
use super::layout::{BLACK_IS_ZERO, INTERLEAVED, Layout, PALETTE};
use super::packed;
use super::patched::{Patch, Patched};
use super::rewritten::{Part, Rewritten};
use crate::decode_error::DecodeError;
use crate::metadata::tags::{
    BITS_PER_SAMPLE, EXTRA_SAMPLES, IMAGE_WIDTH, ORIENTATION, PHOTOMETRIC_INTERPRETATION, PLANAR_CONFIGURATION,
    SAMPLE_FORMAT, SAMPLES_PER_PIXEL, STRIP_BYTE_COUNTS, STRIP_OFFSETS, TILE_BYTE_COUNTS, TILE_OFFSETS, TILE_WIDTH,
};
use crate::unsupported::UnsupportedSamples;

/// How a picture is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct View {
    /// Planes that are shown one by one; 1 for samples next to each other.
    pub(super) planes: usize,
    /// Whether each row is shown as a row of bytes, in which samples are packed.
    pub(super) packed: bool,
}

impl View {
    /// None for what the decoder reads as it is.
    pub(super) fn of(layout: &Layout, planar: bool, tiled: bool, compression: u16) -> Option<Self> {
        let planes = if planar { layout.samples } else { 1 };
        let samples = layout.samples / planes.max(1);
        // These the decoder reads in strips if they stand alone.
        let is_read = packed::is_whole(layout.bits) || samples == 1 && !tiled && matches!(layout.bits, 1 | 2 | 4);
        // Indices that are bytes are read by rows as bytes.
        let indices = layout.photometric == PALETTE && layout.samples == 1 && layout.bits == 8;
        let packed = (!is_read || indices) && !matches!(compression, JPEG | GROUP_4);
        (planes > 1 || packed).then_some(Self { planes, packed })
    }

    /// How samples are stored by the directory for one of the planes.
    pub(super) fn layout(&self, layout: &Layout) -> Layout {
        let bits = u64::from(layout.width) * (layout.samples / self.planes) as u64 * u64::from(layout.bits);
        let (width, bits) = if self.packed { (bits.div_ceil(8) as u32, 8) } else { (layout.width, layout.bits) };
        Layout { width, bits, photometric: BLACK_IS_ZERO, samples: 1, extra: None, ..*layout }
    }

    /// The file with the directory for one of the planes.
    pub(super) fn patches(
        &self,
        directory: &Rewritten,
        layout: &Layout,
        tile_width: Option<u32>,
        plane: usize,
        source: &mut Patched<impl Read + Seek>,
    ) -> Result<Vec<Patch>, DecodeError> {
        let mut directory = directory.clone();
        directory.remove(EXTRA_SAMPLES);
        directory.set(PHOTOMETRIC_INTERPRETATION, BLACK_IS_ZERO.into());
        directory.set(PLANAR_CONFIGURATION, INTERLEAVED.into());
        directory.remove(ORIENTATION);
        if self.planes > 1 {
            for tag in [STRIP_OFFSETS, STRIP_BYTE_COUNTS, TILE_OFFSETS, TILE_BYTE_COUNTS] {
                let count = directory.count(tag).unwrap_or(0) / self.planes as u64;
                directory.take(tag, plane as u64 * count, count, |part| read_part(source, &part))?;
            }
        }
        let samples = layout.samples / self.planes;
        directory.set(SAMPLES_PER_PIXEL, 1);
        if self.packed {
            let unsupported = || {
                let (samples, bits) = (layout.samples, layout.bits);
                DecodeError::Samples(UnsupportedSamples::TiffBits { samples, bits })
            };
            let bits = samples as u64 * u64::from(layout.bits);
            let bytes = |width: u32| u32::try_from((u64::from(width) * bits).div_ceil(8)).map_err(|_| unsupported());
            directory.set(IMAGE_WIDTH, bytes(layout.width)?);
            if let Some(width) = tile_width {
                // Tiles begin at whole bytes.
                if !(u64::from(width) * bits).is_multiple_of(8) {
                    return Err(unsupported());
                }
                directory.set(TILE_WIDTH, bytes(width)?);
            }
            directory.remove(SAMPLE_FORMAT);
            directory.set(BITS_PER_SAMPLE, 8);
        } else {
            directory.set(BITS_PER_SAMPLE, layout.bits.into());
            directory.take(SAMPLE_FORMAT, 0, 1, |part| read_part(source, &part))?;
        }
        Ok(directory.patches())
    }
}

/// Values that are few, from a file that is then at its beginning no more.
fn read_part(source: &mut Patched<impl Read + Seek>, part: &Part) -> Result<Vec<u8>, io::Error> {
    source.seek(SeekFrom::Start(part.at))?;
    let mut bytes = vec![0; part.bytes];
    source.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Whether bits of the strips and tiles stand in reverse order.
pub(super) fn is_reversed(fill_order: Option<u32>, compression: u16) -> bool {
    /// The least significant bit first.
    const REVERSED: u32 = 2;
    fill_order == Some(REVERSED) && compression::has_fill_order(compression)
}
