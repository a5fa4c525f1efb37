//! Files for which all coefficients are kept: with Huffman tables of their own, or progressive.

use std::io::Write;

use srcnn_image::parallel;
use srcnn_image::rows::Rows;

use super::bits::Bits;
use super::codes::Codes;
use super::coefficients::Coefficients;
use super::optimal;
use super::progressive::scans;
use super::sequential;
use super::stream::Scan;
use super::symbols::{CodingBlocks, Counting, Symbols};
use super::transform::Transform;
use crate::encode_error::EncodeError;
use crate::jpeg::markers::{END_OF_IMAGE, PREFIX};

/// Writes `head` and one scan with tables made for it, `at_once` rows of MCUs at a time.
pub(super) fn optimized(
    rows: &mut impl Rows,
    transform: &Transform,
    at_once: usize,
    head: Vec<u8>,
    out: &mut impl Write,
) -> Result<(), EncodeError> {
    let frame = transform.frame();
    let coefficients = Coefficients::read(rows, transform, at_once)?;
    let counts = parallel::map((0..frame.down()).step_by(at_once), |top| {
        let mut counting = Counting::default();
        (top..frame.down().min(top + at_once)).for_each(|row| put(&coefficients, row, &mut counting));
        counting
    });
    let counts = counts.iter().fold(Counting::default(), Counting::plus);
    let tables = counts.0.each_ref().map(optimal::table);
    let codes = tables.each_ref().map(Codes::new);
    let mut scan = Scan::new(frame, head, &tables);
    let mut slots: Vec<Bits> = Vec::new();
    slots.resize_with(at_once, Bits::default);
    for top in (0..frame.down()).step_by(at_once) {
        let rows = top..frame.down().min(top + at_once);
        parallel::for_each(rows.clone().zip(&mut slots), |(row, bits)| {
            bits.clear();
            let blocks = coefficients.units(row).map(<[_]>::len).into_iter().sum();
            bits.blocks(blocks, |bits| put(&coefficients, row, &mut CodingBlocks { bits, tables: &codes }));
        });
        scan.write(slots[..rows.len()].iter(), out)?;
    }
    scan.finish(out)
}

/// A row of MCUs.
#[inline(always)]
fn put(coefficients: &Coefficients, row: usize, out: &mut impl Symbols) {
    let frame = coefficients.frame();
    let last_dc = |blocks: &[_]| blocks.last().map_or(0, |block: &srcnn_kernels::jpeg::Block| block.values[0]);
    let mut last = row.checked_sub(1).map_or([0; 3], |before| coefficients.units(before).map(last_dc));
    sequential::units(out, frame, coefficients.units(row), frame.across(), &mut last);
}

/// Writes `head` and progressive scans with tables made for them.
pub(super) fn progressive(
    rows: &mut impl Rows,
    transform: &Transform,
    at_once: usize,
    head: Vec<u8>,
    out: &mut impl Write,
) -> Result<(), EncodeError> {
    let coefficients = Coefficients::read(rows, transform, at_once)?;
    let scans = scans(transform.frame().components);
    let mut bytes = head;
    for scan in parallel::map(scans.iter(), |scan| scan.bytes(&coefficients)) {
        bytes.extend(scan);
    }
    bytes.extend([PREFIX, END_OF_IMAGE]);
    Ok(out.write_all(&bytes)?)
}
