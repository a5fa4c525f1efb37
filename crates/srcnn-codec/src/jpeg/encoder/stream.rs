//! Sequential scans: rows of MCUs coded at the same time, joined and written in order.

use std::io::Write;

use srcnn_image::parallel;
use srcnn_image::rows::Rows;

use super::bits::Bits;
use super::codes::{Codes, Spec};
use super::frame::Frame;
use super::header;
use super::join::Joined;
use super::rows::Band;
use super::sequential;
use super::standard;
use super::symbols::{CodingBlocks, TABLES};
use super::transform::{Part, Transform};
use crate::encode_error::EncodeError;
use crate::jpeg::markers::{END_OF_IMAGE, PREFIX};

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

/// Writes `head` and one scan with the standard's tables, `at_once` rows of MCUs at a time.
pub(super) fn write(
    rows: &mut impl Rows,
    transform: &Transform,
    at_once: usize,
    head: Vec<u8>,
    out: &mut impl Write,
) -> Result<(), EncodeError> {
    let (frame, tables) = (transform.frame(), standard::tables());
    let codes = tables.each_ref().map(Codes::new);
    let mut scan = Scan::new(frame, head, &tables);
    let mut slots: Vec<Slot> = Vec::new();
    slots.resize_with(at_once, Slot::default);
    let mut before = [0; 3];
    for top in (0..frame.size.height).step_by(at_once * frame.unit()) {
        let band = Band::read(rows, (frame.size.height - top).min(at_once * frame.unit()))?;
        let pixels = band.rows();
        let units: Vec<&[&[u8]]> = pixels.chunks(frame.unit()).collect();
        parallel::for_each(slots.iter_mut().zip(&units).enumerate(), |(row, (slot, rows))| {
            slot.last = if row == 0 { before } else { last_dc(transform, units[row - 1], &mut slot.part) };
            code(transform, rows, &codes, slot);
        });
        let slots = &slots[..units.len()];
        scan.write(slots.iter().map(|slot| &slot.bits), out)?;
        before = slots[slots.len() - 1].last;
    }
    scan.finish(out)
}

/// The last DC coefficients of a row of MCUs.
fn last_dc(transform: &Transform, rows: &[&[u8]], part: &mut Part) -> [i16; 3] {
    let across = transform.frame().across();
    transform.run(rows, across - 1..across, part);
    part.blocks().map(|blocks| blocks.last().map_or(0, |block| block.values[0]))
}

/// Codes a row of MCUs.
fn code(transform: &Transform, rows: &[&[u8]], codes: &[Codes; TABLES], slot: &mut Slot) {
    slot.bits.clear();
    for units in transform.parts() {
        transform.run(rows, units.clone(), &mut slot.part);
        let (blocks, last) = (slot.part.blocks(), &mut slot.last);
        slot.bits.blocks(blocks.iter().map(|blocks| blocks.len()).sum(), |bits| {
            sequential::units(&mut CodingBlocks { bits, tables: codes }, transform.frame(), blocks, units.len(), last);
        });
    }
}

/// A sequential scan of all components as it is written.
pub(super) struct Scan(Joined);

impl Scan {
    /// A scan behind `head` and with these tables.
    pub(super) fn new(frame: &Frame, head: Vec<u8>, tables: &[Spec; TABLES]) -> Self {
        let mut joined = Joined::default();
        *joined.bytes() = head;
        for (table, spec) in tables.iter().enumerate().take(2 * frame.components) {
            header::huffman(table, spec).put(joined.bytes());
        }
        header::scan(&(0..frame.components).collect::<Vec<_>>(), (0, 63), (0, 0)).put(joined.bytes());
        Self(joined)
    }

    /// Adds rows of MCUs, and writes when there is enough.
    pub(super) fn write<'a>(
        &mut self,
        rows: impl Iterator<Item = &'a Bits>,
        out: &mut impl Write,
    ) -> Result<(), EncodeError> {
        rows.for_each(|bits| self.0.append(bits));
        if self.0.bytes().len() >= WRITTEN {
            out.write_all(self.0.bytes())?;
            self.0.bytes().clear();
        }
        Ok(())
    }

    /// Writes the rest and the end of the file.
    pub(super) fn finish(mut self, out: &mut impl Write) -> Result<(), EncodeError> {
        self.0.finish();
        self.0.bytes().extend([PREFIX, END_OF_IMAGE]);
        Ok(out.write_all(self.0.bytes())?)
    }
}
