//! Color quantization: pictures as indices into a palette of at most 256 colors.
//!
//! A picture of at most 256 colors is stored exactly. For more, a palette is chosen; a pixel then gets the nearest color, with or
//! without dithering (error diffusion by R. Floyd and L. Steinberg). Everything is in sRGB as stored, and gives the same for every
//! number of threads.

mod choose;
mod dither;
mod nearest;

use srcnn_image::image::Pixels;
use srcnn_image::parallel;

use choose::chosen;
use dither::dithered;
use nearest::Nearest;

/// A picture with its palette.
pub(super) struct Indexed {
    /// One index per pixel, row after row.
    pub(super) indices: Vec<u8>,
    /// At most 256 colors, including the transparent one.
    pub(super) palette: Vec<[u8; 3]>,
    /// The index of transparent pixels.
    pub(super) transparent: Option<u8>,
    /// Whether the picture has more colors than the palette.
    pub(super) colors_lost: bool,
    /// Whether the picture has partial transparency.
    pub(super) alpha_lost: bool,
}

/// How pixels get a color of the palette if the picture has more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mapping {
    /// The nearest: a pixel that stays the same in the next frame of an animation mostly keeps its color.
    Nearest,
    /// Dithered: gradients stay smooth, but small changes alter pixels far from them.
    Dithered,
}

/// Alpha from here on is opaque.
const OPAQUE: u8 = 128;
/// Pixels that a thread looks at, at a time.
const SHARE: usize = 1 << 12;

impl Indexed {
    /// Quantizes a picture of 1 to 4 channels. The palette has a transparent index if `clear`, or if a pixel needs it.
    pub(super) fn of(pixels: &Pixels<u8>, clear: bool, mapping: Mapping) -> Self {
        let (colors, alpha_lost) = match pixels.channels() {
            1 => shown::<1>(pixels),
            2 => shown::<2>(pixels),
            3 => shown::<3>(pixels),
            _ => shown::<4>(pixels),
        };
        let clear = clear || colors.contains(&None);
        let most = 256 - usize::from(clear);
        let few = few_colors(&colors, most);
        let colors_lost = few.is_none();
        let mut palette = few.unwrap_or_else(|| chosen(&colors, most));
        let transparent = clear.then_some(palette.len() as u8);
        let gone = transparent.unwrap_or(0);
        let indices = if colors_lost && mapping == Mapping::Dithered {
            dithered(&colors, pixels.width(), &palette, gone)
        } else {
            let nearest = Nearest::new(&palette);
            let mut indices = vec![gone; colors.len()];
            parallel::for_each(indices.chunks_mut(SHARE).zip(colors.chunks(SHARE)), |(indices, colors)| {
                let found = colors.iter().map(|color| color.map_or(gone, |color| nearest.of(color)));
                indices.iter_mut().zip(found).for_each(|(index, found)| *index = found);
            });
            indices
        };
        if clear {
            palette.push([0; 3]);
        }
        Self { indices, palette, transparent, colors_lost, alpha_lost }
    }
}

/// The colors of a picture of `N` channels, none for transparent pixels; and whether some are partly transparent.
fn shown<const N: usize>(pixels: &Pixels<u8>) -> (Vec<Option<[u8; 3]>>, bool) {
    let alpha = N.is_multiple_of(2);
    let color = |p: &[u8; N]| {
        let color = if N < 3 { [p[0]; 3] } else { [p[0], p[1], p[2]] };
        (!alpha || p[N - 1] >= OPAQUE).then_some(color)
    };
    let pixels = pixels.as_slice().as_chunks::<N>().0;
    let alpha_lost = alpha && pixels.iter().any(|p| (1..255).contains(&p[N - 1]));
    (pixels.iter().map(color).collect(), alpha_lost)
}

/// All colors in ascending order, if there are no more than `most`.
fn few_colors(colors: &[Option<[u8; 3]>], most: usize) -> Option<Vec<[u8; 3]>> {
    // A bit for every color that there is.
    let mut seen = vec![0u64; 1 << (24 - u64::BITS.ilog2())];
    let mut palette = Vec::new();
    let mut last = None;
    for &color in colors {
        if color == last {
            continue;
        }
        last = color;
        if let Some(color @ [r, g, b]) = color {
            let place = u32::from_be_bytes([0, r, g, b]);
            let (word, bit) = (&mut seen[(place / u64::BITS) as usize], 1 << (place % u64::BITS));
            if *word & bit == 0 {
                *word |= bit;
                palette.push(color);
                if palette.len() > most {
                    return None;
                }
            }
        }
    }
    palette.sort_unstable();
    Some(palette)
}

#[cfg(test)]
mod tests;
