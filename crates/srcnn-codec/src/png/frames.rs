//! Frames of APNG files, read.

use std::io::Cursor;
use std::num::NonZeroU32;
use std::sync::Arc;

use png::{BitDepth, BlendOp, ColorType, DisposeOp};

use srcnn_image::{Limits, Size};

use super::chunks::Chunks;
use super::error::{refused, refused_or_cut};
use super::read::{decoder, metadata, unsupported};
use super::spliced::Spliced;
use crate::decode_error::DecodeError;
use crate::frames::stored::{Disposal, StoredAnimation, StoredFrame, StoredFrames};
use crate::frames::timing::{Delay, Plays};

/// The frames of one file.
pub(crate) struct PngFrames {
    reader: png::Reader<Spliced<Cursor<Arc<[u8]>>>>,
    plays: Plays,
    /// Frames that are to come.
    left: u32,
    /// Whether the next picture is one for programs that know no animation, and no frame.
    skip: bool,
    end_missing: bool,
    buffer: Vec<u8>,
}

impl PngFrames {
    /// The frames of a file that is complete.
    pub(crate) fn open(bytes: Arc<[u8]>, limits: Limits) -> Result<Self, DecodeError> {
        Ok(Self::open_with_chunks(bytes, limits)?.0)
    }

    /// The frames of a file that is complete, with its metadata.
    pub(crate) fn animation(bytes: Arc<[u8]>, limits: Limits) -> Result<StoredAnimation, DecodeError> {
        let (frames, chunks) = Self::open_with_chunks(bytes, limits)?;
        let (metadata, orientation) = metadata(frames.reader.info(), chunks);
        Ok(StoredAnimation { frames: Box::new(frames), metadata, orientation })
    }

    fn open_with_chunks(bytes: Arc<[u8]>, limits: Limits) -> Result<(Self, Chunks), DecodeError> {
        let (decoder, chunks) = decoder(Cursor::new(bytes), limits)?;
        let reader = decoder.read_info().map_err(refused)?;
        let control = reader.info().animation_control.ok_or(DecodeError::Truncated)?;
        let skip = reader.info().frame_control.is_none();
        let plays = Plays::from_number(control.num_plays);
        Ok((
            Self { plays, left: control.num_frames, skip, end_missing: chunks.end_missing, buffer: Vec::new(), reader },
            chunks,
        ))
    }

    fn read(&mut self) -> Result<png::OutputInfo, DecodeError> {
        let length = self.reader.output_buffer_size().ok_or(DecodeError::Empty)?;
        self.buffer.resize(length, 0);
        self.reader.next_frame(&mut self.buffer).map_err(|error| refused_or_cut(error, self.end_missing))
    }
}

impl StoredFrames for PngFrames {
    fn size(&self) -> Size {
        let (width, height) = self.reader.info().size();
        Size::new(width as usize, height as usize)
    }

    fn plays(&self) -> Plays {
        self.plays
    }

    fn may_be_grey(&self) -> bool {
        matches!(self.reader.output_color_type().0, ColorType::Grayscale | ColorType::GrayscaleAlpha)
    }

    fn is_rounded(&self) -> bool {
        self.reader.output_color_type().1 == BitDepth::Sixteen
    }

    fn frame_bytes(&self, frame: Size) -> u64 {
        // The samples as they are stored, for the whole picture, which are kept; and RGBA.
        let stored = self.reader.output_buffer_size().map_or(u64::MAX, |bytes| bytes as u64);
        stored.saturating_add(4 * frame.pixels())
    }

    fn next(&mut self) -> Result<Option<StoredFrame>, DecodeError> {
        if self.left == 0 {
            return Ok(None);
        }
        if std::mem::take(&mut self.skip) {
            self.read()?;
        }
        self.left -= 1;
        let frame = self.read()?;
        let control = self.reader.info().frame_control.ok_or(DecodeError::Truncated)?;
        let size = Size::new(control.width as usize, control.height as usize);
        // Rows of interlaced frames lie as far apart as those of the whole picture.
        let info = self.reader.info();
        let row = match info.interlaced {
            true => self.reader.output_line_size(info.width).ok_or(DecodeError::Empty)?,
            false => frame.line_size,
        };
        let mut samples = vec![0; size.width * size.height * 4];
        for (to, from) in samples.chunks_exact_mut((size.width * 4).max(1)).zip(self.buffer.chunks_exact(row.max(1))) {
            to_rgba(from, frame.color_type, frame.bit_depth, to)?;
        }
        /// The denominator that zero stands for.
        const HUNDREDTHS: NonZeroU32 = NonZeroU32::new(100).expect("not zero");
        let denominator = NonZeroU32::new(control.delay_den.into()).unwrap_or(HUNDREDTHS);
        Ok(Some(StoredFrame {
            at: (control.x_offset as usize, control.y_offset as usize),
            size,
            samples,
            over: control.blend_op == BlendOp::Over,
            disposal: match control.dispose_op {
                DisposeOp::None => Disposal::Keep,
                DisposeOp::Background => Disposal::Clear,
                DisposeOp::Previous => Disposal::Restore,
            },
            delay: Delay::new(u32::from(control.delay_num), denominator),
        }))
    }
}

/// A row as RGBA of 8 bits.
fn to_rgba(row: &[u8], color: ColorType, depth: BitDepth, to: &mut [u8]) -> Result<(), DecodeError> {
    let eight = |v: &[u8; 2]| ((u32::from(u16::from_be_bytes(*v)) + 128) / 257) as u8;
    let rounded: Vec<u8>;
    let row = match depth {
        BitDepth::Eight => row,
        BitDepth::Sixteen => {
            rounded = row.as_chunks().0.iter().map(eight).collect();
            &rounded
        }
        other => return Err(unsupported(color, other)),
    };
    let pixels = to.as_chunks_mut::<4>().0.iter_mut();
    match color {
        ColorType::Grayscale => pixels.zip(row).for_each(|(to, v)| *to = [*v, *v, *v, 255]),
        ColorType::GrayscaleAlpha => pixels.zip(row.as_chunks().0).for_each(|(to, [v, a])| *to = [*v, *v, *v, *a]),
        ColorType::Rgb => pixels.zip(row.as_chunks().0).for_each(|(to, [r, g, b])| *to = [*r, *g, *b, 255]),
        ColorType::Rgba => pixels.zip(row.as_chunks().0).for_each(|(to, from)| *to = *from),
        ColorType::Indexed => return Err(unsupported(color, depth)),
    }
    Ok(())
}
