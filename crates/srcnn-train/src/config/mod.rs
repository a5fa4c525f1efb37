//! All that decides a run, as one flat table.

mod check;
mod presets;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use srcnn::color::LumaRange;
use srcnn::model::{Architecture, Input, Padding};
use srcnn::resample::Convention;

use crate::init::Init;
pub use check::ConfigError;

/// A run: with the same pictures, instruction set and configuration it gives the same weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The model's name, and that of its files.
    pub name: String,
    /// Kernel sizes, such as `[9, 1, 5]`.
    pub kernels: Vec<usize>,
    /// Filters of all layers but the last, such as `[64, 32]`.
    pub filters: Vec<usize>,
    /// Luma, RGB or, for experiments, YCbCr.
    pub input: Input,
    /// Where luma lies.
    pub luma: LumaRange,
    /// One for each layer, or one for all.
    pub padding: Vec<Padding>,
    /// Learns the difference to the input: one filter a channel of each inner layer carries the input past them. What comes
    /// out is a plain network.
    pub residual: bool,
    /// Learns the first layer on whitened patches and the last in units of what is to be learnt, which converges sooner. It
    /// folds into plain weights.
    pub precondition: bool,
    /// How weights begin.
    pub init: Init,
    /// Weights to begin with instead: of the same network, or of a smaller one, which grows.
    pub start: Option<PathBuf>,

    /// Folders of pictures to learn from.
    pub data: Vec<PathBuf>,
    /// Every n-th picture of each of them is held out for validation; 0 holds out none.
    pub hold_out: usize,
    /// Folders of pictures for validation, beside those held out.
    pub validation: Vec<PathBuf>,
    /// Folders of pictures that are scored along, for the curve alone: they decide nothing.
    pub benchmark: Vec<PathBuf>,
    /// Scores the benchmark on luma, whatever goes into the network: so can the curves of several be compared.
    pub benchmark_luma: bool,
    /// Lines across the curve: what other methods score on the benchmark, in dB.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub levels: BTreeMap<String, f64>,
    /// Factors by which pictures are shrunk and enlarged again.
    pub scales: Vec<u32>,
    /// By whose resampling.
    pub degradation: Convention,
    /// Whether small pictures are rounded to 8 bits, as files are.
    pub round: bool,
    /// Sizes at which each picture is seen, 1.0 being its own.
    pub zooms: Vec<f64>,
    /// Rows and columns of a sub-image.
    pub crop: usize,
    /// Sub-images are taken from a grid of this step, in another order each time round; 0 takes them from anywhere.
    pub stride: usize,
    /// Turns and mirrors them, eight ways in all.
    pub orientations: bool,
    /// Leaves out pixels that see past the edge of their sub-image, where the picture goes on.
    pub mask: bool,
    /// MiB of pictures to keep in memory; more are kept on disk.
    pub memory: usize,

    /// What is made small.
    pub loss: Loss,
    /// What is made small later on.
    pub late_loss: Option<Loss>,
    /// From which part of the run on, 0 to 1.
    pub late_from: f64,
    /// What each channel counts at first, such as `[1.0, 0.0, 0.0]` for luma alone; empty for all alike.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub early_channels: Vec<f64>,
    /// To which part of the run, 0 to 1; from then on all count alike.
    pub early_until: f64,
    /// How the losses of pixels are put together.
    pub reduction: Reduction,
    /// Divides each picture's loss by its squared error before, so that easy pictures count as much as hard ones: as they do
    /// in a mean of PSNRs.
    pub balance: bool,

    /// How weights follow gradients.
    pub optimiser: Optimiser,
    /// The highest rate: one for each layer, or one for all.
    pub rates: Vec<f64>,
    /// Of SGD.
    pub momentum: f64,
    /// Longest gradient; longer ones are shortened. 0 leaves them.
    pub clip: f64,
    /// Steps in which the rate rises from zero.
    pub warm_up: u64,
    /// What becomes of the rate.
    pub schedule: Schedule,
    /// Steps from one drop of the rate to the next.
    pub decay_every: u64,
    /// What it is multiplied by.
    pub decay_by: f64,
    /// Share of the old in the moving average of the weights, which is what is validated and kept; 0 for none.
    pub average: f64,

    /// Sub-images a step.
    pub batch: usize,
    /// Steps in all.
    pub steps: u64,
    /// Steps from one validation and checkpoint to the next.
    pub every: u64,
    /// Of all that is random.
    pub seed: u64,
}

/// The loss of one pixel's error `e`, samples from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// `e^2`.
    Mse,
    /// `|e|`.
    L1,
    /// `sqrt(e^2 + 0.001^2)` (Charbonnier et al. 1994).
    Charbonnier,
}

/// How the losses of pixels are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reduction {
    /// The mean of all pixels.
    Mean,
    /// Half the sum over each sub-image, the mean of these: Caffe's Euclidean loss, to which the paper's rates belong.
    HalfSum,
}

/// How weights follow gradients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Optimiser {
    /// Kingma and Ba 2015, with 0.9, 0.999 and 1e-8.
    Adam,
    /// Gradient descent with momentum, as Caffe has it: `v = momentum v + rate g`, `w = w - v`.
    Sgd,
}

/// What becomes of the rate after the warm-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// Nothing.
    Constant,
    /// It falls to zero at the last step, along half a cosine.
    Cosine,
    /// It is multiplied by `decay_by` every `decay_every` steps.
    Step,
}

impl Config {
    /// The fields in a file: a configuration, or the card of a model that was trained here, which holds its own.
    ///
    /// # Errors
    /// [`ConfigError::Syntax`] if it is not TOML.
    pub fn fields(text: &str) -> Result<toml::Table, ConfigError> {
        let table: toml::Table = text.parse().map_err(|e| ConfigError::Syntax(Box::new(e)))?;
        let of_card = table.get("training").and_then(|training| training.get("config")?.as_table().cloned());
        Ok(of_card.unwrap_or(table))
    }

    /// Reads a table: its `preset` (or `best`), and what it says beside.
    ///
    /// # Errors
    /// [`ConfigError`] for an unknown preset or field, a value that is none of the field's, or fields that do not fit.
    pub fn from_table(mut table: toml::Table) -> Result<Self, ConfigError> {
        let preset = match table.remove("preset") {
            None => "best".to_owned(),
            Some(toml::Value::String(name)) => name,
            Some(other) => other.to_string(),
        };
        let mut whole = toml::Table::try_from(Self::preset(&preset)?).expect("a configuration is a table");
        whole.extend(table);
        let config: Self = whole.try_into().map_err(|e| ConfigError::Syntax(Box::new(e)))?;
        config.check()?;
        Ok(config)
    }

    /// As TOML, every field.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a configuration is a table")
    }

    /// The plain network that comes out.
    ///
    /// # Errors
    /// [`ConfigError::Architecture`].
    pub fn architecture(&self) -> Result<Architecture, ConfigError> {
        let padding = per_layer(&self.padding, self.kernels.len());
        Ok(Architecture::srcnn(self.input, &self.kernels, &self.filters, &padding)?)
    }

    /// The highest rate of each layer.
    pub fn layer_rates(&self) -> Vec<f64> {
        per_layer(&self.rates, self.kernels.len())
    }
}

/// A single entry stands for all.
fn per_layer<T: Copy>(entries: &[T], layers: usize) -> Vec<T> {
    if let [one] = entries { vec![*one; layers] } else { entries.to_vec() }
}
