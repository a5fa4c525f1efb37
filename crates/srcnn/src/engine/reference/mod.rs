//! The definition, layer by layer, in `f32` or `f64`: the oracle of the fast engine, and what runs networks that have no
//! kernels of their own.
//!
//! A layer's output at (x, y) is its bias plus the sum over kernel rows, input channels and kernel columns, in this
//! order, of weight times input (a correlation), then the activation. Beyond the edge of its input lies what its
//! [`Padding`] says, at *every* layer.
//!
//! Rows are computed in bands, so that memory does not grow with the height of the picture; a band computes the rows of
//! inner layers that it needs. Results do not depend on the bands or on the number of threads.

mod layer;

use super::check::output_size;
use super::error::EngineError;
use crate::Size;
use crate::model::{Architecture, Model, Padding};
use crate::plane::Plane;
use crate::progress::Progress;
use crate::real::Real;
use layer::{Layer, Rows};

/// A network ready to run by the definition.
#[derive(Clone, Debug)]
pub struct Reference<T> {
    architecture: Architecture,
    layers: Vec<Layer<T>>,
    band: Option<usize>,
}

/// Bands are as high as this much memory for the largest layer allows.
const BAND_BYTES: usize = 48 << 20;
const BAND_ROWS: std::ops::RangeInclusive<usize> = 8..=256;

impl<T: Real> Reference<T> {
    /// The network with the paddings that the model states.
    pub fn new(model: &Model) -> Self {
        Self::with_architecture(model, model.architecture().clone())
    }

    /// The network with one padding at every layer, whatever it was trained with.
    pub fn with_padding(model: &Model, padding: Padding) -> Self {
        let paddings = vec![padding; model.architecture().layers().len()];
        let architecture = model.architecture().with_padding(&paddings).expect("one padding a layer");
        Self::with_architecture(model, architecture)
    }

    pub(super) fn with_architecture(model: &Model, architecture: Architecture) -> Self {
        let layers = architecture.layers().iter().zip(model.weights());
        let layers = layers.map(|(spec, weights)| Layer::pack(*spec, weights)).collect();
        Self { architecture, layers, band: None }
    }

    /// The same, computing `rows` rows of output at a time. The result does not depend on it.
    ///
    /// # Panics
    /// If `rows` is zero.
    pub fn with_band(self, rows: usize) -> Self {
        assert!(rows > 0, "a band has at least one row");
        Self { band: Some(rows), ..self }
    }

    /// The network's layers, with the paddings in force.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// Runs the network on planes of one size, values as it was trained on (0.0 to 1.0).
    ///
    /// The output is smaller on every side by [`Architecture::border_loss`]. Advances `progress` by the pixels of the
    /// output.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn run(&self, planes: &[Plane<T>], progress: &dyn Progress) -> Result<Vec<Plane<T>>, EngineError> {
        let width = planes.first().map_or(0, Plane::width);
        let Size { width: out_width, height: out_height } = output_size(&self.architecture, planes)?;
        let mut out: Vec<Vec<T>> = planes.iter().map(|_| Vec::with_capacity(out_width * out_height)).collect();
        let band = self.band.unwrap_or_else(|| self.default_band(width));
        for start in (0..out_height).step_by(band) {
            if progress.cancelled() {
                return Err(EngineError::Cancelled);
            }
            let end = (start + band).min(out_height);
            let rows = self.run_band(planes, start, end);
            for (channel, out) in out.iter_mut().enumerate() {
                rows.append_channel(channel, out);
            }
            progress.advance(((end - start) * out_width) as u64);
        }
        let planes = out.into_iter().map(|data| Plane::new(out_width, out_height, data));
        Ok(planes.collect::<Result<_, _>>().expect("every band was appended"))
    }

    /// What every layer gives for planes of one size, its activation applied, layer after layer; nothing is done in bands, so
    /// that memory grows with the pixels and the filters.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn feature_maps(&self, planes: &[Plane<T>]) -> Result<Vec<Vec<Plane<T>>>, EngineError> {
        output_size(&self.architecture, planes)?;
        let mut height = planes[0].height();
        let mut rows = Rows::of_planes(planes, 0, height);
        let maps = self.layers.iter().map(|layer| {
            let out = height - layer.height_loss();
            rows = layer.run(&rows, height, 0, out);
            height = out;
            rows.to_planes()
        });
        Ok(maps.collect())
    }

    /// Rows `start..end` of the output.
    fn run_band(&self, planes: &[Plane<T>], start: usize, end: usize) -> Rows<T> {
        // From the last layer to the first: which rows of each layer's input are needed, and how high that input is.
        let mut heights = vec![planes[0].height()];
        for layer in &self.layers {
            let height = heights[heights.len() - 1];
            heights.push(height - layer.height_loss());
        }
        let mut wanted = vec![(start, end)];
        for (layer, height) in self.layers.iter().zip(&heights).rev() {
            let (start, end) = wanted[wanted.len() - 1];
            wanted.push(layer.needed_rows(start, end, *height));
        }
        let (start, end) = wanted.pop().expect("the input's rows were pushed last");
        let mut rows = Rows::of_planes(planes, start, end);
        for (layer, height) in self.layers.iter().zip(&heights) {
            let (start, end) = wanted.pop().expect("one range a layer");
            rows = layer.run(&rows, *height, start, end);
        }
        rows
    }

    fn default_band(&self, width: usize) -> usize {
        let channels = self.architecture.layers().iter().map(|l| l.outputs).max().unwrap_or(1);
        (BAND_BYTES / (channels * width * size_of::<T>())).clamp(*BAND_ROWS.start(), *BAND_ROWS.end())
    }
}

#[cfg(test)]
mod tests;
