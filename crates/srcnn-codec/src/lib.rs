//! Picture files to pictures and back: bytes to [`Image`](srcnn_image::Image) or [`Rows`](srcnn_image::rows::Rows), and back.
//!
//! Each format is a folder that owns all its bytes: signature, chunks, reading, writing, metadata. [`decode()`], [`open`],
//! [`encode()`] and [`animation`] only choose among them. Files on disk are read and written by [`ImageFile`] and [`files`].

pub mod animation;
pub mod files;

mod decode;
mod decode_error;
mod encode;
mod encode_error;
mod format;
mod format_traits;
mod frames;
mod guard;
mod held;
mod image_file;
mod library_error;
mod limits;
mod loss;
mod metadata;
mod options;
mod samples;
mod sniff;
mod unsupported;
mod work;

#[cfg(feature = "avif")]
mod avif;
mod bmp;
mod gif;
mod jpeg;
#[cfg(feature = "jxl")]
mod jxl;
mod png;
mod pnm;
mod qoi;
mod tiff;
mod webp;

pub use decode::{decode, open};
pub use decode_error::{DecodeError, is_limit};
pub use encode::{encode, encode_rows, without_alpha};
pub use encode_error::EncodeError;
pub use format::{FileFormat, losses};
pub use image_file::{FileError, FileErrorKind, ImageFile};
pub use library_error::LibraryError;
pub use loss::Loss;
pub use options::{EncodeOptions, Subsampling};
pub use unsupported::UnsupportedSamples;
