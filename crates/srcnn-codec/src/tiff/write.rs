//! TIFF files, written: strips without compression, and metadata.
//!
//! The file begins with the Exif block, which is a TIFF structure itself: all offsets in it, those in makers' notes
//! included, stay right. The directory of the file, at its end, has the block's entries and the picture's.

use std::io::{Seek, SeekFrom, Write};

use srcnn_image::image::{Depth, Samples};
use srcnn_image::rows::{Rows, Shape};

use super::compression::UNCOMPRESSED;
use super::exif::copied;
use super::layout::{BLACK_IS_ZERO, FLOAT, INTERLEAVED, RGB, UNASSOCIATED};
use super::traits::TRAITS;
use crate::encode_error::EncodeError;
use crate::metadata::byte_order::ByteOrder;
use crate::metadata::ifd::Block;
use crate::metadata::ifd_write::{Field, Offsets, density_fields, empty_block, write_directory};
use crate::metadata::tags::{
    BITS_PER_SAMPLE, BYTE, COLOR_MAP, COMPRESSION, EXTRA_SAMPLES, ICC_PROFILE, IMAGE_LENGTH, IMAGE_WIDTH, IPTC, LONG,
    LONG8, NEW_SUBFILE_TYPE, PHOTOMETRIC_INTERPRETATION, PLANAR_CONFIGURATION, PREDICTOR, ROWS_PER_STRIP,
    SAMPLE_FORMAT, SAMPLES_PER_PIXEL, STRIP_BYTE_COUNTS, STRIP_OFFSETS, SUBFILE_TYPE, THUMBNAIL_OFFSET,
    TILE_BYTE_COUNTS, TILE_LENGTH, TILE_OFFSETS, TILE_WIDTH, UNDEFINED, XMP,
};
use crate::metadata::written::WrittenMetadata;
use crate::samples::bytes::write_as;
use crate::samples::convert::Converted;

/// Bytes that a strip has, about.
const STRIP: u64 = 1 << 20;
/// Offsets of 32 bits reach no farther.
const LARGEST: u64 = u32::MAX as u64;

/// Writes from where `out` stands, which becomes the file's beginning; as BigTIFF what is larger than 4 GiB.
pub(crate) fn write(rows: impl Rows, out: &mut (impl Write + Seek)) -> Result<(), EncodeError> {
    let metadata = &WrittenMetadata::new(rows.shape(), rows.metadata(), &TRAITS);
    let rows = &mut Converted::new(rows, &TRAITS);
    let shape = rows.shape();
    let others = [&metadata.icc, &metadata.exif, &metadata.xmp, &metadata.iptc]
        .into_iter()
        .flatten()
        .map(|v| v.len() as u64)
        .sum::<u64>();
    let needed = shape.bytes().saturating_add(others + 65_536 + 16 * (shape.height as u64 + 1));
    write_with(rows, metadata, if needed > LARGEST { Offsets::Big } else { Offsets::Classic }, out)
}

