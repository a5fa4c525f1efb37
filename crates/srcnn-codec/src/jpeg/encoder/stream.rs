//! Files, written as rows come.

use std::io::Write;

use srcnn_image::parallel;
use srcnn_image::rows::Rows;

use super::bits::Bits;
use super::codes::Codes;
use super::frame::Frame;
use super::header::{self, Segment};
use super::join::Joined;
use super::quantisation;
use super::rows::Band;
use super::sequential::{self, Coding};
use super::standard;
use super::transform::{Part, Transform};
use crate::encode_error::EncodeError;
use crate::jpeg::markers::{END_OF_IMAGE, PREFIX, START_OF_IMAGE};
use crate::options::EncodeOptions;

/// Rows of pixels that are asked for at a time, at least.
const ROWS: usize = 64;
/// Rows of MCUs that a thread has at a time.
const ROWS_A_THREAD: usize = 4;
/// Bytes that are written at a time, at least.
const WRITTEN: usize = 1 << 18;

/// A row of MCUs in work.
#[derive(Default)]
struct Slot {
    part: Part,
    bits: Bits,
    /// The last DC coefficients.
    last: [i16; 3],
}

/// Writes a file of grey or RGB rows of 8 bits, with `segments` before the frame. Sides are at most 65535.
///
/// # Errors
/// That of the rows, or of writing. Nothing is written before the first rows are there.
pub(crate) fn write(
    rows: &mut impl Rows,
    segments: &[Segment],
    options: &EncodeOptions,
    out: &mut impl Write,
) -> Result<(), EncodeError> {
    let shape = rows.shape();
    let frame = Frame::new(shape.size(), shape.channels, options.subsampling);
    let steps = quantisation::steps(options.quality);
    let transform = Transform::new(frame, &steps);
    let tables = standard::tables();
    let codes = tables.each_ref().map(|pair| pair.each_ref().map(Codes::new));
    let mut joined = Joined::default();
    let head = joined.bytes();
    head.extend([PREFIX, START_OF_IMAGE]);
    segments.iter().for_each(|segment| segment.put(head));
    let kinds = frame.components.min(2);
    header::frame(&frame, false).put(head);
    (0..).zip(&steps[..kinds]).for_each(|(table, steps)| header::quantisation(table, steps).put(head));
    for (table, [dc, ac]) in (0..).zip(&tables[..kinds]) {
        header::huffman(table, false, dc).put(head);
        header::huffman(table, true, ac).put(head);
    }
    header::scan(&(0..frame.components).collect::<Vec<_>>(), (0, 63), (0, 0)).put(head);

    let unit = frame.unit();
    let at_once = (ROWS / unit).max(ROWS_A_THREAD * parallel::threads()).min(frame.down());
    let mut slots: Vec<Slot> = Vec::new();
    slots.resize_with(at_once, Slot::default);
    let mut before = [0; 3];
    for top in (0..frame.size.height).step_by(at_once * unit) {
        let band = Band::read(rows, (frame.size.height - top).min(at_once * unit))?;
        let pixels = band.rows();
        let units: Vec<&[&[u8]]> = pixels.chunks(unit).collect();
        parallel::for_each(slots.iter_mut().zip(&units).enumerate(), |(row, (slot, rows))| {
            let mut last = before;
            if row > 0 {
                last = last_dc(&transform, units[row - 1], &mut slot.part);
            }
            slot.bits.clear();
            code(&transform, rows, &codes, last, slot);
        });
        for slot in &slots[..units.len()] {
            joined.append(&slot.bits);
        }
        before = slots[units.len() - 1].last;
        if joined.bytes().len() >= WRITTEN {
            out.write_all(joined.bytes())?;
            joined.bytes().clear();
        }
    }
    joined.finish();
    joined.bytes().extend([PREFIX, END_OF_IMAGE]);
    out.write_all(joined.bytes())?;
    Ok(())
}

/// The last DC coefficients of a row of MCUs.
fn last_dc(transform: &Transform, rows: &[&[u8]], part: &mut Part) -> [i16; 3] {
    let across = transform.frame().across();
    transform.run(rows, across - 1..across, part);
    std::array::from_fn(|component| part.blocks(component).last().map_or(0, |block| block.values[0]))
}

/// Codes a row of MCUs after one whose last DC coefficients are `last`.
fn code(transform: &Transform, rows: &[&[u8]], codes: &[[Codes; 2]; 2], mut last: [i16; 3], slot: &mut Slot) {
    let frame = transform.frame();
    for units in transform.parts() {
        transform.run(rows, units.clone(), &mut slot.part);
        for unit in 0..units.len() {
            for component in 0..frame.components {
                let (factor, blocks) = (frame.factor(component), slot.part.blocks(component));
                let mut out = Coding { bits: &mut slot.bits, tables: &codes[component.min(1)] };
                for row in blocks.chunks_exact(factor * units.len()) {
                    for block in &row[factor * unit..factor * (unit + 1)] {
                        sequential::block(&mut out, block, last[component]);
                        last[component] = block.values[0];
                    }
                }
            }
        }
    }
    slot.last = last;
}
