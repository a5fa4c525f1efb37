//! Coded pictures as they come from the decoder, or put together of tiles (ISO/IEC 23008-12, 6.6.2.3).

use re_rav1d::dav1d::pixel::YUVRange;
use re_rav1d::dav1d::{Picture, PixelLayout, PlanarImageComponent, Plane};

use srcnn_image::Size;

use crate::decode_error::DecodeError;
use crate::unsupported::UnsupportedSamples;

/// Luma and chroma of a picture.
pub(super) struct Frame {
    pub(super) size: Size,
    /// Bits of a number.
    pub(super) bits: u32,
    pub(super) layout: PixelLayout,
    /// Whether the coded picture says that its samples use the whole range.
    pub(super) full: bool,
    planes: Vec<Stored>,
}

struct Stored {
    bytes: Bytes,
    stride: usize,
}

enum Bytes {
    Decoder(Plane),
    Joined(Vec<u8>),
}

/// A plane's numbers as bytes.
pub(super) struct Component<'a> {
    pub(super) bytes: &'a [u8],
    /// Bytes from row to row.
    pub(super) stride: usize,
    /// Bytes of a number, 1 or 2.
    pub(super) sample: usize,
}

/// How tiles make a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// Size of the picture, which cuts the tiles of the last row and column.
    pub(super) size: Size,
}

/// Pixels that a sample of chroma stands for, across and down.
pub(super) fn subsampling(layout: PixelLayout) -> (usize, usize) {
    match layout {
        PixelLayout::I420 => (2, 2),
        PixelLayout::I422 => (2, 1),
        PixelLayout::I444 | PixelLayout::I400 => (1, 1),
    }
}

impl Frame {
    pub(super) fn of(picture: &Picture) -> Self {
        let layout = picture.pixel_layout();
        let components = match layout {
            PixelLayout::I400 => &[PlanarImageComponent::Y][..],
            _ => &[PlanarImageComponent::Y, PlanarImageComponent::U, PlanarImageComponent::V],
        };
        let stored = |component: &PlanarImageComponent| Stored {
            bytes: Bytes::Decoder(picture.plane(*component)),
            stride: picture.stride(*component) as usize,
        };
        Self {
            size: Size::new(picture.width() as usize, picture.height() as usize),
            bits: picture.bits_per_component().map_or(8, |bits| bits.0) as u32,
            layout,
            full: picture.color_range() == YUVRange::Full,
            planes: components.iter().map(stored).collect(),
        }
    }

    /// Plane 0 (luma), 1 or 2 (chroma); none if there is none.
    pub(super) fn component(&self, i: usize) -> Option<Component<'_>> {
        let Stored { bytes, stride } = self.planes.get(i)?;
        let bytes: &[u8] = match bytes {
            Bytes::Decoder(plane) => plane,
            Bytes::Joined(bytes) => bytes,
        };
        Some(Component { bytes, stride: *stride, sample: self.sample() })
    }

    fn sample(&self) -> usize {
        if self.bits > 8 { 2 } else { 1 }
    }
}

impl Grid {
    /// The content of an item that is a grid; none if it is cut short or of another version.
    pub(super) fn read(data: &[u8]) -> Option<Self> {
        let [version, flags, rows, columns] = *data.first_chunk()?;
        let number = |at: usize, wide: bool| -> Option<usize> {
            Some(match wide {
                true => u32::from_be_bytes(*data.get(at..)?.first_chunk()?) as usize,
                false => usize::from(u16::from_be_bytes(*data.get(at..)?.first_chunk()?)),
            })
        };
        let wide = flags & 1 == 1;
        let size = Size::new(number(4, wide)?, number(if wide { 8 } else { 6 }, wide)?);
        let grid = Self { rows: usize::from(rows) + 1, columns: usize::from(columns) + 1, size };
        (version == 0 && size.width > 0 && size.height > 0).then_some(grid)
    }

    /// The number of tiles.
    pub(super) fn tiles(&self) -> usize {
        self.rows * self.columns
    }

    /// Whether tiles of this size cover the picture, and each row and column is needed.
    pub(super) fn is_covered_by(&self, tile: Size) -> bool {
        let fits = |tiles: usize, tile: usize, side: usize| {
            tiles.checked_mul(tile).is_some_and(|all| all >= side) && (tiles - 1) * tile < side
        };
        fits(self.columns, tile.width, self.size.width) && fits(self.rows, tile.height, self.size.height)
    }
}

