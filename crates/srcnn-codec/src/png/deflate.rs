//! Deflate (RFC 1951) of pieces that are compressed apart and joined to one stream of zlib (RFC 1950).
//!
//! Filtered rows of photographs are noise about zero: bytes have Huffman codes of their own in each piece, and runs of zeros are
//! the only repetitions that are looked for.

use super::huffman::{Code, codes, lengths};

/// The beginning of a stream: Deflate, a window of 32 KiB, the fastest compression.
pub(super) const BEGIN: [u8; 2] = [0x78, 0x01];
/// The last block: stored, of no bytes.
pub(super) const LAST_BLOCK: [u8; 5] = [1, 0, 0, 0xFF, 0xFF];

/// Symbols of literals and lengths; the end of a block; the first and the last length.
const SYMBOLS: usize = 286;
const END: usize = 256;
const FIRST_LENGTH: usize = 257;
const LAST_LENGTH: usize = 285;
const SHORTEST_MATCH: usize = 3;
const LONGEST_MATCH: usize = 258;
/// Bits of a code: four codes and the rest of a byte fit into 64.
const LONGEST_CODE: u8 = 14;
/// Symbols of lengths of codes, in the order in which theirs are stated; the length of the longest of them.
const LENGTHS_ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const LONGEST_LENGTHS_CODE: u8 = 7;
/// A block of codes that are stated in it.
const DYNAMIC: u64 = 2;

/// Compresses a piece into the beginning of `bytes`, which grows as needed: a block that is not the last, and an empty one up to a
/// whole byte. Gives the number of bytes.
pub(super) fn piece(data: &[u8], bytes: &mut Vec<u8>) -> usize {
    let mut counts = Counts::default();
    each_part(data, &mut counts);
    let (lengths, codes) = counts.codes();
    // Headers take less than a kilobyte.
    let most = data.len() / 8 * usize::from(LONGEST_CODE) + 2048;
    if bytes.len() < most {
        bytes.resize(most, 0);
    }
    let mut bits = Bits { bytes, at: 0, rest: 0, count: 0 };
    header(&lengths, &mut bits);
    let mut packing = Packing { codes: &codes, bits };
    each_part(data, &mut packing);
    let mut bits = packing.bits;
    bits.code(codes[END]);
    // A stored block of no bytes: three bits of zeros, and zeros to the next byte.
    bits.put(0, 3);
    bits.put(0, (8 - bits.count % 8) % 8);
    bits.put(0xFFFF_0000, 32);
    bits.at
}

/// Where the parts of a piece go.
trait Parts {
    /// Eight bytes.
    fn eight(&mut self, bytes: &[u8; 8]);
    /// Other bytes.
    fn literal(&mut self, byte: u8);
    /// So many times the byte before.
    fn repeat(&mut self, count: usize);
}

/// Divides a piece into bytes and runs of zeros.
fn each_part(data: &[u8], parts: &mut impl Parts) {
    let (mut eights, rest) = data.as_chunks::<8>();
    while let [first, others @ ..] = eights {
        if *first != [0; 8] {
            parts.eight(first);
            eights = others;
            continue;
        }
        let zeros = eights.iter().take_while(|eight| **eight == [0; 8]).count();
        eights = &eights[zeros..];
        parts.literal(0);
        let mut missing = 8 * zeros - 1;
        while missing >= SHORTEST_MATCH {
            let count = missing.min(LONGEST_MATCH);
            parts.repeat(count);
            missing -= count;
        }
        (0..missing).for_each(|_| parts.literal(0));
    }
    rest.iter().for_each(|byte| parts.literal(*byte));
}

/// The symbol of a length, and how many bits of which number follow it (RFC 1951, 3.2.5).
fn length_symbol(count: usize) -> (usize, u32, u64) {
    let above = count - SHORTEST_MATCH;
    match count {
        LONGEST_MATCH => (LAST_LENGTH, 0, 0),
        _ if above < 8 => (FIRST_LENGTH + above, 0, 0),
        _ => {
            let extra = above.ilog2() - 2;
            (FIRST_LENGTH + 4 * extra as usize + (above >> extra), extra, (above & ((1 << extra) - 1)) as u64)
        }
    }
}

