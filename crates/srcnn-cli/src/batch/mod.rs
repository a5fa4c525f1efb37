//! Many files: each is worked on, a failure is reported and does not stop the rest.

mod each;
pub mod journal;
mod naming;
mod report;
mod source;
mod transform;

pub use each::for_each;
pub use transform::{Task, transform};
