//! PNG and APNG (ISO/IEC 15948, third edition): grey or RGB, with or without alpha, of 8 and 16 bits; palettes and fewer bits
//! are read as 8 bits. Profile, Exif, XMP, density and color chunks are read and written. Written in rows; read in rows unless
//! interlaced or to be turned. Animations of 8 bits are read, of 8 and 16 written.

mod chunks;
mod deflate;
mod error;
mod filter;
mod frame_writer;
mod frames;
mod huffman;
mod pieces;
mod read;
mod spliced;
mod text;
mod traits;
mod write;

pub(crate) use chunks::{is_animated, is_complete, is_signature, sizes};
pub(crate) use frame_writer::PngFrameWriter;
pub(crate) use frames::PngFrames;
pub(crate) use read::open;
pub(crate) use traits::TRAITS;
pub(crate) use write::write;
