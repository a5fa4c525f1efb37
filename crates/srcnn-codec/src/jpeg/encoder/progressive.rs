//! Progressive scans (ITU-T T.81, annex G).

use srcnn_kernels::jpeg::Block;

use super::bits::Bits;
use super::codes::{Codes, additional};
use super::coefficients::Coefficients;
use super::header;
use super::join::Joined;
use super::optimal;
use super::sequential::{ORDER, SIXTEEN_ZEROS, nonzero};
use super::symbols::{Coding, Counting, Symbols, TABLES, ac_table, dc_table};

/// The longest run of blocks without further coefficients.
const LONGEST_RUN: u32 = 0x7FFF;
/// Correction bits that are held back at most before a run is written, as in libjpeg; a block may add 63.
const MOST_CORRECTIONS: usize = 937;

/// A scan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scan {
    /// Its component; none for the DC coefficients of all.
    component: Option<usize>,
    /// The first and the last coefficient in order of coding.
    band: (u8, u8),
    /// Bits left out by the scan before of the same coefficients, 0 if there is none; and by this one.
    high: u8,
    low: u8,
}

/// The scans of a file, as libjpeg chooses them: luma first and roughly, color differences all at once.
pub(super) fn scans(components: usize) -> Vec<Scan> {
    let scan = |component, band, high, low| Scan { component, band, high, low };
    let colors = |high, low| [2, 1].map(|component| scan(Some(component), (1, 63), high, low));
    let mut scans = vec![scan(None, (0, 0), 0, 1), scan(Some(0), (1, 5), 0, 2)];
    scans.extend(colors(0, 1));
    scans.extend([scan(Some(0), (6, 63), 0, 2), scan(Some(0), (1, 63), 2, 1), scan(None, (0, 0), 1, 0)]);
    scans.extend(colors(1, 0));
    scans.push(scan(Some(0), (1, 63), 1, 0));
    scans.retain(|scan| scan.component.is_none_or(|component| component < components));
    scans
}

impl Scan {
    /// The scan with its Huffman tables.
    pub(super) fn bytes(&self, coefficients: &Coefficients) -> Vec<u8> {
        let mut counting = Counting::default();
        self.put(coefficients, &mut counting);
        let tables = counting.0.each_ref().map(optimal::table);
        let mut joined = Joined::default();
        for (table, spec) in tables.iter().enumerate().filter(|(_, spec)| !spec.symbols.is_empty()) {
            header::huffman(table, spec).put(joined.bytes());
        }
        let components = match self.component {
            Some(component) => vec![component],
            None => (0..coefficients.frame().components).collect(),
        };
        header::scan(&components, self.band, (self.high, self.low)).put(joined.bytes());
        let mut bits = Bits::default();
        let codes: [Codes; TABLES] = tables.each_ref().map(Codes::new);
        self.put(coefficients, &mut Coding { bits: &mut bits, tables: &codes });
        joined.append(&bits);
        joined.finish();
        std::mem::take(joined.bytes())
    }

    fn put(&self, coefficients: &Coefficients, out: &mut impl Symbols) {
        let Some(component) = self.component else {
            self.dc(coefficients, out);
            return;
        };
        let mut run = Run { table: ac_table(component), blocks: 0, corrections: Vec::new(), own: Vec::new() };
        for block in coefficients.blocks(component) {
            if self.high == 0 {
                self.first(block, &mut run, out);
            } else {
                self.refinement(block, &mut run, out);
            }
        }
        run.end(out);
    }

    /// DC coefficients, MCU by MCU (G.1.2.1).
    fn dc(&self, coefficients: &Coefficients, out: &mut impl Symbols) {
        let frame = coefficients.frame();
        let mut last = [0; 3];
        for (row, unit) in (0..frame.down()).flat_map(|row| (0..frame.across()).map(move |unit| (row, unit))) {
            for (component, blocks) in coefficients.units(row).iter().enumerate().take(frame.components) {
                for block in frame.rows_of_unit(component, unit, frame.across()).flat_map(|row| &blocks[row]) {
                    let value = i32::from(block.values[0] >> self.low);
                    if self.high > 0 {
                        out.raw((value & 1) as u32, 1);
                    } else {
                        let (bits, size) = additional(value - std::mem::replace(&mut last[component], value));
                        out.put(dc_table(component), size as u8, bits, size);
                    }
                }
            }
        }
    }

