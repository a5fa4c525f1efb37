//! Whether a JPEG file is complete. The decoder fills what is missing with grey, which must not pass for a picture.

/// Walks from marker to marker (ITU-T T.81, annex B) and tells whether the end-of-image marker is reached. What comes after
/// it does not matter.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    walk(bytes).is_some()
}

const END_OF_IMAGE: u8 = 0xD9;
const START_OF_SCAN: u8 = 0xDA;

fn walk(bytes: &[u8]) -> Option<()> {
    let mut at = 2;
    loop {
        // A marker: any number of 0xFF, then its code.
        at += bytes.get(at..)?.iter().position(|b| *b == 0xFF)?;
        at += bytes.get(at..)?.iter().position(|b| *b != 0xFF)?;
        let code = bytes[at];
        at += 1;
        match code {
            END_OF_IMAGE => return Some(()),
            // Markers without a segment: stuffing, restarts, start of image.
            0x00 | 0x01 | 0xD0..=0xD8 => {}
            _ => {
                let length = usize::from(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?));
                at += length.max(2);
                if code == START_OF_SCAN {
                    at += scan_length(bytes.get(at..)?)?;
                }
            }
        }
    }
}

/// The length of entropy-coded data: up to the first marker that is neither stuffing nor a restart.
fn scan_length(data: &[u8]) -> Option<usize> {
    data.windows(2).position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xD0..=0xD7 | 0xFF))
}
