//! Arguments of `srcnn train`: every field of its configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
use serde::Serialize;
use srcnn::engine::Isa;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    srcnn train -o run --data t91/ --data bsds300/ --scales 3 --steps 20000\n  \
    srcnn train paper.toml -o run --batch 64\n  \
    srcnn train --preset keras -o run --data t91/ --benchmark set5/\n  \
    srcnn train --resume -o run\n  \
    srcnn train crates/srcnn-models/models/srcnn-915-x3.toml -o run\n\n\
    A configuration is a TOML file of the fields above, with underscores (warm_up = 500), and optionally a preset \
    to start from; options override it. The card of a model that was trained here contains its configuration. RUN \
    gets config.toml (all fields), checkpoint.safetensors, metrics.csv, curve.png and curve.svg, filters.png, and \
    the best model so far with its card. Ctrl-C saves a checkpoint.")]
pub struct TrainArgs {
    /// Configuration file, or the card of a model, which contains one
    #[arg(value_name = "CONFIG.toml", conflicts_with = "resume")]
    pub config: Option<PathBuf>,
    /// Folder of the run
    #[arg(short, long, value_name = "RUN")]
    pub output: PathBuf,
    /// Resume the run in that folder from its last checkpoint
    #[arg(long)]
    pub resume: bool,
    /// Instruction set: avx512, avx2 or portable; the best of this CPU by default
    #[arg(long, value_name = "ISA", value_parser = |name: &str| Isa::named(name))]
    pub isa: Option<Isa>,
    #[command(flatten)]
    pub fields: FieldArgs,
}

macro_rules! possible {
    ($($value:literal),*) => {
        PossibleValuesParser::new([$($value),*])
    };
}

/// The fields of `srcnn_train::Config`, under the same names.
#[derive(Debug, Default, Args, Serialize)]
#[command(next_help_heading = "Fields of the configuration")]
#[group(conflicts_with = "resume", multiple = true)]
pub struct FieldArgs {
    /// Preset to start from: best (this project's), paper (Dong et al.'s) or keras (the Keras project's) [default:
    /// best]
    #[arg(long, value_parser = possible!("best", "paper", "keras"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// Name of the model and of its files
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,

    /// Kernel sizes of the layers, such as 9,1,5
    #[arg(long, value_delimiter = ',', value_name = "N,..")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernels: Option<Vec<u32>>,
    /// Filters of all layers but the last, such as 64,32
    #[arg(long, value_delimiter = ',', value_name = "N,..")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filters: Option<Vec<u32>>,
    /// Channels that the network works on: luma (y), rgb, or ycbcr, which is for experiments and upscales no pictures
    #[arg(long, value_parser = possible!("y", "rgb", "ycbcr"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Range of luma: studio (16 to 235) or full (0 to 255)
    #[arg(long, value_parser = possible!("studio", "full"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub luma: Option<String>,
    /// Padding: one for all layers, or one per layer
    #[arg(long, value_delimiter = ',', value_parser = possible!("valid", "zero", "replicate"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub padding: Option<Vec<String>>,
    /// Learn the difference to the input; the trained model is a plain network
    #[arg(long, value_name = "BOOL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub residual: Option<bool>,
    /// Train on whitened patches and normalised differences, which converges sooner; the trained model is a plain
    /// network
    #[arg(long, value_name = "BOOL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precondition: Option<bool>,
    /// Distribution of the initial weights
    #[arg(long, value_parser = possible!("gaussian", "glorot-uniform", "he"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init: Option<String>,
    /// Model to start from, instead of random weights: a weight file or a built-in model of the same network or a
    /// smaller one
    #[arg(long, value_name = "MODEL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<PathBuf>,

    /// Folder of training pictures; repeatable
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Vec<PathBuf>>,
    /// Hold out every N-th picture of each folder for validation; 0 holds out none
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_out: Option<u32>,
    /// Folder of additional pictures for validation; repeatable
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation: Option<Vec<PathBuf>>,
    /// Folder of pictures that the curve is measured on; does not influence training; repeatable
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benchmark: Option<Vec<PathBuf>>,
    /// Score the benchmark on luma, whatever the network works on, so that curves can be compared
    #[arg(long, value_name = "BOOL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benchmark_luma: Option<bool>,
    /// Horizontal line in the chart of the curve, such as 'sparse coding=31.42'; repeatable
    #[arg(long = "levels", value_name = "NAME=DB", value_parser = level)]
    #[serde(skip)]
    pub levels: Vec<(String, f64)>,
    /// Factors by which pictures are shrunk and enlarged again, each 2 to 16
    #[arg(long, value_delimiter = ',', value_name = "N,..")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scales: Option<Vec<u32>>,
    /// Resampling that shrinks and enlarges pictures
    #[arg(
        long,
        value_name = "CONVENTION",
        value_parser = PossibleValuesParser::new(srcnn::resample::Convention::NAMED.map(|(name, _)| name))
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub degradation: Option<String>,
    /// Round the shrunk pictures to 8 bits, as files are
    #[arg(long, value_name = "BOOL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub round: Option<bool>,
    /// Sizes at which each picture is used, relative to its own (above 0, up to 1), such as 1.0,0.8,0.6
    #[arg(long, value_delimiter = ',', value_name = "X,..")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zooms: Option<Vec<f64>>,
    /// Width and height of sub-images, in pixels
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crop: Option<u32>,
    /// Distance between sub-images, in pixels; 0 takes them from random positions
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stride: Option<u32>,
    /// Augment with the eight rotations and reflections of sub-images
    #[arg(long, value_name = "BOOL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orientations: Option<bool>,
    /// Leave pixels out of the loss whose receptive field passes the edge of the sub-image but not that of the picture
    #[arg(long, value_name = "BOOL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask: Option<bool>,
    /// Memory for training pictures, in MiB; the rest is kept on disk
    #[arg(long, value_name = "MIB")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<u32>,

