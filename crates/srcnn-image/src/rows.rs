//! Pictures read row by row from top to bottom, so that large pictures need not be held as a whole.
//!
//! File readers, upscalers and file writers all work on [`Rows`]; an [`Image`] in memory becomes rows by [`Held`].

use std::borrow::Cow;
use std::error::Error;
use std::ops::Range;

use crate::image::{Depth, Image, Metadata, Pixels, Samples};
use crate::plane::Rect;
use crate::size::Size;

/// Size, channels and depth of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Samples per pixel: 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA).
    pub channels: usize,
    /// Type of the samples.
    pub depth: Depth,
}

impl Shape {
    /// The shape of a picture.
    pub fn of(image: &Image) -> Self {
        Self { width: image.width(), height: image.height(), channels: image.channels(), depth: image.depth() }
    }

    /// Width and height.
    pub fn size(&self) -> Size {
        Size::new(self.width, self.height)
    }

    /// Whether the last channel is alpha.
    pub fn has_alpha(&self) -> bool {
        self.channels.is_multiple_of(2)
    }

    /// Whether there is one color channel.
    pub fn is_grey(&self) -> bool {
        self.channels <= 2
    }

    /// Bytes of one row of samples.
    pub fn row_bytes(&self) -> u64 {
        (self.width as u64).saturating_mul(self.channels as u64 * self.depth.bytes())
    }

    /// Bytes of all samples.
    pub fn bytes(&self) -> u64 {
        self.row_bytes().saturating_mul(self.height as u64)
    }
}

/// Error of the file or the computation that rows come from.
pub type RowsError = Box<dyn Error + Send + Sync>;

/// A picture that is read once, from its first row to its last, by one thread at a time.
pub trait Rows: Send {
    /// Shape of the whole picture.
    fn shape(&self) -> Shape;

    /// Metadata of the picture.
    fn metadata(&self) -> &Metadata;

    /// Reads the next rows, at least one and at most `rows`, as a picture without metadata; none after the last row.
    ///
    /// # Errors
    /// The error of the file or the computation that the rows come from.
    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError>;

    /// Bytes that are in memory already, whether rows are read or not.
    fn held_bytes(&self) -> u64 {
        0
    }

    /// Whether the whole picture is in memory, so that reading its rows is copying.
    fn is_in_memory(&self) -> bool {
        false
    }
}

impl<R: Rows + ?Sized> Rows for Box<R> {
    fn shape(&self) -> Shape {
        (**self).shape()
    }

    fn metadata(&self) -> &Metadata {
        (**self).metadata()
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        (**self).read(rows)
    }

    fn held_bytes(&self) -> u64 {
        (**self).held_bytes()
    }

    fn is_in_memory(&self) -> bool {
        (**self).is_in_memory()
    }
}

/// Rows of a picture in memory.
///
/// ```
/// use srcnn_image::Image;
/// use srcnn_image::image::Pixels;
/// use srcnn_image::rows::{Held, Rows, collect};
///
/// let image = Image::from_u8(Pixels::new(3, 5, 1, (0..15).collect())?)?;
/// let mut rows = Held::from(&image);
/// let first = rows.read(2)?.expect("there are five rows");
/// assert_eq!((first.width(), first.height()), (3, 2));
/// assert_eq!(collect(Held::from(&image))?, image);
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Held<'a> {
    image: Cow<'a, Image>,
    next: usize,
}

impl From<Image> for Held<'_> {
    fn from(image: Image) -> Self {
        Self { image: Cow::Owned(image), next: 0 }
    }
}

impl<'a> From<&'a Image> for Held<'a> {
    fn from(image: &'a Image) -> Self {
        Self { image: Cow::Borrowed(image), next: 0 }
    }
}

