//! Samples of 16 bits as bytes, the most significant first.

/// Samples as bytes.
pub(crate) fn to_big_endian(samples: &[u16]) -> Vec<u8> {
    let mut bytes = vec![0; 2 * samples.len()];
    bytes.as_chunks_mut().0.iter_mut().zip(samples).for_each(|(pair, v)| *pair = v.to_be_bytes());
    bytes
}

/// Bytes as samples.
pub(crate) fn from_big_endian(bytes: &[u8]) -> Vec<u16> {
    bytes.as_chunks().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect()
}
