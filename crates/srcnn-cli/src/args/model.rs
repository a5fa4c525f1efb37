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
        /// A weight file or a built-in model
        model: String,
        #[command(flatten)]
        facts: FactArgs,
    },
    /// Write a model as .safetensors or .onnx, with all that is known of it
    #[command(after_help = "Examples:\n  \
        srcnn model convert x3.mat srcnn-955-x3.safetensors --model-scale 3\n  \
        srcnn model convert srcnn-915-x2 srcnn-915-x2.onnx\n\n\
        What is written is read back and run on a small picture first; nothing is left if the results differ.")]
    Convert {
        /// A weight file (with its card, if there is one) or a built-in model
        input: String,
        /// The .safetensors or .onnx file to write
        output: PathBuf,
        /// Replace the output if it exists
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        facts: FactArgs,
    },
    /// Write a model with fresh weights
    #[command(after_help = "Example:\n  srcnn model init 9-5-5:64-32 fresh.safetensors --init gaussian --seed 1")]
    Init {
        /// A named architecture (srcnn-915, srcnn-935, srcnn-955, srcnn-keras) or sizes and filters: 9-5-5:64-32
        architecture: String,
        /// The .safetensors file to write
        output: PathBuf,
        /// How weights are drawn; biases are zero
        #[arg(long, value_enum, default_value = "glorot-uniform")]
        init: InitArg,
        /// The same seed gives the same weights
        #[arg(long, default_value_t = 0)]
        seed: u64,
        /// Replace the output if it exists
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        facts: FactArgs,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InitArg {
    /// As Keras does
    GlorotUniform,
    /// As the paper does: normal with a deviation of 0.001
    Gaussian,
    /// Normal, so that ReLU layers keep the spread of their input
    He,
}