    /// Loss function
    #[arg(long, value_parser = possible!("mse", "l1", "charbonnier"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loss: Option<String>,
    /// Loss function from --late-from on
    #[arg(long, value_parser = possible!("mse", "l1", "charbonnier"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late_loss: Option<String>,
    /// Part of the run, 0 to 1, at which --late-loss replaces --loss
    #[arg(long, value_name = "X")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late_from: Option<f64>,
    /// Weight of each channel in the loss until --early-until, such as 1,0,0
    #[arg(long, value_delimiter = ',', value_name = "X,..")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub early_channels: Option<Vec<f64>>,
    /// Part of the run, 0 to 1, until which --early-channels applies; then all channels weigh the same
    #[arg(long, value_name = "X")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub early_until: Option<f64>,
    /// Reduction of the loss: the mean over pixels, or half the sum over each sub-image (Caffe)
    #[arg(long, value_parser = possible!("mean", "half-sum"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reduction: Option<String>,
    /// Divide each picture's loss by its error before restoration, so that easy pictures weigh as much as hard ones
    #[arg(long, value_name = "BOOL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<bool>,

    /// Optimiser of the weights
    #[arg(long, value_parser = possible!("adam", "sgd"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optimiser: Option<String>,
    /// Learning rate, the highest of the schedule: one for all layers, or one per layer
    #[arg(long, value_delimiter = ',', value_name = "X,..")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rates: Option<Vec<f64>>,
    /// Momentum of SGD, from 0 to below 1
    #[arg(long, value_name = "X")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub momentum: Option<f64>,
    /// Gradient clipping: longest norm of the gradient; 0 for no clipping
    #[arg(long, value_name = "X")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip: Option<f64>,
    /// Steps of warm-up, in which the learning rate rises from zero
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warm_up: Option<u32>,
    /// Schedule of the learning rate after the warm-up
    #[arg(long, value_parser = possible!("constant", "cosine", "step"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// Steps between drops of the learning rate, for the schedule step
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decay_every: Option<u32>,
    /// Factor of each drop of the learning rate, for the schedule step
    #[arg(long, value_name = "X")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decay_by: Option<f64>,
    /// Decay of the moving average of the weights, from 0 to below 1; 0 for no average
    #[arg(long, value_name = "X")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average: Option<f64>,

    /// Batch size: sub-images per step, 1 to 4096
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<u32>,
    /// Number of steps
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u32>,
    /// Steps between validations, each of which saves a checkpoint
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<u32>,
    /// Random seed
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u32>,
}

impl FieldArgs {
    /// The options that were given, as fields of a configuration.
    pub fn table(&self) -> toml::Table {
        let mut table = toml::Table::try_from(self).expect("fields of a configuration");
        if !self.levels.is_empty() {
            let levels: BTreeMap<_, _> = self.levels.iter().cloned().collect();
            table.insert("levels".to_owned(), toml::Table::try_from(levels).expect("numbers by name").into());
        }
        table
    }
}

/// Parses `NAME=DB`.
fn level(text: &str) -> Result<(String, f64), String> {
    let (name, value) = text.rsplit_once('=').ok_or("write NAME=DB")?;
    Ok((name.to_owned(), value.parse().map_err(|_| format!("`{value}` is no number"))?))
}

#[cfg(test)]
mod tests {
    use clap::Command;
    use srcnn_train::config::Config;

    use super::*;

    #[test]
    fn every_field_of_a_configuration_is_an_option() {
        let command = FieldArgs::augment_args(Command::new("train"));
        let options: Vec<String> = command.get_arguments().map(|a| a.get_id().to_string()).collect();
        let best = Config::preset("best").expect("a preset");
        let mut fields: Vec<String> = toml::Table::try_from(best).expect("a table").keys().cloned().collect();
        // The table has no fields for options that are unset.
        fields.extend(["start", "late_loss", "early_channels", "levels", "preset"].map(str::to_owned));
        fields.sort();
        let mut sorted = options.clone();
        sorted.sort();
        assert_eq!(sorted, fields);
    }
}
