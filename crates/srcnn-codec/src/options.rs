//! Options of writing.

/// Choices of the formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodeOptions {
    /// The quality of JPEG, and of WebP with loss, 1 to 100.
    pub quality: u8,
    /// Whether WebP is written with loss, which takes the feature `lossy-webp`.
    pub lossy: bool,
}

impl Default for EncodeOptions {
    /// Quality 95; WebP without loss.
    fn default() -> Self {
        Self { quality: 95, lossy: false }
    }
}
