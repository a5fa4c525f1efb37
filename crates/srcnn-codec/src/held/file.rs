//! Files that have to be held.

use std::io::{Read, Seek, SeekFrom};

use srcnn_image::Limits;
use srcnn_image::image::Image;
use srcnn_image::rows::{Held, Rows};

use crate::decode_error::DecodeError;

/// The bytes of a file from its beginning, if they are not more than the memory allowed.
pub(crate) fn read(source: &mut (impl Read + Seek), limits: Limits) -> Result<Vec<u8>, DecodeError> {
    let length = source.seek(SeekFrom::End(0))?;
    if length > limits.memory {
        return Err(DecodeError::LargeFile { bytes: length, limit: limits.memory });
    }
    source.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::with_capacity(length as usize);
    source.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The limits of what becomes of a file that is held beside it.
pub(crate) fn limits_beside(bytes: &[u8], limits: Limits) -> Limits {
    Limits { memory: limits.memory.saturating_sub(bytes.len() as u64), ..limits }
}

/// The rows of a file that is decoded as a whole.
pub(crate) fn decoded<'a>(
    mut source: impl Read + Seek,
    limits: Limits,
    decode: fn(&[u8], Limits) -> Result<Image, DecodeError>,
) -> Result<Box<dyn Rows + 'a>, DecodeError> {
    let bytes = read(&mut source, limits)?;
    Ok(Box::new(Held::from(decode(&bytes, limits_beside(&bytes, limits))?)))
}
