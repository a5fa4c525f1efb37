//! Scans: the order of their blocks, and restarts (ITU-T T.81, A.2 and E.2.4).

use std::io::Read;
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::bits::Bits;
use super::error::JpegError;
use super::frame::Frame;
use super::huffman::Table;
use crate::jpeg::markers::FIRST_RESTART;

/// Blocks in an MCU at most (B.2.3).
const MOST_BLOCKS: usize = 10;

/// One component's part of a scan.
pub(super) struct Part {
    pub(super) component: usize,
    pub(super) dc: Arc<Table>,
    pub(super) ac: Arc<Table>,
    /// The last DC coefficient, before its shift.
    predictor: i32,
    /// Blocks across and down in an MCU.
    across: usize,
    down: usize,
}

impl Part {
    pub(super) fn new(component: usize, dc: Arc<Table>, ac: Arc<Table>) -> Self {
        Self { component, dc, ac, predictor: 0, across: 1, down: 1 }
    }

    /// The next DC coefficient.
    #[inline(always)]
    pub(super) fn dc<R: Read>(&mut self, bits: &mut Bits<R>) -> Result<i32, JpegError> {
        let coded = self.dc.coded(bits)?;
        self.predictor = self.predictor.wrapping_add(i32::from(Table::value(coded, bits)));
        Ok(self.predictor)
    }
}

/// Where a block belongs.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The component, by its number in the frame.
    pub(super) component: usize,
    /// Column of blocks.
    pub(super) column: usize,
    /// Row of blocks within a row of MCUs of the whole frame.
    pub(super) row: usize,
}

/// A scan: what stays the same for its blocks, and what goes from one to the next.
pub(super) struct Scan {
    parts: Vec<Part>,
    /// Spectral selection: coefficients in zigzag order.
    pub(super) band: RangeInclusive<usize>,
    /// Successive approximation: the bit position of the scan before, 0 if this is the first one, and of this scan.
    pub(super) high: u32,
    pub(super) low: u32,
    /// MCUs between restart markers; 0 for none.
    interval: u32,
    /// MCUs up to the next restart marker.
    left: u32,
    /// The number of that marker, 0 to 7.
    restart: u8,
    /// Blocks still to come that have no coefficients of this band.
    run: u32,
    /// MCUs.
    across: usize,
    down: usize,
    /// Rows of blocks in a row of MCUs of the whole frame.
    rows: usize,
}

impl Scan {
    pub(super) fn new(
        mut parts: Vec<Part>,
        frame: &Frame,
        interval: u32,
        band: RangeInclusive<usize>,
        (high, low): (u32, u32),
    ) -> Result<Self, JpegError> {
        let (across, down, rows) = if let [part] = &parts[..] {
            let component = &frame.components[part.component];
            (component.blocks_across, component.blocks_down, component.down)
        } else {
            for part in &mut parts {
                let component = &frame.components[part.component];
                (part.across, part.down) = (component.across, component.down);
            }
            if parts.iter().map(|part| part.across * part.down).sum::<usize>() > MOST_BLOCKS {
                return Err(JpegError::Corrupt("too many blocks in an MCU"));
            }
            (frame.mcus_across, frame.mcus_down, 1)
        };
        let (left, restart, run) = (interval, 0, 0);
        Ok(Self { parts, band, high, low, interval, left, restart, run, across, down, rows })
    }

    /// Components in the scan, by their numbers in the frame.
    pub(super) fn components(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().map(|part| part.component)
    }

    /// Rows of MCUs of this scan, and how many of them make one of the whole frame.
    pub(super) fn rows(&self) -> (usize, usize) {
        (self.down, self.rows)
    }

    /// Whether the scan begins with the DC coefficient.
    pub(super) fn has_dc(&self) -> bool {
        *self.band.start() == 0
    }

    /// Passes over a row whose blocks, as has been said before, have no coefficients of this band. Whether it is one.
    pub(super) fn pass_over(&mut self) -> bool {
        let idle = self.run as usize >= self.across && self.high == 0 && self.interval == 0;
        if idle {
            self.run -= self.across as u32;
        }
        idle
    }

    /// Decodes a row of MCUs of this scan. `decode` decodes a block, given the blocks that have no coefficients.
    pub(super) fn row<R: Read>(
        &mut self,
        bits: &mut Bits<R>,
        row: usize,
        mut decode: impl FnMut(&mut Bits<R>, &mut Part, Place, &mut u32) -> Result<(), JpegError>,
    ) -> Result<(), JpegError> {
        let first = row % self.rows;
        for mcu in 0..self.across {
            if self.interval > 0 {
                if self.left == 0 {
                    self.restart(bits)?;
                }
                self.left -= 1;
            }
            for part in &mut self.parts {
                let (across, down, component) = (part.across, part.down, part.component);
                for y in 0..down {
                    for x in 0..across {
                        let place = Place { component, column: mcu * across + x, row: first + y };
                        if let Err(error) = decode(bits, part, place, &mut self.run) {
                            // Behind the end of the data, that is what is wrong.
                            return Err(bits.check().err().unwrap_or(error));
                        }
                    }
                }
            }
            bits.check()?;
        }
        Ok(())
    }

    /// Passes a restart marker.
    fn restart<R: Read>(&mut self, bits: &mut Bits<R>) -> Result<(), JpegError> {
        if bits.marker()? != FIRST_RESTART + self.restart {
            return Err(JpegError::Corrupt("a wrong restart marker"));
        }
        (self.left, self.restart, self.run) = (self.interval, (self.restart + 1) % 8, 0);
        self.parts.iter_mut().for_each(|part| part.predictor = 0);
        Ok(())
    }
}
