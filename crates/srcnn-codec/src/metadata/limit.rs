//! The memory that each profile, Exif block and XMP packet may take, which no file needs to go beyond.

use srcnn_image::Limits;

/// Bytes at most, whatever the limits. Profiles of printers take 4 MB at most, and so do the packets of most programs.
const MOST: usize = 16 << 20;
/// The share of the memory that is allowed.
const SHARE: u64 = 32;

/// Bytes that a profile, an Exif block or an XMP packet may take.
pub(crate) fn longest(limits: Limits) -> usize {
    usize::try_from(limits.memory / SHARE).unwrap_or(MOST).min(MOST)
}

/// What is left of a block that was read whatever its size: nothing if it is too large, which is noted.
pub(crate) fn bounded(block: Option<Vec<u8>>, is_too_large: &mut bool) -> Option<Vec<u8>> {
    block.filter(|block| {
        *is_too_large |= block.len() > MOST;
        block.len() <= MOST
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_a_share_of_the_memory_and_never_large() {
        let of = |memory: u64| longest(Limits { memory, ..Limits::default() });
        assert_eq!([0, 64, 1 << 30, u64::MAX].map(of), [0, 2, MOST, MOST]);
        let mut noted = false;
        assert_eq!(bounded(Some(vec![0; MOST]), &mut noted).map(|block| block.len()), Some(MOST));
        assert!(!noted);
        assert_eq!(bounded(Some(vec![0; MOST + 1]), &mut noted), None);
        assert!(noted);
    }
}
