//! Samples of several bytes as bytes.

use std::io::{self, Write};

/// Samples that are converted at a time.
const PART: usize = 4096;

/// Samples as bytes, the most significant first.
pub(crate) fn to_big_endian(samples: &[u16]) -> Vec<u8> {
    let mut bytes = vec![0; 2 * samples.len()];
    bytes.as_chunks_mut().0.iter_mut().zip(samples).for_each(|(pair, v)| *pair = v.to_be_bytes());
    bytes
}

/// Bytes as samples, the most significant first.
pub(crate) fn from_big_endian(bytes: &[u8]) -> Vec<u16> {
    bytes.as_chunks().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect()
}

/// Writes samples as the bytes that `bytes` makes of each.
pub(crate) fn write_as<T: Copy, const BYTES: usize>(
    samples: &[T],
    bytes: impl Fn(T) -> [u8; BYTES],
    out: &mut impl Write,
) -> io::Result<()> {
    let mut buffer = vec![0; BYTES * samples.len().min(PART)];
    for part in samples.chunks(PART) {
        buffer.as_chunks_mut().0.iter_mut().zip(part).for_each(|(to, v)| *to = bytes(*v));
        out.write_all(&buffer[..BYTES * part.len()])?;
    }
    Ok(())
}
