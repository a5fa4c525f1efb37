//! Storage of pixels: channels next to each other, in whole groups.

/// Channels are stored in groups of this many: the lanes of the widest vector.
pub const GROUP: usize = 16;

/// Number of channels as stored: `channels` rounded up to whole groups.
pub fn padded(channels: usize) -> usize {
    channels.next_multiple_of(GROUP)
}

#[cfg(test)]
mod tests {
    use super::{GROUP, padded};

    #[test]
    fn channels_are_rounded_up_to_whole_groups() {
        for (channels, stored) in [(0, 0), (1, GROUP), (15, GROUP), (16, GROUP), (17, 2 * GROUP), (64, 4 * GROUP)] {
            assert_eq!(padded(channels), stored, "{channels}");
        }
    }
}
