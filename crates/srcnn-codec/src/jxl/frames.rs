//! The headers of a codestream (ISO/IEC 18181-1, annexes D, F and G), walked through before its frames are decoded: how many there are,
//! how large, what they ask for, and whether all are there.

use std::ops::Range;
use std::sync::Arc;

use jxl_bitstream::Bitstream;
use jxl_color::icc::read_icc;
use jxl_frame::data::TocGroupKind;
use jxl_frame::{Frame, FrameContext, FrameHeader};
use jxl_oxide::{ImageHeader, JxlThreadPool};
use jxl_oxide_common::Bundle;

use srcnn_image::{Limits, Size};

use super::cost::Cost;
use super::features;
use crate::decode_error::DecodeError;
use crate::limits::check_pixels;
use crate::unsupported::UnsupportedSamples;

/// Frames of the first picture at most: the decoder calls itself for each of those before a frame. Some 1000 end its stack of 2 MiB.
const MOST_FRAMES: usize = 128;
/// Bytes that the decoder keeps of a frame, and of each of its groups, beside their data.
const FRAME_BYTES: u64 = 1 << 13;
const GROUP_BYTES: u64 = 256;
/// Passes over the pixels of a frame that is decoded and blended into the next one.
const FRAME_PASSES: u64 = 16;
/// Passes over a pixel that a permutation of groups is counted as, for the square of their number.
const PERMUTATION_PASSES: u64 = 4;
/// The memory allowed is so many times what a profile takes in the file: the decoder makes up to 36 bytes of each of its bytes, and
/// copies.
const PROFILE_SHARE: u64 = 64;

/// A codestream whose headers have been read.
pub(super) struct Walked {
    /// The picture's, as it is shown.
    pub(super) size: Size,
    /// Where the frames of the first picture begin and end, and where each of them has its data.
    pub(super) header: usize,
    pub(super) frames: Vec<Range<usize>>,
    /// Whether all frames are there.
    pub(super) complete: bool,
    /// Pictures that are shown one after the other, as far as they are there.
    pub(super) pictures: usize,
    pub(super) cost: Cost,
}

fn refused(error: impl std::error::Error + Send + Sync + 'static) -> DecodeError {
    DecodeError::decoder("JPEG XL", error.to_string())
}

/// Walks through a codestream.
///
/// # Errors
/// [`DecodeError::Truncated`] where it ends before its frames, an error of a header, or of what the first picture takes.
pub(super) fn walk(codestream: &[u8], limits: Limits) -> Result<Walked, DecodeError> {
    let mut bits = Bitstream::new(codestream);
    let image = match ImageHeader::parse(&mut bits, ()) {
        Err(error) if error.unexpected_eof() => return Err(DecodeError::Truncated),
        image => Arc::new(image.map_err(refused)?),
    };
    let size = Size::new(image.width_with_orientation() as usize, image.height_with_orientation() as usize);
    check_pixels(size, limits)?;
    let mut cost = Cost::new(size, codestream.len(), limits);
    if image.metadata.colour_encoding.want_icc() {
        profile(&mut bits, limits)?;
    }
    let context = || FrameContext { image_header: Arc::clone(&image), tracker: None, pool: JxlThreadPool::none() };
    bits.zero_pad_to_byte().map_err(refused)?;
    let mut at = bits.num_read_bits() / 8;
    if image.metadata.preview.is_some() {
        let Some((frame, data)) = frame(&image, &codestream[at..], context(), &mut cost)? else {
            return Err(DecodeError::Truncated);
        };
        at = at.saturating_add(data).saturating_add(frame.toc().total_byte_size());
    }
    let mut walked = Walked { size, header: at, frames: Vec::new(), complete: false, pictures: 0, cost };
    while let Some(rest) = codestream.get(at..).filter(|rest| !rest.is_empty()) {
        let first = walked.pictures == 0;
        let Some((frame, data)) = frame(&image, rest, context(), &mut walked.cost)? else { break };
        let begin = at + data;
        let end = begin.saturating_add(frame.toc().total_byte_size());
        let header = frame.header();
        if first {
            if walked.frames.len() == MOST_FRAMES {
                return Err(DecodeError::Samples(UnsupportedSamples::JxlFrames(MOST_FRAMES)));
            }
            count(&image, &frame, rest, walked.frames.len(), limits, &mut walked.cost)?;
            walked.frames.push(begin..end);
        }
        if end > codestream.len() {
            break;
        }
        at = end;
        walked.pictures += usize::from(header.is_keyframe());
        if header.is_last {
            walked.complete = true;
            break;
        }
    }
    Ok(walked)
}

/// Passes over a profile.
fn profile(bits: &mut Bitstream<'_>, limits: Limits) -> Result<(), DecodeError> {
    let bytes = bits.clone().read_u64().map_err(|_| DecodeError::Truncated)?;
    let limit = limits.memory / PROFILE_SHARE;
    if bytes > limit {
        return Err(DecodeError::LargeProfile { bytes, limit });
    }
    match read_icc(bits) {
        Err(error) if error.unexpected_eof() => Err(DecodeError::Truncated),
        Err(error) => Err(refused(error)),
        Ok(_) => Ok(()),
    }
}

/// The headers of a frame, and where its data begin; none if the codestream ends before.
fn frame(
    image: &ImageHeader,
    codestream: &[u8],
    context: FrameContext<'_>,
    cost: &mut Cost,
) -> Result<Option<(Frame, usize)>, DecodeError> {
    let mut bits = Bitstream::new(codestream);
    let header = match FrameHeader::parse(&mut bits, image) {
        Err(error) if error.unexpected_eof() => return Ok(None),
        header => header.map_err(refused)?,
    };
    let groups = groups(&header);
    if bits.read_bool().is_ok_and(|permuted| permuted) {
        cost.pass(Size::new(groups, groups), PERMUTATION_PASSES)?;
    }
    let mut bits = Bitstream::new(codestream);
    match Frame::parse(&mut bits, context) {
        Err(error) if error.unexpected_eof() => Ok(None),
        frame => Ok(Some((frame.map_err(refused)?, bits.num_read_bits() / 8))),
    }
}

/// Entries of a table of contents.
fn groups(header: &FrameHeader) -> usize {
    let (groups, passes) = (header.num_groups() as usize, header.passes.num_passes as usize);
    2 + header.num_lf_groups() as usize + groups.saturating_mul(passes)
}

/// Counts what the decoder keeps of a frame, and does with it. `before`: frames that are decoded before it.
fn count(
    image: &ImageHeader,
    frame: &Frame,
    codestream: &[u8],
    before: usize,
    limits: Limits,
    cost: &mut Cost,
) -> Result<(), DecodeError> {
    let header = frame.header();
    let size = Size::new(header.width as usize, header.height as usize);
    check_pixels(size, limits)?;
    cost.hold(FRAME_BYTES + groups(header) as u64 * GROUP_BYTES)?;
    if before > 0 {
        cost.pass(size, FRAME_PASSES)?;
    }
    let global = |kind| matches!(kind, TocGroupKind::All | TocGroupKind::LfGlobal);
    let Some(group) = frame.toc().iter_bitstream_order().find(|group| global(group.kind)) else { return Ok(()) };
    let data = codestream.get(group.offset..).unwrap_or_default();
    features::count(image, header, &data[..data.len().min(group.size as usize)], cost)
}
