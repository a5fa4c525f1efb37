//! Resampling conventions and their names.

use std::fmt;
use std::str::FromStr;

use crate::edge::Edge;

/// A program's way to resample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Convention {
    /// MATLAB's `imresize`, bicubic (a = -0.5), with a filter that is widened when shrinking. MATLAB mirrors edges,
    /// older versions replicate them; wrapped edges, for textures, are an extension.
    MatlabBicubic(Edge),
    /// OpenCV's `INTER_LINEAR`, with a filter that is not widened when shrinking.
    OpencvLinear,
    /// OpenCV's `INTER_CUBIC` (a = -0.75), with a filter that is not widened when shrinking.
    OpencvCubic,
    /// OpenCV's `INTER_AREA`, the mean over the covered area when shrinking.
    OpencvArea,
    /// Pillow's `BICUBIC` (a = -0.5), with a filter that is widened when shrinking.
    PillowBicubic,
}

impl Convention {
    /// The conventions of programs, by name; names without a suffix for edges mean mirrored edges.
    pub const NAMED: [(&'static str, Self); 6] = [
        ("matlab-bicubic", Self::MatlabBicubic(Edge::Mirror)),
        ("matlab-bicubic-clamped", Self::MatlabBicubic(Edge::Replicate)),
        ("opencv-linear", Self::OpencvLinear),
        ("opencv-cubic", Self::OpencvCubic),
        ("opencv-area", Self::OpencvArea),
        ("pillow-bicubic", Self::PillowBicubic),
    ];

    /// The name, as parsed by [`FromStr`].
    pub fn name(self) -> &'static str {
        let named = Self::NAMED.iter().find(|(_, c)| *c == self);
        // The only one that is no program's.
        named.map_or("matlab-bicubic-wrapped", |(name, _)| *name)
    }
}

impl TryFrom<String> for Convention {
    type Error = UnknownConvention;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        name.parse()
    }
}

impl From<Convention> for String {
    fn from(convention: Convention) -> Self {
        convention.name().to_owned()
    }
}

impl fmt::Display for Convention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is not a [`Convention`]'s.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is no way to resample; known are {}", Convention::NAMED.map(|(n, _)| n).join(", "))]
pub struct UnknownConvention {
    name: String,
}

impl FromStr for Convention {
    type Err = UnknownConvention;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let named = Self::NAMED.iter().find(|(n, _)| *n == name);
        named.map(|(_, c)| *c).ok_or_else(|| UnknownConvention { name: name.to_owned() })
    }
}
