//! Codes of fax machines as TIFF has them: rows of Modified Huffman codes (TIFF 6.0, section 10), and Group 3 (ITU-T T.4), of one
//! dimension and of two.

use std::sync::LazyLock;

use fax::Bits as Code;
use fax::maps::{black, white};

/// How rows are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// Runs alone, each row from a multiple of so many bits on.
    Rows { aligned: usize },
    /// Rows behind a mark each. Of two dimensions, a bit behind the mark says whether the row has runs alone.
    Group3 { two_dimensional: bool },
}

/// Why codes cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum CcittError {
    #[error("the file ends too early")]
    Truncated,
    #[error("damaged fax codes in row {row}")]
    Damaged { row: usize },
    #[error("fax codes with uncompressed pixels in row {row}, which no known program writes")]
    Uncompressed { row: usize },
}

/// Bits of the longest code.
const LONGEST: u32 = 13;
/// Zeros that begin the mark before a row, at least. No other code has as many.
const MARK_ZEROS: usize = 11;
/// Runs from this length on are continued by another code.
const CONTINUED: u16 = 64;

/// Codes of runs, of white pixels and of black ones, by their first bits: the length of the run and the bits that it takes, none for
/// what is no code.
static RUNS: LazyLock<[Vec<(u16, u8)>; 2]> =
    LazyLock::new(|| [by_first_bits(&white::ENTRIES), by_first_bits(&black::ENTRIES)]);

fn by_first_bits(codes: &[(u16, Code)]) -> Vec<(u16, u8)> {
    let mut all = vec![(0, 0); 1 << LONGEST];
    for (run, Code { data, len }) in codes {
        let free = LONGEST - u32::from(*len);
        let first = usize::from(*data) << free;
        all[first..first + (1 << free)].fill((*run, *len));
    }
    all
}

/// Decompresses rows of pixels to rows of bits, each beginning at a whole byte; 1 is black.
///
/// # Errors
/// [`CcittError`].
pub(super) fn decompress(packed: &[u8], width: usize, rows: usize, coding: Coding) -> Result<Vec<u8>, CcittError> {
    let mut bits = Bits { bytes: packed, at: 0 };
    let mut out = vec![0; width.div_ceil(8) * rows];
    let (mut above, mut changes) = (Vec::new(), Vec::new());
    for (row, bytes) in out.chunks_exact_mut(width.div_ceil(8).max(1)).enumerate() {
        changes.clear();
        let runs_alone = match coding {
            Coding::Rows { aligned } => {
                bits.at = bits.at.next_multiple_of(aligned);
                true
            }
            Coding::Group3 { two_dimensional } => bits.mark(two_dimensional, row)?,
        };
        match runs_alone {
            true => bits.runs(width, row, &mut changes)?,
            false => bits.differences(width, row, &above, &mut changes)?,
        }
        paint(bytes, &changes);
        std::mem::swap(&mut above, &mut changes);
    }
    Ok(out)
}

/// Sets the bits of black runs, between the first change and the second, and so on.
fn paint(row: &mut [u8], changes: &[usize]) {
    for run in changes.chunks(2) {
        let [from, to] = [run[0], run.get(1).copied().unwrap_or(run[0])];
        if from >= to {
            continue;
        }
        let (first, last) = (from / 8, (to - 1) / 8);
        let (left, right) = (0xFF_u8 >> (from % 8), 0xFF_u8 << (7 - (to - 1) % 8));
        if first == last {
            row[first] |= left & right;
            continue;
        }
        row[first] |= left;
        row[first + 1..last].fill(0xFF);
        row[last] |= right;
    }
}

/// Bits, the most significant of each byte first.
struct Bits<'a> {
    bytes: &'a [u8],
    /// How many were taken.
    at: usize,
}

