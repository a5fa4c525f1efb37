//! JPEG (ITU-T T.81; JFIF, ITU-T T.871): grey or RGB of 8 bits; profile, Exif, XMP, IPTC, density. Read in rows by our own decoder
//! unless to be turned, CMYK too; what that leaves to another decoder (sampling factors that do not divide, and more) is held. Written in
//! rows.

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
mod stream;
mod traits;
mod write;
mod zigzag;

pub(crate) use interchange::{Interchange, InterchangeComponent, START};
pub(crate) use read::open;
pub(crate) use segments::is_signature;
pub(crate) use stream::check as check_stream;
pub(crate) use traits::{READ_EXTENSIONS, TRAITS};
pub(crate) use write::write;
