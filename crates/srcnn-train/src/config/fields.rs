//! The fields of a configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use srcnn::color::LumaRange;
use srcnn::model::{Architecture, Input, Padding};
use srcnn::resample::Convention;

use super::error::ConfigError;
use crate::init::Init;

/// The configuration of a run. Together with the pictures and the instruction set it determines the weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Name of the model and of its files.
    pub name: String,
    /// Kernel sizes, such as `[9, 1, 5]`.
    pub kernels: Vec<usize>,
    /// Filters of all layers except the last, such as `[64, 32]`.
    pub filters: Vec<usize>,
    /// Channels of the network: luma, RGB or, for experiments, YCbCr.
    pub input: Input,
    /// Range of luma: studio or full.
    pub luma: LumaRange,
    /// Padding of each layer, or of all.
    pub padding: Vec<Padding>,
    /// Trains the difference from the input: in each inner layer, one filter per channel passes the input on. The result is a
    /// plain network.
    pub residual: bool,
    /// Trains the first layer on whitened patches and the last one in units of the target's standard deviation, which
    /// converges faster. The result is folded into plain weights.
    pub precondition: bool,
    /// Initialization of the weights.
    pub init: Init,
    /// Initial weights instead: those of a network of the same or a smaller size.
    pub start: Option<PathBuf>,

    /// Folders of training pictures.
    pub data: Vec<PathBuf>,
    /// Every n-th picture of each folder is held out for validation; 0 for none.
    pub hold_out: usize,
    /// Folders of further validation pictures.
    pub validation: Vec<PathBuf>,
    /// Folders of benchmark pictures, which are scored for the curve and have no influence on the training.
    pub benchmark: Vec<PathBuf>,
    /// Scores the benchmark on luma for every kind of network, so that their curves are comparable.
    pub benchmark_luma: bool,
    /// Horizontal lines of the chart: PSNR of other methods on the benchmark, in dB.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub levels: BTreeMap<String, f64>,
    /// Factors of the degradation, 2 to 16.
    pub scales: Vec<u32>,
    /// Resampling of the degradation.
    pub degradation: Convention,
    /// Rounds the shrunk pictures to 8 bits, as files do.
    pub round: bool,
    /// Sizes of each picture relative to its own, above 0, up to 1.
    pub zooms: Vec<f64>,
    /// Side of a sub-image in pixels.
    pub crop: usize,
    /// Distance of sub-images on a grid, in pixels; each epoch has a new order. 0 for random positions.
    pub stride: usize,
    /// Rotates and mirrors sub-images at random, in eight orientations.
    pub orientations: bool,
    /// Excludes pixels whose receptive field reaches beyond an edge of the sub-image that is not an edge of the picture.
    pub mask: bool,
    /// Memory for pictures in MiB; further pictures are kept on disk.
    pub memory: usize,

    /// Loss function.
    pub loss: Loss,
    /// Loss function of the last part of the run.
    pub late_loss: Option<Loss>,
    /// Begin of the last part of the run, as a fraction of its steps, 0 to 1.
    pub late_from: f64,
    /// Weight of each channel in the first part of the run, such as `[1.0, 0.0, 0.0]` for luma only; empty for equal weights.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub early_channels: Vec<f64>,
    /// End of the first part of the run, as a fraction of its steps, 0 to 1; channels have equal weights afterwards.
    pub early_until: f64,
    /// Reduction of the losses of pixels to one number.
    pub reduction: Reduction,
    /// Divides the loss of each picture by the mean squared error of its degraded input, so that all pictures have similar
    /// weight, as in a mean of PSNRs.
    pub balance: bool,

    /// Optimiser.
    pub optimiser: Optimiser,
    /// The highest learning rate of each layer, or of all.
    pub rates: Vec<f64>,
    /// Momentum of SGD.
    pub momentum: f64,
    /// Largest norm of the gradient; longer gradients are scaled down. 0 for no limit.
    pub clip: f64,
    /// Steps of a linear rise of the learning rate from zero.
    pub warm_up: u64,
    /// Schedule of the learning rate after the warm-up.
    pub schedule: Schedule,
    /// Steps between two drops of the learning rate (schedule `step`).
    pub decay_every: u64,
    /// Factor of a drop of the learning rate (schedule `step`).
    pub decay_by: f64,
    /// Decay of the moving average of the weights, which is validated and saved; 0 for no average.
    pub average: f64,

    /// Sub-images per step.
    pub batch: usize,
    /// Number of steps.
    pub steps: u64,
    /// Steps between two validations, at which a checkpoint is saved.
    pub every: u64,
    /// Random seed.
    pub seed: u64,
}

/// Loss function of a pixel's error `e`; samples are 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// `e^2`.
    Mse,
    /// `|e|`.
    L1,
    /// `sqrt(e^2 + 0.001^2)` (Charbonnier et al. 1994).
    Charbonnier,
}

/// Reduction of the losses of pixels to one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "kebab-case")]
pub enum Reduction {
    /// The mean over all pixels.
    Mean,
    /// The mean over sub-images of half their sum: Caffe's Euclidean loss, for which the paper's learning rates are meant.
    HalfSum,
}

/// Optimiser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "kebab-case")]
pub enum Optimiser {
    /// Adam with `beta_1 = 0.9`, `beta_2 = 0.999` and `epsilon = 1e-8` (Kingma and Ba 2015).
    Adam,
    /// Stochastic gradient descent with Caffe's momentum: `v = momentum v + rate g`, `w = w - v`.
    Sgd,
}

/// Schedule of the learning rate after the warm-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// The rate is constant.
    Constant,
    /// The rate falls to zero at the last step along half a cosine.
    Cosine,
    /// The rate is multiplied by `decay_by` every `decay_every` steps.
    Step,
}

impl Config {
    /// The architecture of the resulting plain network.
    ///
    /// # Errors
    /// [`ConfigError::Architecture`].
    pub fn architecture(&self) -> Result<Architecture, ConfigError> {
        let padding = per_layer(&self.padding, self.kernels.len());
        Ok(Architecture::srcnn(self.input, &self.kernels, &self.filters, &padding)?)
    }

    /// The highest learning rate of each layer.
    pub fn layer_rates(&self) -> Vec<f64> {
        per_layer(&self.rates, self.kernels.len())
    }
}

/// An entry for each layer; a single entry is repeated.
fn per_layer<T: Copy>(entries: &[T], layers: usize) -> Vec<T> {
    if let [one] = entries { vec![*one; layers] } else { entries.to_vec() }
}
