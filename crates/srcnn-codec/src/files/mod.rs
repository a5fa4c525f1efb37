//! Files and folders on disk, for programs: whole files written under temporary names, folders of pictures.

mod folder;
mod occupant;
mod temporary;
mod whole;

pub use folder::{Listing, PassedOver, can_write_into, list, pictures_in};
pub use occupant::Occupant;
pub use temporary::remove_abandoned;
pub use whole::{WholeFile, write_whole};
