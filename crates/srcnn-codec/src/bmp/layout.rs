//! How the pixels of a file are stored, by its header.

use srcnn_image::Size;
use srcnn_image::image::Density;

use super::header::{
    ALIGNMENT, ALPHA_HEADER, BGRA_MASKS, BIT_FIELDS, BITS, COLORS, COMPRESSION, DENSITY, HEADER_SIZE, HEIGHT,
    INFO_HEADER, MASKS, MASKS_HEADER, PALETTE_BITS, PALETTE_COLOR, PIXELS, PLANES, UNCOMPRESSED, V4_HEADER, V5_HEADER,
    WIDTH,
};

/// Larger sides are left to the library, which refuses them.
pub(super) const LARGEST_SIDE: u32 = 0xFFFF;

/// How pixels are stored.
pub(super) enum Kind {
    /// Indices of greys.
    Greys(Box<[u8; 256]>),
    /// Blue, green, red.
    Bgr,
    /// Blue, green, red, and a byte without meaning.
    Bgrx,
    /// Blue, green, red, alpha.
    Bgra,
}

/// The layout of a file whose pixels can be read in rows.
pub(super) struct Layout {
    pub(super) size: Size,
    pub(super) kind: Kind,
    /// Whether the top row comes first.
    pub(super) top_down: bool,
    /// Where the pixels begin.
    pub(super) pixels: u64,
}

impl Layout {
    /// Bytes of a file that its layout is told by: headers and palette.
    pub(super) const HEAD: u64 = (HEADER_SIZE + V5_HEADER as usize + 256 * PALETTE_COLOR) as u64;

    /// None for another kind of pixels, and for headers that are not sound.
    pub(super) fn find(head: &[u8]) -> Option<Self> {
        let header = number(head, HEADER_SIZE)?;
        if ![INFO_HEADER, MASKS_HEADER, ALPHA_HEADER, V4_HEADER, V5_HEADER].contains(&header) {
            return None;
        }
        let (width, height) = (number(head, WIDTH)?, number(head, HEIGHT)? as i32);
        let size = Size::new(width as usize, height.unsigned_abs() as usize);
        if size.is_empty() || width > LARGEST_SIDE || height.unsigned_abs() > LARGEST_SIDE || short(head, PLANES)? != 1
        {
            return None;
        }
        // The last fields, one of which does not matter.
        let (colors, _) = (number(head, COLORS)?, number(head, COLORS + 4)?);
        let kind = match (short(head, BITS)?, number(head, COMPRESSION)?) {
            (8, UNCOMPRESSED) => Kind::Greys(Box::new(greys(head, HEADER_SIZE + header as usize, colors)?)),
            (24, UNCOMPRESSED) => Kind::Bgr,
            (32, UNCOMPRESSED) => Kind::Bgrx,
            (32, BIT_FIELDS) => {
                let [red, green, blue, alpha] = MASKS.map(|at| number(head, at));
                let alpha = if header >= ALPHA_HEADER { alpha? } else { 0 };
                match [red?, green?, blue?, alpha] {
                    BGRA_MASKS => Kind::Bgra,
                    [red, green, blue, 0] if [red, green, blue] == BGRA_MASKS[..3] => Kind::Bgrx,
                    _ => return None,
                }
            }
            _ => return None,
        };
        Some(Self { size, kind, top_down: height < 0, pixels: number(head, PIXELS)?.into() })
    }

    /// Bytes of a pixel in the file.
    pub(super) fn pixel_bytes(&self) -> usize {
        match self.kind {
            Kind::Greys(_) => 1,
            Kind::Bgr => 3,
            Kind::Bgrx | Kind::Bgra => 4,
        }
    }

    /// Samples of a pixel of the picture.
    pub(super) fn channels(&self) -> usize {
        match self.kind {
            Kind::Greys(_) => 1,
            Kind::Bgr | Kind::Bgrx => 3,
            Kind::Bgra => 4,
        }
    }

    /// Bytes from row to row in the file.
    pub(super) fn row_bytes(&self) -> u64 {
        (self.size.width as u64 * self.pixel_bytes() as u64).next_multiple_of(ALIGNMENT)
    }
}

/// The greys that indices stand for, by a palette at `at`; none if it has other colors. Indices beyond it are black.
fn greys(head: &[u8], at: usize, colors: u32) -> Option<[u8; 256]> {
    let count = match colors {
        0 => 256,
        1..=256 => colors as usize,
        _ => return None,
    };
    let palette = head.get(at..at + count * PALETTE_COLOR)?;
    let mut greys = [0; 256];
    for (grey, [blue, green, red, _]) in greys.iter_mut().zip(palette.as_chunks::<PALETTE_COLOR>().0) {
        if blue != green || green != red {
            return None;
        }
        *grey = *red;
    }
    Some(greys)
}

pub(super) fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(super) fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn has_info_header(head: &[u8]) -> bool {
    number(head, HEADER_SIZE).is_some_and(|size| size >= INFO_HEADER)
}

/// Whether pixels are indices of a palette.
pub(super) fn has_palette(head: &[u8]) -> bool {
    has_info_header(head) && short(head, BITS).is_some_and(|bits| bits <= PALETTE_BITS)
}

/// The density that a file states, if it states one.
pub(super) fn density(head: &[u8]) -> Option<Density> {
    let [x, y] = DENSITY.map(|at| number(head, at).filter(|_| has_info_header(head)));
    Some(Density::from_per_metre(x?, y?)).filter(|d| d.x > 0.0 && d.y > 0.0)
}
