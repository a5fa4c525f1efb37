//! Kinds of samples that are not read.

/// Samples of a kind that is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnsupportedSamples {
    /// PNG whose palette or packed samples were not expanded.
    #[error("PNG with color type {color_type} of {bits} bits")]
    Png {
        /// The color type by its number in the file.
        color_type: u8,
        /// Bits a sample.
        bits: u8,
    },
    /// TIFF of an unknown photometric interpretation.
    #[error("TIFF of {} (photometric interpretation {_0})", photometric_name(*.0))]
    Photometric(u16),
    /// TIFF with a tag that changes what samples mean, whose value is not supported.
    #[error("TIFF with {name}{} (tag {tag})", .value.map_or(String::new(), |value| format!(" {value}")))]
    TiffTag {
        /// The tag by its number.
        tag: u16,
        /// The tag's name in the specification.
        name: &'static str,
        /// Its first number, if it has any.
        value: Option<u32>,
    },
    /// TIFF whose compression is not supported.
    #[error("TIFF compressed by {name} (compression {number}); save it without compression, or by LZW or Deflate")]
    TiffCompression {
        /// The kind by its number in the file.
        number: u16,
        /// Its usual name.
        name: &'static str,
    },
    /// TIFF with fewer samples a pixel than its colors need.
    #[error("TIFF with {samples} of {colors} samples a pixel")]
    TiffColors {
        /// Samples a pixel.
        samples: usize,
        /// Samples that are needed.
        colors: usize,
    },
    /// TIFF with samples of an odd number of bits.
    #[error("TIFF with {samples} samples of {bits} bits")]
    TiffBits {
        /// Samples a pixel.
        samples: usize,
        /// Bits a sample.
        bits: u16,
    },
    /// TIFF with integers of 64 bits.
    #[error("TIFF with integers of 64 bits")]
    TiffIntegers,
    /// TIFF whose palette is missing.
    #[error("a TIFF palette without colors")]
    TiffPalette,
    /// TIFF with YCbCr of more than 8 bits.
    #[error("TIFF with YCbCr of more than 8 bits")]
    TiffYcbcr,
    /// TIFF whose strips or tiles have samples of different kinds.
    #[error("TIFF whose strips are of different kinds")]
    TiffStrips,
    /// A bitmap of OS/2 whose compression is OS/2's alone.
    #[error("a bitmap of OS/2 compressed by {0}")]
    BmpCompression(&'static str),
    /// JPEG XL whose color encoding has no name.
    #[error("JPEG XL of unnamed colors")]
    JxlColors,
    /// JPEG XL with CMYK.
    #[error("CMYK in JPEG XL")]
    JxlCmyk,
    /// JPEG XL with other channels than its header says.
    #[error("JPEG XL with {0} channels")]
    JxlChannels(u32),
    /// JPEG XL with a picture of more frames than the decoder, which goes from each one to those before it, has room for.
    #[error("JPEG XL with a picture of more than {0} frames")]
    JxlFrames(usize),
    /// AVIF whose picture is derived from several.
    #[error("AVIF whose picture is derived ({}), which is not read", String::from_utf8_lossy(.0))]
    AvifDerived([u8; 4]),
    /// AVIF of tiles that do not make the picture.
    #[error("AVIF of tiles that do not fit together")]
    AvifGrid,
    /// AVIF whose lists of items are longer than any picture needs.
    #[error("AVIF whose boxes describe far more items than a picture has")]
    AvifItems,
    /// An image sequence of AVIF that has no still picture.
    #[error("an AVIF sequence without a still picture")]
    AvifSequence,
    /// AVIF whose coded picture has another size than the file says.
    #[error("AVIF of another size than it says")]
    AvifSize,
    /// AVIF whose alpha has another size than its colors.
    #[error("AVIF whose alpha has another size")]
    AvifAlphaSize,
    /// AVIF with unsupported matrix coefficients (ITU-T H.273).
    #[error("AVIF with matrix coefficients {0}")]
    AvifMatrix(u16),
    /// Floating-point samples in a format that is not known to have them.
    #[error("floating-point samples of {0} channels")]
    FloatingPoint(u8),
}

/// Names of photometric interpretations that are not read (TIFF 6.0, TIFF/EP, DNG, libtiff's tiff.h).
fn photometric_name(number: u16) -> &'static str {
    match number {
        4 => "a transparency mask",
        8 => "CIE L*a*b*",
        9 => "ICC L*a*b*",
        10 => "ITU L*a*b*",
        32803 => "a color filter array, as of raw photographs",
        32844 => "LogL",
        32845 => "LogLuv",
        34892 => "linear raw samples",
        _ => "unknown colors",
    }
}