impl Bits<'_> {
    /// The next bits, at most 16, without taking them; zeros behind the end.
    fn peek(&self, count: u32) -> u32 {
        let byte = |i: usize| u32::from(self.bytes.get(self.at / 8 + i).copied().unwrap_or(0));
        let three = byte(0) << 16 | byte(1) << 8 | byte(2);
        three >> (24 - self.at as u32 % 8 - count) & ((1 << count) - 1)
    }

    fn take(&mut self, count: usize) -> Result<(), CcittError> {
        self.at += count;
        if self.at > 8 * self.bytes.len() { Err(CcittError::Truncated) } else { Ok(()) }
    }

    /// Takes the mark before a row, with the zeros that fill it up. Whether the row has runs alone. Rows of one dimension may lack the
    /// mark.
    fn mark(&mut self, two_dimensional: bool, row: usize) -> Result<bool, CcittError> {
        let mut zeros = 0;
        while self.at + zeros < 8 * self.bytes.len() {
            let at = self.at + zeros;
            let left = self.bytes[at / 8] << (at % 8);
            match left {
                0 => zeros += 8 - at % 8,
                _ => {
                    zeros += left.leading_zeros() as usize;
                    break;
                }
            }
        }
        if zeros >= MARK_ZEROS {
            self.take(zeros + 1)?;
        } else if two_dimensional {
            return Err(CcittError::Damaged { row });
        }
        if !two_dimensional {
            return Ok(true);
        }
        let runs_alone = self.peek(1) == 1;
        self.take(1)?;
        Ok(runs_alone)
    }

    /// A run of pixels, black or white.
    fn run(&mut self, black: bool, row: usize) -> Result<usize, CcittError> {
        let mut length = 0;
        loop {
            let (run, bits) = RUNS[usize::from(black)][self.peek(LONGEST) as usize];
            if bits == 0 {
                let rest = 8 * self.bytes.len() - self.at;
                return Err(if rest < LONGEST as usize { CcittError::Truncated } else { CcittError::Damaged { row } });
            }
            self.take(bits.into())?;
            length += usize::from(run);
            if run < CONTINUED {
                return Ok(length);
            }
        }
    }

    /// A row of runs: the places where the color changes, white first.
    fn runs(&mut self, width: usize, row: usize, changes: &mut Vec<usize>) -> Result<(), CcittError> {
        let (mut at, mut black) = (0, false);
        while at < width {
            at += self.run(black, row)?;
            changes.push(at);
            black = !black;
        }
        if at == width { Ok(()) } else { Err(CcittError::Damaged { row }) }
    }

    /// A row of changes beside those of the row above.
    fn differences(
        &mut self,
        width: usize,
        row: usize,
        above: &[usize],
        changes: &mut Vec<usize>,
    ) -> Result<(), CcittError> {
        let damaged = CcittError::Damaged { row };
        // Where the row is known up to, and whether it begins; the color there; the change above that counts.
        let (mut at, mut begin, mut black, mut next) = (0, true, false, 0_usize);
        while at < width {
            // The first change above to the same color's opposite, to the right; the change before may be that after a turn.
            next = next.saturating_sub(1);
            while above.get(next).is_some_and(|place| *place < at || *place == at && !begin)
                || next % 2 != usize::from(black)
            {
                next += 1;
            }
            let place = |i: usize| above.get(i).copied().unwrap_or(width);
            let (beside, bits) = match self.peek(7) {
                0b100_0000.. => (Some(0), 1),
                0b011_0000..=0b011_1111 => (Some(1), 3),
                0b010_0000..=0b010_1111 => (Some(-1), 3),
                // Horizontal: two runs.
                0b001_0000..=0b001_1111 => {
                    self.take(3)?;
                    for color in [black, !black] {
                        at += self.run(color, row)?;
                        changes.push(at);
                    }
                    if at > width {
                        return Err(damaged);
                    }
                    begin = false;
                    continue;
                }
                // Pass: the run goes on below the next one above.
                0b000_1000..=0b000_1111 => (None, 4),
                0b000_0110 | 0b000_0111 => (Some(2), 6),
                0b000_0100 | 0b000_0101 => (Some(-2), 6),
                0b000_0011 => (Some(3), 7),
                0b000_0010 => (Some(-3), 7),
                0b000_0001 => return Err(CcittError::Uncompressed { row }),
                _ if self.at + 7 > 8 * self.bytes.len() => return Err(CcittError::Truncated),
                _ => return Err(damaged),
            };
            self.take(bits)?;
            let from = at;
            match beside {
                None => at = place(next + 1),
                Some(by) => {
                    at = place(next).checked_add_signed(by).ok_or(damaged)?;
                    changes.push(at);
                    black = !black;
                }
            }
            if at < from || at > width {
                return Err(damaged);
            }
            begin = false;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use fax::encoder::Encoder;
    use fax::{Color, VecWriter};
    use srcnn_image::random::SplitMix64;

    use super::*;

    /// Rows of runs of all lengths, as bits.
    fn picture(width: usize, rows: usize, longest: usize, random: &mut SplitMix64) -> Vec<Vec<bool>> {
        let mut row = |above: Option<&Vec<bool>>| -> Vec<bool> {
            if let Some(above) = above.filter(|_| random.below(3) > 0) {
                let mut row = above.clone();
                row.rotate_left(random.below(4) % width.max(1));
                return row;
            }
            let mut pixels = Vec::new();
            while pixels.len() < width {
                let black = pixels.last().map_or(random.below(2) == 0, |last: &bool| !last);
                pixels.extend(vec![black; 1 + random.below(longest)]);
            }
            pixels.truncate(width);
            pixels
        };
        let mut all: Vec<Vec<bool>> = Vec::new();
        for _ in 0..rows {
            let next = row(all.last());
            all.push(next);
        }
        all
    }

    fn packed(rows: &[Vec<bool>]) -> Vec<u8> {
        let byte = |bits: &[bool]| bits.iter().enumerate().fold(0, |sum, (i, bit)| sum | u8::from(*bit) << (7 - i));
        rows.iter().flat_map(|row| row.chunks(8).map(byte).collect::<Vec<_>>()).collect()
    }

    /// Codes one after the other, as bits.
    fn runs(row: &[bool], out: &mut Vec<bool>) {
        let mut push = |code: &Code| out.extend((0..code.len).rev().map(|i| code.data >> i & 1 == 1));
        let mut black = false;
        let mut at = 0;
        while at < row.len() {
            let mut length = row[at..].iter().take_while(|bit| **bit == black).count();
            at += length;
            let codes = if black { &black::ENTRIES } else { &white::ENTRIES };
            let code = |run: usize| &codes.iter().find(|(length, _)| usize::from(*length) == run).expect("a code").1;
            while length >= 2560 {
                push(code(2560));
                length -= 2560;
            }
            if length >= 64 {
                push(code(length / 64 * 64));
            }
            push(code(length % 64));
            black = !black;
        }
    }

    fn bytes(bits: &[bool]) -> Vec<u8> {
        packed(&[bits.to_vec()])
    }

    const SIZES: [(usize, usize, usize); 9] = [
        (1, 1, 1),
        (7, 3, 3),
        (8, 4, 5),
        (9, 5, 9),
        (64, 9, 70),
        (100, 30, 4),
        (1728, 40, 200),
        (6000, 9, 6000),
        (33, 60, 12),
    ];

    #[test]
    fn rows_come_back() {
        let mut random = SplitMix64::new(3);
        for (width, rows, longest) in SIZES {
            let picture = picture(width, rows, longest, &mut random);
            for aligned in [8, 16] {
                let mut bits = Vec::new();
                for row in &picture {
                    bits.resize(bits.len().next_multiple_of(aligned), false);
                    runs(row, &mut bits);
                }
                let codes = bytes(&bits);
                let coding = Coding::Rows { aligned };
                assert_eq!(decompress(&codes, width, rows, coding), Ok(packed(&picture)), "{width}x{rows}, {aligned}");
                assert_eq!(decompress(&codes[..codes.len() - 1], width, rows, coding), Err(CcittError::Truncated));
            }
        }
    }

    #[test]
    fn rows_behind_marks_come_back_with_and_without_zeros_that_fill_them() {
        let mut random = SplitMix64::new(4);
        for (width, rows, longest) in SIZES {
            let picture = picture(width, rows, longest, &mut random);
            for filled in [false, true] {
                let mut bits = Vec::new();
                for row in &picture {
                    if filled {
                        bits.resize((bits.len() + 12).next_multiple_of(8) - 12 + 8, false);
                    }
                    bits.extend((0..12).map(|i| i == 11));
                    runs(row, &mut bits);
                }
                let coding = Coding::Group3 { two_dimensional: false };
                assert_eq!(decompress(&bytes(&bits), width, rows, coding), Ok(packed(&picture)), "{width}x{rows}");
            }
        }
    }

    /// What follows the mark of a row of two dimensions is coded as in Group 4, which another encoder writes.
    #[test]
    fn rows_beside_the_one_above_come_back() {
        let mut random = SplitMix64::new(5);
        for (width, rows, longest) in SIZES {
            let picture = picture(width, rows, longest, &mut random);
            let mut bits = Vec::new();
            for (i, row) in picture.iter().enumerate() {
                bits.extend((0..12).map(|i| i == 11));
                if i % 4 == 0 {
                    bits.push(true);
                    runs(row, &mut bits);
                    continue;
                }
                bits.push(false);
                // A page of the row above and this one; what the row above alone takes is left out.
                let page = |rows: &[Vec<bool>]| {
                    let mut encoder = Encoder::new(VecWriter::new());
                    for row in rows {
                        let colors = row.iter().map(|black| if *black { Color::Black } else { Color::White });
                        encoder.encode_line(colors, width as u16).expect("in memory");
                    }
                    // The end of a page: two marks.
                    let bytes = encoder.finish().expect("in memory").finish();
                    let all: Vec<bool> =
                        bytes.iter().flat_map(|v| (0..8).rev().map(move |i| v >> i & 1 == 1)).collect();
                    let end = all.iter().rposition(|bit| *bit).expect("a mark") + 1 - 24;
                    all[..end].to_vec()
                };
                let (one, two) = (page(&picture[i - 1..i]), page(&picture[i - 1..=i]));
                assert_eq!(two[..one.len()], one);
                bits.extend(&two[one.len()..]);
            }
            let coding = Coding::Group3 { two_dimensional: true };
            assert_eq!(decompress(&bytes(&bits), width, rows, coding), Ok(packed(&picture)), "{width}x{rows}");
        }
    }

    #[test]
    fn any_bytes_are_taken() {
        let mut random = SplitMix64::new(6);
        let group_3 = [false, true].map(|two_dimensional| Coding::Group3 { two_dimensional });
        for coding in [[Coding::Rows { aligned: 8 }, Coding::Rows { aligned: 16 }], group_3].concat() {
            for _ in 0..2000 {
                let mut bytes: Vec<u8> = (0..random.below(300)).map(|_| random.below(256) as u8).collect();
                bytes.splice(0..0, [0, 0x10 | random.below(16) as u8]);
                let _ = decompress(&bytes, random.below(500), 20, coding);
            }
        }
    }
}
