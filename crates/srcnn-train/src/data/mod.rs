//! Training data: pairs of degraded and original pictures, cut into sub-images.

mod corpus;
mod error;
mod pair;
mod pictures;
mod sampler;
mod store;

pub use corpus::Corpus;
pub(crate) use error::BoxError;
pub use error::DataError;
pub use pair::{Pair, make_pair, read_planes};
pub use pictures::Pictures;
pub use sampler::{Sample, Sampler};
