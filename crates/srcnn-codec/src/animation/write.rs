//! Animations, written frame by frame: as PNG, WebP or GIF.

use std::borrow::Cow;
use std::io::{Seek, Write};

use png::{BlendOp, DisposeOp};

use super::timing::{Clock, Delay, Plays};
use crate::companions::{Companions, Loss};
use crate::fitted::Fitted;
use crate::gif_write::GifWriter;
use crate::webp_write::AnimatedWebP;
use crate::{EncodeError, EncodeOptions, FileFormat, png_write};
use srcnn_image::image::{Image, Metadata, Samples};
use srcnn_image::plane::Rect;
use srcnn_image::rows::{Rows, Shape, collect};

/// What has to be known of an animation before its first frame.
#[derive(Clone, Copy, Debug)]
pub struct AnimationHead<'a> {
    /// That of every frame.
    pub shape: Shape,
    /// How many there will be, at least one.
    pub frames: u32,
    /// How often they are played.
    pub plays: Plays,
    /// What goes along.
    pub metadata: &'a Metadata,
}

/// Writes an animation. Delays are rounded to the format's clock (GIF: hundredths of a second, WebP: thousandths) so that the
/// whole takes as long as it did.
pub struct AnimationWriter<W: Write + Seek> {
    sink: Sink<W>,
    format: FileFormat,
    shape: Shape,
    left: u32,
    clock: Clock,
    /// The last frame: of the next, only what is different is written.
    last: Option<Image>,
}

enum Sink<W: Write + Seek> {
    Png(Box<png::Writer<W>>),
    WebP(AnimatedWebP<W>),
    Gif(GifWriter<W>),
}

impl<W: Write + Seek> AnimationWriter<W> {
    /// Begins an animation.
    ///
    /// # Errors
    /// [`EncodeError::Animation`] if the format holds none, or there are no frames; others for sizes beyond the format.
    pub fn new(
        out: W,
        format: FileFormat,
        head: &AnimationHead<'_>,
        options: &EncodeOptions,
    ) -> Result<Self, EncodeError> {
        let AnimationHead { shape, frames, plays, metadata } = *head;
        if frames == 0 {
            return Err(EncodeError::Animation);
        }
        let with = Companions::of(shape, metadata, format);
        let sink = match format {
            FileFormat::Png => {
                let fitted = Shape { depth: format.nearest(shape.depth), ..shape };
                let mut encoder = png_write::encoder(fitted, &with, out)?;
                encoder.set_animated(frames, plays.number(u32::MAX))?;
                encoder.set_blend_op(BlendOp::Source)?;
                encoder.set_dispose_op(DisposeOp::None)?;
                let mut writer = encoder.write_header()?;
                png_write::write_chunks(&mut writer, &with)?;
                Sink::Png(Box::new(writer))
            }
            FileFormat::WebP => {
                let plays = plays.number(u32::from(u16::MAX)) as u16;
                Sink::WebP(AnimatedWebP::new(out, shape, plays, with, options)?)
            }
            FileFormat::Gif => Sink::Gif(GifWriter::new(out, shape, Some(plays))?),
            _ => return Err(EncodeError::Animation),
        };
        Ok(Self { sink, format, shape, left: frames, clock: Clock::default(), last: None })
    }

