//! Units of AV1 (OBU; AV1 bitstream specification, 5.3): the matrix coefficients in the sequence header (5.5), for files that do
//! not state them in a box; and how many frames there are.

/// Types of units: a sequence header, the header of a frame, a whole frame, a header that was there before.
const SEQUENCE: u8 = 1;
const FRAME_HEADER: u8 = 3;
const FRAME: u8 = 6;
const REPEATED_HEADER: u8 = 7;

/// Units one after the other, up to the first that is cut short: type and content.
fn units(mut rest: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let head = *rest.first()?;
        let extended = usize::from(head >> 2 & 1);
        let (begin, size) = match head & 2 {
            // To the end.
            0 => (1 + extended, rest.len().checked_sub(1 + extended)?),
            _ => {
                let (size, taken) = size(rest.get(1 + extended..)?)?;
                (1 + extended + taken, size)
            }
        };
        let content = rest.get(begin..)?.get(..size)?;
        rest = &rest[begin + size..];
        Some((head >> 3 & 15, content))
    })
}

/// How many frames are coded, whether they are shown or not.
pub(super) fn frames(data: &[u8]) -> u64 {
    units(data).filter(|(kind, _)| [FRAME_HEADER, FRAME, REPEATED_HEADER].contains(kind)).count() as u64
}

/// The number of the matrix coefficients (ITU-T H.273); none if the header does not say, or has clocks in it.
pub(super) fn matrix(data: &[u8]) -> Option<u16> {
    let (_, content) = units(data).find(|(kind, _)| *kind == SEQUENCE)?;
    header(&mut Bits { bytes: content, at: 0 })
}

/// A number of seven bits a byte, the lowest first, and how many bytes it takes.
fn size(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut number = 0;
    for (i, byte) in bytes.iter().enumerate().take(4) {
        number |= usize::from(byte & 0x7F) << (7 * i);
        if byte & 0x80 == 0 {
            return Some((number, i + 1));
        }
    }
    None
}

fn header(bits: &mut Bits<'_>) -> Option<u16> {
    let profile = bits.number(3)?;
    bits.number(1)?;
    let reduced = bits.flag()?;
    if reduced {
        bits.number(5)?;
    } else {
        let clocks = bits.flag()?;
        (!clocks).then_some(())?;
        let delays = bits.flag()?;
        for _ in 0..=bits.number(5)? {
            bits.number(12)?;
            if bits.number(5)? > 7 {
                bits.number(1)?;
            }
            if delays && bits.flag()? {
                bits.number(4)?;
            }
        }
    }
    let [width, height] = [bits.number(4)?, bits.number(4)?];
    bits.number(width + 1)?;
    bits.number(height + 1)?;
    if !reduced && bits.flag()? {
        bits.number(7)?;
    }
    // Blocks of 128, and two tools of prediction.
    bits.number(3)?;
    if !reduced {
        bits.number(4)?;
        let ordered = bits.flag()?;
        if ordered {
            bits.number(2)?;
        }
        let screen = if bits.flag()? { 2 } else { bits.number(1)? };
        if screen > 0 && !bits.flag()? {
            bits.number(1)?;
        }
        if ordered {
            bits.number(3)?;
        }
    }
    // Three filters.
    bits.number(3)?;
    let deep = bits.flag()?;
    if profile == 2 && deep {
        bits.number(1)?;
    }
    if profile != 1 {
        bits.number(1)?;
    }
    bits.flag()?.then_some(())?;
    bits.number(16)?;
    Some(bits.number(8)? as u16)
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn number(&mut self, bits: u32) -> Option<u32> {
        let mut number = 0;
        for _ in 0..bits {
            let byte = self.bytes.get(self.at / 8)?;
            number = number << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(number)
    }

    fn flag(&mut self) -> Option<bool> {
        Some(self.number(1)? == 1)
    }
}
