//! What the crate `zune-jpeg` takes for a stream, counted before it decodes it.

use srcnn_image::{Limits, Size};

use super::markers::{BASELINE, PROGRESSIVE};
use super::segments::{scans, segments};
use crate::decode_error::DecodeError;
use crate::limits::{check_memory, check_pixels};
use crate::work::WorkCounter;

/// Pixels in a block.
const BLOCK: u64 = 64;
/// The longest side of an MCU, in pixels.
const LONGEST_MCU: usize = 32;
/// Bytes of a coefficient.
const COEFFICIENT: u64 = 2;

/// Passes over a pixel that looking at a segment is counted as.
const SEGMENT_PASSES: u64 = 4;

/// What a stream says of its picture (T.81, B.2.2).
struct Frame {
    size: Size,
    components: u8,
    /// Blocks of all components in an MCU.
    blocks: u64,
}

/// The first frame of a stream; none if it is cut short, or of another coding.
fn frame(bytes: &[u8]) -> Option<Frame> {
    let (_, data, _) = segments(bytes).find(|(code, ..)| matches!(*code, BASELINE..=PROGRESSIVE))?;
    let (&[_, h1, h0, w1, w0, components], specified) = data.split_first_chunk()?;
    let [width, height] = [[w1, w0], [h1, h0]].map(|side| usize::from(u16::from_be_bytes(side)));
    let blocks = specified.as_chunks::<3>().0.iter().map(|of| u64::from(of[1] >> 4) * u64::from(of[1] & 15)).sum();
    Some(Frame { size: Size::new(width, height), components, blocks })
}

/// The components of a stream's picture; none if it does not say.
pub(super) fn components(bytes: &[u8]) -> Option<u8> {
    frame(bytes).map(|frame| frame.components)
}

/// Checks the memory and the work that a stream takes. Gives whether it goes on to its end.
///
/// # Errors
/// [`DecodeError::Truncated`] if it has fewer bytes than its picture takes at least, or beyond the limits.
pub(crate) fn check(bytes: &[u8], limits: Limits, work: &mut WorkCounter) -> Result<bool, DecodeError> {
    // Parts of an XMP packet are looked through again after each segment.
    let segments = segments(bytes).count();
    work.count(Size::new(segments, segments), SEGMENT_PASSES)?;
    let (scans, ended) = scans(bytes);
    let Some(Frame { size, components, blocks }) = frame(bytes) else { return Ok(ended) };
    check_pixels(size, limits)?;
    // Every block takes a bit at least.
    if size.pixels() / BLOCK > bytes.len() as u64 * 8 {
        return Err(DecodeError::Truncated);
    }
    work.count(size, scans.saturating_mul(components.into()))?;
    // If components are coded one after the other, it keeps coefficients of the whole picture for each block of an MCU.
    let [width, height] = [size.width, size.height].map(|side| side.next_multiple_of(LONGEST_MCU) as u64);
    let coefficients = (width * height).saturating_mul(COEFFICIENT * blocks.max(components.into()));
    check_memory(size, coefficients.saturating_add(size.pixels().saturating_mul(components.into())), limits)?;
    Ok(ended)
}

#[cfg(test)]
mod tests {
    use srcnn_image::Work;

    use super::*;

    const LIMITS: Limits = Limits { memory: 1 << 20, pixels: 1 << 30, work: Work::BySize };

    /// A grey picture of scans that have all of `data`.
    fn stream(width: u16, height: u16, scans: usize, data: &[u8]) -> Vec<u8> {
        let [w, h] = [width, height].map(u16::to_be_bytes);
        let scan = [&[0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0], data].concat();
        let head = [0xFF, 0xD8, 0xFF, 0xC2, 0, 11, 8, h[0], h[1], w[0], w[1], 1, 1, 0x11, 0];
        [&head[..], &scan.repeat(scans), &[0xFF, 0xD9]].concat()
    }

    #[test]
    fn memory_work_and_missing_data_are_told_apart() {
        let of = |bytes: &[u8], limits: Limits| check(bytes, limits, &mut WorkCounter::new(bytes.len() as u64, limits));
        let small = stream(64, 64, 2, &[0; 8]);
        assert!(matches!(of(&small, LIMITS), Ok(true)));
        assert!(matches!(of(&small[..small.len() - 1], LIMITS), Ok(false)));
        assert!(matches!(of(&stream(20_000, 20_000, 1, &[0; 3000]), LIMITS), Err(DecodeError::Truncated)));
        let large = stream(4096, 4096, 1, &[0; 1 << 15]);
        assert!(matches!(of(&large, LIMITS), Err(DecodeError::TooLarge { .. })));
        let more = Limits { memory: 1 << 30, ..LIMITS };
        assert!(matches!(of(&large, more), Ok(true)));
        let more_scans = &small[15..small.len() - 2];
        let scans = [&large[..large.len() - 2], &more_scans.repeat(300), &[0xFF, 0xD9]].concat();
        assert!(matches!(of(&scans, more), Err(DecodeError::TooMuchWork { .. })));
        assert!(matches!(of(&scans, Limits { work: Work::Any, ..more }), Ok(true)));
        let segments = [&small[..2], &[0xFF, 0xE1, 0, 2].repeat(20_000), &small[2..]].concat();
        assert!(matches!(of(&segments, more), Err(DecodeError::TooMuchWork { .. })));
    }
}
