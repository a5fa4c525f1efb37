//! Metadata as bytes that several formats share: Exif and other TIFF structures, XMP, ICC profiles.

pub(crate) mod byte_order;
pub(crate) mod exif;
pub(crate) mod icc;
pub(crate) mod ifd;
pub(crate) mod ifd_write;
pub(crate) mod limit;
pub(crate) mod tags;
pub(crate) mod upright;
pub(crate) mod written;
pub(crate) mod xml;
pub(crate) mod xmp;
