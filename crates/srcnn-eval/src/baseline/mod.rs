//! The methods that SRCNN was published against: sparse coding and anchored neighbourhood regression, on luma.
//!
//! A [`Baseline`] is a [`Method`] trained for one factor. The built-in ones, [`Baseline::builtin`], were trained on T91 by
//! [`training::train`] with [`training::Settings::published`].

mod anchored;
mod coding;
mod course;
mod error;
mod family;
mod features;
mod file;
mod ksvd;
pub mod lasso;
mod linear;
mod method;
mod product;
mod regressors;
mod restorer;
mod trained;
pub mod training;

use std::path::PathBuf;

pub use error::{BaselineError, FormatError};
pub use family::Baselines;
pub use method::{Method, UnknownMethod};
pub use trained::Baseline;

macro_rules! shipped {
    ($($method:ident $name:literal $scale:literal)*) => {
        [$((Method::$method, $scale, include_bytes!(concat!("../../models/", $name, "-x", $scale,
            ".safetensors")))),*]
    };
}

/// The baselines inside the program.
const SHIPPED: &[(Method, usize, &[u8])] = &shipped![
    Sc "sc" 2
    Sc "sc" 3
    Sc "sc" 4
    Anr "anr" 2
    Anr "anr" 3
    Anr "anr" 4
    APlus "aplus" 2
    APlus "aplus" 3
    APlus "aplus" 4
];

impl Baseline {
    /// A baseline that ships with the program: each method at factors of 2, 3 and 4.
    ///
    /// # Errors
    /// [`BaselineError::NoBuiltin`].
    pub fn builtin(method: Method, scale: usize) -> Result<Self, BaselineError> {
        let shipped = SHIPPED.iter().find(|(m, s, _)| (*m, *s) == (method, scale));
        let (_, _, bytes) = shipped.ok_or(BaselineError::NoBuiltin { method, scale })?;
        let path = || PathBuf::from(format!("built-in {method} x{scale}"));
        Self::from_bytes(bytes).map_err(|reason| BaselineError::Format { path: path(), reason })
    }
}