fn write_with(
    rows: &mut impl Rows,
    metadata: &WrittenMetadata,
    offsets: Offsets,
    out: &mut (impl Write + Seek),
) -> Result<(), EncodeError> {
    let shape = rows.shape();
    let (height, row) = (shape.height as u64, shape.row_bytes());
    let begin = out.stream_position()?;
    let block = metadata.exif.as_deref().and_then(Block::new).filter(|block| block.first().is_some());
    let order = block.map_or(ByteOrder::Little, |block| block.order);
    let mut head = match (offsets, metadata.exif.as_ref().filter(|_| block.is_some()), order) {
        (Offsets::Classic, Some(exif), _) => exif.clone(),
        (Offsets::Classic, None, _) => empty_block(order),
        // The width of offsets, and a zero; then the place of the directory.
        (Offsets::Big, _, ByteOrder::Little) => b"II+\0\x08\0\0\0\0\0\0\0\0\0\0\0".to_vec(),
        (Offsets::Big, _, ByteOrder::Big) => b"MM\0+\0\x08\0\0\0\0\0\0\0\0\0\0".to_vec(),
    };
    head.resize(head.len().next_multiple_of(8), 0);
    out.write_all(&head)?;
    let strip_rows = (STRIP / row.max(1)).clamp(1, height);
    while let Some(part) = rows.read(strip_rows as usize)? {
        match part.samples() {
            Samples::U8(p) => out.write_all(p.as_slice())?,
            Samples::U16(p) => match order {
                ByteOrder::Little => write_as(p.as_slice(), u16::to_le_bytes, out)?,
                ByteOrder::Big => write_as(p.as_slice(), u16::to_be_bytes, out)?,
            },
            Samples::F32(p) => match order {
                ByteOrder::Little => write_as(p.as_slice(), f32::to_le_bytes, out)?,
                ByteOrder::Big => write_as(p.as_slice(), f32::to_be_bytes, out)?,
            },
        }
    }
    let (start, mut tail) = (head.len() as u64, Vec::new());
    let end = start + row * height;
    let mut fields = structure(shape, order, offsets, start, strip_rows);
    fields.extend(metadata.density.iter().flat_map(|density| density_fields(density, order)));
    let raw = |tag, kind, value: &[u8]| Field { tag, kind, count: value.len() as u32, value: value.to_vec() };
    fields.extend(metadata.xmp.as_ref().map(|xmp| raw(XMP, BYTE, xmp)));
    fields.extend(metadata.iptc.as_ref().map(|record| raw(IPTC, UNDEFINED, record)));
    fields.extend(metadata.icc.as_ref().map(|icc| raw(ICC_PROFILE, UNDEFINED, icc)));
    let written: Vec<u16> = fields.iter().map(|f| f.tag).collect();
    let ours = |tag: u16| written.contains(&tag) || STRUCTURE.contains(&tag);
    match (offsets, &block) {
        (Offsets::Classic, Some(block)) => {
            // An entry that points out of the block would point into the samples.
            let entries = block.first().unwrap_or_default();
            let sound = entries.iter().filter(|e| block.value(e).is_some());
            fields.extend(sound.filter(|e| !ours(e.tag)).map(Field::kept));
        }
        (Offsets::Big, Some(block)) => {
            fields.extend(copied(&mut tail, end, block, offsets).into_iter().filter(|field| !ours(field.tag)));
        }
        (_, None) => {}
    }
    let directory = write_directory(&mut tail, end, order, offsets, fields);
    out.write_all(&tail)?;
    match offsets {
        Offsets::Classic => {
            out.seek(SeekFrom::Start(begin + 4))?;
            out.write_all(&order.u32(directory as u32))?;
        }
        Offsets::Big => {
            out.seek(SeekFrom::Start(begin + 8))?;
            out.write_all(&order.u64(directory))?;
        }
    }
    out.seek(SeekFrom::End(0))?;
    Ok(())
}

/// The entries that describe the samples, which begin at `start` and lie there in strips of so many rows.
fn structure(shape: Shape, order: ByteOrder, offsets: Offsets, start: u64, strip_rows: u64) -> Vec<Field> {
    let (height, row) = (shape.height as u64, shape.row_bytes());
    let bits = 8 * shape.depth.bytes() as u16;
    let strips = height.div_ceil(strip_rows);
    let numbers = |tag, value: &dyn Fn(u64) -> u64| {
        let (kind, value): (_, Vec<u8>) = match offsets {
            Offsets::Classic => (LONG, (0..strips).flat_map(|i| order.u32(value(i) as u32)).collect()),
            Offsets::Big => (LONG8, (0..strips).flat_map(|i| order.u64(value(i))).collect()),
        };
        Field { tag, kind, count: strips as u32, value }
    };
    let mut fields = vec![
        Field::long(IMAGE_WIDTH, shape.width as u32, order),
        Field::long(IMAGE_LENGTH, shape.height as u32, order),
        Field::shorts(BITS_PER_SAMPLE, &vec![bits; shape.channels], order),
        Field::shorts(COMPRESSION, &[UNCOMPRESSED], order),
        Field::shorts(PHOTOMETRIC_INTERPRETATION, &[if shape.is_grey() { BLACK_IS_ZERO } else { RGB }], order),
        numbers(STRIP_OFFSETS, &|i| start + i * strip_rows * row),
        Field::shorts(SAMPLES_PER_PIXEL, &[shape.channels as u16], order),
        Field::long(ROWS_PER_STRIP, strip_rows as u32, order),
        numbers(STRIP_BYTE_COUNTS, &|i| strip_rows.min(height - i * strip_rows) * row),
        Field::shorts(PLANAR_CONFIGURATION, &[INTERLEAVED], order),
    ];
    if shape.has_alpha() {
        fields.push(Field::shorts(EXTRA_SAMPLES, &[UNASSOCIATED], order));
    }
    if shape.depth == Depth::Float {
        fields.push(Field::shorts(SAMPLE_FORMAT, &vec![FLOAT; shape.channels], order));
    }
    fields
}

