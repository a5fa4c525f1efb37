//! JPEG files, read row by row with what goes along.

use std::io::{BufRead, Read, Seek, SeekFrom};

use image::ImageFormat;
use image::metadata::Orientation;

use super::container::{self, jpeg_segments};
use super::decode_error::{DecodeError, check_pixels};
use super::decode_held::settle;
use super::jpeg::{JpegError, JpegRows};
use super::turn;
use srcnn_image::Limits;
use srcnn_image::image::{Depth, Image, Metadata, Pixels, Samples};
use srcnn_image::rows::{Rows, RowsError, Shape, collect};

/// What is larger before the first scan is no metadata.
const LARGEST_HEAD: u64 = 64 << 20;

impl From<JpegError> for DecodeError {
    fn from(error: JpegError) -> Self {
        match error {
            JpegError::Truncated => Self::Truncated,
            JpegError::Io(error) => error.into(),
            other => Self::Jpeg(other),
        }
    }
}

/// Rows of a JPEG file, as they are stored.
pub(super) struct Stored<R> {
    rows: JpegRows<R>,
    shape: Shape,
    metadata: Metadata,
    orientation: Orientation,
}

impl<R: BufRead + Seek> Stored<R> {
    /// None for files that another decoder has to read.
    pub(super) fn open(mut source: R, limits: Limits) -> Result<Option<Self>, DecodeError> {
        let head = head(&mut source)?;
        source.seek(SeekFrom::Start(0))?;
        // Coefficients of several scans go to a file of the system's, if they are many.
        let Some(rows) = JpegRows::new(source, limits.memory, &tempfile::tempfile)? else { return Ok(None) };
        let ((width, height), channels) = (rows.size(), rows.channels());
        check_pixels(width, height, limits)?;
        let of = |code: u8, prefix: &'static [u8]| {
            let segments = jpeg_segments(&head).filter(move |(c, ..)| *c == code);
            segments.filter_map(move |(_, data, _)| data.strip_prefix(prefix)).map(<[u8]>::to_vec)
        };
        let exif = of(0xE1, b"Exif\0\0").next();
        let orientation = exif.as_deref().and_then(Orientation::from_exif_chunk);
        let mut parts: Vec<Vec<u8>> = of(0xE2, b"ICC_PROFILE\0").filter(|part| part.len() > 2).collect();
        parts.sort_by_key(|part| part[0]);
        let complete = parts.iter().enumerate().all(|(i, part)| usize::from(part[0]) == i + 1)
            && parts.first().is_some_and(|part| usize::from(part[1]) == parts.len());
        let metadata = Metadata {
            icc: complete.then(|| parts.iter().flat_map(|part| &part[2..]).copied().collect()),
            exif,
            xmp: of(0xE1, container::XMP_NAMESPACE).next(),
            density: container::density(&head, ImageFormat::Jpeg),
            color_chunks: Vec::new(),
            changes: Vec::new(),
        };
        let shape = Shape { width, height, channels, depth: Depth::Eight };
        Ok(Some(Self { rows, shape, metadata, orientation: orientation.unwrap_or(Orientation::NoTransforms) }))
    }

    /// Whether the picture is to be turned, for which it has to be held.
    pub(super) fn is_turned(&self) -> bool {
        self.orientation != Orientation::NoTransforms
    }

    /// Its rows, if it need not be turned.
    pub(super) fn upright(mut self) -> Self {
        self.metadata = settle(self.metadata, self.orientation, self.shape.is_grey());
        self
    }

    /// The picture, turned upright.
    pub(super) fn turned(self, limits: Limits) -> Result<Image, DecodeError> {
        let (shape, orientation, metadata) = (self.shape, self.orientation, self.metadata.clone());
        // Before and after it is turned.
        let needed = shape.bytes().saturating_mul(2);
        if needed > limits.memory {
            let (width, height) = (shape.width as u32, shape.height as u32);
            return Err(DecodeError::TooLarge { width, height, bytes: needed, limit: limits.memory });
        }
        let stored = collect(self).map_err(|error| *error.downcast::<DecodeError>().expect("its own"))?;
        let mut image = turn::turned(stored, orientation);
        image.metadata = settle(metadata, orientation, image.is_grey());
        Ok(image)
    }
}

impl<R: BufRead + Seek> Rows for Stored<R> {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        let row = self.shape.width * self.shape.channels;
        let mut samples = vec![0; rows.clamp(1, self.shape.height) * row];
        let rows = self.rows.read(&mut samples).map_err(DecodeError::from)?;
        if rows == 0 {
            return Ok(None);
        }
        samples.truncate(rows * row);
        let pixels = Pixels::new(self.shape.width, rows, self.shape.channels, samples)?;
        Ok(Some(Image::new(Samples::U8(pixels))?))
    }

    fn held_bytes(&self) -> u64 {
        self.rows.held_bytes()
    }
}

/// The segments before the first scan, one after the other.
fn head(source: &mut (impl BufRead + Seek)) -> Result<Vec<u8>, DecodeError> {
    let mut head = vec![0; 2];
    source.read_exact(&mut head)?;
    loop {
        // A marker: any number of 0xFF, then its code.
        source.skip_until(0xFF)?;
        let mut code = [0xFF];
        while code == [0xFF] {
            source.read_exact(&mut code)?;
        }
        match code[0] {
            0xD9 | 0xDA => return Ok(head),
            // Markers without a segment.
            0x00 | 0x01 | 0xD0..=0xD8 => continue,
            _ => {}
        }
        let mut length = [0; 2];
        source.read_exact(&mut length)?;
        let data = u64::from(u16::from_be_bytes(length)).saturating_sub(2);
        if head.len() as u64 + data > LARGEST_HEAD {
            return Ok(head);
        }
        head.extend([0xFF, code[0]]);
        head.extend(length);
        let before = head.len();
        source.by_ref().take(data).read_to_end(&mut head)?;
        if (head.len() - before) as u64 != data {
            return Err(DecodeError::Truncated);
        }
    }
}
