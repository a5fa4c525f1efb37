//! What a picture file carries beside its samples.

/// The name and the data of a chunk of PNG.
pub type ColorChunk = ([u8; 4], Vec<u8>);

/// What a picture file carries beside its samples, taken along from input to output.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    /// The ICC profile.
    pub icc: Option<Vec<u8>>,
    /// The Exif block (TIFF structure without the `Exif\0\0` prefix); its orientation has been applied and reset, its
    /// thumbnail removed.
    pub exif: Option<Vec<u8>>,
    /// The XMP packet (XML).
    pub xmp: Option<Vec<u8>>,
    /// Pixels a unit of length.
    pub density: Option<Density>,
    /// What a PNG file says of its colors beside a profile: the chunks cICP, cHRM, gAMA and sRGB (ISO/IEC 15948, 11.3.2),
    /// name and data. Beside a profile only cICP, which overrules it.
    pub color_chunks: Vec<ColorChunk>,
    /// What the picture lost or changed when it was read.
    pub changes: Vec<Change>,
}

impl Metadata {
    /// Whether chunks of PNG say no more than that the colors are sRGB's.
    pub fn says_srgb(&self) -> bool {
        let has = |name: &[u8; 4]| self.color_chunks.iter().any(|(kind, _)| kind == name);
        has(b"sRGB") && !has(b"cICP")
    }

    /// Leaves only what the colors depend on: the profile, unless it is an sRGB one (by its description), which is what
    /// is assumed without one.
    #[must_use]
    pub fn stripped(&self) -> Self {
        let icc = self.icc.clone().filter(|icc| !is_srgb(icc));
        let color_chunks = if self.says_srgb() { Vec::new() } else { self.color_chunks.clone() };
        Self { icc, color_chunks, changes: self.changes.clone(), ..Self::default() }
    }
}

/// Whether a profile says that it is sRGB, by its description (ICC.1, 9.2.41), in ASCII or UTF-16.
fn is_srgb(icc: &[u8]) -> bool {
    /// Tags are at byte 128: their number, then signature, offset and size of each.
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

/// Pixels a unit of length, across and down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Density {
    /// Across.
    pub x: f64,
    /// Down.
    pub y: f64,
    /// The unit.
    pub unit: DensityUnit,
}

/// A unit of length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DensityUnit {
    /// None: only the shape of a pixel is known.
    Aspect,
    /// 2.54 cm.
    Inch,
    /// Centimetre.
    Centimetre,
}

impl Density {
    /// Pixels a metre, where a unit is known.
    pub fn per_metre(&self) -> Option<(f64, f64)> {
        let factor = match self.unit {
            DensityUnit::Aspect => return None,
            DensityUnit::Inch => 1.0 / 0.0254,
            DensityUnit::Centimetre => 100.0,
        };
        Some((self.x * factor, self.y * factor))
    }

    /// From pixels a metre.
    pub fn from_per_metre(x: u32, y: u32) -> Self {
        Self { x: f64::from(x) / 100.0, y: f64::from(y) / 100.0, unit: DensityUnit::Centimetre }
    }
}

/// What a picture lost or changed when it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// CMYK became sRGB, by the file's own profile.
    CmykByProfile,
    /// CMYK became RGB by the usual formula, there being no usable profile.
    CmykByFormula,
    /// The first picture was taken of an animation or of several pages.
    First,
    /// Frames of 16 bits became 8.
    EightBits,
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::CmykByProfile => "CMYK becomes sRGB by the file's profile",
            Self::CmykByFormula => "CMYK becomes RGB without a profile",
            Self::First => "only the first of several pictures is read",
            Self::EightBits => "samples of 16 bits become 8: frames of animations have no more",
        })
    }
}
