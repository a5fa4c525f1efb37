//! JPEG files, read row by row.

use std::io::{BufRead, Seek, SeekFrom};

use image::metadata::Orientation;

use srcnn_image::image::{Change, Depth, Image, Metadata, Pixels, Samples};
use srcnn_image::rows::{Held, Rows, RowsError, Shape, collect};
use srcnn_image::{Limits, Size};

use super::decoder::{JpegError, JpegRows, Opened};
use super::{foreign, metadata, segments};
use crate::decode_error::DecodeError;
use crate::held::decoded::Decoded;
use crate::limits::{check_memory, check_pixels};
use crate::metadata::upright::upright;

/// Opens a file from its beginning.
pub(crate) fn open<'a>(
    mut source: impl BufRead + Seek + Send + 'a,
    limits: Limits,
) -> Result<Box<dyn Rows + 'a>, DecodeError> {
    let head = segments::head(&mut source)?;
    let has_end = segments::has_end(&mut source)?;
    source.seek(SeekFrom::Start(0))?;
    // Coefficients of several scans go to a file of the system's, if they are many.
    let rows = match JpegRows::open(source, limits.memory, &tempfile::tempfile).map_err(refused)? {
        Opened::Rows(rows) => rows,
        Opened::Foreign(source) => return Ok(Box::new(Held::from(foreign::decode(source, limits)?))),
    };
    let Size { width, height } = rows.size();
    check_pixels(rows.size(), limits)?;
    let shape = Shape { width, height, channels: rows.channels(), depth: Depth::Eight };
    let (mut metadata, orientation) = metadata::read(&head);
    if !has_end {
        metadata.changes.push(Change::EndMissing);
    }
    if orientation == Orientation::NoTransforms {
        let metadata = upright(metadata, orientation, shape.is_grey());
        return Ok(Box::new(StoredRows { rows, shape, metadata }));
    }
    // Before and after it is turned.
    check_memory(shape.size(), shape.bytes().saturating_mul(2), limits)?;
    let stored = StoredRows { rows, shape, metadata: Metadata::default() };
    let picture = collect(stored).map_err(|error| *error.downcast::<DecodeError>().expect("its own"))?;
    Ok(Box::new(Held::from(Decoded { picture, metadata, orientation }.upright())))
}

fn refused(error: JpegError) -> DecodeError {
    match error {
        JpegError::Truncated => DecodeError::Truncated,
        JpegError::Io(error) => error.into(),
        JpegError::TooLarge { .. } => DecodeError::decoder_limit("JPEG", error),
        other => DecodeError::decoder("JPEG", other),
    }
}

/// Rows of a JPEG file, as they are stored.
struct StoredRows<R> {
    rows: Box<JpegRows<R>>,
    shape: Shape,
    metadata: Metadata,
}

impl<R: BufRead + Seek + Send> Rows for StoredRows<R> {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        let row = self.shape.width * self.shape.channels;
        let mut samples = vec![0; rows.clamp(1, self.shape.height) * row];
        let rows = self.rows.read(&mut samples).map_err(refused)?;
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
