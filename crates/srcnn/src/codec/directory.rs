//! Exif blocks and TIFF directories, made: out of TIFF files, of a density, of entries.

use super::exif::{
    Block, EXIF_DIRECTORY, Entry, GPS_DIRECTORY, INTEROPERABILITY_DIRECTORY, LONG, ORIENTATION, Order, RATIONAL,
    RESOLUTION_UNIT, SHORT, X_RESOLUTION, Y_RESOLUTION,
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
            let at = write_directory(&mut out, read.order, deepest);
            inner.push(Field::long(INTEROPERABILITY_DIRECTORY, at, read.order));
        }
        let at = write_directory(&mut out, read.order, inner);
        fields.push(Field::long(tag, at, read.order));
    }
    // A density alone is kept as such.
    if fields.iter().all(|f| [X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT, ORIENTATION].contains(&f.tag)) {
        return None;
    }
    let at = write_directory(&mut out, read.order, fields);
    out[4..8].copy_from_slice(&read.order.u32(at));
    Some(out)
}

/// A block that says nothing but a density.
pub(super) fn of_density(density: &Density) -> Vec<u8> {
    let mut out = b"II*\0\0\0\0\0".to_vec();
    let at = write_directory(&mut out, Order::Little, density_fields(density, Order::Little).into());
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

/// Appends a directory, the values that do not fit into its entries before it, and gives its place.
pub(super) fn write_directory(out: &mut Vec<u8>, order: Order, mut fields: Vec<Field>) -> u32 {
    fields.sort_by_key(|f| f.tag);
    let mut entries = Vec::with_capacity(12 * fields.len());
    for field in &fields {
        entries.extend(order.u16(field.tag));
        entries.extend(order.u16(field.kind));
        entries.extend(order.u32(field.count));
        if let Ok(bytes) = <[u8; 4]>::try_from(padded(&field.value)) {
            entries.extend(bytes);
        } else {
            align(out);
            entries.extend(order.u32(out.len() as u32));
            out.extend(&field.value);
        }
    }
    align(out);
    let at = out.len() as u32;
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
fn align(out: &mut Vec<u8>) {
    if !out.len().is_multiple_of(2) {
        out.push(0);
    }
}
