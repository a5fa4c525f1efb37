//! Published networks, recognised by the names and shapes of the tensors in their state dictionaries.
//!
//! Names and shapes say what is computed only together with the program that wrote them; what is known of these programs is here, a
//! file a family. A table is recognised only if a family uses every tensor of it.

mod compact;
mod early;
mod find;
mod own;
mod plan;
mod recipes;
mod residual;

pub(super) use find::{Found, find};
pub(super) use plan::{Family, Rescale};
