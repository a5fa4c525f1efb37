//! The coefficients of a block: of a sequential scan (ITU-T T.81, F.2.2), and of the four kinds of progressive ones (G.2).

use std::io::Read;
use std::ops::RangeInclusive;

use super::bits::Bits;
use super::error::JpegError;
use super::huffman::Table;
use super::scan::Part;
use crate::jpeg::zigzag::NATURAL_ORDER;

/// The coefficients of a block in natural order: row by row, the lowest frequencies first.
pub(super) type Block = [i16; 64];

const TOO_MANY: JpegError = JpegError::Corrupt("more coefficients than a block has");

/// All coefficients. Gives whether any but the first was coded. `block` must be zero.
#[inline(always)]
pub(super) fn sequential<R: Read>(bits: &mut Bits<R>, part: &mut Part, block: &mut Block) -> Result<bool, JpegError> {
    block[0] = part.dc(bits)? as i16;
    let mut at = 1;
    while at < 64 {
        let coded = part.ac.coded(bits)?;
        let value = Table::value(coded, bits);
        at += coded.run();
        if value == 0 {
            if coded.run() < 15 {
                break;
            }
        } else {
            *coefficient(block, at)? = value;
        }
        at += 1;
    }
    Ok(at > 1)
}

/// The coefficient at a place of the zigzag.
#[inline(always)]
fn coefficient(block: &mut Block, at: usize) -> Result<&mut i16, JpegError> {
    let place = NATURAL_ORDER.get(at).ok_or(TOO_MANY)?;
    Ok(&mut block[usize::from(place & 63)])
}

/// The first scan of DC coefficients.
pub(super) fn dc_first<R: Read>(
    bits: &mut Bits<R>,
    part: &mut Part,
    low: u32,
    block: &mut Block,
) -> Result<(), JpegError> {
    block[0] = (part.dc(bits)? << low) as i16;
    Ok(())
}

/// One more bit of a DC coefficient.
pub(super) fn dc_refinement<R: Read>(bits: &mut Bits<R>, low: u32, block: &mut Block) {
    if bits.bit() {
        block[0] |= 1 << low;
    }
}

/// The first scan of a band of AC coefficients. `run`: blocks that have none.
pub(super) fn ac_first<R: Read>(
    bits: &mut Bits<R>,
    table: &Table,
    (band, low): (RangeInclusive<usize>, u32),
    run: &mut u32,
    block: &mut Block,
) -> Result<(), JpegError> {
    if *run > 0 {
        *run -= 1;
        return Ok(());
    }
    let (mut at, last) = band.into_inner();
    while at <= last {
        let coded = table.coded(bits)?;
        let value = Table::value(coded, bits);
        if value == 0 && coded.run() < 15 {
            *run = (1 << coded.run()) - 1 + bits.take(coded.run() as u32);
            break;
        }
        at += coded.run();
        if value != 0 {
            *coefficient(block, at)? = ((i32::from(value)) << low) as i16;
        }
        at += 1;
    }
    Ok(())
}

/// One more bit of a band of AC coefficients, and those that this bit is the first one of. `run`: blocks that have none
/// of the latter.
pub(super) fn ac_refinement<R: Read>(
    bits: &mut Bits<R>,
    table: &Table,
    (band, low): (RangeInclusive<usize>, u32),
    run: &mut u32,
    block: &mut Block,
) -> Result<(), JpegError> {
    let (mut at, last) = band.into_inner();
    let one = 1 << low;
    if *run == 0 {
        while at <= last {
            let coded = table.coded(bits)?;
            let value = Table::value(coded, bits);
            if value == 0 && coded.run() < 15 {
                *run = (1 << coded.run()) + bits.take(coded.run() as u32);
                break;
            }
            if value.abs() > 1 {
                return Err(JpegError::Corrupt("a new coefficient of more than one bit"));
            }
            let mut zeros = coded.run();
            while at <= last {
                let coefficient = coefficient(block, at)?;
                if *coefficient != 0 {
                    refine(bits, one, coefficient);
                } else if zeros == 0 {
                    break;
                } else {
                    zeros -= 1;
                }
                at += 1;
            }
            if value != 0 {
                if at > last {
                    return Err(TOO_MANY);
                }
                *coefficient(block, at)? = value * one;
            }
            at += 1;
        }
    }
    if *run > 0 {
        while at <= last {
            let coefficient = coefficient(block, at)?;
            if *coefficient != 0 {
                refine(bits, one, coefficient);
            }
            at += 1;
        }
        *run -= 1;
    }
    Ok(())
}

/// One more bit of a coefficient that is not 0.
#[inline(always)]
fn refine<R: Read>(bits: &mut Bits<R>, one: i16, coefficient: &mut i16) {
    if bits.bit() && *coefficient & one == 0 {
        *coefficient = coefficient.wrapping_add(if *coefficient > 0 { one } else { -one });
    }
}