/// A frame that is put together tile by tile, so that only one is in memory beside it.
pub(super) struct Joining {
    grid: Grid,
    joined: Option<Frame>,
    next: usize,
    tile: Size,
}

impl Joining {
    pub(super) fn new(grid: Grid) -> Self {
        Self { grid, joined: None, next: 0, tile: Size::new(0, 0) }
    }

    /// Adds the next tile: row by row, from the left.
    pub(super) fn push(&mut self, tile: &Frame) -> Result<(), DecodeError> {
        const REFUSED: DecodeError = DecodeError::Samples(UnsupportedSamples::AvifGrid);
        let (across, down) = subsampling(tile.layout);
        let grid = self.grid;
        let joined = self.joined.get_or_insert_with(|| {
            self.tile = tile.size;
            let planes = (0..tile.planes.len()).map(|i| {
                let (across, down) = if i == 0 { (1, 1) } else { (across, down) };
                let stride = grid.size.width.div_ceil(across) * tile.sample();
                Stored { bytes: Bytes::Joined(vec![0; stride * grid.size.height.div_ceil(down)]), stride }
            });
            let planes = planes.collect();
            Frame { size: grid.size, bits: tile.bits, layout: tile.layout, full: tile.full, planes }
        });
        let alike = (tile.bits, tile.layout, tile.full) == (joined.bits, joined.layout, joined.full);
        // Chroma of a tile begins at a sample of the whole.
        let aligned = |side: usize, tiles: usize, step: usize| tiles == 1 || side.is_multiple_of(step);
        let (width, height) = (tile.size.width, tile.size.height);
        let is_sound = alike
            && tile.size == self.tile
            && grid.is_covered_by(tile.size)
            && aligned(width, grid.columns, across)
            && aligned(height, grid.rows, down)
            && self.next < grid.tiles();
        if !is_sound {
            return Err(REFUSED);
        }
        let (column, row) = (self.next % grid.columns, self.next / grid.columns);
        self.next += 1;
        let sample = joined.sample();
        for (i, to) in joined.planes.iter_mut().enumerate() {
            let (across, down) = if i == 0 { (1, 1) } else { (across, down) };
            let from = tile.component(i).ok_or(REFUSED)?;
            let Bytes::Joined(bytes) = &mut to.bytes else { unreachable!("made above") };
            let (left, top) = (column * width.div_ceil(across), row * height.div_ceil(down));
            let whole = Size::new(grid.size.width.div_ceil(across), grid.size.height.div_ceil(down));
            let columns = width.div_ceil(across).min(whole.width - left) * sample;
            for y in 0..height.div_ceil(down).min(whole.height - top) {
                let row = from.bytes.get(y * from.stride..).and_then(|row| row.get(..columns)).ok_or(REFUSED)?;
                bytes[(top + y) * to.stride + left * sample..][..columns].copy_from_slice(row);
            }
        }
        Ok(())
    }

    /// The picture, if all its tiles were there.
    pub(super) fn finish(self) -> Result<Frame, DecodeError> {
        let complete = self.next == self.grid.tiles();
        self.joined.filter(|_| complete).ok_or(DecodeError::Truncated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_are_read_in_both_widths_and_refused_where_they_are_none() {
        let grid = Grid { rows: 2, columns: 3, size: Size::new(300, 200) };
        assert_eq!(Grid::read(&[0, 0, 1, 2, 1, 44, 0, 200]), Some(grid));
        assert_eq!(Grid::read(&[0, 1, 1, 2, 0, 0, 1, 44, 0, 0, 0, 200]), Some(grid));
        for bad in
            [&[1, 0, 1, 2, 1, 44, 0, 200][..], &[0, 0, 1, 2, 0, 0, 0, 200], &[0, 1, 1, 2, 1, 44, 0, 200], &[0, 0]]
        {
            assert_eq!(Grid::read(bad), None, "{bad:?}");
        }
        for (tile, covered) in [
            ((100, 100), true),
            ((128, 128), true),
            ((99, 100), false),
            ((150, 100), false),
            ((149, 199), true),
            ((149, 200), false),
        ] {
            assert_eq!(grid.is_covered_by(tile.into()), covered, "{tile:?}");
        }
    }
}
