//! What can be typed of the methods that SRCNN was published against.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use srcnn_eval::baseline::Method;

#[derive(Debug, Args)]
pub struct BaselineArgs {
    #[command(subcommand)]
    pub command: BaselineCommand,
}

#[derive(Debug, Subcommand)]
pub enum BaselineCommand {
    /// Learn a dictionary, and what goes along, from a folder of pictures
    Train(BaselineTrainArgs),
    /// Say what a baseline is and how it was learnt
    Info {
        /// sc, anr, a+ or a file that train wrote
        baseline: String,
        /// The factor, of the built-in ones
        #[arg(short, long, value_name = "N", default_value_t = 3)]
        scale: usize,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    srcnn baseline train sc --data t91/ -s 3 -o sc-x3.safetensors\n  \
    srcnn baseline train a+ --data t91/ --data bsd200/ -s 2 -o mine.safetensors\n  \
    srcnn evaluate set5/ -s 3 --protocol paper -m sc-x3.safetensors\n\n\
    Without other options a baseline is learnt as published, as far as that goes (docs/baselines.md); the built-in ones are, from T91. The same pictures and options \
    give the same file. Sparse coding takes some 20 minutes on 2 cores, the others a few.")]
pub struct BaselineTrainArgs {
    /// sc (sparse coding, Yang et al. 2010), anr or a+ (anchored neighbourhood regression, Timofte et al. 2013, 2014)
    #[arg(value_name = "METHOD")]
    pub method: Method,
    /// A folder of pictures to learn from; repeatable
    #[arg(long, required = true, value_name = "DIR")]
    pub data: Vec<PathBuf>,
    /// The factor, 2 to 8
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u8).range(2..=8))]
    pub scale: u8,
    /// The .safetensors file to write
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
    /// Atoms of the dictionary
    #[arg(long, value_name = "N")]
    pub atoms: Option<usize>,
    /// Rounds of dictionary learning
    #[arg(long, value_name = "N")]
    pub iterations: Option<usize>,
    /// Patches that are looked at, at most
    #[arg(long, value_name = "N")]
    pub samples: Option<usize>,
    /// Weight of the codes' size (sc) or of the regularisation (a+) in learning
    #[arg(long, value_name = "X")]
    pub lambda: Option<f64>,
    /// Atoms (anr) or samples (a+) that a regressor is computed from
    #[arg(long, value_name = "N")]
    pub neighbours: Option<usize>,
    /// Rounds of back-projection after sparse coding
    #[arg(long, value_name = "N")]
    pub projections: Option<usize>,
    /// The same seed gives the same file
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Replace the output if it exists
    #[arg(long)]
    pub force: bool,
}
