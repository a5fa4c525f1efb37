//! Samples between what files store and what pictures are: orientation, alpha, inks, channels and depth.

pub(crate) mod alpha;
pub(crate) mod bytes;
pub(crate) mod cmyk;
pub(crate) mod convert;
pub(crate) mod order;
pub(crate) mod orientation;
pub(crate) mod portion;
pub(crate) mod reduce;
