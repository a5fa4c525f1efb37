//! Batches of files: each file is processed, and a failure is reported without stopping the rest.

mod each;
mod jobs;
pub mod journal;
mod naming;
mod refused;
mod report;
mod source;
mod transform;

pub use each::for_each;
pub use source::open_image;
pub use transform::{Identity, Task, transform};
