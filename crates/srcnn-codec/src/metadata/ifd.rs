//! Image file directories (TIFF 6.0, section 2) of a TIFF structure in memory: an Exif block, or a TIFF file.

use srcnn_image::image::{Density, DensityUnit};

use super::byte_order::ByteOrder;
use super::tags::{
    LONG, RATIONAL, RESOLUTION_UNIT, SHORT, UNIT_CENTIMETRE, UNIT_NONE, X_RESOLUTION, Y_RESOLUTION, size_of_kind,
};

/// An entry of a directory.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) tag: u16,
    pub(crate) kind: u16,
    pub(crate) count: u32,
    /// Its last four bytes: the value, or where it is.
    pub(crate) field: [u8; 4],
    /// Where in the block those four bytes are.
    pub(crate) field_at: usize,
}

/// A TIFF structure of 32-bit offsets whose header is right.
#[derive(Clone, Copy)]
pub(crate) struct Block<'a> {
    bytes: &'a [u8],
    pub(crate) order: ByteOrder,
}

impl<'a> Block<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Option<Self> {
        let order = match bytes.get(..4)? {
            b"II*\0" => ByteOrder::Little,
            b"MM\0*" => ByteOrder::Big,
            _ => return None,
        };
        Some(Self { bytes, order })
    }

    fn u16(&self, at: usize) -> Option<u16> {
        Some(self.order.short(*self.bytes.get(at..)?.first_chunk()?))
    }

    pub(crate) fn u32(&self, at: usize) -> Option<u32> {
        Some(self.long(*self.bytes.get(at..)?.first_chunk()?))
    }

    pub(crate) fn long(&self, bytes: [u8; 4]) -> u32 {
        self.order.long(bytes)
    }

    /// The entries of the first directory.
    pub(crate) fn first(&self) -> Option<Vec<Entry>> {
        self.directory(self.u32(4)? as usize)
    }

    /// Whether there is a second directory: a thumbnail in Exif, a page in TIFF.
    pub(crate) fn has_second(&self) -> bool {
        self.next_at().and_then(|at| self.u32(at)).is_some_and(|next| next != 0)
    }

    /// Where the offset of the second directory stands.
    pub(crate) fn next_at(&self) -> Option<usize> {
        let first = self.u32(4)? as usize;
        Some(first + 2 + 12 * usize::from(self.u16(first)?))
    }

    pub(crate) fn directory(&self, at: usize) -> Option<Vec<Entry>> {
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

    /// The entries of the directory that an entry with this tag points to.
    pub(crate) fn subdirectory(&self, entries: &[Entry], tag: u16) -> Option<Vec<Entry>> {
        self.directory(self.long(entries.iter().find(|e| e.tag == tag)?.field) as usize)
    }

    /// The bytes of an entry's value, as they are.
    pub(crate) fn value<'e>(&self, entry: &'e Entry) -> Option<&'e [u8]>
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

    /// A single number, SHORT or LONG.
    pub(crate) fn number(&self, entry: &Entry) -> Option<u32> {
        match entry.kind {
            SHORT => Some(self.order.short([entry.field[0], entry.field[1]]).into()),
            LONG => Some(self.long(entry.field)),
            _ => None,
        }
    }

    fn rational(&self, entry: &Entry) -> Option<f64> {
        let value = (entry.kind == RATIONAL).then(|| self.value(entry))??;
        let [above, below] = [0, 4].map(|at| value.get(at..).and_then(|v| v.first_chunk()).map(|b| self.long(*b)));
        Some(f64::from(above?) / f64::from(below?)).filter(|v| v.is_finite() && *v > 0.0)
    }

    /// XResolution, YResolution and their unit, which is the inch if there is none.
    pub(crate) fn density(&self) -> Option<Density> {
        let entries = self.first()?;
        let find = |tag| entries.iter().find(|e| e.tag == tag);
        let (x, y) = (self.rational(find(X_RESOLUTION)?)?, self.rational(find(Y_RESOLUTION)?)?);
        let unit = match find(RESOLUTION_UNIT).and_then(|e| self.number(e)) {
            Some(unit) if unit == u32::from(UNIT_NONE) => DensityUnit::Aspect,
            Some(unit) if unit == u32::from(UNIT_CENTIMETRE) => DensityUnit::Centimetre,
            _ => DensityUnit::Inch,
        };
        Some(Density { x, y, unit })
    }
}
