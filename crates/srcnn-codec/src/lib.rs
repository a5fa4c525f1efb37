//! Picture files to pictures and back: bytes to [`Image`](srcnn_image::Image) or [`Rows`](srcnn_image::rows::Rows), and back;
//! files themselves only in [`ImageFile`], [`WholeFile`] and [`write_whole`].

pub mod animation;
#[cfg(feature = "avif")]
mod avif;
mod cmyk;
mod companions;
mod container;
mod decode;
mod decode_error;
mod decode_held;
mod directory;
mod encode;
mod exif;
mod file;
mod fitted;
mod gif_write;
mod jpeg;
mod jpeg_read;
mod jpeg_write;
#[cfg(feature = "jxl")]
mod jxl;
mod palette;
mod png_read;
mod png_write;
mod pnm;
mod riff;
mod tiff_read;
mod tiff_rows;
mod tiff_write;
mod turn;
#[cfg(feature = "lossy-webp")]
mod webp_lossy;
mod webp_write;
mod whole;
mod xmp;

use std::path::Path;

use srcnn_image::image::Depth;

pub use companions::{Loss, losses};
pub use decode::{decode, open};
pub use decode_error::{DecodeError, is_limit};
pub use encode::{EncodeError, EncodeOptions, encode, encode_rows};
pub use file::{
    FileError, FileErrorKind, ImageFile, WholeFile, can_write_into, pictures_in, remove_abandoned, write_whole,
};
pub use fitted::without_alpha;
pub use jpeg::JpegError;

/// The formats that are read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// Portable Network Graphics: 8 and 16 bits, alpha, all metadata.
    Png,
    /// JPEG: 8 bits, no alpha, all metadata.
    Jpeg,
    /// Windows bitmap: 8 bits, density.
    Bmp,
    /// TIFF: 8 and 16 bits, floats of 32, alpha, all metadata.
    Tiff,
    /// WebP: 8 bits, alpha, all metadata; written without loss unless asked for.
    WebP,
    /// Netpbm's PGM and PPM, whichever the channels ask for: 8 and 16 bits, no alpha, no metadata.
    Pnm,
    /// Netpbm's PAM: 8 and 16 bits, alpha, no metadata.
    Pam,
    /// Quite OK Image: 8 bits, RGB, alpha, no metadata.
    Qoi,
    /// GIF: 256 colors a frame, alpha that is all or nothing, no metadata.
    Gif,
}

impl FileFormat {
    /// Every extension that names a format, lower case.
    pub const EXTENSIONS: [(&'static str, Self); 14] = [
        ("png", Self::Png),
        ("apng", Self::Png),
        ("jpg", Self::Jpeg),
        ("jpeg", Self::Jpeg),
        ("bmp", Self::Bmp),
        ("tif", Self::Tiff),
        ("tiff", Self::Tiff),
        ("webp", Self::WebP),
        ("pnm", Self::Pnm),
        ("pgm", Self::Pnm),
        ("ppm", Self::Pnm),
        ("pam", Self::Pam),
        ("qoi", Self::Qoi),
        ("gif", Self::Gif),
    ];
    /// Extensions of formats that are only read.
    const READ_ONLY: &'static [&'static str] = match (cfg!(feature = "jxl"), cfg!(feature = "avif")) {
        (true, true) => &["pbm", "jxl", "avif"],
        (true, false) => &["pbm", "jxl"],
        (false, true) => &["pbm", "avif"],
        (false, false) => &["pbm"],
    };

    /// The format that a path's extension names, in any case of letters.
    pub fn of_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        Self::EXTENSIONS.iter().find(|(e, _)| *e == extension).map(|(_, format)| *format)
    }

    /// The usual extension.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Bmp => "bmp",
            Self::Tiff => "tif",
            Self::WebP => "webp",
            Self::Pnm => "pnm",
            Self::Pam => "pam",
            Self::Qoi => "qoi",
            Self::Gif => "gif",
        }
    }

    /// Whether a path's extension names a format that is read.
    pub fn is_read(path: &Path) -> bool {
        let extension = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
        Self::of_path(path).is_some() || extension.is_some_and(|e| Self::READ_ONLY.contains(&&*e))
    }

    /// Whether it is written as rows come; pictures of other formats are held as a whole.
    pub fn is_written_in_rows(self) -> bool {
        match self {
            Self::Png | Self::Jpeg | Self::Tiff | Self::Pnm | Self::Pam => true,
            Self::WebP | Self::Bmp | Self::Qoi | Self::Gif => false,
        }
    }

    /// The depth that samples of `depth` are written with.
    pub fn nearest(self, depth: Depth) -> Depth {
        match (self, depth) {
            (Self::Tiff, depth) => depth,
            (Self::Png | Self::Pnm | Self::Pam, Depth::Sixteen | Depth::Float) => Depth::Sixteen,
            (Self::Png | Self::Pnm | Self::Pam, Depth::Eight) => Depth::Eight,
            (Self::Jpeg | Self::Bmp | Self::WebP | Self::Qoi | Self::Gif, _) => Depth::Eight,
        }
    }

    /// Whether an alpha channel is kept.
    pub fn holds_alpha(self) -> bool {
        match self {
            Self::Png | Self::Bmp | Self::Tiff | Self::WebP | Self::Pam | Self::Qoi | Self::Gif => true,
            Self::Jpeg | Self::Pnm => false,
        }
    }

    /// Whether profile, Exif and XMP have a place.
    pub fn holds_metadata(self) -> bool {
        match self {
            Self::Png | Self::Jpeg | Self::Tiff | Self::WebP => true,
            Self::Bmp | Self::Pnm | Self::Pam | Self::Qoi | Self::Gif => false,
        }
    }

    /// Whether several frames, one after the other, have a place.
    pub fn holds_animations(self) -> bool {
        matches!(self, Self::Png | Self::WebP | Self::Gif)
    }

    /// Whether pixels a unit of length have a place.
    pub fn holds_density(self) -> bool {
        self.holds_metadata() || self == Self::Bmp
    }
}
