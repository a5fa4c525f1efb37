//! Netpbm's formats (the manuals pbm(5) to pam(5)): PBM, PGM, PPM and PAM are read; written are PGM and PPM, by the channels,
//! and PAM, which has alpha. 8 and 16 bits a sample, no metadata. Written in rows; read in rows if samples are binary.

mod raster;
mod read;
mod traits;
mod write;

pub(crate) use read::open;
pub(crate) use traits::{PAM_TRAITS, READ_EXTENSIONS, TRAITS, is_signature};
pub(crate) use write::{write, write_pam};
