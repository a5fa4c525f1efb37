//! Exif blocks and TIFF directories, made: out of TIFF files, of a density, of entries.

use std::io::{self, Read, Seek, SeekFrom};

use super::exif::{
    Block, EXIF_DIRECTORY, Entry, GPS_DIRECTORY, INTEROPERABILITY_DIRECTORY, LONG, ORIENTATION, Order, RATIONAL,
    RESOLUTION_UNIT, SHORT, X_RESOLUTION, Y_RESOLUTION, size_of_kind,
};
use srcnn_image::image::{Density, DensityUnit};

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

/// The kind of 64-bit numbers (BigTIFF).
pub(super) const LONG8: u16 = 16;
/// The kind of 64-bit places of directories.
const IFD8: u16 = 18;

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
            let at = write_block_directory(&mut out, read.order, deepest);
            inner.push(Field::long(INTEROPERABILITY_DIRECTORY, at, read.order));
        }
        let at = write_block_directory(&mut out, read.order, inner);
        fields.push(Field::long(tag, at, read.order));
    }
    // A density alone is kept as such.
    if fields.iter().all(|f| [X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT, ORIENTATION].contains(&f.tag)) {
        return None;
    }
    let at = write_block_directory(&mut out, read.order, fields);
    out[4..8].copy_from_slice(&read.order.u32(at));
    Some(out)
}

/// The directories that [`of_tiff`] looks at, with their values, of a file that is not held: a file of 32-bit offsets without
/// pictures. None if the file is no TIFF.
pub(super) fn skeleton(source: &mut (impl Read + Seek)) -> io::Result<Option<Vec<u8>>> {
    let begin = source.stream_position()?;
    let mut head = [0; 8];
    source.read_exact(&mut head)?;
    let (order, offsets) = match &head[..4] {
        b"II*\0" => (Order::Little, Offsets::Classic),
        b"MM\0*" => (Order::Big, Offsets::Classic),
        b"II+\0" => (Order::Little, Offsets::Big),
        b"MM\0+" => (Order::Big, Offsets::Big),
        _ => return Ok(None),
    };
    let mut out = if order == Order::Little { b"II*\0".to_vec() } else { b"MM\0*".to_vec() };
    out.extend([0; 4]);
    let length = source.seek(SeekFrom::End(0))? - begin;
    let mut copy = Copy { source, begin, length, order, offsets, room: LARGEST_BLOCK };
    let place = match offsets {
        Offsets::Classic => head[4..].to_vec(),
        Offsets::Big => copy.bytes(8, 8)?.unwrap_or_default(),
    };
    let Some(first) = order.number(&place) else { return Ok(None) };
    let Some((mut fields, next)) = copy.directory(first)? else { return Ok(None) };
    for tag in [EXIF_DIRECTORY, GPS_DIRECTORY] {
        let Some(at) = take_place(&mut fields, tag, order) else { continue };
        let Some((mut inner, _)) = copy.directory(at)? else { continue };
        if let Some(at) = take_place(&mut inner, INTEROPERABILITY_DIRECTORY, order)
            && let Some((deepest, _)) = copy.directory(at)?
        {
            let at = write_block_directory(&mut out, order, deepest);
            inner.push(Field::long(INTEROPERABILITY_DIRECTORY, at, order));
        }
        let at = write_block_directory(&mut out, order, inner);
        fields.push(Field::long(tag, at, order));
    }
    let at = write_block_directory(&mut out, order, fields);
    out[4..8].copy_from_slice(&order.u32(at));
    // The directory ends with the place of the next one: there is one or there is none.
    let end = out.len() - 4;
    out[end..].copy_from_slice(&order.u32(u32::from(next)));
    Ok(Some(out))
}

/// Where a field says that a directory is; the field itself makes no sense elsewhere.
fn take_place(fields: &mut Vec<Field>, tag: u16, order: Order) -> Option<u64> {
    let field = fields.remove(fields.iter().position(|field| field.tag == tag)?);
    order.number(&field.value)
}

/// Reads directories of a file that is not held.
struct Copy<'a, R> {
    source: &'a mut R,
    begin: u64,
    /// Of the file.
    length: u64,
    order: Order,
    offsets: Offsets,
    /// Bytes that may still be read.
    room: usize,
}

