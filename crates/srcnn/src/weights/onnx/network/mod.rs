//! Graphs that are no chain of plain convolutions, operation by operation.

mod arithmetic;
mod convolutions;
mod parts;
mod pixels;
mod read;
mod reader;

pub(super) use read::{Network, read};
