//! Pixels in runs (RLE4, RLE8), as most programs take them: pixels that are passed over have the first color of the palette, and
//! runs end with their row.

use srcnn_image::image::{Image, Pixels, Samples};
use srcnn_image::{Limits, Size};

use super::header::{
    ALPHA_HEADER, BITS, COLORS, COMPRESSION, HEADER_SIZE, HEIGHT, INFO_HEADER, MASKS_HEADER, PALETTE_COLOR, PIXELS,
    PLANES, RLE4, RLE8, V4_HEADER, V5_HEADER, WIDTH,
};
use super::layout::{LARGEST_SIDE, number, short};
use crate::decode_error::DecodeError;
use crate::limits::{check_memory, check_pixels};
use crate::work::check_still;

/// What follows a zero: the ends of a row and of the picture, pixels that are passed over; larger numbers are those of pixels as they
/// are.
const END_OF_ROW: u8 = 0;
const END_OF_PICTURE: u8 = 1;
const PASS_OVER: u8 = 2;
/// Pixels as they are fill whole words.
const WORD: usize = 2;

/// Decodes a file; none if its pixels are not in runs, or its header is not sound.
///
/// # Errors
/// [`DecodeError::Truncated`] if it ends before the picture does.
pub(super) fn decode(bytes: &[u8], limits: Limits) -> Result<Option<Image>, DecodeError> {
    let Some(runs) = Runs::find(bytes) else { return Ok(None) };
    check_pixels(runs.size, limits)?;
    check_still(runs.size, bytes.len() as u64, limits)?;
    // Indices and colors; or colors and what they are reduced to.
    check_memory(runs.size, runs.size.pixels().saturating_mul(4), limits)?;
    let indices = runs.indices(bytes)?;
    let palette = runs.palette(bytes)?;
    let Size { width, height } = runs.size;
    let mut samples = Vec::with_capacity(indices.len() * 3);
    for y in 0..height {
        let row = if runs.top_down { y } else { height - 1 - y } * width;
        samples.extend(indices[row..row + width].iter().flat_map(|index| palette[usize::from(*index)]));
    }
    let pixels = Pixels::new(width, height, 3, samples).map_err(|_| DecodeError::Empty)?;
    Ok(Some(Image::new(Samples::U8(pixels)).expect("RGB")))
}

/// How runs are stored.
struct Runs {
    size: Size,
    top_down: bool,
    /// Bits of an index: 4 or 8.
    bits: u16,
    /// Colors of the palette, and where they begin.
    colors: usize,
    palette_at: usize,
    pixels: usize,
}

impl Runs {
    fn find(head: &[u8]) -> Option<Self> {
        let header = number(head, HEADER_SIZE)?;
        if ![INFO_HEADER, MASKS_HEADER, ALPHA_HEADER, V4_HEADER, V5_HEADER].contains(&header) {
            return None;
        }
        let (width, height) = (number(head, WIDTH)?, number(head, HEIGHT)? as i32);
        let bits = match (short(head, BITS)?, number(head, COMPRESSION)?) {
            (8, RLE8) => 8,
            (4, RLE4) => 4,
            _ => return None,
        };
        let size = Size::new(width as usize, height.unsigned_abs() as usize);
        let colors = match number(head, COLORS)? as usize {
            0 => 1 << bits,
            colors => colors,
        };
        let sound = !size.is_empty()
            && width <= LARGEST_SIDE
            && height.unsigned_abs() <= LARGEST_SIDE
            && short(head, PLANES)? == 1
            && colors <= 1 << bits;
        let palette_at = HEADER_SIZE + header as usize;
        let pixels = number(head, PIXELS)? as usize;
        sound.then_some(Self { size, top_down: height < 0, bits, colors, palette_at, pixels })
    }

    /// Colors by index; those beyond the palette are black.
    fn palette(&self, bytes: &[u8]) -> Result<[[u8; 3]; 256], DecodeError> {
        let end = self.palette_at.saturating_add(self.colors * PALETTE_COLOR);
        let stored = bytes.get(self.palette_at..end).ok_or(DecodeError::Truncated)?;
        let mut palette = [[0; 3]; 256];
        for (color, [blue, green, red, _]) in palette.iter_mut().zip(stored.as_chunks::<PALETTE_COLOR>().0) {
            *color = [*red, *green, *blue];
        }
        Ok(palette)
    }

    /// Indices in the order of the file.
    fn indices(&self, bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
        let Size { width, height } = self.size;
        let mut indices = vec![0; width * height];
        let mut rest = bytes.get(self.pixels..).ok_or(DecodeError::Truncated)?;
        let (mut x, mut y) = (0_usize, 0_usize);
        loop {
            // Behind the last pixel the end need not be marked.
            let is_done = y >= height || y + 1 == height && x >= width;
            let Some((&[count, value], more)) = rest.split_first_chunk() else {
                return if is_done { Ok(indices) } else { Err(DecodeError::Truncated) };
            };
            rest = more;
            let mut put = |x: usize, count: usize, index: &dyn Fn(usize) -> u8| {
                if y < height {
                    let row = &mut indices[y * width..(y + 1) * width];
                    row.iter_mut().skip(x).take(count).enumerate().for_each(|(i, to)| *to = index(i));
                }
            };
            match (count, value) {
                (0, END_OF_ROW) => (x, y) = (0, y + 1),
                (0, END_OF_PICTURE) => return Ok(indices),
                (0, PASS_OVER) => {
                    let (&[across, down], more) = rest.split_first_chunk().ok_or(DecodeError::Truncated)?;
                    rest = more;
                    (x, y) = (x + usize::from(across), y + usize::from(down));
                }
                (0, count) => {
                    let count = usize::from(count);
                    let length = (count * usize::from(self.bits)).div_ceil(8);
                    let (literal, more) = rest.split_at_checked(length).ok_or(DecodeError::Truncated)?;
                    // The last word may be cut where nothing follows.
                    rest = more.get(length.next_multiple_of(WORD) - length..).unwrap_or_default();
                    put(x, count, &|i| if self.bits == 8 { literal[i] } else { half(literal[i / 2], i) });
                    x += count;
                }
                (count, value) => {
                    put(x, count.into(), &|i| if self.bits == 8 { value } else { half(value, i) });
                    x += usize::from(count);
                }
            }
        }
    }
}

/// The index in one of the halves of a byte, the upper one first.
fn half(byte: u8, i: usize) -> u8 {
    if i.is_multiple_of(2) { byte >> 4 } else { byte & 15 }
}
