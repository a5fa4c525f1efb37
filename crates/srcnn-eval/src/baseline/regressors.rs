//! Regressors of A+ in 8 bits.

/// Regressors as integers of 8 bits with a scale factor for each anchor.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Regressors {
    /// Value of one unit, for each anchor.
    pub(super) steps: Vec<f32>,
    /// Order: anchor, component, pixel of the patch.
    pub(super) values: Vec<i8>,
}

impl Regressors {
    /// The largest magnitude of an anchor's integers.
    const LARGEST: f32 = 127.0;

    /// Rounds the regressors of `anchors` anchors; the largest magnitude of each becomes 127.
    pub(super) fn round(values: &[f32], anchors: usize) -> Self {
        let (mut steps, mut rounded) = (Vec::new(), Vec::new());
        for anchor in values.chunks_exact(values.len() / anchors) {
            let largest = anchor.iter().fold(0.0f32, |largest, v| largest.max(v.abs()));
            let step = largest / Self::LARGEST;
            steps.push(step);
            // The cast saturates.
            rounded.extend(anchor.iter().map(|v| if step > 0.0 { (v / step).round() as i8 } else { 0 }));
        }
        Self { steps, values: rounded }
    }

    /// The regressors in single precision, in the same order.
    pub(super) fn to_floats(&self) -> Vec<f32> {
        let each = self.values.chunks_exact(self.values.len() / self.steps.len());
        each.zip(&self.steps).flat_map(|(values, step)| values.iter().map(move |&v| f32::from(v) * step)).collect()
    }
}
