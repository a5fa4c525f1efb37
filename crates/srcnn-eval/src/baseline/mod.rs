//! The methods that SRCNN was published against: sparse coding and anchored neighbourhood regression, on luma.
//!
//! A [`Baseline`] is a [`Method`] with what it learnt for one scale. Those of the program, [`Baseline::builtin`], were
//! learnt from T91 by [`training::train`] with [`training::Settings::published`].

mod anchored;
mod coding;
mod course;
mod family;
mod features;
mod file;
mod half;
mod ksvd;
pub mod lasso;
mod linear;
mod product;
mod restorer;
pub mod training;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use srcnn::Size;
use srcnn::codec::files::write_whole;
use srcnn::plane::Plane;
use srcnn::progress::Progress;
use srcnn::resample::{Convention, Edge, ResizeError, Resizing};

use anchored::Anchored;
use anchored::training::Dictionary;
use coding::training::Dictionaries;
use coding::{Coder, Coding};
use course::Course;
pub use family::Baselines;
pub use file::FormatError;

/// Which one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Sparse coding: Yang, Wright, Huang, Ma, IEEE TIP 2010.
    Sc,
    /// Anchored neighbourhood regression: Timofte, De Smet, Van Gool, ICCV 2013.
    Anr,
    /// Adjusted anchored neighbourhood regression: the same, ACCV 2014.
    APlus,
}

impl Method {
    /// All, from the worst to the best.
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

/// A name that is no [`Method`].
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

/// A baseline cannot be learnt, read, written or applied.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// No such baseline ships with the program.
    #[error("no {method} for x{scale} is built in")]
    NoBuiltin {
        /// The method asked for.
        method: Method,
        /// The factor asked for.
        scale: usize,
    },
    /// A factor that nothing is learnt for.
    #[error("a scale of {scale} is not between 2 and 8")]
    Scale {
        /// The factor.
        scale: usize,
    },
    /// A size that is not the small picture's times the factor.
    #[error("x{scale} makes {expected} of the small picture, not {found}")]
    Size {
        /// The baseline's factor.
        scale: usize,
        /// The size that it makes, in columns and rows.
        expected: Size,
        /// The size asked for.
        found: Size,
    },
    /// The small picture cannot be enlarged.
    #[error(transparent)]
    Resize(#[from] ResizeError),
    /// Settings that mean nothing.
    #[error("{name}: {value} is not between {} and {}", .bounds.0, .bounds.1)]
    Setting {
        /// The setting.
        name: &'static str,
        /// Its value.
        value: f64,
        /// The least and the largest that it may have.
        bounds: (f64, f64),
    },
    /// Pictures too few or too small to learn from.
    #[error("the pictures give {found} samples; {needed} are needed")]
    TooFewSamples {
        /// Samples that there are.
        found: usize,
        /// Samples needed at least.
        needed: usize,
    },
    /// A system of equations without a solution.
    #[error("nothing can be learnt from the samples: their equations have no solution")]
    Unsolvable,
    /// The file system.
    #[error("{}: {reason}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        reason: io::Error,
    },
    /// What a file holds is no baseline.
    #[error("{}: {reason}", .path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: FormatError,
    },
    /// [`Progress::cancelled`] said so.
    #[error("cancelled")]
    Cancelled,
}

/// A method with what it learnt for one scale.
#[derive(Clone, Debug)]
pub struct Baseline {
    scale: usize,
    notes: BTreeMap<String, String>,
    kind: Kind,
}

/// What was learnt, as files hold it, and the same made ready.
#[derive(Clone, Debug)]
enum Kind {
    Sc { dictionaries: Dictionaries, coding: Coding, ready: Arc<Coder> },
    Anr { dictionary: Dictionary, neighbours: usize, ready: Arc<Anchored> },
    APlus { dictionary: Dictionary, regressors: Regressors, ready: Arc<Anchored> },
}

/// Regressors in steps, as many for each anchor as there are components and pixels of a patch.
#[derive(Clone, Debug, PartialEq)]
struct Regressors {
    /// What a step is, for each anchor.
    steps: Vec<f32>,
    /// Anchor, component, pixel.
    values: Vec<i8>,
}

impl Regressors {
    /// Rounded to 8 bits, 127 being the largest value of each anchor.
    fn round(values: &[f32], anchors: usize) -> Self {
        let (mut steps, mut rounded) = (Vec::new(), Vec::new());
        for anchor in values.chunks_exact(values.len() / anchors) {
            let largest = anchor.iter().fold(0.0f32, |largest, v| largest.max(v.abs()));
            let step = largest / 127.0;
            steps.push(step);
            // The cast saturates.
            rounded.extend(anchor.iter().map(|v| if step > 0.0 { (v / step).round() as i8 } else { 0 }));
        }
        Self { steps, values: rounded }
    }

