//! The formats that are written, and their capabilities.

use std::path::Path;

use srcnn_image::image::{Depth, Metadata};
use srcnn_image::rows::Shape;

#[cfg(feature = "avif")]
use crate::avif;
use crate::format_traits::FormatTraits;
#[cfg(feature = "jxl")]
use crate::jxl;
use crate::loss::Loss;
use crate::metadata::written;
use crate::options::EncodeOptions;
use crate::{bmp, gif, jpeg, png, pnm, qoi, tiff, webp};

/// The formats that are read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
    /// Netpbm's PGM and PPM, by the channels: 8 and 16 bits, no alpha, no metadata.
    Pnm,
    /// Netpbm's PAM: 8 and 16 bits, alpha, no metadata.
    Pam,
    /// Quite OK Image: 8 bits, RGB, alpha, no metadata.
    Qoi,
    /// GIF: 256 colors a frame, alpha that is all or nothing, no metadata.
    Gif,
}

impl FileFormat {
    const ALL: [Self; 9] =
        [Self::Png, Self::Jpeg, Self::Bmp, Self::Tiff, Self::WebP, Self::Pnm, Self::Pam, Self::Qoi, Self::Gif];

    /// Every extension that names a format, lower case.
    pub const EXTENSIONS: [(&'static str, Self); 18] = {
        let mut all = [("", Self::Png); 18];
        let (mut found, mut format) = (0, 0);
        while format < Self::ALL.len() {
            let extensions = Self::ALL[format].traits().extensions;
            let mut i = 0;
            while i < extensions.len() {
                all[found] = (extensions[i], Self::ALL[format]);
                (found, i) = (found + 1, i + 1);
            }
            format += 1;
        }
        assert!(found == all.len(), "one entry for each extension");
        all
    };

    /// Extensions of formats that are only read.
    const READ_EXTENSIONS: &'static [&'static [&'static str]] = &[
        jpeg::READ_EXTENSIONS,
        pnm::READ_EXTENSIONS,
        #[cfg(feature = "jxl")]
        jxl::READ_EXTENSIONS,
        #[cfg(feature = "avif")]
        avif::READ_EXTENSIONS,
    ];

    pub(crate) const fn traits(self) -> &'static FormatTraits {
        match self {
            Self::Png => &png::TRAITS,
            Self::Jpeg => &jpeg::TRAITS,
            Self::Bmp => &bmp::TRAITS,
            Self::Tiff => &tiff::TRAITS,
            Self::WebP => &webp::TRAITS,
            Self::Pnm => &pnm::TRAITS,
            Self::Pam => &pnm::PAM_TRAITS,
            Self::Qoi => &qoi::TRAITS,
            Self::Gif => &gif::TRAITS,
        }
    }

    /// The format that a path's extension names, in any case of letters.
    pub fn of_path(path: &Path) -> Option<Self> {
        let extension = extension(path)?;
        Self::EXTENSIONS.iter().find(|(e, _)| *e == extension).map(|(_, format)| *format)
    }

    /// The usual extension.
    pub fn extension(self) -> &'static str {
        self.traits().extensions[0]
    }

    /// Whether a path's extension names a format that is read.
    pub fn is_read(path: &Path) -> bool {
        let read_only = |e: String| Self::READ_EXTENSIONS.iter().any(|extensions| extensions.contains(&&*e));
        Self::of_path(path).is_some() || extension(path).is_some_and(read_only)
    }

    /// Whether it is written as rows come. Other pictures are held as a whole: those of other formats as samples, JPEG with
    /// Huffman tables of its own or progressive as coefficients, which take little more than two bytes a sample.
    pub fn is_written_in_rows(self, options: &EncodeOptions) -> bool {
        self.traits().written_in_rows && !(self == Self::Jpeg && options.holds_jpeg())
    }

    /// The depth that samples of `depth` are written with.
    pub fn nearest(self, depth: Depth) -> Depth {
        self.traits().nearest(depth)
    }

    /// Whether an alpha channel is kept.
    pub fn holds_alpha(self) -> bool {
        self.traits().alpha
    }

    /// Whether several frames, one after the other, have a place.
    pub fn holds_animations(self) -> bool {
        self.traits().animations
    }
}

/// The parts and properties of a picture that [`encode`](crate::encode) will leave out in this format.
pub fn losses(shape: Shape, metadata: &Metadata, format: FileFormat) -> Vec<Loss> {
    written::losses(shape, metadata, format.traits())
}

/// A path's extension in lower case.
fn extension(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_name_their_formats() {
        for format in FileFormat::ALL {
            assert_eq!(FileFormat::of_path(Path::new(format.extension())), None, "a name, and no extension");
            let path = format!("folder.jpg/a.b.{}", format.extension().to_uppercase());
            assert_eq!(FileFormat::of_path(Path::new(&path)), Some(format));
        }
        for (extension, format) in FileFormat::EXTENSIONS {
            assert!(format.traits().extensions.contains(&extension));
            assert!(FileFormat::is_read(Path::new(&format!("a.{extension}"))));
        }
        assert!(FileFormat::is_read(Path::new("a.PBM")) && FileFormat::of_path(Path::new("a.pbm")).is_none());
        assert!(!FileFormat::is_read(Path::new("a.txt")));
    }
}
