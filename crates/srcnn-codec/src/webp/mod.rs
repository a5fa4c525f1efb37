//! WebP (RFC 9649): grey (read as RGB) or RGB, with or without alpha, of 8 bits; profile for RGB, Exif, XMP; density within Exif.
//! Written without loss, or with it by libwebp (feature `lossy-webp`). Animations are read and written.

mod error;
mod extended;
mod frame_writer;
mod frames;
#[cfg(feature = "lossy-webp")]
mod lossy;
mod read;
mod riff;
mod stills;
mod traits;
mod write;

pub(crate) use frame_writer::WebPFrameWriter;
pub(crate) use frames::{WebPFrames, sizes};
pub(crate) use read::decode;
pub(crate) use riff::{is_animated, is_complete, is_signature};
pub(crate) use traits::TRAITS;
pub(crate) use write::write;
