//! Chunks of PNG files: length, type, data and checksum (ISO/IEC 15948, 5.3).

use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;

use flate2::Crc;
use srcnn_image::Size;
use srcnn_image::image::ColorChunk;

use super::text::{self, TooLarge, is_checksum};
use crate::decode_error::DecodeError;
use crate::frames::stored::EachSize;

/// The first eight bytes of a file.
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Bytes of a chunk beside its data; of these the first and the last ones.
const AROUND: u64 = 12;
const LENGTH: u64 = 4;
const CHECKSUM: u64 = 4;

const ANIMATION_CONTROL: &[u8; 4] = b"acTL";
const IMAGE_DATA: &[u8; 4] = b"IDAT";
const END: &[u8; 4] = b"IEND";
const PROFILE: &[u8; 4] = b"iCCP";
const EXIF: &[u8; 4] = b"eXIf";
const INTERNATIONAL_TEXT: &[u8; 4] = b"iTXt";
/// Chunks that say what the colors are; none of them is long.
const COLORS: [&[u8; 4]; 4] = [b"cICP", b"cHRM", b"gAMA", b"sRGB"];
const LONGEST_COLOR: usize = 64;
/// Chunks that the decoder is not shown: it does nothing with them but refuse a file for what they say, or hold them however large
/// they are.
const HIDDEN: [&[u8; 4]; 9] = [b"cICP", b"mDCV", b"cLLI", b"bKGD", PROFILE, EXIF, INTERNATIONAL_TEXT, b"tEXt", b"zTXt"];
const FRAME_CONTROL: &[u8; 4] = b"fcTL";
const FRAME_DATA: &[u8; 4] = b"fdAT";
/// Where in a frame control columns and rows are.
const CONTROL_SIZE: [usize; 2] = [4, 8];
/// The last chunk as it must be: no data.
const WHOLE_END: &[u8; 12] = b"\0\0\0\0IEND\xAE\x42\x60\x82";
/// A chunk of so many bytes may have no more of the compressed data than their end: an empty block, and the checksum.
const LONGEST_END: u32 = 16;

/// Whether a file begins as this format does.
pub(crate) fn is_signature(head: &[u8]) -> bool {
    head.starts_with(SIGNATURE)
}

/// Metadata, all but the density.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    pub(super) colors: Vec<ColorChunk>,
    pub(super) icc: Option<Vec<u8>>,
    pub(super) exif: Option<Vec<u8>>,
    pub(super) xmp: Option<Vec<u8>>,
    /// Whether any of these three was left out since it is too large.
    pub(super) large: bool,
    /// Whether a color chunk was left out since it is not as the specification has it.
    pub(super) odd: bool,
    /// Whether the last chunk is missing or damaged.
    pub(super) end_missing: bool,
    /// Whether the checksum of the last chunk with pixels is missing, so that only zlib's speaks for them.
    pub(super) sum_missing: bool,
    /// What the decoder is to read: pieces of the file, and what follows them.
    pub(super) pieces: Vec<Range<u64>>,
    pub(super) tail: Vec<u8>,
}

impl Chunks {
    /// Adds a piece of the file.
    fn keep(&mut self, piece: Range<u64>) {
        match self.pieces.last_mut() {
            Some(last) if last.end == piece.start => last.end = piece.end,
            _ => self.pieces.push(piece),
        }
    }

    /// Ends the file with a last chunk as it should be.
    fn ended(mut self) -> Self {
        self.end_missing = true;
        self.tail.extend(WHOLE_END);
        self
    }
}

/// Whether a color chunk is as the specification has it (ISO/IEC 15948, 11.3.2).
fn is_sound(kind: [u8; 4], data: &[u8]) -> bool {
    match (&kind, data) {
        // RGB, and a range that is one or the other.
        (b"cICP", [_, _, matrix, full]) => *matrix == 0 && *full <= 1,
        (b"cHRM", data) => data.len() == 32,
        (b"gAMA", data) => data.len() == 4 && *data != [0; 4],
        (b"sRGB", [intent]) => *intent <= 3,
        _ => false,
    }
}

/// The header of the chunk that begins at `at`: type and length.
fn header(source: &mut (impl Read + Seek), at: u64) -> io::Result<([u8; 4], u32)> {
    source.seek(SeekFrom::Start(at))?;
    let mut header = [0; 8];
    source.read_exact(&mut header)?;
    let [a, b, c, d, kind @ ..] = header;
    Ok((kind, u32::from_be_bytes([a, b, c, d])))
}

/// The checksum of a piece of a file: of a chunk's type and data.
fn checksum(source: &mut (impl Read + Seek), piece: Range<u64>) -> io::Result<u32> {
    source.seek(SeekFrom::Start(piece.start))?;
    let (mut piece, mut sum, mut bytes) = (source.take(piece.end - piece.start), Crc::new(), vec![0; 1 << 16]);
    loop {
        match piece.read(&mut bytes)? {
            0 => return Ok(sum.sum()),
            count => sum.update(&bytes[..count]),
        }
    }
}

