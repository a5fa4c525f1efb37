//! Files and folders on disk, for programs: whole files written under temporary names, folders of pictures.

mod folder;
mod temporary;
mod whole;

pub use folder::{can_write_into, pictures_in};
pub use temporary::remove_abandoned;
pub use whole::{WholeFile, write_whole};
