//! Exif blocks and TIFF directories, made: out of TIFF files, of a density, of entries.

use std::io::{self, Read, Seek, SeekFrom};

use super::exif::{
    Block, EXIF_DIRECTORY, Entry, GPS_DIRECTORY, INTEROPERABILITY_DIRECTORY, LONG, ORIENTATION, Order, RATIONAL,
    RESOLUTION_UNIT, SHORT, X_RESOLUTION, Y_RESOLUTION, size_of_kind,
};
use crate::image::{Density, DensityUnit};

/// Tags of a TIFF file's first directory that speak of the picture, not of how it is stored: those of Exif 2.32 (table 3
/// and 4) and the usual ones beside them (DocumentName, PageName, HostComputer, rating, Windows' own, IPTC).
const KEPT: [u16; 22] = [
    0x10D,
    0x10E,
    0x10F,
    0x110,
    ORIENTATION,
    X_RESOLUTION,
    Y_RESOLUTION,
    0x11D,
    RESOLUTION_UNIT,
    0x131,
    0x132,
    0x13B,
    0x13C,
    0x4746,
    0x4749,
    0x8298,
    0x83BB,
    0x9C9B,
    0x9C9C,
    0x9C9D,
    0x9C9E,
    0x9C9F,
];

/// What is larger is no metadata.
const LARGEST_BLOCK: usize = 16 << 20;

/// The block of a TIFF file: what its first directory says of the picture, and the directories of Exif and GPS.
pub(super) fn of_tiff(file: &[u8]) -> Option<Vec<u8>> {
    let read = Block::new(file)?;
    let first = read.first()?;
    let mut out = if read.order == Order::Little { b"II*\0".to_vec() } else { b"MM\0*".to_vec() };
    out.extend([0; 4]);
    let mut room = LARGEST_BLOCK;
    let mut fields = fields_of(&read, first.iter().filter(|e| KEPT.contains(&e.tag)), &mut room);
    for tag in [EXIF_DIRECTORY, GPS_DIRECTORY] {
        let Some(entries) = read.subdirectory(&first, tag) else { continue };
        let plain = entries.iter().filter(|e| e.tag != INTEROPERABILITY_DIRECTORY);
        let mut inner = fields_of(&read, plain, &mut room);
        if let Some(entries) = read.subdirectory(&entries, INTEROPERABILITY_DIRECTORY) {
            let deepest = fields_of(&read, entries.iter(), &mut room);
            let at = write_directory(&mut out, 0, read.order, deepest);
            inner.push(Field::long(INTEROPERABILITY_DIRECTORY, at, read.order));
        }
        let at = write_directory(&mut out, 0, read.order, inner);
        fields.push(Field::long(tag, at, read.order));
    }
    // A density alone is kept as such.
    if fields.iter().all(|f| [X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT, ORIENTATION].contains(&f.tag)) {
        return None;
    }
    let at = write_directory(&mut out, 0, read.order, fields);
    out[4..8].copy_from_slice(&read.order.u32(at));
    Some(out)
}

/// The directories that [`of_tiff`] looks at, with their values, of a file that is not held: a file without pictures. None if
/// the file is no TIFF of 32-bit offsets.
pub(super) fn skeleton(source: &mut (impl Read + Seek)) -> io::Result<Option<Vec<u8>>> {
    let begin = source.stream_position()?;
    let mut out = vec![0; 8];
    source.read_exact(&mut out)?;
    let Some(order) = Block::new(&out).map(|block| block.order) else { return Ok(None) };
    let mut copy = Copy { source, begin, order, room: LARGEST_BLOCK };
    let first = copy.order.long(out[4..].try_into().unwrap_or_default());
    let Some((mut fields, next)) = copy.directory(first)? else { return Ok(None) };
    for tag in [EXIF_DIRECTORY, GPS_DIRECTORY] {
        let Some(at) = place(&fields, tag, order) else { continue };
        let Some((mut inner, _)) = copy.directory(at)? else { continue };
        if let Some(at) = place(&inner, INTEROPERABILITY_DIRECTORY, order)
            && let Some((deepest, _)) = copy.directory(at)?
        {
            let at = write_directory(&mut out, 0, order, deepest);
            replace(&mut inner, INTEROPERABILITY_DIRECTORY, at, order);
        }
        let at = write_directory(&mut out, 0, order, inner);
        replace(&mut fields, tag, at, order);
    }
    let at = write_directory(&mut out, 0, order, fields);
    out[4..8].copy_from_slice(&order.u32(at));
    // The directory ends with the place of the next one: there is one or there is none.
    let end = out.len() - 4;
    out[end..].copy_from_slice(&order.u32(next));
    Ok(Some(out))
}

/// Where a field says that a directory is.
fn place(fields: &[Field], tag: u16, order: Order) -> Option<u32> {
    let field = fields.iter().find(|field| field.tag == tag)?;
    Some(order.long(*field.value.first_chunk()?))
}

fn replace(fields: &mut Vec<Field>, tag: u16, at: u32, order: Order) {
    fields.retain(|field| field.tag != tag);
    fields.push(Field::long(tag, at, order));
}

/// Reads directories of a file that is not held.
struct Copy<'a, R> {
    source: &'a mut R,
    begin: u64,
    order: Order,
    /// Bytes that may still be read.
    room: usize,
}

