//! Picture files: bytes to [`Image`] and back; files themselves only in [`Image::open`], [`Image::save`] and
//! [`write_whole`].
//!
//! [`Image`]: crate::image::Image
//! [`Image::open`]: crate::image::Image::open
//! [`Image::save`]: crate::image::Image::save

mod decode;
mod encode;
mod file;
mod whole;

use std::path::Path;

pub use decode::{DecodeError, Limits, decode};
pub use encode::{EncodeError, EncodeOptions, Loss, encode, losses};
pub use file::{FileError, FileErrorKind, can_write_into, pictures_in, remove_abandoned, write_whole};

/// The formats that are read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// Portable Network Graphics: 8 and 16 bits, alpha, profile, Exif.
    Png,
    /// JPEG: 8 bits, no alpha, profile, Exif.
    Jpeg,
    /// Windows bitmap: 8 bits.
    Bmp,
    /// TIFF: 8 and 16 bits, alpha, profile.
    Tiff,
    /// WebP: 8 bits, alpha, profile, Exif; written without loss.
    WebP,
}

impl FileFormat {
    /// Every extension that names a format, lower case.
    pub const EXTENSIONS: [(&'static str, Self); 7] = [
        ("png", Self::Png),
        ("jpg", Self::Jpeg),
        ("jpeg", Self::Jpeg),
        ("bmp", Self::Bmp),
        ("tif", Self::Tiff),
        ("tiff", Self::Tiff),
        ("webp", Self::WebP),
    ];

    /// The format that a path's extension names, in any case of letters.
    pub fn of_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        Self::EXTENSIONS.iter().find(|(e, _)| *e == extension).map(|(_, format)| *format)
    }

    /// Whether samples of 16 bits are kept.
    pub fn holds_sixteen_bits(self) -> bool {
        match self {
            Self::Png | Self::Tiff => true,
            Self::Jpeg | Self::Bmp | Self::WebP => false,
        }
    }

    /// Whether an alpha channel is kept.
    pub fn holds_alpha(self) -> bool {
        match self {
            Self::Png | Self::Bmp | Self::Tiff | Self::WebP => true,
            Self::Jpeg => false,
        }
    }
}
