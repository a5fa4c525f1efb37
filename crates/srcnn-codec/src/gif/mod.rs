//! GIF (GIF89a specification): 256 colors a frame, alpha that is all or nothing; no metadata is written, and no density. Colors
//! beyond the palette go to near ones. Animations are read and written.

mod blocks;
mod error;
mod frame_writer;
mod frames;
mod palette;
mod read;
mod traits;
mod write;

pub(crate) use blocks::{images, is_signature, sizes};
pub(crate) use frame_writer::GifFrameWriter;
pub(crate) use frames::GifFrames;
pub(crate) use read::decode;
pub(crate) use traits::TRAITS;
pub(crate) use write::write;
