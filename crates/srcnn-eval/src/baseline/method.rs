//! The published methods, by name.

use std::fmt;
use std::str::FromStr;

/// A published method other than SRCNN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// Sparse coding: Yang, Wright, Huang, Ma, IEEE TIP 2010.
    Sc,
    /// Anchored neighbourhood regression: Timofte, De Smet, Van Gool, ICCV 2013.
    Anr,
    /// Adjusted anchored neighbourhood regression: the same authors, ACCV 2014.
    APlus,
}

impl Method {
    /// All methods, in ascending order of PSNR.
    pub const ALL: [Self; 3] = [Self::Sc, Self::Anr, Self::APlus];

    /// The name that [`FromStr`] reads: `sc`, `anr` or `a+`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sc => "sc",
            Self::Anr => "anr",
            Self::APlus => "a+",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is not that of a [`Method`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is no baseline; known are {}", Method::ALL.map(Method::name).join(", "))]
pub struct UnknownMethod {
    name: String,
}

impl FromStr for Method {
    type Err = UnknownMethod;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|method| method.name() == name);
        found.ok_or_else(|| UnknownMethod { name: name.to_owned() })
    }
}
