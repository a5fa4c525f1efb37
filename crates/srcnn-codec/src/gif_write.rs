//! GIF files, written: a palette for each frame, transparency that is all or nothing.

use std::io::Write;

use gif::{DisposalMethod, Encoder, Repeat};

use super::EncodeError;
use super::animation::Plays;
use super::companions::Loss;
use super::palette::{Indexed, Mapping};
use srcnn_image::image::{Image, Samples};
use srcnn_image::rows::Shape;

/// Writes the frames of one file.
pub(super) struct GifWriter<W: Write> {
    encoder: Encoder<W>,
    /// What becomes of a frame after it was shown.
    disposal: DisposalMethod,
    /// Whether it is an animation.
    moving: bool,
    /// Whether colors, and whether soft transparency, were lost.
    lost: (bool, bool),
}

impl<W: Write> GifWriter<W> {
    /// Begins a file: an animation, if it is said how often that is played.
    pub(super) fn new(out: W, shape: Shape, plays: Option<Plays>) -> Result<Self, EncodeError> {
        let side = |n: usize| u16::try_from(n).map_err(|_| EncodeError::Sides { most: u16::MAX.into() });
        let mut encoder = Encoder::new(out, side(shape.width)?, side(shape.height)?, &[])?;
        let most = u32::from(u16::MAX) + 1;
        match plays.map(|plays| plays.number(most)) {
            Some(0) => encoder.set_repeat(Repeat::Infinite)?,
            // What is stored is how often it is played again; once is what it means to store nothing.
            Some(times @ 2..) => encoder.set_repeat(Repeat::Finite((times - 1) as u16))?,
            Some(1) | None => {}
        }
        // What is transparent lets the frame before shine through, unless that is gone.
        let disposal = if shape.has_alpha() { DisposalMethod::Background } else { DisposalMethod::Keep };
        Ok(Self { encoder, disposal, moving: plays.is_some(), lost: (false, false) })
    }

    /// Writes a frame of 8 bits, or a part of one at a place, to be shown for hundredths of a second.
    pub(super) fn write(&mut self, part: &Image, at: (usize, usize), delay: u16) -> Result<(), EncodeError> {
        // Some programs show no frame with transparency if the first has none.
        let Samples::U8(pixels) = part.samples() else { unreachable!("fitted to 8 bits") };
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
        Ok(self.encoder.write_frame(&frame)?)
    }

    /// Ends the file.
    pub(super) fn finish(self) -> Result<Vec<Loss>, EncodeError> {
        self.encoder.into_inner()?.flush()?;
        let found = [(self.lost.0, Loss::Colors), (self.lost.1, Loss::SoftAlpha)];
        Ok(found.into_iter().filter_map(|(lost, loss)| lost.then_some(loss)).collect())
    }
}
