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
use crate::samples::cmyk;

/// Components of a file of inks.
const INKS: usize = 4;

/// Opens a file from its beginning.
pub(crate) fn open<'a>(
    mut source: impl BufRead + Seek + Send + 'a,
    limits: Limits,
) -> Result<Box<dyn Rows + 'a>, DecodeError> {
    let head = segments::head(&mut source)?;
    let has_end = segments::has_end(&mut source)?;
    source.seek(SeekFrom::Start(0))?;
    // Coefficients of several scans go to a file of the system's, if they are many.
    let rows = match JpegRows::open(source, limits, &tempfile::tempfile).map_err(refused)? {
        Opened::Rows(rows) => rows,
        Opened::Foreign(source) => return Ok(Box::new(Held::from(foreign::decode(source, limits)?))),
    };
    let Size { width, height } = rows.size();
    check_pixels(rows.size(), limits)?;
    let (mut metadata, orientation) = metadata::read(&head);
    let inks = (rows.channels() == INKS).then(|| cmyk::ToRgb::new(metadata.icc.as_deref()));
    let channels = if inks.is_some() { 3 } else { rows.channels() };
    let shape = Shape { width, height, channels, depth: Depth::Eight };
    metadata.changes.extend(inks.as_ref().map(cmyk::ToRgb::change));
    if !has_end {
        metadata.changes.push(Change::EndMissing);
    }
    if orientation == Orientation::NoTransforms {
        let metadata = upright(metadata, orientation, shape.is_grey());
        return Ok(Box::new(StoredRows { rows, shape, inks, metadata }));
    }
    // Before and after it is turned.
    check_memory(shape.size(), shape.bytes().saturating_mul(2), limits)?;
    let stored = StoredRows { rows, shape, inks, metadata: Metadata::default() };
    let picture = collect(stored).map_err(|error| *error.downcast::<DecodeError>().expect("its own"))?;
    Ok(Box::new(Held::from(Decoded { picture, metadata, orientation }.upright())))
}

fn refused(error: JpegError) -> DecodeError {
    match error {
        JpegError::Truncated => DecodeError::Truncated,
        JpegError::Refused(error) => error,
        JpegError::Io(error) => error.into(),
        JpegError::TooLarge { .. } => DecodeError::decoder_limit("JPEG", error),
        other => DecodeError::decoder("JPEG", other),
    }
}

/// Rows of a JPEG file, as they are stored.
struct StoredRows<R> {
    rows: Box<JpegRows<R>>,
    /// Of RGB, if inks are stored.
    shape: Shape,
    inks: Option<cmyk::ToRgb>,
    metadata: Metadata,
}

impl<R: BufRead + Seek> StoredRows<R> {
    /// The next rows in RGB.
    fn inks(&mut self, rows: usize, conversion: &cmyk::ToRgb) -> Result<Vec<u8>, DecodeError> {
        let mut rgb = Vec::with_capacity(rows * self.shape.width * 3);
        let mut row = vec![0; self.shape.width * INKS];
        for _ in 0..rows {
            if self.rows.read(&mut row).map_err(refused)? == 0 {
                break;
            }
            rgb.extend(conversion.convert(&row));
        }
        Ok(rgb)
    }
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
        let rows = rows.clamp(1, self.shape.height);
        let samples = match self.inks.take() {
            Some(conversion) => {
                let samples = self.inks(rows, &conversion);
                self.inks = Some(conversion);
                samples?
            }
            None => {
                let mut samples = vec![0; rows * row];
                let rows = self.rows.read(&mut samples).map_err(refused)?;
                samples.truncate(rows * row);
                samples
            }
        };
        let rows = samples.len() / row;
        if rows == 0 {
            return Ok(None);
        }
        let pixels = Pixels::new(self.shape.width, rows, self.shape.channels, samples)?;
        Ok(Some(Image::new(Samples::U8(pixels))?))
    }

    fn held_bytes(&self) -> u64 {
        self.rows.held_bytes()
    }
}
