//! Losses of writing.

/// A part or property of a picture that a format cannot hold, and that is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Loss {
    /// Samples of 16 bits, rounded to 8.
    Depth,
    /// Floating-point samples, rounded to 16 or 8 bits, and cut off below black and above white.
    Float,
    /// The ICC profile: there is no place for one, or it is for other channels than are written.
    Profile,
    /// The color chunks of PNG (cICP, cHRM, gAMA): no other format has a place for them.
    ColorChunks,
    /// The Exif block: there is no place for one, or not for so large a one.
    Exif,
    /// The XMP packet: there is no place for one, or not for so large a one.
    Xmp,
    /// The IPTC record: there is no place for one.
    Iptc,
    /// The density: there is no place for one.
    Density,
    /// Colors beyond the 256 that a frame may have.
    Colors,
    /// Transparency that is neither none nor all.
    SoftAlpha,
}

impl std::fmt::Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Depth => "samples are rounded from 16 to 8 bits",
            Self::Float => "floating-point samples are rounded to integers, cut off below 0 and above 1",
            Self::Profile => "the color profile is left out",
            Self::ColorChunks => {
                "what PNG says of the colors (cICP, gamma, primaries) is left out: they may look different"
            }
            Self::Exif => "the Exif data is left out",
            Self::Xmp => "the XMP packet is left out",
            Self::Iptc => "the IPTC record is left out",
            Self::Density => "the resolution (pixels an inch) is left out",
            Self::Colors => "colors are reduced to 256",
            Self::SoftAlpha => "soft transparency becomes all or nothing",
        })
    }
}
