//! LZW as TIFF has it (TIFF 6.0, section 13): codes of 9 to 12 bits, the most significant first, that grow one code early.

/// Codes of TIFF: below these two, bytes; above them, strings.
const CLEAR: usize = 256;
const END: usize = 257;
const FIRST_STRING: u16 = 258;
const SHORTEST_CODE: u32 = 9;
const LONGEST_CODE: u32 = 12;
const CODES: usize = 1 << LONGEST_CODE;
/// Strings of at most so many bytes are copied in one piece.
const PIECE: usize = 16;

/// Bytes that a buffer must have beyond what is wanted: the longest string may begin at the end of that.
pub(super) const BEYOND: usize = CODES + PIECE;

/// Decompresses at least `wanted` bytes into a buffer of `BEYOND` bytes more. None if the data end before, or are not as
/// encoders write them.
///
/// Every string of the table is that of the code before it and one more byte, which is the next one in the output: strings are
/// places and lengths in the output.
pub(super) fn decompress(packed: &[u8], wanted: usize, out: &mut [u8]) -> Option<()> {
    assert!(out.len() >= wanted + BEYOND, "room for the longest string");
    let mut codes = Codes { packed, bits: 0, count: 0 };
    let mut strings = vec![(0u32, 0u32); CODES];
    let (mut width, mut next) = (SHORTEST_CODE, FIRST_STRING);
    if codes.next(width)? != CLEAR {
        return None;
    }
    // Where the string before begins, and its length; none after a clear code.
    let (mut start, mut length) = (0, 0);
    let mut at = 0;
    while at < wanted {
        let code = codes.next(width)?;
        if code == CLEAR {
            (width, next, length) = (SHORTEST_CODE, FIRST_STRING, 0);
            continue;
        }
        if code == END {
            return None;
        }
        if length > 0 {
            *strings.get_mut(usize::from(next))? = (start as u32, length as u32 + 1);
            next += 1;
            if u32::from(next) + 1 == 1 << width && width < LONGEST_CODE {
                width += 1;
            }
        }
        start = at;
        if code < CLEAR {
            out[at] = code as u8;
            length = 1;
        } else {
            if code >= usize::from(next) {
                return None;
            }
            let (from, count) = strings[code];
            let (from, count) = (from as usize, count as usize);
            if count <= PIECE {
                let piece: [u8; PIECE] = *out[from..].first_chunk()?;
                *out[at..].first_chunk_mut()? = piece;
            } else {
                // The last byte may be the first that is written here.
                out.copy_within(from..from + count - 1, at);
            }
            out[at + count - 1] = out[from + count - 1];
            length = count;
        }
        at += length;
    }
    Some(())
}

/// Codes one after the other.
struct Codes<'a> {
    packed: &'a [u8],
    /// The next bits, the first of them the most significant.
    bits: u64,
    /// How many of them there are.
    count: u32,
}

impl Codes<'_> {
    /// The next code of so many bits; none after the end.
    #[inline(always)]
    fn next(&mut self, width: u32) -> Option<usize> {
        if self.count < width {
            self.fill();
            if self.count < width {
                return None;
            }
        }
        let code = self.bits >> (u64::BITS - width);
        self.bits <<= width;
        self.count -= width;
        Some(code as usize)
    }

    /// Takes as many whole bytes as there is room for.
    fn fill(&mut self) {
        if let Some(eight) = self.packed.first_chunk() {
            let bytes = (u64::BITS - 1 - self.count) / 8;
            // Bits beyond those counted are the same when they come again.
            self.bits |= u64::from_be_bytes(*eight) >> self.count;
            self.packed = &self.packed[bytes as usize..];
            self.count += 8 * bytes;
            return;
        }
        while let (true, [byte, rest @ ..]) = (self.count <= u64::BITS - 8, self.packed) {
            self.bits |= u64::from(*byte) << (u64::BITS - 8 - self.count);
            self.count += 8;
            self.packed = rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use srcnn_image::random::SplitMix64;
    use weezl::BitOrder;
    use weezl::encode::Encoder;

    use super::*;

    #[test]
    fn what_another_encoder_packs_comes_back() {
        let mut random = SplitMix64::new(7);
        for length in [1, 2, 3, 17, 255, 256, 5000, 60_000] {
            for values in [1, 2, 3, 16, 256] {
                let data: Vec<u8> = (0..length).map(|_| (random.below(values) * 255 / values) as u8).collect();
                let packed = Encoder::with_tiff_size_switch(BitOrder::Msb, 8).encode(&data).expect("in memory");
                let mut out = vec![0; length + BEYOND];
                decompress(&packed, length, &mut out).expect("sound data");
                assert!(out[..length] == data, "{length} bytes of {values} values");
                for cut in (0..packed.len() - 2).rev().take(20) {
                    assert_eq!(decompress(&packed[..cut], length, &mut out), None, "{length} bytes cut to {cut}");
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_taken() {
        let mut random = SplitMix64::new(8);
        let mut out = vec![0; 20_000 + BEYOND];
        for _ in 0..300 {
            // A clear code first, so that more than one code is looked at.
            let mut bytes: Vec<u8> = (0..random.below(4000)).map(|_| random.below(256) as u8).collect();
            bytes.splice(0..0, [0x80]);
            let _ = decompress(&bytes, 20_000, &mut out);
        }
    }
}
