//! Image file directories (TIFF 6.0, section 2; BigTIFF), written.

use srcnn_image::image::{Density, DensityUnit};

use super::byte_order::ByteOrder;
use super::ifd::Entry;
use super::tags::{
    LONG, RATIONAL, RESOLUTION_UNIT, SHORT, UNIT_CENTIMETRE, UNIT_INCH, UNIT_NONE, X_RESOLUTION, Y_RESOLUTION,
};

/// How wide a file's offsets are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offsets {
    /// TIFF 6.0: 32 bits, files end at 4 GiB.
    Classic,
    /// BigTIFF: 64 bits.
    Big,
}

/// An entry to be written, its value in the order of the file.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) tag: u16,
    pub(crate) kind: u16,
    pub(crate) count: u32,
    pub(crate) value: Vec<u8>,
}

impl Field {
    pub(crate) fn shorts(tag: u16, values: &[u16], order: ByteOrder) -> Self {
        let value = values.iter().flat_map(|v| order.u16(*v)).collect();
        Self { tag, kind: SHORT, count: values.len() as u32, value }
    }

    pub(crate) fn long(tag: u16, value: u32, order: ByteOrder) -> Self {
        Self { tag, kind: LONG, count: 1, value: order.u32(value).to_vec() }
    }

    /// An entry whose value stays where it is: its last four bytes as they are.
    pub(crate) fn kept(entry: &Entry) -> Self {
        Self { tag: entry.tag, kind: entry.kind, count: entry.count, value: entry.field.to_vec() }
    }
}

/// The three entries of a density.
pub(crate) fn density_fields(density: &Density, order: ByteOrder) -> [Field; 3] {
    let rational = |tag, v: f64| {
        let scale = if v.fract() == 0.0 { 1 } else { 10_000 };
        let above = (v * f64::from(scale)).round() as u32;
        Field { tag, kind: RATIONAL, count: 1, value: [order.u32(above), order.u32(scale)].concat() }
    };
    let unit = match density.unit {
        DensityUnit::Aspect => UNIT_NONE,
        DensityUnit::Inch => UNIT_INCH,
        DensityUnit::Centimetre => UNIT_CENTIMETRE,
    };
    [
        rational(X_RESOLUTION, density.x),
        rational(Y_RESOLUTION, density.y),
        Field::shorts(RESOLUTION_UNIT, &[unit], order),
    ]
}

/// A TIFF structure of 32-bit offsets without a directory yet: its place, to be set, is at byte 4.
pub(crate) fn empty_block(order: ByteOrder) -> Vec<u8> {
    [order.signature(), [0; 4]].concat()
}

/// Appends a directory, the values that do not fit into its entries before it, and gives its place in a file of 32-bit
/// offsets that `out` begins.
pub(crate) fn write_block_directory(out: &mut Vec<u8>, order: ByteOrder, fields: Vec<Field>) -> u32 {
    write_directory(out, 0, order, Offsets::Classic, fields) as u32
}

/// Appends a directory, the values that do not fit into its entries before it, and gives its place in the file; `out` begins
/// at `start` of it.
pub(crate) fn write_directory(
    out: &mut Vec<u8>,
    start: u64,
    order: ByteOrder,
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
