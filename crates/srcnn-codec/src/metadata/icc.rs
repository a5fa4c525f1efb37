//! ICC profiles, as far as it matters for which channels they are.

/// Where a profile names its color space (ICC.1, 7.2.6).
const COLOR_SPACE: std::ops::Range<usize> = 16..20;

/// Whether a profile is one for grey, or for RGB.
pub(crate) fn is_for(profile: &[u8], grey: bool) -> bool {
    profile.get(COLOR_SPACE) == Some(if grey { b"GRAY" } else { b"RGB " })
}
