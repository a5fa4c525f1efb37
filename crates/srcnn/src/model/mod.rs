//! Networks: layers, weights, and how the input is made from a picture. A [`Model`] that exists is valid.

mod architecture;
mod card;
#[cfg(test)]
mod drawn;
mod facts;
pub mod graph;
mod layer;
mod network;

pub use architecture::{Architecture, ArchitectureError};
pub use card::{Card, CardError};
#[cfg(test)]
pub(crate) use drawn::drawn;
pub use facts::Facts;
pub(crate) use graph::MAX_SCALE;
pub use layer::{Activation, Input, LayerSpec, Padding};
pub use network::{LayerWeights, Model, ModelError, Preprocessing};
