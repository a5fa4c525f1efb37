//! The paper's tables: its figures, and ours beside them.

pub mod published;
mod table;

pub use table::{Cell, Format, PaperTable};