/// Walks from chunk to chunk to the last one. None if the file ends before, but for one that may end behind the pixels: without the
/// last chunk, within the checksum of one with pixels, or within one that may have none. Whether all of them are there, the
/// decoder finds. Profile, Exif and XMP are read if they have at most `longest` bytes, compressed or not.
pub(super) fn walk(source: &mut (impl Read + Seek), longest: usize) -> io::Result<Option<Chunks>> {
    let begin = source.stream_position()?;
    let end = source.seek(SeekFrom::End(0))?;
    let (mut at, mut chunks, mut pixels) = (begin + SIGNATURE.len() as u64, Chunks::default(), false);
    let (mut profile, mut packet) = (false, false);
    chunks.keep(begin..at.min(end));
    while at + AROUND <= end {
        let (start, (kind, length)) = (at, header(source, at)?);
        at += AROUND + u64::from(length);
        if kind == *END {
            let mut whole = [0; WHOLE_END.len()];
            source.seek(SeekFrom::Start(start))?;
            source.read_exact(&mut whole)?;
            if whole == *WHOLE_END {
                chunks.keep(start..end);
                return Ok(Some(chunks));
            }
            return Ok(pixels.then(|| chunks.ended()));
        }
        if at > end {
            let data_end = at - CHECKSUM;
            if matches!(&kind, IMAGE_DATA | FRAME_DATA) && data_end <= end {
                chunks.keep(start..data_end);
                let sum = checksum(source, start + LENGTH..data_end)?;
                chunks.tail.extend(sum.to_be_bytes());
                chunks.sum_missing = true;
                return Ok(Some(chunks.ended()));
            }
            let may_end = match &kind {
                IMAGE_DATA => length <= LONGEST_END,
                FRAME_CONTROL | FRAME_DATA => false,
                _ => true,
            };
            return Ok((pixels && may_end).then(|| chunks.ended()));
        }
        if !HIDDEN.contains(&&kind) {
            chunks.keep(start..at);
        }
        if longest < length as usize && [PROFILE, EXIF, INTERNATIONAL_TEXT].contains(&&kind) {
            chunks.large = true;
            continue;
        }
        let mut data = |longest: usize| -> io::Result<Vec<u8>> {
            let mut data = vec![0; if length as usize <= longest { length as usize } else { 0 }];
            source.read_exact(&mut data)?;
            Ok(data)
        };
        let mut found = |read: Result<Option<Vec<u8>>, TooLarge>| {
            chunks.large |= read.is_err();
            read.unwrap_or_default()
        };
        match &kind {
            IMAGE_DATA => pixels = true,
            // Only the first one counts, whether it can be read or not.
            PROFILE if !pixels && !profile => {
                let data = data(longest)?;
                let mut checksum = [0; 4];
                source.read_exact(&mut checksum)?;
                if is_checksum(checksum, &kind, &data) {
                    (profile, chunks.icc) = (true, found(text::profile(&data, longest)));
                }
            }
            EXIF if chunks.exif.is_none() => chunks.exif = Some(data(longest)?).filter(|data| !data.is_empty()),
            INTERNATIONAL_TEXT if !packet => {
                let data = data(longest)?;
                (packet, chunks.xmp) = (text::is_xmp(&data), found(text::xmp(&data, longest)));
            }
            // Behind the pixels they do not count.
            kind if !pixels && COLORS.contains(&kind) => {
                let data = data(LONGEST_COLOR)?;
                match is_sound(*kind, &data) {
                    true => chunks.colors.push((*kind, data)),
                    false => chunks.odd = true,
                }
            }
            _ => {}
        }
    }
    Ok(pixels.then(|| chunks.ended()))
}

/// Whether a file goes on to its last chunk, or at least behind the pixels.
pub(crate) fn is_complete(source: &mut (impl Read + Seek)) -> io::Result<bool> {
    Ok(walk(source, 0)?.is_some())
}

/// Calls `each` with the size of every frame that a file announces, in order, as far as it goes.
pub(crate) fn sizes(bytes: &[u8], each: EachSize<'_>) -> Result<(), DecodeError> {
    let number = |data: &[u8], at: usize| {
        data.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |number| u32::from_be_bytes(*number))
    };
    let (mut rest, mut left) = (bytes.get(SIGNATURE.len()..).unwrap_or_default(), 0);
    while let Some(kind) = rest.get(4..8) {
        let (length, data) = (number(rest, 0) as usize, &rest[8..]);
        match kind.first_chunk() {
            Some(ANIMATION_CONTROL) => left = number(data, 0),
            Some(FRAME_CONTROL) if left > 0 => {
                left -= 1;
                let [width, height] = CONTROL_SIZE.map(|at| number(data, at) as usize);
                each(Size::new(width, height))?;
            }
            Some(END) => break,
            _ => {}
        }
        rest = rest.get(AROUND as usize..).and_then(|rest| rest.get(length..)).unwrap_or_default();
    }
    Ok(())
}

/// Whether a file says before its first picture that it is an animation.
pub(crate) fn is_animated(source: &mut (impl Read + Seek)) -> io::Result<bool> {
    let mut at = SIGNATURE.len() as u64;
    loop {
        let (kind, length) = match header(source, at) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(false),
            read => read?,
        };
        match &kind {
            ANIMATION_CONTROL => return Ok(true),
            IMAGE_DATA | END => return Ok(false),
            _ => at += AROUND + u64::from(length),
        }
    }
}
