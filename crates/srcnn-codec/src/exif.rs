//! Exif blocks, which are TIFF structures: read, and corrected in place.
//!
//! A block is changed where it lies: what its entries point to stays at its place, so that the offsets that makers keep
//! in their own notes stay right.

use image::metadata::Orientation;

use srcnn_image::image::{Density, DensityUnit};

pub(super) const IMAGE_WIDTH: u16 = 0x100;
pub(super) const IMAGE_LENGTH: u16 = 0x101;
pub(super) const ORIENTATION: u16 = 0x112;
pub(super) const X_RESOLUTION: u16 = 0x11A;
pub(super) const Y_RESOLUTION: u16 = 0x11B;
pub(super) const RESOLUTION_UNIT: u16 = 0x128;
pub(super) const EXIF_DIRECTORY: u16 = 0x8769;
pub(super) const GPS_DIRECTORY: u16 = 0x8825;
pub(super) const INTEROPERABILITY_DIRECTORY: u16 = 0xA005;
const PIXEL_X_DIMENSION: u16 = 0xA002;
const PIXEL_Y_DIMENSION: u16 = 0xA003;
pub(super) const SHORT: u16 = 3;
pub(super) const LONG: u16 = 4;
pub(super) const RATIONAL: u16 = 5;

/// The order of the bytes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    pub(super) fn u16(self, v: u16) -> [u8; 2] {
        match self {
            Self::Little => v.to_le_bytes(),
            Self::Big => v.to_be_bytes(),
        }
    }

    pub(super) fn u32(self, v: u32) -> [u8; 4] {
        match self {
            Self::Little => v.to_le_bytes(),
            Self::Big => v.to_be_bytes(),
        }
    }

    pub(super) fn u64(self, v: u64) -> [u8; 8] {
        match self {
            Self::Little => v.to_le_bytes(),
            Self::Big => v.to_be_bytes(),
        }
    }

    /// A number of 2, 4 or 8 bytes.
    pub(super) fn number(self, bytes: &[u8]) -> Option<u64> {
        let wide = match bytes.len() {
            2 | 4 | 8 => bytes.iter(),
            _ => return None,
        };
        let digit = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(if self == Self::Big { wide.fold(0, digit) } else { wide.rev().fold(0, digit) })
    }

    pub(super) fn short(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }

    pub(super) fn long(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }
}

/// An entry of a directory.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) tag: u16,
    pub(super) kind: u16,
    pub(super) count: u32,
    /// Its last four bytes: the value, or where it is.
    pub(super) field: [u8; 4],
    /// Where in the block those four bytes are.
    field_at: usize,
}

/// A block whose header is right.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    bytes: &'a [u8],
    pub(super) order: Order,
}

impl<'a> Block<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        let order = match bytes.get(..4)? {
            b"II*\0" => Order::Little,
            b"MM\0*" => Order::Big,
            _ => return None,
        };
        Some(Self { bytes, order })
    }

    fn u16(&self, at: usize) -> Option<u16> {
        Some(self.order.short(*self.bytes.get(at..)?.first_chunk()?))
    }

    fn u32(&self, at: usize) -> Option<u32> {
        Some(self.long(*self.bytes.get(at..)?.first_chunk()?))
    }

    fn long(&self, bytes: [u8; 4]) -> u32 {
        self.order.long(bytes)
    }

    /// The entries of the first directory.
    pub(super) fn first(&self) -> Option<Vec<Entry>> {
        self.directory(self.u32(4)? as usize)
    }

    /// Whether there is a second directory: a thumbnail in Exif, a page in TIFF.
    pub(super) fn has_second(&self) -> bool {
        self.next_at().and_then(|at| self.u32(at)).is_some_and(|next| next != 0)
    }

    /// Where the offset of the second directory stands.
    fn next_at(&self) -> Option<usize> {
        let first = self.u32(4)? as usize;
        Some(first + 2 + 12 * usize::from(self.u16(first)?))
    }

    fn directory(&self, at: usize) -> Option<Vec<Entry>> {
        let count = usize::from(self.u16(at)?);
        let entry = |i| {
            let at = at + 2 + 12 * i;
            let field = *self.bytes.get(at + 8..)?.first_chunk()?;
            Some(Entry {
                tag: self.u16(at)?,
                kind: self.u16(at + 2)?,
                count: self.u32(at + 4)?,
                field,
                field_at: at + 8,
            })
        };
        (0..count).map(entry).collect()
    }

    pub(super) fn subdirectory(&self, entries: &[Entry], tag: u16) -> Option<Vec<Entry>> {
        self.directory(self.long(entries.iter().find(|e| e.tag == tag)?.field) as usize)
    }

    /// The bytes of an entry's value, as they are.
    pub(super) fn value<'e>(&self, entry: &'e Entry) -> Option<&'e [u8]>
    where
        'a: 'e,
    {
        let length = size_of_kind(entry.kind)?.checked_mul(entry.count as usize)?;
        if length <= 4 {
            return entry.field.get(..length);
        }
        let at = self.long(entry.field) as usize;
        self.bytes.get(at..at.checked_add(length)?)
    }

    /// A single number, short or long.
    pub(super) fn number(&self, entry: &Entry) -> Option<u32> {
        match entry.kind {
            SHORT => Some(self.order.short([entry.field[0], entry.field[1]]).into()),
            LONG => Some(self.long(entry.field)),
            _ => None,
        }
    }

    /// The block with another value in an entry of a single short number.
    pub(super) fn with_short(&self, entry: &Entry, value: u16) -> Vec<u8> {
        let mut changed = self.bytes.to_vec();
        changed[entry.field_at..entry.field_at + 2].copy_from_slice(&self.order.u16(value));
        changed
    }

    fn rational(&self, entry: &Entry) -> Option<f64> {
        let value = (entry.kind == RATIONAL).then(|| self.value(entry))??;
        let [above, below] = [0, 4].map(|at| value.get(at..).and_then(|v| v.first_chunk()).map(|b| self.long(*b)));
        Some(f64::from(above?) / f64::from(below?)).filter(|v| v.is_finite() && *v > 0.0)
    }

    /// XResolution, YResolution and their unit, which is the inch if there is none.
    pub(super) fn density(&self) -> Option<Density> {
        let entries = self.first()?;
        let find = |tag| entries.iter().find(|e| e.tag == tag);
        let (x, y) = (self.rational(find(X_RESOLUTION)?)?, self.rational(find(Y_RESOLUTION)?)?);
        let unit = match find(RESOLUTION_UNIT).and_then(|e| self.number(e)) {
            Some(1) => DensityUnit::Aspect,
            Some(3) => DensityUnit::Centimetre,
            _ => DensityUnit::Inch,
        };
        Some(Density { x, y, unit })
    }
}

