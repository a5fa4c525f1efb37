//! What a picture may ask for.

/// How much a picture may ask for before it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that may be held at a time. What comes and goes in rows is cut so that it fits; pictures that have to be held as
    /// a whole, and do not fit, are refused.
    pub memory: u64,
    /// Pixels of a picture, before or after.
    pub pixels: u64,
}

impl Limits {
    /// Pixels of all frames of an animation: those of 16 pictures.
    pub fn animation_pixels(&self) -> u64 {
        self.pixels.saturating_mul(16)
    }
}

impl Default for Limits {
    /// 2 GiB, which hold 700 megapixels of 8-bit RGB, and 2^30 pixels.
    fn default() -> Self {
        Self { memory: 2 << 30, pixels: 1 << 30 }
    }
}
