//! Animations, frame by frame: GIF, APNG and animated WebP.

mod counted;
mod find;
mod reader;
mod writer;

pub use crate::frames::timing::{Delay, Plays};
pub use reader::{Animation, Frame, Opened, open};
pub use writer::{AnimationHead, AnimationWriter};
