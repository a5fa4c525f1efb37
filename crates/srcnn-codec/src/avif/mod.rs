//! AVIF (AV1 Image File Format; ISO/IEC 14496-12 and 23008-12), read: the primary picture of a file, grey or RGB, with or
//! without alpha, of 8 bits, or 16 where it has more; profile, Exif, XMP. Grids and other derived pictures are refused.

mod alpha;
mod boxes;
mod color;
mod decoder;
mod frame;
mod planes;
mod read;
mod stream;

pub(crate) use boxes::is_signature;
pub(crate) use read::decode;

/// Extensions of files that are only read.
pub(crate) const READ_EXTENSIONS: &[&str] = &["avif", "avifs"];
