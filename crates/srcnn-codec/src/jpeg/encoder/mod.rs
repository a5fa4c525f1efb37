//! JPEG (ITU-T T.81), written: sequential with the tables of annex K as rows come; with tables made for the picture, or
//! progressive, from coefficients that are kept until the last row.
//!
//! A row of minimum coded units (MCUs) is work of its own: its samples are transformed and coded by one thread, and the bits of
//! the rows are joined in order. Bytes do not depend on the number of threads, nor on how many rows come at a time.

mod bits;
mod codes;
mod coefficients;
mod file;
mod frame;
mod header;
mod join;
mod optimal;
mod progressive;
mod quantisation;
mod rows;
mod sequential;
mod standard;
mod stream;
mod symbols;
#[cfg(test)]
mod tests;
mod transform;
mod whole;

pub(super) use file::write;
pub(super) use header::Segment;
