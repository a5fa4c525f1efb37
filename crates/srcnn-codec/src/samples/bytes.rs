//! Samples of 16 bits as bytes, the most significant first.

/// Samples as bytes.
pub(crate) fn to_big_endian(samples: &[u16]) -> Vec<u8> {
    samples.iter().flat_map(|v| v.to_be_bytes()).collect()
}

/// Bytes as samples.
pub(crate) fn from_big_endian(bytes: &[u8]) -> Vec<u16> {
    bytes.as_chunks().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect()
}
