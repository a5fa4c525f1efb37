//! Limits of memory, pixels and work.

/// Limits beyond which a picture is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that may be held at a time. Bands of rows are sized to fit; a picture that must be held as a whole, and
    /// does not fit, is refused.
    pub memory: u64,
    /// Pixels of a picture, before and after processing.
    pub pixels: u64,
    /// Work that a file may ask for.
    pub work: Work,
}

/// Work that a file may ask a decoder for, counted in passes over a pixel.
///
/// A picture that is decoded once is not counted: its pixels are limited. Counted is what a file has done again and again:
/// each scan of a progressive picture, each frame of an animation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// As much as honest files of its size ask for: 2^30 passes, and 2048 more for each byte.
    BySize,
    /// Any.
    Any,
}

impl Work {
    /// Passes that a file of so many bytes may ask for.
    pub fn passes(self, bytes: u64) -> u64 {
        const ALWAYS: u64 = 1 << 30;
        const EACH_BYTE: u64 = 2048;
        match self {
            Self::BySize => bytes.saturating_mul(EACH_BYTE).saturating_add(ALWAYS),
            Self::Any => u64::MAX,
        }
    }
}

impl Limits {
    /// Pixels of all frames of an animation together: 16 times [`Limits::pixels`].
    pub fn animation_pixels(&self) -> u64 {
        self.pixels.saturating_mul(16)
    }
}

impl Default for Limits {
    /// 2 GiB, enough for 700 megapixels of 8-bit RGB, 2^30 pixels, and work by size.
    fn default() -> Self {
        Self { memory: 2 << 30, pixels: 1 << 30, work: Work::BySize }
    }
}
