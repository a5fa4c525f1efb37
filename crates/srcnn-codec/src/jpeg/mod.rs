//! JPEG (ITU-T T.81; JFIF, ITU-T T.871): grey or RGB of 8 bits; profile, Exif, XMP, IPTC, density. Read in rows by our own decoder
//! unless to be turned; what that leaves to another decoder (CMYK, arithmetic coding and more) is held. Written in rows.

mod decoder;
mod encoder;
mod extended_xmp;
mod foreign;
mod interchange;
mod markers;
mod metadata;
mod photoshop;
mod read;
mod segments;
mod traits;
mod write;
mod zigzag;

pub(crate) use interchange::{Interchange, InterchangeComponent, START};
pub(crate) use read::open;
pub(crate) use segments::is_signature;
pub(crate) use traits::{READ_EXTENSIONS, TRAITS};
pub(crate) use write::write;
