//! Animations, written frame by frame.

use std::borrow::Cow;
use std::io::{BufWriter, Seek, Write};

use srcnn_image::Size;
use srcnn_image::image::{Image, Metadata, Samples};
use srcnn_image::plane::Rect;
use srcnn_image::rows::{Rows, Shape, collect};

use crate::encode::BUFFER;
use crate::encode_error::EncodeError;
use crate::format::FileFormat;
use crate::frames::timing::{Delay, Plays};
use crate::gif::GifFrameWriter;
use crate::loss::Loss;
use crate::options::EncodeOptions;
use crate::png::PngFrameWriter;
use crate::samples::convert::Converted;
use crate::webp::WebPFrameWriter;

/// The properties of an animation, stated before its first frame.
#[derive(Clone, Copy, Debug)]
pub struct AnimationHead<'a> {
    /// That of every frame.
    pub shape: Shape,
    /// How many there will be, at least one.
    pub frames: u32,
    /// How often they are played.
    pub plays: Plays,
    /// The metadata of the animation.
    pub metadata: &'a Metadata,
}

/// Writes an animation. Delays are rounded to the format's clock (GIF: hundredths of a second, WebP: thousandths) so that the
/// whole takes as long as it did.
pub struct AnimationWriter<W: Write + Seek> {
    sink: Sink<W>,
    format: FileFormat,
    shape: Shape,
    left: u32,
    /// The last frame: of the next, only what is different is written.
    last: Option<Image>,
}

enum Sink<W: Write + Seek> {
    Png(Box<PngFrameWriter<BufWriter<W>>>),
    WebP(WebPFrameWriter<BufWriter<W>>),
    Gif(GifFrameWriter<BufWriter<W>>),
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
        let out = BufWriter::with_capacity(BUFFER, out);
        let sink = match format {
            FileFormat::Png => Sink::Png(Box::new(PngFrameWriter::new(out, shape, frames, plays, metadata)?)),
            FileFormat::WebP => Sink::WebP(WebPFrameWriter::new(out, shape, plays, metadata, options)?),
            FileFormat::Gif => Sink::Gif(GifFrameWriter::new(out, shape, Some(plays))?),
            FileFormat::Jpeg
            | FileFormat::Bmp
            | FileFormat::Tiff
            | FileFormat::Pnm
            | FileFormat::Pam
            | FileFormat::Qoi => return Err(EncodeError::Animation),
        };
        Ok(Self { sink, format, shape, left: frames, last: None })
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
        let frame = collect(Converted::new(frame, self.format.traits()))?;
        let mut part = Rect { x: 0, y: 0, width: frame.width(), height: frame.height() };
        let whole = match &self.sink {
            Sink::Png(_) | Sink::WebP(_) => false,
            Sink::Gif(writer) => writer.needs_whole_frames(&frame),
        };
        if let Some(last) = self.last.as_ref().filter(|_| !whole) {
            part = difference(last, &frame);
        }
        let cut: Cow<'_, Image> = match frame.size() == (part.width, part.height) {
            true => Cow::Borrowed(&frame),
            false => Cow::Owned(frame.crop(part).map_err(|_| EncodeError::Animation)?),
        };
        let at = (part.x, part.y);
        match &mut self.sink {
            Sink::Png(writer) => writer.write(&cut, at, delay)?,
            Sink::WebP(writer) => writer.write(&cut, at, delay)?,
            Sink::Gif(writer) => writer.write(&cut, at, delay)?,
        }
        self.last = Some(frame);
        Ok(())
    }

    /// Ends the file; gives what the format did not hold, as far as only the frames tell.
    ///
    /// # Errors
    /// [`EncodeError::Animation`] if there are frames to come; those of writing.
    pub fn finish(self) -> Result<Vec<Loss>, EncodeError> {
        if self.left > 0 {
            return Err(EncodeError::Animation);
        }
        match self.sink {
            Sink::Png(writer) => writer.finish().map(|()| Vec::new()),
            Sink::WebP(writer) => writer.finish().map(|()| Vec::new()),
            Sink::Gif(writer) => writer.finish(),
        }
    }
}

/// The smallest part, beginning at an even column and row, outside of which pictures of one shape are the same; never empty.
fn difference(last: &Image, next: &Image) -> Rect {
    let Size { width, height } = next.size();
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
