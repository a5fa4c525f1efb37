//! The coefficients of blocks as symbols (ITU-T T.81, F.1.2), in sequential scans.

use srcnn_kernels::jpeg::Block;

use super::bits::Bits;
use super::codes::Codes;
use super::frame::SIDE;
use crate::jpeg::zigzag::NATURAL_ORDER;

/// No more coefficients that are not 0.
pub(super) const END_OF_BLOCK: u8 = 0x00;
/// Sixteen coefficients of 0.
pub(super) const SIXTEEN_ZEROS: u8 = 0xF0;

/// Takes symbols, each with bits after it.
pub(super) trait Symbols {
    /// A symbol of the DC table, and the lowest `size` bits of `bits`; those above them are 0.
    fn dc(&mut self, symbol: u8, bits: u32, size: u32);
    /// A symbol of the AC table.
    fn ac(&mut self, symbol: u8, bits: u32, size: u32);
}

/// Codes symbols by two tables.
pub(super) struct Coding<'a> {
    pub(super) bits: &'a mut Bits,
    pub(super) tables: &'a [Codes; 2],
}

impl Symbols for Coding<'_> {
    #[inline(always)]
    fn dc(&mut self, symbol: u8, bits: u32, size: u32) {
        put(self.bits, &self.tables[0], symbol, bits, size);
    }

    #[inline(always)]
    fn ac(&mut self, symbol: u8, bits: u32, size: u32) {
        put(self.bits, &self.tables[1], symbol, bits, size);
    }
}

#[inline(always)]
fn put(out: &mut Bits, codes: &Codes, symbol: u8, bits: u32, size: u32) {
    let (code, length) = codes.of(symbol);
    out.put(code << size | bits, length + size);
}

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

/// The bits after a symbol for a number that is not 0, and their number (F.1.2.1 and F.1.2.2).
#[inline(always)]
pub(super) fn additional(number: i32) -> (u32, u32) {
    let size = u32::BITS - number.unsigned_abs().leading_zeros();
    // One less where it is negative.
    let bits = (number + (number >> 31)) as u32 & ((1 << size) - 1);
    (bits, size)
}

/// A block after one whose DC coefficient is `before`.
#[inline(always)]
pub(super) fn block(out: &mut impl Symbols, block: &Block, before: i16) {
    let (bits, size) = additional(i32::from(block.values[0]) - i32::from(before));
    out.dc(size as u8, bits, size);
    let mut left = nonzero(block) & !1;
    let mut last = 0;
    while left != 0 {
        let at = left.trailing_zeros();
        left &= left - 1;
        let mut zeros = at - last - 1;
        while zeros > 15 {
            out.ac(SIXTEEN_ZEROS, 0, 0);
            zeros -= 16;
        }
        let (bits, size) = additional(i32::from(block.values[usize::from(ORDER[at as usize & 63] & 63)]));
        out.ac((zeros << 4 | size) as u8, bits, size);
        last = at;
    }
    if last < 63 {
        out.ac(END_OF_BLOCK, 0, 0);
    }
}
