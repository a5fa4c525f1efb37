//! A method with its parameters for one factor.

use std::collections::BTreeMap;
use std::sync::Arc;

use srcnn::Size;
use srcnn::plane::Plane;
use srcnn::progress::Progress;
use srcnn::resample::{Convention, Edge, Resampler};

use super::anchored::Anchored;
use super::anchored::training::Dictionary;
use super::coding::training::Dictionaries;
use super::coding::{Coder, Coding};
use super::course::Course;
use super::error::BaselineError;
use super::method::Method;
use super::regressors::Regressors;

/// A method trained for one factor.
#[derive(Clone, Debug)]
pub struct Baseline {
    pub(super) scale: usize,
    pub(super) notes: BTreeMap<String, String>,
    pub(super) kind: Kind,
}

/// Trained parameters as files hold them, and the same prepared for use.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Sc { dictionaries: Dictionaries, coding: Coding, ready: Arc<Coder> },
    Anr { dictionary: Dictionary, neighbours: usize, ready: Arc<Anchored> },
    APlus { dictionary: Dictionary, regressors: Regressors, ready: Arc<Anchored> },
}

impl Kind {
    /// Prepares sparse coding.
    pub(super) fn sc(scale: usize, dictionaries: Dictionaries, coding: Coding) -> Self {
        let ready = Arc::new(Coder::new(scale, coding, &dictionaries.low, dictionaries.high.clone()));
        Self::Sc { dictionaries, coding, ready }
    }

    /// Computes the regressors of ANR.
    ///
    /// # Errors
    /// [`BaselineError::Unsolvable`].
    pub(super) fn anr(dictionary: Dictionary, neighbours: usize) -> Result<Self, BaselineError> {
        let ready = Arc::new(dictionary.with(dictionary.regressors(neighbours)?));
        Ok(Self::Anr { dictionary, neighbours, ready })
    }

    /// Prepares A+.
    pub(super) fn a_plus(dictionary: Dictionary, regressors: Regressors) -> Self {
        let ready = Arc::new(dictionary.with(regressors.to_floats()));
        Self::APlus { dictionary, regressors, ready }
    }
}

impl Baseline {
    /// The method.
    pub fn method(&self) -> Method {
        match self.kind {
            Kind::Sc { .. } => Method::Sc,
            Kind::Anr { .. } => Method::Anr,
            Kind::APlus { .. } => Method::APlus,
        }
    }

    /// The factor.
    pub fn scale(&self) -> usize {
        self.scale
    }

    /// Facts about the training, such as `data`, `seed` and `samples`.
    pub fn notes(&self) -> &BTreeMap<String, String> {
        &self.notes
    }

    /// Adds a note, or replaces the one of this name.
    pub fn with_note(mut self, name: &str, value: &str) -> Self {
        self.notes.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Upscales a luma: BT.601 in studio range, 0.0 to 1.0, shrunk by MATLAB's bicubic and not rounded. The result is
    /// neither rounded nor clamped. `progress` counts the pixels of the result.
    ///
    /// # Errors
    /// [`BaselineError::Size`] unless `size` is the small one times [`Baseline::scale`]; [`BaselineError::Resize`];
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
                let resampler = Resampler::new(small.size(), size, Convention::MatlabBicubic(Edge::Mirror))?;
                ready.rows(&resampler, small.size(), (small, 0), 0..size.height, &mut course)
            }
        }
    }
}
