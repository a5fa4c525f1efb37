//! Frames of WebP files: each is put into a file of its own for the decoder of stills.

use std::io::Cursor;
use std::sync::Arc;

use image_webp::WebPDecoder;

use super::canvas::{Disposal, Patch};
use super::timing::{Delay, Plays};
use super::{DecodeError, Patches};
use crate::decode_error::{check_pixels, too_large};
use crate::riff;
use srcnn_image::Limits;

pub(super) struct WebPPatches {
    bytes: Arc<[u8]>,
    /// Where the next chunk begins.
    at: usize,
    size: (usize, usize),
    plays: Plays,
    limits: Limits,
}

impl WebPPatches {
    pub(super) fn open(bytes: Arc<[u8]>, limits: Limits) -> Result<Self, DecodeError> {
        let mut chunks = riff::chunks(riff::body(&bytes));
        let header = chunks.next().filter(|(kind, _)| *kind == *b"VP8X").ok_or(DecodeError::Truncated)?.1;
        let side = |at| Some(number(header, at)? + 1);
        let size = side(4).zip(side(7)).ok_or(DecodeError::Truncated)?;
        let control = chunks.find(|(kind, _)| *kind == *b"ANIM").ok_or(DecodeError::Truncated)?.1;
        let plays = control.get(4..).and_then(|rest| rest.first_chunk()).ok_or(DecodeError::Truncated)?;
        let plays = Plays::of(u32::from(u16::from_le_bytes(*plays)));
        Ok(Self { bytes: Arc::clone(&bytes), at: riff::HEADER, size, plays, limits })
    }
}

impl Patches for WebPPatches {
    fn size(&self) -> (usize, usize) {
        self.size
    }

    fn plays(&self) -> Plays {
        self.plays
    }

    fn next(&mut self) -> Result<Option<Patch>, DecodeError> {
        let bytes = Arc::clone(&self.bytes);
        let frame = loop {
            let body = &riff::body(&bytes)[self.at - riff::HEADER..];
            let Some((kind, data)) = riff::chunks(body).next() else { return Ok(None) };
            self.at += 8 + data.len().next_multiple_of(2);
            self.at = self.at.min(riff::HEADER + riff::body(&bytes).len());
            if kind == *b"ANMF" {
                break data;
            }
        };
        let field = |at| number(frame, at).ok_or(DecodeError::Truncated);
        let (at, size) = ((2 * field(0)?, 2 * field(3)?), (field(6)? + 1, field(9)? + 1));
        let delay = Delay::milliseconds(field(12)? as u32);
        let flags = *frame.get(15).ok_or(DecodeError::Truncated)?;
        let samples = pixels(&frame[16..], size, self.limits)?;
        let over = flags & 2 == 0;
        let disposal = if flags & 1 == 0 { Disposal::Keep } else { Disposal::Clear };
        Ok(Some(Patch { at, size, samples, over, disposal, delay }))
    }
}

/// The three bytes of a number.
fn number(data: &[u8], at: usize) -> Option<usize> {
    let [a, b, c] = *data.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes([a, b, c, 0]) as usize)
}

/// The picture in a frame, as RGBA.
fn pixels(frame: &[u8], size: (usize, usize), limits: Limits) -> Result<Vec<u8>, DecodeError> {
    check_pixels(size.0, size.1, limits)?;
    let bytes = size.0 as u64 * size.1 as u64 * 4;
    if bytes > limits.memory {
        return Err(too_large(size.0 as u32, size.1 as u32, bytes, limits));
    }
    let mut file = riff::File::new();
    let parts: Vec<_> = riff::chunks(frame).filter(|(kind, _)| matches!(kind, b"ALPH" | b"VP8 " | b"VP8L")).collect();
    if parts.iter().any(|(kind, _)| *kind == *b"ALPH") {
        file.chunk(b"VP8X", &riff::extended(riff::ALPHA, size));
    }
    parts.iter().for_each(|(kind, data)| file.chunk(kind, data));
    let mut decoder = WebPDecoder::new(Cursor::new(file.finish()))?;
    decoder.set_memory_limit(usize::try_from(limits.memory).unwrap_or(usize::MAX));
    let (width, height) = decoder.dimensions();
    if (width as usize, height as usize) != size {
        return Err(DecodeError::WebP(image_webp::DecodingError::InconsistentImageSizes));
    }
    let mut samples = vec![0; decoder.output_buffer_size().ok_or(DecodeError::Empty)?];
    decoder.read_image(&mut samples)?;
    if decoder.has_alpha() {
        return Ok(samples);
    }
    Ok(samples.as_chunks().0.iter().flat_map(|[r, g, b]| [*r, *g, *b, 255]).collect())
}
