//! What can be typed of a training run: every field of its configuration.

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
    A configuration is TOML with the fields below, with underscores (warm_up = 500), and perhaps a preset to begin with; \
    options win over it. The card of a model that was trained here holds its configuration. RUN gets config.toml (all fields), checkpoint.safetensors, metrics.csv, curve.png and curve.svg, \
    filters.png, and the best model so far with its card. Ctrl-C saves a checkpoint.")]
pub struct TrainArgs {
    /// A configuration, or a model's card that holds one
    #[arg(value_name = "CONFIG.toml", conflicts_with = "resume")]
    pub config: Option<PathBuf>,
    /// The folder of the run
    #[arg(short, long, value_name = "RUN")]
    pub output: PathBuf,
    /// Go on with the run in that folder from its last checkpoint
    #[arg(long)]
    pub resume: bool,
    /// The instruction set: avx512, avx2 or portable; the best of this CPU unless given
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
    /// What to begin with: best is ours, paper Dong et al.'s, keras the Keras project's [default: best]
    #[arg(long, value_parser = possible!("best", "paper", "keras"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// The model's name, and that of its files
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,

    /// Kernel sizes, such as 9,1,5
    #[arg(long, value_delimiter = ',', value_name = "N,..")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernels: Option<Vec<u32>>,
    /// Filters of all layers but the last, such as 64,32
    #[arg(long, value_delimiter = ',', value_name = "N,..")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filters: Option<Vec<u32>>,
    /// Luma or colors; a network on ycbcr is for experiments, and upscales no pictures
    #[arg(long, value_parser = possible!("y", "rgb", "ycbcr"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Where luma lies
    #[arg(long, value_parser = possible!("studio", "full"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub luma: Option<String>,
    /// Of all layers, or of each
    #[arg(long, value_delimiter = ',', value_parser = possible!("valid", "zero", "replicate"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub padding: Option<Vec<String>>,
    /// Learn the difference to the input; what comes out is a plain network
    #[arg(long, value_name = "BOOL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub residual: Option<bool>,
    /// Learn on whitened patches, in units of the difference; what comes out is a plain network
    #[arg(long, value_name = "BOOL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precondition: Option<bool>,
    /// How weights begin
    #[arg(long, value_parser = possible!("gaussian", "glorot-uniform", "he"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init: Option<String>,
    /// Weights to begin with: a file or a built-in model, of the same network or a smaller one
    #[arg(long, value_name = "MODEL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<PathBuf>,

    /// A folder of pictures to learn from; repeatable
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Vec<PathBuf>>,
    /// Every n-th picture of each is held out for validation
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_out: Option<u32>,
    /// A folder of more pictures for validation; repeatable
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation: Option<Vec<PathBuf>>,
    /// A folder of pictures for the curve alone: they decide nothing; repeatable
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benchmark: Option<Vec<PathBuf>>,
    /// Score the benchmark on luma, whatever goes in, so that curves can be compared
    #[arg(long, value_name = "BOOL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benchmark_luma: Option<bool>,
    /// A line across the curve, such as 'sparse coding=31.42'; repeatable
    #[arg(long = "levels", value_name = "NAME=DB", value_parser = level)]
    #[serde(skip)]
    pub levels: Vec<(String, f64)>,
    /// Factors by which pictures are shrunk and enlarged again
    #[arg(long, value_delimiter = ',', value_name = "N,..")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scales: Option<Vec<u32>>,
    /// By whose resampling
    #[arg(long, value_name = "CONVENTION", value_parser = PossibleValuesParser::new(srcnn::resample::Convention::NAMED.map(|(name, _)| name)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub degradation: Option<String>,
    /// Round small pictures to 8 bits, as files are
    #[arg(long, value_name = "BOOL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub round: Option<bool>,
    /// Sizes at which each picture is seen, such as 1.0,0.8,0.6
    #[arg(long, value_delimiter = ',', value_name = "X,..")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zooms: Option<Vec<f64>>,
    /// Rows and columns of a sub-image
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crop: Option<u32>,
    /// Step of the grid that sub-images are taken from; 0: from anywhere
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stride: Option<u32>,
    /// Turn and mirror sub-images
    #[arg(long, value_name = "BOOL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orientations: Option<bool>,
    /// Leave out pixels that see past the edge of their sub-image, where the picture goes on
    #[arg(long, value_name = "BOOL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask: Option<bool>,
    /// MiB of pictures to keep in memory; more are kept on disk
    #[arg(long, value_name = "MIB")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<u32>,

    /// What is made small
    #[arg(long, value_parser = possible!("mse", "l1", "charbonnier"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loss: Option<String>,
    /// What is made small later on
    #[arg(long, value_parser = possible!("mse", "l1", "charbonnier"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late_loss: Option<String>,
    /// From which part of the run on, 0 to 1
    #[arg(long, value_name = "X")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late_from: Option<f64>,
    /// What each channel counts at first, such as 1,0,0
    #[arg(long, value_delimiter = ',', value_name = "X,..")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub early_channels: Option<Vec<f64>>,
    /// To which part of the run, 0 to 1; from then on all count alike
    #[arg(long, value_name = "X")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub early_until: Option<f64>,
    /// The mean over pixels, or Caffe's half sum over each sub-image
    #[arg(long, value_parser = possible!("mean", "half-sum"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reduction: Option<String>,
    /// Let easy pictures count as much as hard ones
    #[arg(long, value_name = "BOOL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<bool>,

    /// How weights follow gradients
    #[arg(long, value_parser = possible!("adam", "sgd"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optimiser: Option<String>,
    /// The highest rate: of all layers, or of each
    #[arg(long, value_delimiter = ',', value_name = "X,..")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rates: Option<Vec<f64>>,
    /// Of SGD
    #[arg(long, value_name = "X")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub momentum: Option<f64>,
    /// Longest gradient; 0: any
    #[arg(long, value_name = "X")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip: Option<f64>,
    /// Steps in which the rate rises
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warm_up: Option<u32>,
    /// What becomes of the rate then
    #[arg(long, value_parser = possible!("constant", "cosine", "step"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// Steps from one drop of the rate to the next
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decay_every: Option<u32>,
    /// What it is multiplied by
    #[arg(long, value_name = "X")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decay_by: Option<f64>,
    /// Share of the old in the moving average of the weights; 0: no average
    #[arg(long, value_name = "X")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average: Option<f64>,

    /// Sub-images a step
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<u32>,
    /// Steps in all
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u32>,
    /// Steps from one validation and checkpoint to the next
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<u32>,
    /// Of all that is random
    #[arg(long, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u32>,
}

impl FieldArgs {
    /// What was typed, as a configuration has it.
    pub fn table(&self) -> toml::Table {
        let mut table = toml::Table::try_from(self).expect("fields of a configuration");
        if !self.levels.is_empty() {
            let levels: BTreeMap<_, _> = self.levels.iter().cloned().collect();
            table.insert("levels".to_owned(), toml::Table::try_from(levels).expect("numbers by name").into());
        }
        table
    }
}

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
        // What is empty there is not in the table.
        fields.extend(["start", "late_loss", "early_channels", "levels", "preset"].map(str::to_owned));
        fields.sort();
        let mut sorted = options.clone();
        sorted.sort();
        assert_eq!(sorted, fields);
    }
}
