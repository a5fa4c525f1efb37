//! Winograd convolutions against their definition: their transforms, then tiles.

mod cuts;
mod matrices;
mod operands;
pub(crate) mod tiles;
pub(crate) mod transforms;