    /// The coefficients of the band that are not 0 in a block.
    fn nonzero(&self, block: &Block) -> u64 {
        nonzero(block) & (u64::MAX << self.band.0) & (u64::MAX >> (63 - self.band.1))
    }

    /// The first scan of a band (G.1.2.2).
    fn first(&self, block: &Block, run: &mut Run, out: &mut impl Symbols) {
        let mut last = u32::from(self.band.0) - 1;
        for (at, value) in values(block, self.nonzero(block)) {
            let size = value.unsigned_abs() >> self.low;
            if size == 0 {
                continue;
            }
            run.end(out);
            let mut zeros = at - last - 1;
            while zeros > 15 {
                out.put(run.table, SIXTEEN_ZEROS, 0, 0);
                zeros -= 16;
            }
            let (bits, size) = additional(if value < 0 { -(size as i32) } else { size as i32 });
            out.put(run.table, (zeros << 4 | size) as u8, bits, size);
            last = at;
        }
        if last < u32::from(self.band.1) {
            run.add(out);
        }
    }

    /// One more bit of a band (G.1.2.3).
    fn refinement(&self, block: &Block, run: &mut Run, out: &mut impl Symbols) {
        let left = self.nonzero(block);
        let is_new = |value: i32| value.unsigned_abs() >> self.low == 1;
        // Zeros after the last new coefficient are part of a run.
        let last_new = values(block, left).filter(|(_, value)| is_new(*value)).map(|(at, _)| at + 1).max().unwrap_or(0);
        let (mut last, mut zeros) = (u32::from(self.band.0) - 1, 0);
        for (at, value) in values(block, left) {
            let size = value.unsigned_abs() >> self.low;
            if size == 0 {
                continue;
            }
            zeros += at - last - 1;
            last = at;
            while zeros > 15 && at < last_new {
                run.end(out);
                out.put(run.table, SIXTEEN_ZEROS, 0, 0);
                run.put_own(out);
                zeros -= 16;
            }
            if size > 1 {
                run.own.push(size & 1 == 1);
                continue;
            }
            run.end(out);
            out.put(run.table, (zeros << 4 | 1) as u8, u32::from(value > 0), 1);
            run.put_own(out);
            zeros = 0;
        }
        if last < u32::from(self.band.1) || zeros > 0 || !run.own.is_empty() {
            run.add(out);
        }
    }
}

/// Coefficients of a block and their places in the order of coding.
fn values(block: &Block, mut left: u64) -> impl Iterator<Item = (u32, i32)> {
    std::iter::from_fn(move || {
        let at = (left != 0).then(|| left.trailing_zeros())?;
        left &= left - 1;
        Some((at, i32::from(block.values[usize::from(ORDER[at as usize])])))
    })
}

/// Blocks without further coefficients, and bits that correct coefficients.
struct Run {
    /// The Huffman table.
    table: usize,
    blocks: u32,
    /// Corrections in the blocks of the run.
    corrections: Vec<bool>,
    /// Corrections in the block after them, up to where it is coded.
    own: Vec<bool>,
}

impl Run {
    /// Adds the block with its corrections.
    fn add(&mut self, out: &mut impl Symbols) {
        self.blocks += 1;
        self.corrections.append(&mut self.own);
        if self.blocks == LONGEST_RUN || self.corrections.len() > MOST_CORRECTIONS {
            self.end(out);
        }
    }

    /// Writes the run with its corrections.
    fn end(&mut self, out: &mut impl Symbols) {
        if self.blocks > 0 {
            let size = self.blocks.ilog2();
            out.put(self.table, (size << 4) as u8, self.blocks & ((1 << size) - 1), size);
            self.blocks = 0;
            self.corrections.drain(..).for_each(|bit| out.raw(u32::from(bit), 1));
        }
    }

    /// Writes the block's corrections.
    fn put_own(&mut self, out: &mut impl Symbols) {
        self.own.drain(..).for_each(|bit| out.raw(u32::from(bit), 1));
    }
}
