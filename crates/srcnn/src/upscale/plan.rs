//! The plan by which one picture reaches its size.

use std::sync::Arc;

use super::error::UpscaleError;
use super::restorer::Restorer;
use super::step::Step;
use crate::{Edge, Size};

/// The plan by which pictures of one size reach another.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) restorer: Arc<dyn Restorer>,
    /// The restorer's share of the result; the rest is MATLAB's bicubic.
    pub(super) strength: f32,
    pub(super) edge: Edge,
    /// Sizes of the results of each application of the restorer; none if interpolation alone does all.
    pub(super) steps: Vec<Size>,
    /// The size of the result.
    pub(super) target: Size,
}

impl Plan {
    /// Prepares the applications of the restorer to pictures of size `from`.
    pub(super) fn passes(&self, from: Size) -> Result<Vec<Step>, UpscaleError> {
        let mut before = from;
        let step = |&to: &Size| {
            let step = Step::new(&*self.restorer, before, to, self.edge);
            before = to;
            step
        };
        self.steps.iter().map(step).collect()
    }
}
