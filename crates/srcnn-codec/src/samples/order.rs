//! Samples in the order of other formats. Every function takes whole pixels, as many as it gives.

/// Blue, green, red to red, green, blue, or the other way round.
pub(crate) fn bgr_to_rgb(from: &[u8], to: &mut [u8]) {
    for (from, to) in from.as_chunks::<3>().0.iter().zip(to.as_chunks_mut::<3>().0) {
        *to = [from[2], from[1], from[0]];
    }
}

/// Blue, green, red and a byte without meaning to red, green, blue.
pub(crate) fn bgrx_to_rgb(from: &[u8], to: &mut [u8]) {
    for (from, to) in from.as_chunks::<4>().0.iter().zip(to.as_chunks_mut::<3>().0) {
        *to = [from[2], from[1], from[0]];
    }
}

/// Blue, green, red, alpha to red, green, blue, alpha, or the other way round.
pub(crate) fn bgra_to_rgba(from: &[u8], to: &mut [u8]) {
    for (from, to) in from.as_chunks::<4>().0.iter().zip(to.as_chunks_mut::<4>().0) {
        let v = u32::from_le_bytes(*from);
        *to = (v & 0xFF00_FF00 | v >> 16 & 0xFF | (v & 0xFF) << 16).to_le_bytes();
    }
}
