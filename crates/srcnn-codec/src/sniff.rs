//! Which format a file has, by how it begins.

use std::io::{Read, Seek, SeekFrom};

#[cfg(feature = "avif")]
use crate::avif;
use crate::decode_error::DecodeError;
#[cfg(feature = "jxl")]
use crate::jxl;
use crate::{bmp, gif, jpeg, png, pnm, qoi, tiff, webp};

/// Bytes of a file that its format is told by.
pub(crate) const HEAD: u64 = 4096;

/// The formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SourceFormat {
    Png,
    Jpeg,
    Tiff,
    WebP,
    Gif,
    Bmp,
    /// PAM too.
    Pnm,
    Qoi,
    #[cfg(feature = "jxl")]
    Jxl,
    #[cfg(feature = "avif")]
    Avif,
}

/// The format of a file that begins with `head`, which is at most [`HEAD`] bytes.
pub(crate) fn sniff(head: &[u8]) -> Option<SourceFormat> {
    /// Whether a file begins as a format does.
    type Signature = fn(&[u8]) -> bool;
    const SIGNATURES: &[(Signature, SourceFormat)] = &[
        (png::is_signature, SourceFormat::Png),
        (jpeg::is_signature, SourceFormat::Jpeg),
        (tiff::is_signature, SourceFormat::Tiff),
        (webp::is_signature, SourceFormat::WebP),
        (gif::is_signature, SourceFormat::Gif),
        (bmp::is_signature, SourceFormat::Bmp),
        (pnm::is_signature, SourceFormat::Pnm),
        (qoi::is_signature, SourceFormat::Qoi),
        #[cfg(feature = "jxl")]
        (jxl::is_signature, SourceFormat::Jxl),
        #[cfg(feature = "avif")]
        (avif::is_signature, SourceFormat::Avif),
    ];
    SIGNATURES.iter().find(|(is_signature, _)| is_signature(head)).map(|(_, format)| *format)
}

/// The first bytes of a source, which stands at its beginning, and does so again afterwards.
pub(crate) fn head(source: &mut (impl Read + Seek)) -> Result<Vec<u8>, DecodeError> {
    let mut head = Vec::new();
    source.by_ref().take(HEAD).read_to_end(&mut head)?;
    source.seek(SeekFrom::Start(0))?;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_their_beginning() {
        let fixtures = [
            ("rgb-16.png", SourceFormat::Png),
            ("grey.jpg", SourceFormat::Jpeg),
            ("bigtiff.tif", SourceFormat::Tiff),
            ("big-endian.tif", SourceFormat::Tiff),
            ("lossy.webp", SourceFormat::WebP),
            ("grey.gif", SourceFormat::Gif),
            ("bitmap.bmp", SourceFormat::Bmp),
            ("rgba.pam", SourceFormat::Pnm),
            ("plain.pbm", SourceFormat::Pnm),
            ("rgb.qoi", SourceFormat::Qoi),
            #[cfg(feature = "jxl")]
            ("rgb.jxl", SourceFormat::Jxl),
            #[cfg(feature = "avif")]
            ("animated.avif", SourceFormat::Avif),
        ];
        for (name, format) in fixtures {
            let bytes = srcnn_fixtures::bytes(&format!("traits/{name}"));
            assert_eq!(sniff(&bytes[..bytes.len().min(HEAD as usize)]), Some(format), "{name}");
            assert_eq!(sniff(&bytes[..1]), None, "{name}");
        }
        assert_eq!(sniff(b"text"), None);
    }
}
