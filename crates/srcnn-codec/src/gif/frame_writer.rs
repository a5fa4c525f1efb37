//! Frames of GIF files, written: a palette for each, transparency that is all or nothing.

use std::io::Write;

use gif::{DisposalMethod, Encoder, Repeat};

use srcnn_image::image::{Image, Samples};
use srcnn_image::rows::Shape;

use super::error::not_written;
use super::palette::{Indexed, Mapping};
use crate::encode_error::EncodeError;
use crate::frames::timing::{Clock, Delay, Plays};
use crate::loss::Loss;

/// Delays are counted in hundredths of a second.
const HUNDREDTHS: u32 = 100;

/// Writes the frames of one file.
pub(crate) struct GifFrameWriter<W: Write> {
    encoder: Encoder<W>,
    /// How the place of a frame is restored after it was shown.
    disposal: DisposalMethod,
    /// Whether it is an animation.
    moving: bool,
    /// Whether colors, and whether soft transparency, were lost.
    lost: (bool, bool),
    clock: Clock,
}

impl<W: Write> GifFrameWriter<W> {
    /// Begins a file: an animation, if `plays` says how often it is played.
    pub(crate) fn new(out: W, shape: Shape, plays: Option<Plays>) -> Result<Self, EncodeError> {
        let side = |n: usize| u16::try_from(n).map_err(|_| EncodeError::Sides { most: u16::MAX.into() });
        let mut encoder = Encoder::new(out, side(shape.width)?, side(shape.height)?, &[]).map_err(not_written)?;
        let most = u32::from(u16::MAX) + 1;
        match plays.map(|plays| plays.number(most)) {
            Some(0) => encoder.set_repeat(Repeat::Infinite).map_err(not_written)?,
            // What is stored is how often it is played again; a file without it is played once.
            Some(times @ 2..) => {
                encoder.set_repeat(Repeat::Finite((times - 1) as u16)).map_err(not_written)?;
            }
            Some(1) | None => {}
        }
        // What is transparent lets the frame before shine through, unless that is gone.
        let disposal = if shape.has_alpha() { DisposalMethod::Background } else { DisposalMethod::Keep };
        Ok(Self { encoder, disposal, moving: plays.is_some(), lost: (false, false), clock: Clock::default() })
    }

    /// Writes a frame of 8 bits, or the part of it at column and row `at`.
    pub(crate) fn write(&mut self, part: &Image, at: (usize, usize), delay: Delay) -> Result<(), EncodeError> {
        let delay = self.clock.ticks(delay, HUNDREDTHS, u16::MAX.into()) as u16;
        // Some programs show no frame with transparency if the first has none.
        let Samples::U8(pixels) = part.samples() else { unreachable!("converted to 8 bits") };
        // Dithering differs from frame to frame, so that it would flicker.
        let mapping = if self.moving { Mapping::Nearest } else { Mapping::Dithered };
        let indexed = Indexed::of(pixels, self.moving && part.has_alpha(), mapping);
        self.lost.0 |= indexed.colors_lost;
        self.lost.1 |= indexed.alpha_lost;
        let frame = gif::Frame {
            delay,
            dispose: self.disposal,
            transparent: indexed.transparent,
            top: at.1 as u16,
            left: at.0 as u16,
            width: part.width() as u16,
            height: part.height() as u16,
            palette: Some(indexed.palette.as_flattened().to_vec()),
            buffer: indexed.indices.into(),
            ..gif::Frame::default()
        };
        self.encoder.write_frame(&frame).map_err(not_written)
    }

    /// Whether frames have to be written whole: what became transparent is not told from what stays.
    pub(crate) fn needs_whole_frames(&self, frame: &Image) -> bool {
        frame.has_alpha()
    }

    /// Ends the file; gives what palettes did not hold.
    pub(crate) fn finish(self) -> Result<Vec<Loss>, EncodeError> {
        self.encoder.into_inner().map_err(not_written)?.flush()?;
        let found = [(self.lost.0, Loss::Colors), (self.lost.1, Loss::SoftAlpha)];
        Ok(found.into_iter().filter_map(|(lost, loss)| lost.then_some(loss)).collect())
    }
}
