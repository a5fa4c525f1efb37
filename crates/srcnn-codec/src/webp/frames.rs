//! Frames of WebP files, read: each is put into a file of its own for the decoder of stills.

use std::io::Cursor;
use std::sync::Arc;

use image_webp::{DecodingError, WebPDecoder};

use srcnn_image::{Limits, Size};

use super::error::refused;
use super::read::metadata;
use super::riff::{
    self, ALPHA, ALPHA_FLAG, ANIMATION, CLEAR_FLAG, EXTENDED, FRAME, FRAME_BYTES, REPLACE_FLAG, SAMPLES,
};
use crate::decode_error::DecodeError;
use crate::frames::stored::{Disposal, EachSize, StoredAnimation, StoredFrame, StoredFrames};
use crate::frames::timing::{Delay, Plays};
use crate::limits::{check_memory, check_pixels};

/// The frames of one file.
pub(crate) struct WebPFrames {
    bytes: Arc<[u8]>,
    /// Where the next chunk begins.
    at: usize,
    size: Size,
    plays: Plays,
    limits: Limits,
}

impl WebPFrames {
    /// The frames of a file that is complete, with its metadata.
    pub(crate) fn animation(bytes: Arc<[u8]>, limits: Limits) -> Result<StoredAnimation, DecodeError> {
        let (metadata, orientation) = metadata(&bytes, limits)?;
        Ok(StoredAnimation { frames: Box::new(Self::open(bytes, limits)?), metadata, orientation })
    }

    /// The frames of a file that is complete.
    pub(crate) fn open(bytes: Arc<[u8]>, limits: Limits) -> Result<Self, DecodeError> {
        let mut chunks = riff::chunks(riff::body(&bytes));
        let header = chunks.next().filter(|(kind, _)| *kind == *EXTENDED).ok_or(DecodeError::Truncated)?.1;
        let side = |at| Some(number(header, at)? + 1);
        let size = side(4).zip(side(7)).ok_or(DecodeError::Truncated)?.into();
        let control = chunks.find(|(kind, _)| *kind == *ANIMATION).ok_or(DecodeError::Truncated)?.1;
        let plays = control.get(4..).and_then(|rest| rest.first_chunk()).ok_or(DecodeError::Truncated)?;
        let plays = Plays::from_number(u32::from(u16::from_le_bytes(*plays)));
        Ok(Self { bytes: Arc::clone(&bytes), at: riff::HEADER, size, plays, limits })
    }
}

impl StoredFrames for WebPFrames {
    fn size(&self) -> Size {
        self.size
    }

    fn plays(&self) -> Plays {
        self.plays
    }

    fn may_be_grey(&self) -> bool {
        // The format knows no grey.
        false
    }

    fn is_rounded(&self) -> bool {
        false
    }

    fn frame_bytes(&self, frame: Size) -> u64 {
        FRAME_BYTES * frame.pixels()
    }

    fn next(&mut self) -> Result<Option<StoredFrame>, DecodeError> {
        let bytes = Arc::clone(&self.bytes);
        let frame = loop {
            let body = &riff::body(&bytes)[self.at - riff::HEADER..];
            let Some((kind, data)) = riff::chunks(body).next() else { return Ok(None) };
            self.at += 8 + data.len().next_multiple_of(2);
            self.at = self.at.min(riff::HEADER + riff::body(&bytes).len());
            if kind == *FRAME {
                break data;
            }
        };
        let field = |at| number(frame, at).ok_or(DecodeError::Truncated);
        let (at, size) = ((2 * field(0)?, 2 * field(3)?), Size::new(field(6)? + 1, field(9)? + 1));
        let delay = Delay::milliseconds(field(12)? as u32);
        let flags = *frame.get(15).ok_or(DecodeError::Truncated)?;
        let samples = pixels(&frame[16..], size, self.limits)?;
        let over = flags & REPLACE_FLAG == 0;
        let disposal = if flags & CLEAR_FLAG == 0 { Disposal::Keep } else { Disposal::Clear };
        Ok(Some(StoredFrame { at, size, samples, over, disposal, delay }))
    }
}

/// Calls `each` with the size of every frame of a file, in order.
pub(crate) fn sizes(bytes: &[u8], each: EachSize<'_>) -> Result<(), DecodeError> {
    let mut frames = riff::chunks(riff::body(bytes)).filter(|(kind, _)| *kind == *FRAME);
    frames.try_for_each(|(_, frame)| {
        let [width, height] = [6, 9].map(|at| number(frame, at).unwrap_or(0));
        each(Size::new(width + 1, height + 1))
    })
}

/// The three bytes of a number.
fn number(data: &[u8], at: usize) -> Option<usize> {
    let [a, b, c] = *data.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes([a, b, c, 0]) as usize)
}

/// The picture in a frame, as RGBA.
fn pixels(frame: &[u8], size: Size, limits: Limits) -> Result<Vec<u8>, DecodeError> {
    check_pixels(size, limits)?;
    check_memory(size, FRAME_BYTES * size.pixels(), limits)?;
    let mut file = riff::File::new();
    let parts: Vec<_> = riff::chunks(frame).filter(|(kind, _)| SAMPLES.contains(&kind)).collect();
    if parts.iter().any(|(kind, _)| *kind == *ALPHA) {
        file.chunk(EXTENDED, &riff::extended(ALPHA_FLAG, size));
    }
    parts.iter().for_each(|(kind, data)| file.chunk(kind, data));
    let mut decoder = WebPDecoder::new(Cursor::new(file.finish())).map_err(refused)?;
    decoder.set_memory_limit(usize::try_from(limits.memory).unwrap_or(usize::MAX));
    let (width, height) = decoder.dimensions();
    if size != (width as usize, height as usize) {
        return Err(refused(DecodingError::InconsistentImageSizes));
    }
    let mut samples = vec![0; decoder.output_buffer_size().ok_or(DecodeError::Empty)?];
    decoder.read_image(&mut samples).map_err(refused)?;
    if decoder.has_alpha() {
        return Ok(samples);
    }
    Ok(samples.as_chunks().0.iter().flat_map(|[r, g, b]| [*r, *g, *b, 255]).collect())
}
