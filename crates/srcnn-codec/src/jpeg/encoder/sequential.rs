//! The coefficients of blocks as symbols (ITU-T T.81, F.1.2), in sequential scans.

use srcnn_kernels::jpeg::Block;

use super::codes::additional;
use super::frame::{Frame, SIDE};
use super::symbols::{Symbols, ac_table, dc_table};
use crate::jpeg::zigzag::NATURAL_ORDER;

/// No more coefficients that are not 0.
const END_OF_BLOCK: u8 = 0x00;
/// Sixteen coefficients of 0.
pub(super) const SIXTEEN_ZEROS: u8 = 0xF0;

/// The places of coefficients in a [`Block`], in the order in which they are coded.
pub(super) const ORDER: [u8; 64] = {
    let mut order = [0; 64];
    let mut at = 0;
    while at < 64 {
        // Blocks are column by column.
        order[at] = NATURAL_ORDER[at] % 8 * 8 + NATURAL_ORDER[at] / 8;
        at += 1;
    }
    order
};

/// For the bits of each column of a block those of the order of coding.
static IN_ORDER: [[u64; 256]; SIDE] = {
    let mut tables = [[0; 256]; SIDE];
    let mut at = 0;
    while at < 64 {
        let place = ORDER[at] as usize;
        let mut bits = 0;
        while bits < 256 {
            if bits >> (place % 8) & 1 == 1 {
                tables[place / 8][bits] |= 1 << at;
            }
            bits += 1;
        }
        at += 1;
    }
    tables
};

/// Which coefficients of a block are not 0, in the order of coding.
#[inline(always)]
pub(super) fn nonzero(block: &Block) -> u64 {
    let columns = block.nonzero.to_le_bytes();
    IN_ORDER.iter().zip(columns).fold(0, |bits, (table, column)| bits | table[usize::from(column)])
}

/// The blocks of MCUs next to each other: of each component, one row of blocks after the other. `last` are the DC coefficients
/// before, and become the last ones.
#[inline(always)]
pub(super) fn units(out: &mut impl Symbols, frame: &Frame, blocks: [&[Block]; 3], across: usize, last: &mut [i16; 3]) {
    for unit in 0..across {
        for (component, blocks) in blocks.iter().enumerate().take(frame.components) {
            for row in frame.rows_of_unit(component, unit, across) {
                for block in &blocks[row] {
                    let before = std::mem::replace(&mut last[component], block.values[0]);
                    put(out, component, block, before);
                }
            }
        }
    }
}

/// A block after one whose DC coefficient is `before`.
#[inline(always)]
fn put(out: &mut impl Symbols, component: usize, block: &Block, before: i16) {
    let (bits, size) = additional(i32::from(block.values[0]) - i32::from(before));
    out.put(dc_table(component), size as u8, bits, size);
    let table = ac_table(component);
    let mut left = nonzero(block) & !1;
    let mut last = 0;
    while left != 0 {
        let at = left.trailing_zeros();
        left &= left - 1;
        let mut zeros = at - last - 1;
        while zeros > 15 {
            out.put(table, SIXTEEN_ZEROS, 0, 0);
            zeros -= 16;
        }
        out.coefficient(table, zeros, i32::from(block.values[usize::from(ORDER[at as usize & 63] & 63)]));
        last = at;
    }
    if last < 63 {
        out.put(table, END_OF_BLOCK, 0, 0);
    }
}
