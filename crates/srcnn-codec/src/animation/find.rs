//! Whether a file is an animation.

use std::io::{BufRead, Cursor, Seek, SeekFrom};
use std::sync::Arc;

use srcnn_image::Limits;

use crate::decode_error::DecodeError;
use crate::frames::stored::{EachSize, StoredAnimation, StoredFrames};
use crate::gif::{self, GifFrames};
use crate::held::file;
use crate::png::{self, PngFrames};
use crate::sniff::{SourceFormat, head, sniff};
use crate::webp::{self, WebPFrames};

/// The formats of animations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnimatedFormat {
    Png,
    WebP,
    Gif,
}

impl AnimatedFormat {
    /// The animation of a file that is complete.
    pub(super) fn animation(self, bytes: Arc<[u8]>, limits: Limits) -> Result<StoredAnimation, DecodeError> {
        match self {
            Self::Png => PngFrames::animation(bytes, limits),
            Self::WebP => WebPFrames::animation(bytes, limits),
            Self::Gif => GifFrames::animation(bytes, limits),
        }
    }

    /// Calls `each` with the sizes of all frames as their headers state them; nothing is decoded.
    pub(super) fn sizes(self, bytes: &[u8], each: EachSize<'_>) -> Result<(), DecodeError> {
        match self {
            Self::Png => png::sizes(bytes, each),
            Self::WebP => webp::sizes(bytes, each),
            Self::Gif => gif::sizes(bytes, each),
        }
    }

    /// Its frames alone, from the first on.
    pub(super) fn frames(self, bytes: Arc<[u8]>, limits: Limits) -> Result<Box<dyn StoredFrames + Send>, DecodeError> {
        Ok(match self {
            Self::Png => Box::new(PngFrames::open(bytes, limits)?),
            Self::WebP => Box::new(WebPFrames::open(bytes, limits)?),
            Self::Gif => Box::new(GifFrames::open(bytes, limits)?),
        })
    }
}

/// A file, as far as had to be read to tell whether it is an animation.
pub(super) enum Found {
    Animation(AnimatedFormat, Arc<[u8]>),
    /// A GIF file of one picture.
    StillGif(Vec<u8>),
    /// A file of another kind; the source stands at its beginning.
    Still(SourceFormat),
    /// A file of an unknown format; the source stands at its beginning.
    Unknown,
}

/// Looks whether a source, which stands at its beginning, is an animation, and reads it if so.
pub(super) fn find(source: &mut (impl BufRead + Seek), limits: Limits) -> Result<Found, DecodeError> {
    let head = head(source)?;
    let Some(format) = sniff(&head) else { return Ok(Found::Unknown) };
    match format {
        SourceFormat::Png => {
            let is_animated = png::is_animated(source)?;
            source.seek(SeekFrom::Start(0))?;
            if !is_animated {
                return Ok(Found::Still(format));
            }
            let bytes = file::read(source, limits)?;
            let is_complete = png::is_complete(&mut Cursor::new(&bytes))?;
            animation(AnimatedFormat::Png, bytes, is_complete, limits)
        }
        SourceFormat::WebP if webp::is_animated(&head) => {
            let bytes = file::read(source, limits)?;
            let is_complete = webp::is_complete(&bytes);
            animation(AnimatedFormat::WebP, bytes, is_complete, limits)
        }
        SourceFormat::Gif => {
            let bytes = file::read(source, limits)?;
            match gif::images(&bytes).ok_or(DecodeError::Truncated)? {
                0 | 1 => Ok(Found::StillGif(bytes)),
                _ => animation(AnimatedFormat::Gif, bytes, true, limits),
            }
        }
        other => Ok(Found::Still(other)),
    }
}

fn animation(format: AnimatedFormat, bytes: Vec<u8>, is_complete: bool, limits: Limits) -> Result<Found, DecodeError> {
    if !is_complete {
        return Err(DecodeError::Truncated);
    }
    // They are copied once.
    let (length, limit) = (bytes.len() as u64, limits.memory / 2);
    if length > limit {
        return Err(DecodeError::LargeFile { bytes: length, limit });
    }
    Ok(Found::Animation(format, bytes.into()))
}
