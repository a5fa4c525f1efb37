//! JPEG XL (ISO/IEC 18181), read: the first frame, grey or RGB, with or without alpha, integers of 8 or 16 bits or floats of
//! 32; profile, Exif and XMP.

mod container;
mod cost;
mod features;
mod frames;
mod read;

pub(crate) use container::is_signature;
pub(crate) use read::decode;

/// Extensions of files that are only read.
pub(crate) const READ_EXTENSIONS: &[&str] = &["jxl"];