impl<R: Read + Seek> Copy<'_, R> {
    /// The entries of a directory with their values, as far as there is room, and the place of the next directory. None if the
    /// file ends before it does.
    fn directory(&mut self, at: u32) -> io::Result<Option<(Vec<Field>, u32)>> {
        let Some(count) = self.bytes(at.into(), 2)? else { return Ok(None) };
        let count = usize::from(self.order.short([count[0], count[1]]));
        let Some(entries) = self.bytes(u64::from(at) + 2, 12 * count + 4)? else { return Ok(None) };
        let mut fields = Vec::new();
        for entry in entries[..12 * count].chunks_exact(12) {
            let four = |i: usize| [entry[i], entry[i + 1], entry[i + 2], entry[i + 3]];
            let (tag, kind) = (self.order.short([entry[0], entry[1]]), self.order.short([entry[2], entry[3]]));
            let count = self.order.long(four(4));
            let length = size_of_kind(kind).and_then(|size| size.checked_mul(count as usize));
            let value = match length {
                None => None,
                Some(length @ 0..=4) => Some(four(8)[..length].to_vec()),
                // Where strips and tiles lie is the decoder's business, and there may be many.
                Some(_) if matches!(tag, 0x111 | 0x117 | 0x144 | 0x145) => None,
                Some(length) => self.bytes(self.order.long(four(8)).into(), length)?,
            };
            fields.extend(value.map(|value| Field { tag, kind, count, value }));
        }
        let next = entries[12 * count..].first_chunk().map_or(0, |bytes| self.order.long(*bytes));
        Ok(Some((fields, next)))
    }

    /// Some bytes of the file; none if it has fewer, or there is no room.
    fn bytes(&mut self, at: u64, length: usize) -> io::Result<Option<Vec<u8>>> {
        let Some(room) = self.room.checked_sub(length) else { return Ok(None) };
        self.source.seek(SeekFrom::Start(self.begin + at))?;
        let mut bytes = Vec::new();
        self.source.by_ref().take(length as u64).read_to_end(&mut bytes)?;
        if bytes.len() < length {
            return Ok(None);
        }
        self.room = room;
        Ok(Some(bytes))
    }
}

/// A block that says nothing but a density.
pub(super) fn of_density(density: &Density) -> Vec<u8> {
    let mut out = b"II*\0\0\0\0\0".to_vec();
    let at = write_directory(&mut out, 0, Order::Little, density_fields(density, Order::Little).into());
    out[4..8].copy_from_slice(&at.to_le_bytes());
    out
}

/// The three entries of a density.
pub(super) fn density_fields(density: &Density, order: Order) -> [Field; 3] {
    let rational = |tag, v: f64| {
        let scale = if v.fract() == 0.0 { 1 } else { 10_000 };
        let above = (v * f64::from(scale)).round() as u32;
        Field { tag, kind: RATIONAL, count: 1, value: [order.u32(above), order.u32(scale)].concat() }
    };
    let unit = match density.unit {
        DensityUnit::Aspect => 1,
        DensityUnit::Inch => 2,
        DensityUnit::Centimetre => 3,
    };
    [
        rational(X_RESOLUTION, density.x),
        rational(Y_RESOLUTION, density.y),
        Field::shorts(RESOLUTION_UNIT, &[unit], order),
    ]
}

/// An entry to be written, its value in the order of the file.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) tag: u16,
    pub(super) kind: u16,
    pub(super) count: u32,
    pub(super) value: Vec<u8>,
}

impl Field {
    pub(super) fn shorts(tag: u16, values: &[u16], order: Order) -> Self {
        let value = values.iter().flat_map(|v| order.u16(*v)).collect();
        Self { tag, kind: SHORT, count: values.len() as u32, value }
    }

    pub(super) fn long(tag: u16, value: u32, order: Order) -> Self {
        Self { tag, kind: LONG, count: 1, value: order.u32(value).to_vec() }
    }

    /// An entry whose value stays where it is: its last four bytes as they are.
    pub(super) fn kept(entry: &Entry) -> Self {
        Self { tag: entry.tag, kind: entry.kind, count: entry.count, value: entry.field.to_vec() }
    }
}

/// Entries with their values, as long as there is `room` for them.
fn fields_of<'e>(block: &Block<'_>, entries: impl Iterator<Item = &'e Entry>, room: &mut usize) -> Vec<Field> {
    let field = |entry: &Entry| {
        let value = block.value(entry)?;
        *room = room.checked_sub(12 + value.len())?;
        Some(Field { tag: entry.tag, kind: entry.kind, count: entry.count, value: value.to_vec() })
    };
    entries.filter_map(field).collect()
}

/// Appends a directory, the values that do not fit into its entries before it, and gives its place in the file; `out` begins
/// at `start` of it.
pub(super) fn write_directory(out: &mut Vec<u8>, start: usize, order: Order, mut fields: Vec<Field>) -> u32 {
    fields.sort_by_key(|f| f.tag);
    let mut entries = Vec::with_capacity(12 * fields.len());
    for field in &fields {
        entries.extend(order.u16(field.tag));
        entries.extend(order.u16(field.kind));
        entries.extend(order.u32(field.count));
        if let Ok(bytes) = <[u8; 4]>::try_from(padded(&field.value)) {
            entries.extend(bytes);
        } else {
            align(out, start);
            entries.extend(order.u32((start + out.len()) as u32));
            out.extend(&field.value);
        }
    }
    align(out, start);
    let at = (start + out.len()) as u32;
    out.extend(order.u16(fields.len() as u16));
    out.extend(entries);
    out.extend([0; 4]);
    at
}

/// A value of up to four bytes fills its field from the left.
fn padded(value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    value.resize(value.len().max(4), 0);
    value
}

/// TIFF wants every value and directory at an even place.
fn align(out: &mut Vec<u8>, start: usize) {
    if !(start + out.len()).is_multiple_of(2) {
        out.push(0);
    }
}