/// Tags that say how samples are stored: none of an Exif block's may speak of ours.
const STRUCTURE: [u16; 19] = [
    NEW_SUBFILE_TYPE,
    SUBFILE_TYPE,
    BITS_PER_SAMPLE,
    COMPRESSION,
    PHOTOMETRIC_INTERPRETATION,
    STRIP_OFFSETS,
    SAMPLES_PER_PIXEL,
    ROWS_PER_STRIP,
    STRIP_BYTE_COUNTS,
    PLANAR_CONFIGURATION,
    PREDICTOR,
    COLOR_MAP,
    TILE_WIDTH,
    TILE_LENGTH,
    TILE_OFFSETS,
    TILE_BYTE_COUNTS,
    EXTRA_SAMPLES,
    SAMPLE_FORMAT,
    THUMBNAIL_OFFSET,
];

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::decode::decode;
    use crate::metadata::tags::{ASCII, EXIF_DIRECTORY, MAKE};
    use srcnn_image::Limits;
    use srcnn_image::image::{Density, DensityUnit, Image, Metadata, Pixels};
    use srcnn_image::rows::Held;

    const DATE_TIME_ORIGINAL: u16 = 0x9003;

    /// As files of more than 4 GiB are written.
    #[test]
    fn bigtiff_is_read_as_it_was_written() {
        let field = |tag, text: &[u8]| Field { tag, kind: ASCII, count: text.len() as u32, value: text.to_vec() };
        for order in [ByteOrder::Little, ByteOrder::Big] {
            let mut exif = empty_block(order);
            let inner = write_directory(
                &mut exif,
                0,
                order,
                Offsets::Classic,
                vec![field(DATE_TIME_ORIGINAL, b"2026:01:02 03:04:05\0")],
            );
            let fields = vec![field(MAKE, b"a maker\0"), Field::long(EXIF_DIRECTORY, inner as u32, order)];
            let at = write_directory(&mut exif, 0, order, Offsets::Classic, fields);
            exif[4..8].copy_from_slice(&order.u32(at as u32));
            let pixels = Pixels::new(401, 1703, 4, (0..401 * 1703 * 4).map(|i| (i * 7919) as u16).collect());
            let mut image = Image::new(Samples::U16(pixels.expect("filled"))).expect("RGBA");
            let density = Some(Density { x: 300.0, y: 300.0, unit: DensityUnit::Inch });
            image.metadata =
                Metadata { exif: Some(exif), xmp: Some(b"<x:xmpmeta/>".to_vec()), density, ..Metadata::default() };
            let metadata = WrittenMetadata::new(Shape::of(&image), &image.metadata, &TRAITS);
            let mut file = Cursor::new(Vec::new());
            write_with(&mut Held::from(&image), &metadata, Offsets::Big, &mut file).expect("in memory");
            let bytes = file.into_inner();
            let again = decode(&bytes, Limits::default()).expect("our own file");
            assert_eq!(again.samples(), image.samples());
            assert_eq!(again.metadata.xmp, image.metadata.xmp);
            assert_eq!(again.metadata.density, image.metadata.density);
            let exif = again.metadata.exif.expect("it is copied");
            let has = |text: &[u8]| exif.windows(text.len()).any(|w| w == text);
            assert!(has(b"a maker\0") && has(b"2026:01:02 03:04:05\0"), "what is said of the picture is there");
        }
    }
}
