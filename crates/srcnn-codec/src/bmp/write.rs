//! Bitmaps, written row by row. The bottom row comes first in the file, so it is written from its end to its beginning.

use std::io::{Seek, SeekFrom, Write};

use srcnn_image::image::{Density, Samples};
use srcnn_image::rows::{Rows, Shape};

use super::header::{
    ALIGNMENT, BGRA_MASKS, BIT_FIELDS, HEADER_SIZE, INFO_HEADER, PALETTE_COLOR, SIGNATURE, SRGB, UNCOMPRESSED,
    V4_HEADER,
};
use super::traits::TRAITS;
use crate::encode_error::EncodeError;
use crate::samples::convert::Converted;
use crate::samples::order::{bgr_to_rgb, bgra_to_rgba};
use crate::samples::portion::rows_at_a_time;

/// Writes a file from where `out` stands, and leaves `out` at its end.
pub(crate) fn write(rows: impl Rows, out: &mut (impl Write + Seek)) -> Result<(), EncodeError> {
    let density = rows.metadata().density;
    let mut rows = Converted::new(rows, &TRAITS);
    let shape = rows.shape();
    let head = head(shape, density)?;
    let begin = out.stream_position()?;
    out.write_all(&head)?;
    let pixels = begin + head.len() as u64;
    let (row, stored) = (shape.row_bytes() as usize, stored_row(shape));
    let (mut below, mut bytes) = (shape.height as u64, Vec::new());
    let portion = rows_at_a_time(shape);
    while let Some(part) = rows.read(portion)? {
        let Samples::U8(part) = part.samples() else { unreachable!("converted to 8 bits") };
        bytes.resize(part.height() * stored as usize, 0);
        let turned = part.as_slice().chunks_exact(row).rev().zip(bytes.chunks_exact_mut(stored as usize));
        turned.for_each(|(from, to)| match shape.channels {
            1 => to[..row].copy_from_slice(from),
            3 => bgr_to_rgb(from, &mut to[..row]),
            _ => bgra_to_rgba(from, to),
        });
        let more = || EncodeError::Rows("more rows came than the picture has".into());
        below = below.checked_sub(part.height() as u64).ok_or_else(more)?;
        out.seek(SeekFrom::Start(pixels + below * stored))?;
        out.write_all(&bytes)?;
    }
    out.seek(SeekFrom::Start(pixels + shape.height as u64 * stored))?;
    Ok(())
}

/// Bytes from row to row in the file.
fn stored_row(shape: Shape) -> u64 {
    shape.row_bytes().next_multiple_of(ALIGNMENT)
}

/// Both headers, and for grey a palette of all greys.
fn head(shape: Shape, density: Option<Density>) -> Result<Vec<u8>, EncodeError> {
    let (header, colors) = match shape.channels {
        1 => (INFO_HEADER, 256),
        3 => (INFO_HEADER, 0),
        _ => (V4_HEADER, 0),
    };
    let side = |side: usize| i32::try_from(side).map_err(|_| EncodeError::TooLarge);
    let (width, height) = (side(shape.width)?, side(shape.height)?);
    let before = HEADER_SIZE as u32 + header + colors * PALETTE_COLOR as u32;
    let pixels = stored_row(shape).saturating_mul(shape.height as u64);
    let file = u32::try_from(pixels.saturating_add(before.into())).map_err(|_| EncodeError::TooLarge)?;
    let (x, y) = density.and_then(|density| density.per_metre()).unwrap_or_default();
    let mut head = SIGNATURE.to_vec();
    let numbers = |head: &mut Vec<u8>, numbers: &[u32]| head.extend(numbers.iter().flat_map(|v| v.to_le_bytes()));
    // Two reserved numbers of 16 bits.
    numbers(&mut head, &[file, 0, before, header, width as u32, height as u32]);
    head.extend(1u16.to_le_bytes());
    head.extend((8 * shape.channels as u16).to_le_bytes());
    let compression = if header == V4_HEADER { BIT_FIELDS } else { UNCOMPRESSED };
    // Of colors that matter, all do.
    numbers(&mut head, &[compression, file - before, x.round() as u32, y.round() as u32, colors, 0]);
    if header == V4_HEADER {
        numbers(&mut head, &BGRA_MASKS);
        numbers(&mut head, &[SRGB]);
        // Endpoints and gammas, which sRGB needs none of.
        numbers(&mut head, &[0; 12]);
    }
    (0..colors).map(|grey| grey as u8).for_each(|grey| head.extend([grey, grey, grey, 0]));
    Ok(head)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use srcnn_image::image::{Depth, Image, Metadata, Pixels};
    use srcnn_image::rows::RowsError;

    use super::*;

    /// Rows without an end.
    struct Endless(Metadata);

    impl Rows for Endless {
        fn shape(&self) -> Shape {
            Shape { width: 3, height: 5, channels: 1, depth: Depth::Eight }
        }

        fn metadata(&self) -> &Metadata {
            &self.0
        }

        fn read(&mut self, _rows: usize) -> Result<Option<Image>, RowsError> {
            Ok(Some(Image::from_u8(Pixels::new(3, 2, 1, vec![7; 6])?)?))
        }
    }

    #[test]
    fn rows_beyond_the_last_are_an_error() {
        let error = write(Endless(Metadata::default()), &mut Cursor::new(Vec::new())).expect_err("too many");
        assert_eq!(error.to_string(), "more rows came than the picture has");
    }
}
