//! Capabilities of formats that are written: stated by each format's folder, asked by everything else.

use srcnn_image::image::Depth;

/// The capabilities of a format that is written.
pub(crate) struct FormatTraits {
    /// Extensions that name it, lower case, the usual one first.
    pub(crate) extensions: &'static [&'static str],
    /// Whether it is written as rows come; otherwise the picture is held as a whole.
    pub(crate) written_in_rows: bool,
    /// The deepest samples that it holds; it holds those of fewer bits too.
    pub(crate) deepest: Depth,
    /// Whether it holds an alpha channel.
    pub(crate) alpha: bool,
    pub(crate) grey: Grey,
    /// Whether it holds several frames, one after the other.
    pub(crate) animations: bool,
    /// Whether it holds pixels a unit of length.
    pub(crate) density: bool,
    /// Whether it holds the color chunks of PNG.
    pub(crate) color_chunks: bool,
    /// Profile, Exif and XMP; none if there is no place for any of them.
    pub(crate) metadata: Option<MetadataPlaces>,
}

/// Which grey pictures stay grey; others become RGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grey {
    Always,
    WithoutAlpha,
    Never,
}

/// The places of a format for profile, Exif and XMP.
pub(crate) struct MetadataPlaces {
    /// Whether profiles may be ones for grey.
    pub(crate) grey_profiles: bool,
    /// Whether there is room for an Exif block.
    pub(crate) exif_fits: fn(&[u8]) -> bool,
    /// Whether there is room for an XMP packet.
    pub(crate) xmp_fits: fn(&[u8]) -> bool,
    /// Whether there is a place for an IPTC record; otherwise it goes into the Exif block.
    pub(crate) iptc: bool,
}

impl FormatTraits {
    /// The depth that samples of `depth` are written with.
    pub(crate) fn nearest(&self, depth: Depth) -> Depth {
        depth.min(self.deepest)
    }
}
