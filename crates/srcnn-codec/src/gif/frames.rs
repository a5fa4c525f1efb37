//! Frames of GIF files, read.

use std::borrow::Cow;
use std::io::Cursor;
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;

use gif::{ColorOutput, DisposalMethod, MemoryLimit, Repeat};

use srcnn_image::{Limits, Size};

use super::blocks::sound;
use super::error::refused;
use super::read::metadata;
use crate::decode_error::DecodeError;
use crate::frames::stored::{Disposal, StoredAnimation, StoredFrame, StoredFrames};
use crate::frames::timing::{Delay, Plays};
use crate::limits::{check_memory, check_pixels};

/// The frames of one file.
pub(crate) struct GifFrames {
    decoder: gif::Decoder<Cursor<Arc<[u8]>>>,
    limits: Limits,
    /// Whether the file goes on behind what is there, so that a frame that is cut short is the reason.
    end_missing: bool,
}

impl GifFrames {
    /// The frames of a file that is complete, with its metadata.
    pub(crate) fn animation(bytes: Arc<[u8]>, limits: Limits) -> Result<StoredAnimation, DecodeError> {
        let (mut metadata, orientation) = metadata(&bytes, limits)?;
        metadata.changes.extend(sound(&bytes).and_then(|sound| sound.note()));
        Ok(StoredAnimation { frames: Box::new(Self::open(bytes, limits)?), metadata, orientation })
    }

    /// The frames of a file that is complete.
    pub(crate) fn open(bytes: Arc<[u8]>, limits: Limits) -> Result<Self, DecodeError> {
        let sound = sound(&bytes).ok_or(DecodeError::Truncated)?;
        let end_missing = sound.end_missing;
        let bytes = match sound.bytes {
            Cow::Borrowed(_) => Arc::clone(&bytes),
            Cow::Owned(bytes) => bytes.into(),
        };
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(ColorOutput::RGBA);
        let most = NonZeroU64::new(limits.memory).unwrap_or(NonZeroU64::MIN);
        options.set_memory_limit(MemoryLimit::Bytes(most));
        Ok(Self { decoder: options.read_info(Cursor::new(bytes)).map_err(refused)?, limits, end_missing })
    }
}

impl StoredFrames for GifFrames {
    fn size(&self) -> Size {
        Size::new(self.decoder.width().into(), self.decoder.height().into())
    }

    fn plays(&self) -> Plays {
        match self.decoder.repeat() {
            Repeat::Infinite => Plays::Forever,
            // What is stored is how often it is played again.
            Repeat::Finite(again) => Plays::from_number(u32::from(again) + 1),
        }
    }

    fn may_be_grey(&self) -> bool {
        // Only the palettes tell.
        true
    }

    fn is_rounded(&self) -> bool {
        false
    }

    fn frame_bytes(&self, frame: Size) -> u64 {
        // RGBA, and indices, which are kept.
        5 * frame.pixels()
    }

    fn next(&mut self) -> Result<Option<StoredFrame>, DecodeError> {
        const HUNDRED: NonZeroU32 = NonZeroU32::new(100).expect("not zero");
        let Some(frame) = self.decoder.next_frame_info().map_err(refused)? else { return Ok(None) };
        let size = Size::new(frame.width.into(), frame.height.into());
        check_pixels(size, self.limits)?;
        check_memory(size, 4 * size.pixels(), self.limits)?;
        let mut stored = StoredFrame {
            at: (usize::from(frame.left), usize::from(frame.top)),
            size,
            samples: vec![0; size.width * size.height * 4],
            over: true,
            disposal: match frame.dispose {
                DisposalMethod::Any | DisposalMethod::Keep => Disposal::Keep,
                DisposalMethod::Background => Disposal::Clear,
                DisposalMethod::Previous => Disposal::Restore,
            },
            delay: Delay::new(u32::from(frame.delay), HUNDRED),
        };
        if !stored.samples.is_empty() {
            let read = self.decoder.read_into_buffer(&mut stored.samples).map_err(refused);
            read.map_err(|error| if self.end_missing { DecodeError::Truncated } else { error })?;
        }
        Ok(Some(stored))
    }
}
