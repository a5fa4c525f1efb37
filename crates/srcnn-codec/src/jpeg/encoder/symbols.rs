//! Symbols of Huffman coding, coded or counted.

use super::bits::{Bits, Writer};
use super::codes::{Codes, additional};

/// Huffman tables of a file: for luma and for color differences, each for DC and AC coefficients.
pub(super) const TABLES: usize = 4;

/// The index of a table of DC coefficients.
pub(super) fn dc_table(component: usize) -> usize {
    2 * component.min(1)
}

/// The index of a table of AC coefficients.
pub(super) fn ac_table(component: usize) -> usize {
    2 * component.min(1) + 1
}

/// Takes symbols and bits.
pub(super) trait Symbols {
    /// A symbol of a table, then the lowest `size` bits of `bits`; those above them are 0.
    fn put(&mut self, table: usize, symbol: u8, bits: u32, size: u32);
    /// The lowest `count` bits of `bits`.
    fn raw(&mut self, bits: u32, count: u32);
    /// An AC coefficient that is not 0, after at most 15 that are.
    #[inline(always)]
    fn coefficient(&mut self, table: usize, zeros: u32, value: i32) {
        let (bits, size) = additional(value);
        self.put(table, (zeros << 4 | size) as u8, bits, size);
    }
}

/// Codes symbols of blocks for which there is room.
pub(super) struct CodingBlocks<'a, 'b> {
    pub(super) bits: &'a mut Writer<'b>,
    pub(super) tables: &'a [Codes; TABLES],
}

impl Symbols for CodingBlocks<'_, '_> {
    #[inline(always)]
    fn put(&mut self, table: usize, symbol: u8, bits: u32, size: u32) {
        let (code, length) = self.tables[table].of(symbol);
        self.bits.put(code << size | bits, length + size);
    }

    #[inline(always)]
    fn raw(&mut self, bits: u32, count: u32) {
        self.bits.put(bits, count);
    }

    #[inline(always)]
    fn coefficient(&mut self, table: usize, zeros: u32, value: i32) {
        let (bits, length) = self.tables[table].of_coefficient(zeros, value);
        self.bits.put(bits, length);
    }
}

/// Codes symbols, however many.
pub(super) struct Coding<'a> {
    pub(super) bits: &'a mut Bits,
    pub(super) tables: &'a [Codes; TABLES],
}

impl Symbols for Coding<'_> {
    #[inline(always)]
    fn put(&mut self, table: usize, symbol: u8, bits: u32, size: u32) {
        let (code, length) = self.tables[table].of(symbol);
        self.bits.put(code << size | bits, length + size);
    }

    #[inline(always)]
    fn raw(&mut self, bits: u32, count: u32) {
        self.bits.put(bits, count);
    }
}

/// How often each symbol of a table comes.
pub(super) type Counts = [u64; 256];

/// Counts symbols.
#[derive(Clone)]
pub(super) struct Counting(pub(super) [Counts; TABLES]);

impl Default for Counting {
    fn default() -> Self {
        Self([[0; 256]; TABLES])
    }
}

impl Symbols for Counting {
    #[inline(always)]
    fn put(&mut self, table: usize, symbol: u8, _: u32, _: u32) {
        self.0[table][usize::from(symbol)] += 1;
    }

    #[inline(always)]
    fn raw(&mut self, _: u32, _: u32) {}
}

impl Counting {
    /// The sums of both.
    pub(super) fn plus(mut self, other: &Self) -> Self {
        let all = self.0.as_flattened_mut().iter_mut().zip(other.0.as_flattened());
        all.for_each(|(sum, count)| *sum += count);
        self
    }
}