/// How often symbols occur. Neighboring bytes are counted apart, so that one count need not wait for another.
struct Counts {
    bytes: [[u32; 256]; 4],
    lengths: [u32; SYMBOLS - FIRST_LENGTH],
}

impl Default for Counts {
    fn default() -> Self {
        Self { bytes: [[0; 256]; 4], lengths: [0; SYMBOLS - FIRST_LENGTH] }
    }
}

impl Parts for Counts {
    #[inline(always)]
    fn eight(&mut self, bytes: &[u8; 8]) {
        for (i, byte) in bytes.iter().enumerate() {
            self.bytes[i % 4][usize::from(*byte)] += 1;
        }
    }

    fn literal(&mut self, byte: u8) {
        self.bytes[0][usize::from(byte)] += 1;
    }

    fn repeat(&mut self, count: usize) {
        self.lengths[length_symbol(count).0 - FIRST_LENGTH] += 1;
    }
}

impl Counts {
    /// Lengths of codes and codes of all symbols.
    fn codes(&self) -> (Vec<u8>, Vec<Code>) {
        let bytes = (0..256).map(|byte| self.bytes.iter().map(|counts| counts[byte]).sum());
        // The end occurs once; the last length is counted, so that there are always two symbols, and always all places.
        let mut counts: Vec<u32> = bytes.chain([1]).chain(self.lengths).collect();
        counts[LAST_LENGTH] += 1;
        let lengths = lengths(&counts, LONGEST_CODE);
        let codes = codes(&lengths);
        (lengths, codes)
    }
}

/// States the codes of a block.
fn header(lengths: &[u8], bits: &mut Bits<'_>) {
    // One code of distances, of one bit: the byte before.
    let all: Vec<u8> = lengths.iter().copied().chain([1]).collect();
    let runs = runs(&all);
    let mut counts = [0; LENGTHS_ORDER.len()];
    runs.iter().for_each(|(symbol, ..)| counts[*symbol] += 1);
    // There must be two codes.
    let rarest = usize::from(counts[0] > 0);
    counts[rarest] = counts[rarest].max(1);
    let mut own = self::lengths(&counts, LONGEST_LENGTHS_CODE);
    own.resize(counts.len(), 0);
    bits.put(DYNAMIC << 1, 3);
    bits.put((SYMBOLS - FIRST_LENGTH) as u64, 5);
    bits.put(0, 5);
    bits.put(LENGTHS_ORDER.len() as u64 - 4, 4);
    LENGTHS_ORDER.iter().for_each(|symbol| bits.put(own[*symbol].into(), 3));
    let codes = codes(&own);
    for (symbol, extra, number) in runs {
        bits.code(codes[symbol]);
        bits.put(number, extra);
    }
}

/// Lengths of codes as symbols, each with how many bits of which number follow it (RFC 1951, 3.2.7).
fn runs(lengths: &[u8]) -> Vec<(usize, u32, u64)> {
    /// Symbols of repetitions: of the length before, of a few zeros and of many.
    const BEFORE: usize = 16;
    const ZEROS: usize = 17;
    const MANY_ZEROS: usize = 18;
    let mut runs = Vec::new();
    for run in lengths.chunk_by(|a, b| a == b) {
        let (length, mut missing) = (run[0], run.len());
        if length > 0 {
            runs.push((length.into(), 0, 0));
            missing -= 1;
        }
        while missing > 0 {
            let (symbol, extra, count, least) = match (length, missing) {
                (_, ..3) => (length.into(), 0, 1, 1),
                (0, ..11) => (ZEROS, 3, missing, 3),
                (0, _) => (MANY_ZEROS, 7, missing.min(138), 11),
                (_, _) => (BEFORE, 2, missing.min(6), 3),
            };
            runs.push((symbol, extra, (count - least) as u64));
            missing -= count;
        }
    }
    runs
}

/// Bits, the first of a byte being the least significant, into bytes of which there are enough.
struct Bits<'a> {
    bytes: &'a mut [u8],
    at: usize,
    /// Bits that are no whole byte yet, fewer than 8.
    rest: u64,
    count: u32,
}