impl Rows for Held<'_> {
    fn shape(&self) -> Shape {
        Shape::of(&self.image)
    }

    fn metadata(&self) -> &Metadata {
        &self.image.metadata
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        let rows = rows.max(1).min(self.image.height() - self.next);
        if rows == 0 {
            return Ok(None);
        }
        let mut part = self.image.crop(Rect { x: 0, y: self.next, width: self.image.width(), height: rows })?;
        part.metadata = Metadata::default();
        self.next += rows;
        Ok(Some(part))
    }

    fn held_bytes(&self) -> u64 {
        self.shape().bytes()
    }

    fn is_in_memory(&self) -> bool {
        true
    }
}

/// A part of a picture that is handed out in smaller parts.
#[derive(Clone, Debug)]
pub struct Parts {
    image: Image,
    /// Rows that are handed out.
    given: usize,
}

impl From<Image> for Parts {
    fn from(image: Image) -> Self {
        Self { image, given: 0 }
    }
}

impl Parts {
    /// The next rows, at most `rows` but at least one, as a picture without metadata; and what is left.
    pub fn take(mut self, rows: usize) -> (Image, Option<Self>) {
        let left = self.image.height() - self.given;
        let height = left.min(rows.max(1));
        if height == self.image.height() {
            self.image.metadata = Metadata::default();
            return (self.image, None);
        }
        let rect = Rect { x: 0, y: self.given, width: self.image.width(), height };
        let mut part = self.image.crop(rect).expect("inside");
        part.metadata = Metadata::default();
        self.given += height;
        (part, (height < left).then_some(self))
    }
}

/// Reads all rows into one picture, with the metadata.
///
/// # Errors
/// The error of the rows.
pub fn collect(mut rows: impl Rows) -> Result<Image, RowsError> {
    let shape = rows.shape();
    let mut buffer = RowBuffer::new(shape);
    while let Some(part) = rows.read(shape.height)? {
        buffer.push(&part);
    }
    let mut image = buffer.into_image();
    image.metadata = rows.metadata().clone();
    Ok(image)
}

/// A buffer of successive rows of a picture, to which rows are added below and from which they are removed above.
#[derive(Clone, Debug)]
pub struct RowBuffer {
    shape: Shape,
    top: usize,
    samples: Stored,
}

#[derive(Clone, Debug)]
enum Stored {
    U8(Vec<u8>),
    U16(Vec<u16>),
    F32(Vec<f32>),
}

impl RowBuffer {
    /// An empty buffer for a picture of this shape.
    pub fn new(shape: Shape) -> Self {
        let samples = match shape.depth {
            Depth::Eight => Stored::U8(Vec::new()),
            Depth::Sixteen => Stored::U16(Vec::new()),
            Depth::Float => Stored::F32(Vec::new()),
        };
        Self { shape, top: 0, samples }
    }

    /// The range of buffered rows, counted from the picture's first row.
    pub fn rows(&self) -> Range<usize> {
        let samples = match &self.samples {
            Stored::U8(v) => v.len(),
            Stored::U16(v) => v.len(),
            Stored::F32(v) => v.len(),
        };
        self.top..self.top + samples / (self.shape.width * self.shape.channels)
    }

    /// Adds rows below.
    ///
    /// # Panics
    /// If the width, the channels or the depth differ from the picture's.
    pub fn push(&mut self, part: &Image) {
        match (&mut self.samples, part.samples()) {
            (Stored::U8(v), Samples::U8(p)) => append(v, p, self.shape),
            (Stored::U16(v), Samples::U16(p)) => append(v, p, self.shape),
            (Stored::F32(v), Samples::F32(p)) => append(v, p, self.shape),
            _ => unreachable!("rows of one picture have one depth"),
        }
    }

    /// Removes the rows above `row`.
    pub fn drop_above(&mut self, row: usize) {
        let rows = row.clamp(self.top, self.rows().end) - self.top;
        let samples = rows * self.shape.width * self.shape.channels;
        match &mut self.samples {
            Stored::U8(v) => drop(v.drain(..samples)),
            Stored::U16(v) => drop(v.drain(..samples)),
            Stored::F32(v) => drop(v.drain(..samples)),
        }
        self.top += rows;
    }

