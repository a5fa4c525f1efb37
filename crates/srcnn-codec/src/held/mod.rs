//! Pictures that are decoded as a whole.

pub(crate) mod decoded;
pub(crate) mod file;
pub(crate) mod library;
