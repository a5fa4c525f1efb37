//! Files and bytes to pictures, in rows where the format gives rows.

use std::io::{BufRead, Cursor, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::decode_error::{DecodeError, too_large};
use super::decode_held::decode_held;
use super::jpeg_read;
use super::png_read::PngRows;
use super::tiff_rows::TiffRows;
use srcnn_image::Limits;
use srcnn_image::image::{Image, Metadata};
use srcnn_image::rows::{Held, Rows, RowsError, Shape, collect};

/// Decodes a picture, the format told by content.
///
/// Palettes and fewer bits become 8 bits a sample, more than 16 become 16, floating point 32; a bitmap or GIF whose palette is grey becomes grey.
/// Alpha comes out not multiplied into the colors. CMYK becomes RGB by the file's profile. Exif orientation is applied
/// and reset. A profile is kept if it is one for the channels that come out. [`Metadata::changes`] says what is not as in
/// the file.
///
/// # Errors
/// [`DecodeError`].
pub fn decode(bytes: &[u8], limits: Limits) -> Result<Image, DecodeError> {
    let rows = open(Cursor::new(bytes), limits)?;
    let shape = rows.shape();
    if shape.bytes() > limits.memory {
        return Err(too_large(shape.width as u32, shape.height as u32, shape.bytes(), limits));
    }
    collect(rows).map_err(|error| *error.downcast().expect("decoders give their own errors"))
}

/// [`decode`] for a picture whose rows are wanted one after the other. Those of PNG (not interlaced), JPEG (grey or of three
/// components) and TIFF (grey or RGB in whole samples) are read from the file as they are asked for, if they need not be turned;
/// other pictures are held.
///
/// # Errors
/// [`DecodeError`], here or with a row.
pub fn open<'a>(source: impl BufRead + Seek + 'a, limits: Limits) -> Result<Box<dyn Rows + 'a>, DecodeError> {
    let rows = guarded(|| open_unguarded(source, limits))??;
    Ok(Box::new(Guarded(rows)))
}

/// A bug in one of the decoders must not take down a batch of thousands of files.
pub(super) fn guarded<T>(decode: impl FnOnce() -> T) -> Result<T, DecodeError> {
    catch_unwind(AssertUnwindSafe(decode)).map_err(|_| DecodeError::Crash)
}

struct Guarded<'a>(Box<dyn Rows + 'a>);

impl Rows for Guarded<'_> {
    fn shape(&self) -> Shape {
        self.0.shape()
    }

    fn metadata(&self) -> &Metadata {
        self.0.metadata()
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        guarded(|| self.0.read(rows))?
    }

    fn held_bytes(&self) -> u64 {
        self.0.held_bytes()
    }
}

fn open_unguarded<'a>(mut source: impl BufRead + Seek + 'a, limits: Limits) -> Result<Box<dyn Rows + 'a>, DecodeError> {
    /// Signatures are no longer.
    const SIGNATURE: u64 = 64;
    let mut head = Vec::new();
    source.by_ref().take(SIGNATURE).read_to_end(&mut head)?;
    source.seek(SeekFrom::Start(0))?;
    let is_tiff = [&b"II*\0"[..], b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|begin| head.starts_with(begin));
    if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        let in_rows = PngRows::open(&mut source, limits)?.is_some();
        source.seek(SeekFrom::Start(0))?;
        if in_rows {
            return Ok(Box::new(PngRows::open(source, limits)?.ok_or(DecodeError::Truncated)?));
        }
    } else if head.starts_with(&[0xFF, 0xD8, 0xFF]) {
        let turned = jpeg_read::Stored::open(&mut source, limits)?.map(|stored| stored.is_turned());
        source.seek(SeekFrom::Start(0))?;
        if let Some(turned) = turned {
            let stored = jpeg_read::Stored::open(source, limits)?.ok_or(DecodeError::Truncated)?;
            return Ok(match turned {
                true => Box::new(Held::from(stored.turned(limits)?)),
                false => Box::new(stored.upright()),
            });
        }
    } else if is_tiff {
        let in_rows = TiffRows::open(&mut source, limits)?.is_some();
        source.seek(SeekFrom::Start(0))?;
        if in_rows {
            return Ok(Box::new(TiffRows::open(source, limits)?.ok_or(DecodeError::Truncated)?));
        }
    }
    let length = source.seek(SeekFrom::End(0))?;
    if length > limits.memory {
        return Err(DecodeError::LargeFile { bytes: length, limit: limits.memory });
    }
    source.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::with_capacity(length as usize);
    source.read_to_end(&mut bytes)?;
    // The file is there beside what becomes of it.
    let limits = Limits { memory: limits.memory - length, ..limits };
    Ok(Box::new(Held::from(decode_held(&bytes, limits)?)))
}
