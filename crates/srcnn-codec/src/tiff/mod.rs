//! TIFF (TIFF 6.0) and BigTIFF: grey or RGB, with or without alpha, of 8 and 16 bits and floats of 32; palettes, CMYK, YCbCr,
//! fewer bits, and other depths are converted when they are read. Profile, Exif, XMP, density. Written in rows, without
//! compression; read in rows if samples are stored as they are kept, and need not be turned.

mod ccitt;
mod compression;
mod directories;
mod error;
mod exif;
mod expanded;
mod jpeg_strips;
mod layout;
mod limits;
mod lzw;
mod old_jpeg;
mod open;
mod packed;
mod patched;
mod rewritten;
mod rows;
mod sample_tags;
mod samples;
mod stored;
mod traits;
mod view;
mod whole;
mod write;
mod ycc;

pub(crate) use directories::is_signature;
pub(crate) use open::open;
pub(crate) use traits::TRAITS;
pub(crate) use write::write;