    fn to_floats(&self) -> Vec<f32> {
        let each = self.values.chunks_exact(self.values.len() / self.steps.len());
        each.zip(&self.steps).flat_map(|(values, step)| values.iter().map(move |&v| f32::from(v) * step)).collect()
    }
}

impl Kind {
    fn sc(scale: usize, dictionaries: Dictionaries, coding: Coding) -> Self {
        let ready = Arc::new(Coder::new(scale, coding, &dictionaries.low, dictionaries.high.clone()));
        Self::Sc { dictionaries, coding, ready }
    }

    fn anr(dictionary: Dictionary, neighbours: usize) -> Result<Self, BaselineError> {
        let ready = Arc::new(dictionary.with(dictionary.regressors(neighbours)?));
        Ok(Self::Anr { dictionary, neighbours, ready })
    }

    fn a_plus(dictionary: Dictionary, regressors: Regressors) -> Self {
        let ready = Arc::new(dictionary.with(regressors.to_floats()));
        Self::APlus { dictionary, regressors, ready }
    }
}

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
    /// One that ships with the program: each method for 2, 3 and 4.
    ///
    /// # Errors
    /// [`BaselineError::NoBuiltin`].
    pub fn builtin(method: Method, scale: usize) -> Result<Self, BaselineError> {
        let shipped = SHIPPED.iter().find(|(m, s, _)| (*m, *s) == (method, scale));
        let (_, _, bytes) = shipped.ok_or(BaselineError::NoBuiltin { method, scale })?;
        let path = || PathBuf::from(format!("built-in {method} x{scale}"));
        Self::from_bytes(bytes).map_err(|reason| BaselineError::Format { path: path(), reason })
    }

    /// Reads a file that [`Baseline::save`] wrote.
    ///
    /// # Errors
    /// [`BaselineError::Io`], [`BaselineError::Format`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self, BaselineError> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|reason| BaselineError::Io { path: path.to_owned(), reason })?;
        Self::from_bytes(&bytes).map_err(|reason| BaselineError::Format { path: path.to_owned(), reason })
    }

    /// Writes a safetensors file, whole or not at all; an existing one only if `replace` says so. The same baseline gives
    /// the same bytes.
    ///
    /// # Errors
    /// [`BaselineError::Io`].
    pub fn save(&self, path: impl AsRef<Path>, replace: bool) -> Result<(), BaselineError> {
        let path = path.as_ref();
        let failed = |reason| BaselineError::Io { path: path.to_owned(), reason };
        write_whole(path, &self.to_bytes(), replace).map_err(failed)
    }

    /// Which method.
    pub fn method(&self) -> Method {
        match self.kind {
            Kind::Sc { .. } => Method::Sc,
            Kind::Anr { .. } => Method::Anr,
            Kind::APlus { .. } => Method::APlus,
        }
    }

    /// The factor that it enlarges by.
    pub fn scale(&self) -> usize {
        self.scale
    }

    /// How it was learnt: `data`, `seed`, `samples` and so on.
    pub fn notes(&self) -> &BTreeMap<String, String> {
        &self.notes
    }

    /// The same with another note.
    pub fn with_note(mut self, name: &str, value: &str) -> Self {
        self.notes.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Enlarges a luma, BT.601 in studio range, 0.0 to 1.0, that was shrunk by MATLAB's bicubic and not rounded. The result
    /// is not rounded or clamped either. `progress` hears of as many pixels as the result has.
    ///
    /// # Errors
    /// [`BaselineError::Size`] unless `size` (width, height) is the small one times [`Baseline::scale`];
    /// [`BaselineError::Cancelled`].
    pub fn upscale(
        &self,
        small: &Plane<f64>,
        size: impl Into<Size>,
        progress: &dyn Progress,
    ) -> Result<Plane<f64>, BaselineError> {
        let (size, expected) = (size.into(), small.size().times(self.scale));
        if size != expected {
            return Err(BaselineError::Size { scale: self.scale, expected, found: size });
        }
        let mut course = Course::new(progress, size.pixels());
        match &self.kind {
            Kind::Sc { ready, .. } => ready.upscale(small, &mut course),
            Kind::Anr { ready, .. } | Kind::APlus { ready, .. } => {
                let resizing = Resizing::new(small.size(), size, Convention::MatlabBicubic(Edge::Mirror))?;
                ready.rows(&resizing, small.size(), (small, 0), 0..size.height, &mut course)
            }
        }
    }
}