impl<R: Read + Seek> Copy<'_, R> {
    /// The entries of a directory with their values, as far as there is room, and whether there is a directory after it. None
    /// if the file ends before it does.
    fn directory(&mut self, at: u64) -> io::Result<Option<(Vec<Field>, bool)>> {
        // Bytes of the number of entries, and of an offset.
        let (counter, wide) = if self.offsets == Offsets::Big { (8, 8) } else { (2, 4) };
        let Some(count) = self.bytes(at, counter)?.and_then(|bytes| self.order.number(&bytes)) else { return Ok(None) };
        // Tags are distinct numbers of 16 bits.
        let count = count.min(1 << 16) as usize;
        let size = 4 + 2 * wide;
        let Some(entries) = self.bytes(at.saturating_add(counter as u64), size * count + wide)? else {
            return Ok(None);
        };
        let (entries, next) = entries.split_at(size * count);
        let mut fields = Vec::new();
        for entry in entries.chunks_exact(size) {
            let (tag, kind) = (self.order.short([entry[0], entry[1]]), self.order.short([entry[2], entry[3]]));
            let number = |bytes| self.order.number(bytes).unwrap_or(0);
            let (count, field) = (number(&entry[4..4 + wide]), &entry[4 + wide..]);
            let is_place = matches!(tag, EXIF_DIRECTORY | GPS_DIRECTORY | INTEROPERABILITY_DIRECTORY);
            let size = size_of_kind(kind).or_else(|| (is_place && matches!(kind, LONG8 | IFD8)).then_some(8));
            let length = size.and_then(|size| size.checked_mul(usize::try_from(count).ok()?));
            let value = match length {
                None => None,
                Some(length) if length <= wide => Some(field[..length].to_vec()),
                // Where strips and tiles lie is the decoder's business, and there may be many.
                Some(_) if matches!(tag, 0x111 | 0x117 | 0x144 | 0x145) => None,
                Some(length) => self.bytes(number(field), length)?,
            };
            fields.extend(value.map(|value| Field { tag, kind, count: count as u32, value }));
        }
        Ok(Some((fields, self.order.number(next).is_some_and(|next| next != 0))))
    }

    /// Some bytes of the file; none if it has fewer, or there is no room.
    fn bytes(&mut self, at: u64, length: usize) -> io::Result<Option<Vec<u8>>> {
        let Some(room) = self.room.checked_sub(length) else { return Ok(None) };
        if at.saturating_add(length as u64) > self.length {
            return Ok(None);
        }
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
    let at = write_block_directory(&mut out, Order::Little, density_fields(density, Order::Little).into());
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

/// The entries of a block that are kept in a file of other offsets, with the directories that they point to, which are written
/// before.
pub(super) fn copied(out: &mut Vec<u8>, start: u64, block: &Block<'_>, offsets: Offsets) -> Vec<Field> {
    let (order, mut room) = (block.order, LARGEST_BLOCK);
    let Some(first) = block.first() else { return Vec::new() };
    let mut fields = fields_of(block, first.iter().filter(|e| KEPT.contains(&e.tag)), &mut room);
    for tag in [EXIF_DIRECTORY, GPS_DIRECTORY] {
        let Some(entries) = block.subdirectory(&first, tag) else { continue };
        let inner = fields_of(block, entries.iter().filter(|e| e.tag != INTEROPERABILITY_DIRECTORY), &mut room);
        let at = write_directory(out, start, order, offsets, inner);
        fields.push(Field { tag, kind: LONG8, count: 1, value: order.u64(at).to_vec() });
    }
    fields
}

/// How wide a file's offsets are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offsets {
    /// TIFF 6.0: 32 bits, files end at 4 GiB.
    Classic,
    /// BigTIFF: 64 bits.
    Big,
}

/// Appends a directory, the values that do not fit into its entries before it, and gives its place in a file of 32-bit
/// offsets that `out` begins.
fn write_block_directory(out: &mut Vec<u8>, order: Order, fields: Vec<Field>) -> u32 {
    write_directory(out, 0, order, Offsets::Classic, fields) as u32
}

/// Appends a directory, the values that do not fit into its entries before it, and gives its place in the file; `out` begins
/// at `start` of it.
pub(super) fn write_directory(
    out: &mut Vec<u8>,
    start: u64,
    order: Order,
    offsets: Offsets,
    mut fields: Vec<Field>,
) -> u64 {
    let room = if offsets == Offsets::Big { 8 } else { 4 };
    let number = |out: &mut Vec<u8>, value: u64| match offsets {
        Offsets::Classic => out.extend(order.u32(value as u32)),
        Offsets::Big => out.extend(order.u64(value)),
    };
    fields.sort_by_key(|f| f.tag);
    let mut entries = Vec::with_capacity(20 * fields.len());
    for field in &fields {
        entries.extend(order.u16(field.tag));
        entries.extend(order.u16(field.kind));
        number(&mut entries, field.count.into());
        if field.value.len() <= room {
            // A value that fits into its field fills it from the left.
            entries.extend(&field.value);
            entries.resize(entries.len() + room - field.value.len(), 0);
        } else {
            align(out, start);
            number(&mut entries, start + out.len() as u64);
            out.extend(&field.value);
        }
    }
    align(out, start);
    let at = start + out.len() as u64;
    match offsets {
        Offsets::Classic => out.extend(order.u16(fields.len() as u16)),
        Offsets::Big => out.extend(order.u64(fields.len() as u64)),
    }
    out.extend(entries);
    // No directory after it.
    number(out, 0);
    at
}

/// TIFF wants every value and directory at an even place.
fn align(out: &mut Vec<u8>, start: u64) {
    if !(start + out.len() as u64).is_multiple_of(2) {
        out.push(0);
    }
}
