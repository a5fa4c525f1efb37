//! Frames of animations, whatever the format: how long they are shown, and how they make up the picture that is shown.

pub(crate) mod canvas;
pub(crate) mod stored;
pub(crate) mod timing;
