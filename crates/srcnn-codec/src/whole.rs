//! Whether a picture file is complete. Some decoders fill what is missing with grey, which must not pass for a picture.

use image::ImageFormat;

use super::container::gif_images;

/// Whether the file goes on to the end that its format has; formats without one, whose decoders notice themselves, pass.
pub(super) fn is_whole(bytes: &[u8], format: ImageFormat) -> bool {
    match format {
        ImageFormat::Jpeg => jpeg(bytes).is_some(),
        ImageFormat::WebP => webp(bytes).is_some(),
        ImageFormat::Gif => gif_images(bytes).is_some(),
        _ => true,
    }
}

/// The size is in the header; no chunk within may claim more: its decoder would take that much memory on trust.
fn webp(bytes: &[u8]) -> Option<()> {
    let length = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?) as usize);
    let end = length(4)?.checked_add(8)?;
    if bytes.len() < end {
        return None;
    }
    // Chunks: a name, a length, data to a whole number of words. The last may lack its padding.
    let mut at = 12;
    while at + 8 <= end {
        at = at.checked_add(8)?.checked_add(length(at + 4)?)?;
        if at > end {
            return None;
        }
        at += at % 2;
    }
    Some(())
}

const END_OF_IMAGE: u8 = 0xD9;
const START_OF_SCAN: u8 = 0xDA;

/// Walks from marker to marker (ITU-T T.81, annex B) to the end-of-image marker. What comes after it does not matter.
fn jpeg(bytes: &[u8]) -> Option<()> {
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

#[cfg(test)]
mod tests {
    use super::{jpeg, webp};

    /// A segment whose content looks like the end of the image.
    const SEGMENT: &[u8] = &[0xFF, 0xDB, 0, 4, 0xFF, 0xD9];
    const SCAN: &[u8] = &[0xFF, 0xDA, 0, 3, 9, 1, 2, 0xFF, 0, 3, 0xFF, 0xD3, 4];

    #[test]
    fn the_end_is_found_where_it_is_and_nowhere_else() {
        let file = |parts: &[&[u8]]| [&[&[0xFF, 0xD8][..]], parts].concat().concat();
        let end: &[u8] = &[0xFF, 0xD9];
        assert!(jpeg(&file(&[SEGMENT, SCAN, end])).is_some());
        assert!(jpeg(&file(&[SEGMENT, SCAN, SEGMENT, SCAN, end])).is_some(), "several scans");
        assert!(jpeg(&file(&[SEGMENT, SCAN, &[0xFF, 0xFF], end])).is_some(), "fill bytes");
        assert!(jpeg(&file(&[SEGMENT, SCAN, end, &[1, 2, 3]])).is_some(), "something after it");
        assert!(jpeg(&file(&[SEGMENT, SCAN])).is_none(), "only within a segment");
        let whole = file(&[SEGMENT, SCAN, SEGMENT, SCAN, end]);
        assert!((0..whole.len()).all(|length| jpeg(&whole[..length]).is_none()));
    }

    #[test]
    fn no_chunk_of_webp_claims_more_than_the_file_has() {
        let file = |sizes: [u32; 2], odd: &[u8]| {
            let chunks = [&b"VP8L"[..], &sizes[1].to_le_bytes(), &[1, 2, 3, 4], odd].concat();
            [&b"RIFF"[..], &sizes[0].to_le_bytes(), b"WEBP", &chunks].concat()
        };
        assert!(webp(&file([16, 4], &[])).is_some());
        assert!(webp(&file([17, 5], &[5])).is_some(), "the last padding may be missing");
        assert!(webp(&file([16, 5], &[])).is_none());
        assert!(webp(&file([16, u32::MAX], &[])).is_none());
        assert!(webp(&file([24, 4], &[])).is_none(), "cut off");
    }
}
