//! Frames of GIF files.

use std::io::Cursor;
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;

use gif::{ColorOutput, DisposalMethod, MemoryLimit, Repeat};

use super::canvas::{Disposal, Patch};
use super::timing::{Delay, Plays};
use super::{DecodeError, Patches};
use crate::decode_error::{check_pixels, too_large};
use srcnn_image::Limits;

pub(super) struct GifPatches {
    decoder: gif::Decoder<Cursor<Arc<[u8]>>>,
    limits: Limits,
}

impl GifPatches {
    pub(super) fn open(bytes: Arc<[u8]>, limits: Limits) -> Result<Self, DecodeError> {
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(ColorOutput::RGBA);
        let most = NonZeroU64::new(limits.memory).unwrap_or(NonZeroU64::MIN);
        options.set_memory_limit(MemoryLimit::Bytes(most));
        Ok(Self { decoder: options.read_info(Cursor::new(bytes))?, limits })
    }
}

impl Patches for GifPatches {
    fn size(&self) -> (usize, usize) {
        (usize::from(self.decoder.width()), usize::from(self.decoder.height()))
    }

    fn plays(&self) -> Plays {
        match self.decoder.repeat() {
            Repeat::Infinite => Plays::Forever,
            // What is stored is how often it is played again.
            Repeat::Finite(again) => Plays::of(u32::from(again) + 1),
        }
    }

    fn next(&mut self) -> Result<Option<Patch>, DecodeError> {
        const HUNDRED: NonZeroU32 = NonZeroU32::new(100).expect("not zero");
        let Some(frame) = self.decoder.next_frame_info()? else { return Ok(None) };
        let (width, height) = (usize::from(frame.width), usize::from(frame.height));
        check_pixels(width, height, self.limits)?;
        let bytes = width as u64 * height as u64 * 4;
        if bytes > self.limits.memory {
            return Err(too_large(width as u32, height as u32, bytes, self.limits));
        }
        let mut patch = Patch {
            at: (usize::from(frame.left), usize::from(frame.top)),
            size: (width, height),
            samples: vec![0; width * height * 4],
            over: true,
            disposal: match frame.dispose {
                DisposalMethod::Any | DisposalMethod::Keep => Disposal::Keep,
                DisposalMethod::Background => Disposal::Clear,
                DisposalMethod::Previous => Disposal::Restore,
            },
            delay: Delay::new(u32::from(frame.delay), HUNDRED),
        };
        if !patch.samples.is_empty() {
            self.decoder.read_into_buffer(&mut patch.samples)?;
        }
        Ok(Some(patch))
    }
}
