//! Limits of memory and pixels.

/// Limits beyond which a picture is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that may be held at a time. Bands of rows are sized to fit; a picture that must be held as a whole, and
    /// does not fit, is refused.
    pub memory: u64,
    /// Pixels of a picture, before and after processing.
    pub pixels: u64,
}

impl Limits {
    /// Pixels of all frames of an animation together: 16 times [`Limits::pixels`].
    pub fn animation_pixels(&self) -> u64 {
        self.pixels.saturating_mul(16)
    }
}

impl Default for Limits {
    /// 2 GiB, enough for 700 megapixels of 8-bit RGB, and 2^30 pixels.
    fn default() -> Self {
        Self { memory: 2 << 30, pixels: 1 << 30 }
    }
}
