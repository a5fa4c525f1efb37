//! Segments of JPEG files: marker, length, data (ITU-T T.81, annex B).

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use super::markers::{
    END_OF_IMAGE, FIRST_RESTART, LAST_RESTART, PREFIX, START_OF_IMAGE, START_OF_SCAN, STUFFING, TEMPORARY,
};
use crate::decode_error::DecodeError;

/// The data of a segment at most, whose length counts its own two bytes.
pub(super) const LONGEST_SEGMENT: usize = u16::MAX as usize - 2;
/// Bytes before the first scan that are read as metadata, at most.
const LARGEST_HEAD: u64 = 64 << 20;

/// Whether a file begins as this format does.
pub(crate) fn is_signature(head: &[u8]) -> bool {
    head.starts_with(&[PREFIX, START_OF_IMAGE, PREFIX])
}

/// The segments before the first scan, one after the other.
pub(super) fn head(source: &mut (impl BufRead + Seek)) -> Result<Vec<u8>, DecodeError> {
    let mut head = vec![0; 2];
    source.read_exact(&mut head)?;
    loop {
        // A marker: any number of 0xFF, then its code.
        source.skip_until(PREFIX)?;
        let mut code = [PREFIX];
        while code == [PREFIX] {
            source.read_exact(&mut code)?;
        }
        match code[0] {
            END_OF_IMAGE | START_OF_SCAN => return Ok(head),
            // Markers without a segment.
            STUFFING | TEMPORARY | FIRST_RESTART..=START_OF_IMAGE => continue,
            _ => {}
        }
        let mut length = [0; 2];
        source.read_exact(&mut length)?;
        let data = u64::from(u16::from_be_bytes(length)).saturating_sub(2);
        if head.len() as u64 + data > LARGEST_HEAD {
            return Ok(head);
        }
        head.extend([PREFIX, code[0]]);
        head.extend(length);
        let before = head.len();
        source.by_ref().take(data).read_to_end(&mut head)?;
        if (head.len() - before) as u64 != data {
            return Err(DecodeError::Truncated);
        }
    }
}

/// Whether a file has an end mark, searched from where `source` is: behind the marker of the first scan. Looked for at the end first,
/// where it is nearly always.
pub(super) fn has_end(source: &mut (impl BufRead + Seek)) -> io::Result<bool> {
    const MARK: [u8; 2] = [PREFIX, END_OF_IMAGE];
    let scan = source.stream_position()?;
    let end = source.seek(SeekFrom::End(0))?;
    let mut last = [0; 2];
    source.seek(SeekFrom::Start(end.saturating_sub(2)))?;
    if end >= 2 && source.read_exact(&mut last).is_ok() && last == MARK {
        return Ok(true);
    }
    source.seek(SeekFrom::Start(scan))?;
    let mut code = [0];
    loop {
        source.skip_until(PREFIX)?;
        code[0] = PREFIX;
        while code[0] == PREFIX {
            if source.read(&mut code)? == 0 {
                return Ok(false);
            }
        }
        if code[0] == END_OF_IMAGE {
            return Ok(true);
        }
    }
}

/// The segments of a JPEG file before its scans: code, data, and where the segment ends.
pub(super) fn segments(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8], usize)> {
    let mut at = 2;
    std::iter::from_fn(move || {
        at += bytes.get(at..)?.iter().position(|b| *b != PREFIX)?;
        let (code, start) = (bytes[at], at + 1);
        let length = usize::from(u16::from_be_bytes(*bytes.get(start..)?.first_chunk()?));
        at = start + length.max(2);
        let data = bytes.get(start + 2..at)?;
        // A start of scan or an end of image.
        (!matches!(code, END_OF_IMAGE | START_OF_SCAN)).then_some((code, data, at))
    })
}

/// The scans of a file, and whether it goes on to its end-of-image marker (T.81, annex B). What comes after that does not matter.
pub(super) fn scans(bytes: &[u8]) -> (u64, bool) {
    let (mut at, mut scans) = (2, 0);
    let ended = walk(bytes, &mut at, &mut scans).is_some();
    (scans, ended)
}

fn walk(bytes: &[u8], at: &mut usize, scans: &mut u64) -> Option<()> {
    loop {
        // A marker: any number of 0xFF, then its code.
        *at += bytes.get(*at..)?.iter().position(|b| *b == PREFIX)?;
        *at += bytes.get(*at..)?.iter().position(|b| *b != PREFIX)?;
        let code = bytes[*at];
        *at += 1;
        match code {
            END_OF_IMAGE => return Some(()),
            // Markers without a segment: stuffing, restarts, start of image.
            STUFFING | TEMPORARY | FIRST_RESTART..=START_OF_IMAGE => {}
            _ => {
                let length = usize::from(u16::from_be_bytes(*bytes.get(*at..)?.first_chunk()?));
                *at += length.max(2);
                if code == START_OF_SCAN {
                    *scans += 1;
                    *at += scan_length(bytes.get(*at..)?)?;
                }
            }
        }
    }
}

/// The length of entropy-coded data: up to the first marker that is neither stuffing nor a restart.
fn scan_length(data: &[u8]) -> Option<usize> {
    data.windows(2)
        .position(|pair| pair[0] == PREFIX && !matches!(pair[1], STUFFING | FIRST_RESTART..=LAST_RESTART | PREFIX))
}

#[cfg(test)]
mod tests {
    use super::scans;

    /// A segment whose content looks like the end of the image.
    const SEGMENT: &[u8] = &[0xFF, 0xDB, 0, 4, 0xFF, 0xD9];
    const SCAN: &[u8] = &[0xFF, 0xDA, 0, 3, 9, 1, 2, 0xFF, 0, 3, 0xFF, 0xD3, 4];

    #[test]
    fn the_end_is_found_where_it_is_and_nowhere_else() {
        let file = |parts: &[&[u8]]| [&[&[0xFF, 0xD8][..]], parts].concat().concat();
        let end: &[u8] = &[0xFF, 0xD9];
        assert_eq!(scans(&file(&[SEGMENT, SCAN, end])), (1, true));
        assert_eq!(scans(&file(&[SEGMENT, SCAN, SEGMENT, SCAN, end])), (2, true), "several scans");
        assert_eq!(scans(&file(&[SEGMENT, SCAN, &[0xFF, 0xFF], end])), (1, true), "fill bytes");
        assert_eq!(scans(&file(&[SEGMENT, SCAN, end, &[1, 2, 3]])), (1, true), "something after it");
        assert!(!scans(&file(&[SEGMENT, SCAN])).1, "only within a segment");
        let whole = file(&[SEGMENT, SCAN, SEGMENT, SCAN, end]);
        assert!((0..whole.len()).all(|length| !scans(&whole[..length]).1));
    }
}
