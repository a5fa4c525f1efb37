//! Metadata of pictures: color, Exif, XMP, IPTC and density.

/// Name and data of a PNG chunk.
pub type ColorChunk = ([u8; 4], Vec<u8>);

/// Metadata of a picture, carried from input to output.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    /// ICC profile.
    pub icc: Option<Vec<u8>>,
    /// Exif block: the TIFF structure without the `Exif\0\0` prefix. Its orientation has been applied and reset, its
    /// thumbnail removed.
    pub exif: Option<Vec<u8>>,
    /// XMP packet (XML).
    pub xmp: Option<Vec<u8>>,
    /// IPTC record (IIM, version 4): data sets of title, author, keywords and more.
    pub iptc: Option<Vec<u8>>,
    /// Resolution.
    pub density: Option<Density>,
    /// PNG chunks about color: cICP, cHRM, gAMA and sRGB (ISO/IEC 15948, 11.3.2). Beside an ICC profile only cICP,
    /// which overrides it.
    pub color_chunks: Vec<ColorChunk>,
    /// Changes that were made to the picture when it was read.
    pub changes: Vec<Change>,
}

impl Metadata {
    /// Whether the PNG chunks say only that the colors are sRGB.
    pub fn says_srgb(&self) -> bool {
        let has = |name: &[u8; 4]| self.color_chunks.iter().any(|(kind, _)| kind == name);
        has(b"sRGB") && !has(b"cICP")
    }

    /// Removes everything that the colors do not depend on, and an ICC profile whose description says sRGB, since that
    /// is the default.
    #[must_use]
    pub fn stripped(&self) -> Self {
        let icc = self.icc.clone().filter(|icc| !is_srgb(icc));
        let color_chunks = if self.says_srgb() { Vec::new() } else { self.color_chunks.clone() };
        Self { icc, color_chunks, changes: self.changes.clone(), ..Self::default() }
    }
}

/// Whether the description of an ICC profile (ICC.1, 9.2.41; ASCII or UTF-16) says sRGB.
fn is_srgb(icc: &[u8]) -> bool {
    /// The tag table is at byte 128: the number of tags, then signature, offset and size of each.
    const TAGS: usize = 128;
    let number = |at: usize| Some(u32::from_be_bytes(*icc.get(at..)?.first_chunk()?) as usize);
    let description = (0..number(TAGS).unwrap_or(0).min(100)).find_map(|i| {
        let tag = TAGS + 4 + 12 * i;
        (icc.get(tag..tag + 4)? == b"desc").then_some(())?;
        let start = number(tag + 4)?;
        icc.get(start..start.checked_add(number(tag + 8)?)?)
    });
    let text: Vec<u8> = description.unwrap_or_default().iter().copied().filter(|b| *b != 0).collect();
    text.windows(4).any(|w| w == b"sRGB")
}

/// Resolution: pixels per unit of length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Density {
    /// Horizontal resolution.
    pub x: f64,
    /// Vertical resolution.
    pub y: f64,
    /// Unit of length.
    pub unit: DensityUnit,
}

/// Unit of length of a resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DensityUnit {
    /// No unit: only the aspect ratio of pixels is known.
    Aspect,
    /// Inch, 2.54 cm.
    Inch,
    /// Centimetre.
    Centimetre,
}

impl Density {
    /// Pixels per metre, horizontal and vertical; none without a unit.
    pub fn per_metre(&self) -> Option<(f64, f64)> {
        let factor = match self.unit {
            DensityUnit::Aspect => return None,
            DensityUnit::Inch => 1.0 / 0.0254,
            DensityUnit::Centimetre => 100.0,
        };
        Some((self.x * factor, self.y * factor))
    }

    /// A resolution in pixels per metre.
    pub fn from_per_metre(x: u32, y: u32) -> Self {
        Self { x: f64::from(x) / 100.0, y: f64::from(y) / 100.0, unit: DensityUnit::Centimetre }
    }
}

/// A change that was made to a picture when it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// CMYK was converted to sRGB by the file's own profile.
    CmykByProfile,
    /// CMYK was converted to RGB by the usual formula, without a usable profile.
    CmykByFormula,
    /// Only the first picture of an animation or of several pages was read.
    First,
    /// Frames of 16 bits were reduced to 8.
    EightBits,
    /// An Exif block that is no TIFF structure was left out.
    UnreadableExif,
    /// A transfer function or a response curve of a TIFF file was not applied.
    TransferUnheeded,
    /// A part of an XMP packet is missing, or cannot be put in.
    PartOfXmpMissing,
    /// Signed integers of a TIFF file became unsigned ones: the least is black, the greatest white.
    SignedShifted,
    /// The end mark of the file is missing or damaged, and every sample is there.
    EndMissing,
    /// The end mark of an animation is missing, and with it there may be frames.
    LastFramesMissing,
    /// Metadata that contradict their format's specification were left out.
    OddMetadata,
    /// Metadata were left out that are larger than is allowed for them.
    LargeMetadata,
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::CmykByProfile => "CMYK becomes sRGB by the file's profile",
            Self::CmykByFormula => "CMYK becomes RGB without a profile",
            Self::First => "only the first of several pictures is read",
            Self::UnreadableExif => "its Exif cannot be read and is left out",
            Self::EightBits => "samples of 16 bits become 8: frames of animations have no more",
            Self::TransferUnheeded => {
                "the file's transfer function or response curve is not applied, as in other programs"
            }
            Self::PartOfXmpMissing => "a part of its XMP packet is missing or cannot be read, and is left out",
            Self::SignedShifted => "its samples are signed integers: the least becomes black, the greatest white",
            Self::EndMissing => "the file's end mark is missing; every sample is there",
            Self::LastFramesMissing => {
                "the animation's end mark is missing: frames behind the last one, if there were any, are not in the file"
            }
            Self::OddMetadata => "metadata that are not as their format says are left out",
            Self::LargeMetadata => {
                "a profile, Exif or XMP is left out that takes more memory than is allowed for it (16 MiB, and no more than a \
                 32nd of --max-memory)"
            }
        })
    }
}