    /// Writes the next frame.
    ///
    /// # Errors
    /// [`EncodeError::Animation`] for a frame of another shape, or one more than announced; that of the rows; others of the
    /// encoder.
    pub fn write(&mut self, frame: impl Rows, delay: Delay) -> Result<(), EncodeError> {
        if frame.shape() != self.shape || self.left == 0 {
            return Err(EncodeError::Animation);
        }
        self.left -= 1;
        let frame = collect(Fitted::new(frame, self.format))?;
        let mut part = Rect { x: 0, y: 0, width: frame.width(), height: frame.height() };
        // What became transparent is not told from what stays where a format knows only one of the two.
        let whole = matches!(self.sink, Sink::Gif(_)) && frame.has_alpha();
        if let Some(last) = self.last.as_ref().filter(|_| !whole) {
            part = difference(last, &frame);
        }
        let cut: Cow<'_, Image> = match frame.size() == (part.width, part.height) {
            true => Cow::Borrowed(&frame),
            false => Cow::Owned(frame.crop(part).map_err(|_| EncodeError::Animation)?),
        };
        match &mut self.sink {
            Sink::Png(writer) => {
                let (numerator, denominator) = self.clock.fraction(delay);
                writer.set_frame_delay(numerator, denominator)?;
                // Growing again before it is moved, so that it never lies outside.
                writer.reset_frame_position()?;
                writer.set_frame_dimension(part.width as u32, part.height as u32)?;
                writer.set_frame_position(part.x as u32, part.y as u32)?;
                match cut.samples() {
                    Samples::F32(_) => unreachable!("fitted to integers"),
                    Samples::U8(p) => writer.write_image_data(p.as_slice())?,
                    Samples::U16(p) => {
                        let bytes: Vec<u8> = p.as_slice().iter().flat_map(|v| v.to_be_bytes()).collect();
                        writer.write_image_data(&bytes)?;
                    }
                }
            }
            Sink::WebP(writer) => {
                /// A number of 24 bits.
                const LONGEST: u32 = (1 << 24) - 1;
                writer.write(&cut, (part.x, part.y), self.clock.ticks(delay, 1000, LONGEST))?;
            }
            Sink::Gif(writer) => {
                let delay = self.clock.ticks(delay, 100, u32::from(u16::MAX)) as u16;
                writer.write(&cut, (part.x, part.y), delay)?;
            }
        }
        self.last = Some(frame);
        Ok(())
    }

    /// Ends the file; gives what of the frames the format did not hold, as far as only the frames tell.
    ///
    /// # Errors
    /// [`EncodeError::Animation`] if there are frames to come; those of writing.
    pub fn finish(self) -> Result<Vec<Loss>, EncodeError> {
        if self.left > 0 {
            return Err(EncodeError::Animation);
        }
        match self.sink {
            Sink::Png(writer) => writer.finish().map(|()| Vec::new()).map_err(EncodeError::from),
            Sink::WebP(writer) => writer.finish().map(|()| Vec::new()),
            Sink::Gif(writer) => writer.finish(),
        }
    }
}

/// The smallest part, beginning at an even column and row, outside of which pictures of one shape are the same; never empty.
fn difference(last: &Image, next: &Image) -> Rect {
    let (width, height) = next.size().into();
    let differing = |y: usize| -> Option<(usize, usize)> {
        let first = |forwards: bool| match (last.samples(), next.samples()) {
            (Samples::U8(a), Samples::U8(b)) => first_difference(a.row(y), b.row(y), forwards),
            (Samples::U16(a), Samples::U16(b)) => first_difference(a.row(y), b.row(y), forwards),
            _ => Some(0),
        };
        Some((first(true)?, first(false)?))
    };
    let (mut left, mut right, mut top, mut bottom) = (width, 0, height, 0);
    for y in 0..height {
        if let Some((first, from_end)) = differing(y) {
            (top, bottom) = (top.min(y), y + 1);
            left = left.min(first / next.channels());
            right = right.max(width - from_end / next.channels());
        }
    }
    if right == 0 {
        return Rect { x: 0, y: 0, width: 1, height: 1 };
    }
    let (x, y) = (left & !1, top & !1);
    Rect { x, y, width: right - x, height: bottom - y }
}

/// How many samples are the same before the first, or from the end the last, that is not.
fn first_difference<T: PartialEq>(a: &[T], b: &[T], forwards: bool) -> Option<usize> {
    let mut pairs = a.iter().zip(b);
    match forwards {
        true => pairs.position(|(a, b)| a != b),
        false => pairs.rev().position(|(a, b)| a != b),
    }
}