pub(super) fn size_of_kind(kind: u16) -> Option<usize> {
    Some(match kind {
        1 | 2 | 6 | 7 => 1,
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 => 8,
        _ => return None,
    })
}

/// Takes the thumbnail and the orientation out of a block that was read, and gives that orientation.
pub(super) fn settle(block: &mut Vec<u8>) -> Option<Orientation> {
    let orientation = Orientation::remove_from_exif_chunk(block);
    drop_thumbnail(block);
    orientation
}

/// Cuts the second directory and what it points to, which is a picture of the old size.
fn drop_thumbnail(block: &mut Vec<u8>) -> Option<()> {
    let read = Block::new(block)?;
    let next_at = read.next_at()?;
    let (first, second) = (read.u32(4)? as usize, read.u32(next_at)? as usize);
    if second == 0 || second == first {
        return None;
    }
    let mut gone = Vec::new();
    if let Some(entries) = read.directory(second).filter(|entries| entries.len() <= 100) {
        gone.push(second..second + 2 + 12 * entries.len() + 4);
        // The thumbnail is a JPEG stream (0x201, 0x202) or one strip (0x111, 0x117).
        for (start, length) in [(0x201, 0x202), (0x111, 0x117)] {
            let find = |tag| entries.iter().find(|e| e.tag == tag).and_then(|e| read.number(e));
            if let (Some(start), Some(length)) = (find(start), find(length)) {
                gone.push(start as usize..(start as usize).saturating_add(length as usize));
            }
        }
        for entry in &entries {
            let value = read.value(entry).filter(|value| value.len() > 4);
            gone.extend(value.map(|v| read.long(entry.field) as usize..read.long(entry.field) as usize + v.len()));
        }
    }
    block[next_at..next_at + 4].fill(0);
    gone.retain(|range| range.start > next_at + 4 && range.end <= block.len());
    gone.sort_by_key(|range| std::cmp::Reverse(range.end));
    for range in gone {
        // An odd length may be followed by a byte of padding.
        if range.end + 1 >= block.len() {
            block.truncate(range.start);
        } else {
            block[range].fill(0);
        }
    }
    Some(())
}

/// Writes a picture's size where the block states one.
pub(super) fn set_size(block: &mut [u8], width: u32, height: u32) {
    let Some(read) = Block::new(block) else { return };
    let first = read.first().unwrap_or_default();
    let exif = read.subdirectory(&first, EXIF_DIRECTORY).unwrap_or_default();
    let order = read.order;
    for entry in first.iter().chain(&exif) {
        let side = match entry.tag {
            IMAGE_WIDTH | PIXEL_X_DIMENSION => width,
            IMAGE_LENGTH | PIXEL_Y_DIMENSION => height,
            _ => continue,
        };
        // Two bytes of type and four of count stand before the field.
        block[entry.field_at - 6..entry.field_at - 4].copy_from_slice(&order.u16(LONG));
        block[entry.field_at - 4..entry.field_at].copy_from_slice(&order.u32(1));
        block[entry.field_at..entry.field_at + 4].copy_from_slice(&order.u32(side));
    }
}