    /// A copy of some of the buffered rows, as a picture.
    ///
    /// # Panics
    /// If a row is not in the buffer.
    pub fn part(&self, rows: Range<usize>) -> Image {
        let row = self.shape.width * self.shape.channels;
        let samples = (rows.start - self.top) * row..(rows.end - self.top) * row;
        match &self.samples {
            Stored::U8(v) => self.picture(rows.len(), Stored::U8(v[samples].to_vec())),
            Stored::U16(v) => self.picture(rows.len(), Stored::U16(v[samples].to_vec())),
            Stored::F32(v) => self.picture(rows.len(), Stored::F32(v[samples].to_vec())),
        }
    }

    /// Converts all buffered rows into a picture.
    pub fn into_image(mut self) -> Image {
        let rows = self.rows().len();
        let samples = std::mem::replace(&mut self.samples, Stored::U8(Vec::new()));
        self.picture(rows, samples)
    }

    fn picture(&self, height: usize, samples: Stored) -> Image {
        let (width, channels) = (self.shape.width, self.shape.channels);
        let samples = match samples {
            Stored::U8(v) => Samples::U8(Pixels::new(width, height, channels, v).expect("whole rows")),
            Stored::U16(v) => Samples::U16(Pixels::new(width, height, channels, v).expect("whole rows")),
            Stored::F32(v) => Samples::F32(Pixels::new(width, height, channels, v).expect("whole rows")),
        };
        Image::new(samples).expect("1 to 4 channels")
    }
}

fn append<T: Copy + Default + Send + Sync>(samples: &mut Vec<T>, part: &Pixels<T>, shape: Shape) {
    assert_eq!((part.width(), part.channels()), (shape.width, shape.channels), "rows of one picture are alike");
    if samples.capacity() == 0 && part.height() < shape.height {
        samples.reserve_exact(part.as_slice().len());
    }
    samples.extend_from_slice(part.as_slice());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_handed_out_in_order_until_none_is_left() {
        let pixels = Pixels::new(3, 7, 2, (0u16..42).collect()).expect("filled");
        let mut image = Image::new(Samples::U16(pixels)).expect("grey and alpha");
        let whole = image.clone();
        image.metadata.xmp = Some(vec![1]);
        for rows in [0, 1, 2, 3, 6, 7, 100] {
            let (mut parts, mut next) = (Some(Parts::from(image.clone())), 0);
            while let Some(left) = parts {
                let (part, rest) = left.take(rows);
                assert_eq!(part.height(), rows.max(1).min(7 - next));
                let rect = Rect { x: 0, y: next, width: 3, height: part.height() };
                assert_eq!(part, whole.crop(rect).expect("inside"));
                (parts, next) = (rest, next + part.height());
            }
            assert_eq!(next, 7);
        }
    }

    #[test]
    fn rows_come_once_and_in_order() {
        let pixels = Pixels::new(3, 7, 2, (0u16..42).collect()).expect("filled");
        let mut image = Image::new(Samples::U16(pixels)).expect("grey and alpha");
        image.metadata.xmp = Some(vec![1]);
        for step in [1, 2, 3, 7, 100] {
            let mut held = Held::from(image.clone());
            let mut buffer = RowBuffer::new(held.shape());
            while let Some(part) = held.read(step).expect("in memory") {
                assert!(part.height() <= step && part.metadata == Metadata::default());
                buffer.push(&part);
            }
            assert_eq!(buffer.rows(), 0..7);
            buffer.drop_above(2);
            buffer.drop_above(1);
            let part = buffer.part(3..6);
            assert_eq!(part.samples(), image.crop(Rect { x: 0, y: 3, width: 3, height: 3 }).expect("inside").samples());
            assert_eq!((buffer.rows(), buffer.into_image().height()), (2..7, 5));
        }
        assert_eq!(collect(Held::from(image.clone())).expect("in memory"), image);
    }
}
