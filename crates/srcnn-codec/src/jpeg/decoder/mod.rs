//! JPEG (ITU-T T.81) row by row, in bounded memory, with the samples that libjpeg-turbo gives by default: its accurate
//! integer transform, its upsampling by a triangle filter, its color conversion.
//!
//! Sequential files whose components are interleaved are decoded as they are read. Those of several scans, progressive
//! ones among them, are complete only after the last scan: their coefficients are kept until then.

mod bits;
mod block;
mod coefficients;
mod error;
mod frame;
mod header;
mod huffman;
mod progress;
mod rows;
mod scan;
mod strip;
#[cfg(test)]
mod tests;
mod upsample;

pub(super) use error::JpegError;
pub(super) use rows::{JpegRows, Opened};
