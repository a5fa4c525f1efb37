//! Arguments of `srcnn model`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::network::FactArgs;

#[derive(Debug, Args)]
pub struct ModelArgs {
    #[command(subcommand)]
    pub command: ModelCommand,
}

#[derive(Debug, Subcommand)]
pub enum ModelCommand {
    /// List the built-in models
    List,
    /// Describe a weight file or a built-in model
    Info {
        /// Weight file (FILE#NAME for one of several networks in it) or built-in model
        model: String,
        #[command(flatten)]
        facts: FactArgs,
    },
    /// Convert a model to .safetensors or .onnx, with its metadata
    #[command(after_help = "Examples:\n  \
        srcnn model convert x3.mat srcnn-955-x3.safetensors --model-scale 3\n  \
        srcnn model convert srcnn-915-x2 srcnn-915-x2.onnx\n\n\
        The converted model is read back and run on a small picture; if the results differ, nothing is written.")]
    Convert {
        /// Weight file (with its card, if there is one; FILE#NAME for one of several networks in it) or built-in model
        input: String,
        /// Output file, .safetensors or .onnx
        output: PathBuf,
        /// Overwrite the output if it exists
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        facts: FactArgs,
    },
    /// Create a model with random weights
    #[command(after_help = "Example:\n  srcnn model init 9-5-5:64-32 fresh.safetensors --init gaussian --seed 1")]
    Init {
        /// Named architecture (srcnn-915, srcnn-935, srcnn-955, srcnn-keras), or kernel sizes and filters such as
        /// 9-5-5:64-32
        architecture: String,
        /// Output file, .safetensors or .onnx
        output: PathBuf,
        /// Distribution of the weights; biases are zero
        #[arg(long, value_enum, default_value = "glorot-uniform")]
        init: InitArg,
        /// Random seed
        #[arg(long, default_value_t = 0)]
        seed: u64,
        /// Overwrite the output if it exists
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        facts: FactArgs,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InitArg {
    /// Glorot's uniform distribution, as in Keras
    GlorotUniform,
    /// Normal distribution with a standard deviation of 0.001, as in the paper
    Gaussian,
    /// He's normal distribution, which keeps the variance through ReLU layers
    He,
}
