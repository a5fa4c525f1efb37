//! Processing of picture files: everything that a front end needs around a restorer.
//!
//! A [`Pipeline`] reads a file or bytes, runs a [`Transform`] on the picture ([`Upscaling`], [`Degrading`]), and writes
//! the result with the depth, metadata and format that [`OutputOptions`] ask for. Pictures are processed in bands of
//! rows where the formats allow it, within [`Limits`](crate::Limits), and animations frame by frame. Information for
//! the user is delivered as [`Notice`]s; nothing is printed.
//!
//! ```no_run
//! use std::sync::Arc;
//! use srcnn::pipeline::{Builtins, Pipeline, Silent, Upscaling};
//!
//! let upscaling = Upscaling::new(Arc::new(Builtins::best()));
//! Pipeline::new(&upscaling).run_file("photo.jpg", "large.png", false, &Silent)?;
//! # Ok::<(), srcnn::pipeline::PipelineError>(())
//! ```

mod ahead;
mod background;
mod degrading;
mod error;
mod family;
mod finding;
mod memory;
mod notice;
mod output;
mod picture;
mod run;
mod staged;
mod transform;
mod upscaling;

pub use crate::progress::Silent;
pub use background::Background;
pub use degrading::Degrading;
pub use error::{LimitKind, PipelineError, Side};
pub use family::{Builtins, Family, Single};
pub use memory::limits;
pub use notice::{Notice, Observer, SizeNotice};
pub use output::{Frames, OutputOptions};
pub use picture::{OpenedPicture, Sizes};
pub use run::Pipeline;
pub use transform::Transform;
pub use upscaling::Upscaling;