impl Bits<'_> {
    /// Puts at most 56 bits.
    #[inline(always)]
    fn put(&mut self, bits: u64, count: u32) {
        self.rest |= bits << self.count;
        self.count += count;
        self.bytes[self.at..self.at + 8].copy_from_slice(&self.rest.to_le_bytes());
        self.at += (self.count / 8) as usize;
        self.rest >>= self.count & !7;
        self.count &= 7;
    }

    fn code(&mut self, code: Code) {
        self.put(code.bits.into(), code.length.into());
    }
}

/// Puts the codes of the parts.
struct Packing<'a> {
    codes: &'a [Code],
    bits: Bits<'a>,
}

impl Packing<'_> {
    #[inline(always)]
    fn four(&mut self, bytes: [u8; 4]) {
        let codes: &[Code; 256] = self.codes.first_chunk().expect("a code for each byte");
        let [a, b, c, d] = bytes.map(|byte| codes[usize::from(byte)]);
        let [to_b, to_c] = [u32::from(a.length), u32::from(a.length) + u32::from(b.length)];
        let to_d = to_c + u32::from(c.length);
        let bits =
            u64::from(a.bits) | u64::from(b.bits) << to_b | u64::from(c.bits) << to_c | u64::from(d.bits) << to_d;
        self.bits.put(bits, to_d + u32::from(d.length));
    }
}

impl Parts for Packing<'_> {
    #[inline(always)]
    fn eight(&mut self, bytes: &[u8; 8]) {
        let [a, b, c, d, e, f, g, h] = *bytes;
        self.four([a, b, c, d]);
        self.four([e, f, g, h]);
    }

    fn literal(&mut self, byte: u8) {
        self.bits.code(self.codes[usize::from(byte)]);
    }

    fn repeat(&mut self, count: usize) {
        let (symbol, extra, number) = length_symbol(count);
        self.bits.code(self.codes[symbol]);
        self.bits.put(number, extra);
        // The only distance.
        self.bits.put(0, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Streams of several pieces, decompressed by another program.
    #[test]
    fn pieces_joined_are_one_stream() {
        let noise =
            |count: usize, values: usize| (0..count).map(|i| (i * i * 7919 / 31 % values) as u8).collect::<Vec<u8>>();
        let mut kinds =
            vec![Vec::new(), vec![7], vec![0; 1], vec![0; 8], vec![0; 10], vec![0; 100_000], vec![255; 1000]];
        kinds.extend([1, 2, 3, 50, 256].into_iter().flat_map(|values| [noise(1001, values), noise(131_072, values)]));
        // Runs of every length, in eights, between other bytes.
        kinds.push((0..80).flat_map(|n| [vec![1; 8], vec![0; 8 * n]].concat()).collect());
        // Bytes so rare that their codes would be too long.
        kinds.push((0..25).flat_map(|n| vec![n as u8 + 1; 1 << (24 - n.max(6))]).collect());
        for first in &kinds {
            for second in [&kinds[1], first] {
                let data = [&first[..], &second[..]].concat();
                let mut stream = BEGIN.to_vec();
                let mut bytes = Vec::new();
                for data in [first, second] {
                    let count = piece(data, &mut bytes);
                    stream.extend(&bytes[..count]);
                }
                stream.extend(LAST_BLOCK);
                let sum = simd_adler32::adler32(&&data[..]);
                stream.extend(sum.to_be_bytes());
                let read = fdeflate::decompress_to_vec(&stream).expect("a sound stream");
                assert!(read == data, "{} and {} bytes", first.len(), second.len());
                let mut read = Vec::new();
                std::io::Read::read_to_end(&mut flate2::read::ZlibDecoder::new(&stream[..]), &mut read)
                    .expect("a sound stream");
                assert!(read == data, "{} and {} bytes", first.len(), second.len());
            }
        }
    }

    #[test]
    fn every_length_has_its_symbol() {
        // The first length of each symbol, by the table of the standard.
        let firsts = [
            3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
            227, 258,
        ];
        for count in SHORTEST_MATCH..=LONGEST_MATCH {
            let (symbol, extra, number) = length_symbol(count);
            assert_eq!(firsts[symbol - FIRST_LENGTH] + number as usize, count);
            assert!(number < 1 << extra);
        }
    }
}
