//! Options of writing.

/// Choices of the formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodeOptions {
    /// The quality of JPEG, and of WebP with loss, 1 to 100.
    pub quality: u8,
    /// Whether WebP is written with loss, which takes the feature `lossy-webp`.
    pub lossy: bool,
    /// The resolution of JPEG's color differences.
    pub subsampling: Subsampling,
    /// Whether JPEG has Huffman tables of its own, which makes it smaller; coefficients are kept until the last row.
    pub optimize: bool,
    /// Whether JPEG is progressive, with tables of its own; coefficients are kept until the last row.
    pub progressive: bool,
}

/// The resolution of color differences beside luma's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subsampling {
    /// The same (4:4:4).
    #[default]
    S444,
    /// Half of it across and down (4:2:0).
    S420,
}

impl EncodeOptions {
    /// Whether the coefficients of JPEG are kept until the last row.
    pub(crate) fn holds_jpeg(&self) -> bool {
        self.optimize || self.progressive
    }
}

impl Default for EncodeOptions {
    /// Quality 95; WebP without loss; JPEG in one scan, with color differences at the full resolution.
    fn default() -> Self {
        Self { quality: 95, lossy: false, subsampling: Subsampling::S444, optimize: false, progressive: false }
    }
}
