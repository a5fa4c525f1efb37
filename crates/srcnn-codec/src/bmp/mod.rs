//! Windows bitmaps (Microsoft's BITMAPINFOHEADER and its successors): grey without alpha, RGB and RGBA of 8 bits, density; no
//! other metadata. A bitmap with a palette is read as RGB, or grey if all its colors are. Written in rows; read in rows if
//! samples are whole bytes and not compressed, those of a palette if the palette is grey.

mod header;
mod layout;
mod os2;
mod read;
mod rle;
mod traits;
mod write;

pub(crate) use read::open;
pub(crate) use traits::{TRAITS, is_signature};
pub(crate) use write::write;
