//! Limits of the crate `tiff`.

use srcnn_image::Limits;

/// The decoder's own limits.
pub(super) fn decoder_limits(limits: Limits) -> tiff::decoder::Limits {
    let memory = usize::try_from(limits.memory).unwrap_or(usize::MAX);
    let mut allowed = tiff::decoder::Limits::default();
    allowed.decoding_buffer_size = memory;
    allowed.intermediate_buffer_size = memory;
    allowed.ifd_value_size = memory;
    allowed
}
