//! The paper's tables: published figures and measured ones side by side.

pub mod published;
mod table;

pub use table::{Cell, Format, PaperTable};
