//! Arguments of `srcnn baseline`: the methods that SRCNN was compared with.

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
    /// Train a baseline on folders of pictures
    Train(BaselineTrainArgs),
    /// Describe a baseline and how it was trained
    Info {
        /// Built-in baseline (sc, anr or a+), or file that `srcnn baseline train` wrote
        baseline: String,
        /// Scale factor of a built-in baseline, 2 to 4
        #[arg(short, long, value_name = "N", default_value_t = 3)]
        scale: usize,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    srcnn baseline train sc --data t91/ -s 3 -o sc-x3.safetensors\n  \
    srcnn baseline train a+ --data t91/ --data bsd200/ -s 2 -o mine.safetensors\n  \
    srcnn evaluate set5/ -s 3 --protocol paper -m sc-x3.safetensors\n\n\
    By default a baseline is trained as published, with the exceptions that docs/baselines.md lists; the built-in \
    ones are, on T91. The same pictures and options give the same file. Training takes some 20 minutes on 2 cores \
    for sparse coding, a few for the others.")]
pub struct BaselineTrainArgs {
    /// Method: sc (sparse coding, Yang et al. 2010), anr or a+ (anchored neighbourhood regression, Timofte et al. 2013,
    /// 2014)
    #[arg(value_name = "METHOD")]
    pub method: Method,
    /// Folder of training pictures; repeatable
    #[arg(long, required = true, value_name = "DIR")]
    pub data: Vec<PathBuf>,
    /// Scale factor, 2 to 8
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u8).range(2..=8))]
    pub scale: u8,
    /// Output file, .safetensors
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
    /// Number of atoms of the dictionary, 1 to 4096; 1024 by default
    #[arg(long, value_name = "N")]
    pub atoms: Option<usize>,
    /// Iterations of dictionary learning; 40 (sc) or 20 (anr, a+) by default
    #[arg(long, value_name = "N")]
    pub iterations: Option<usize>,
    /// Number of training patches, at most; 100,000 (sc) or 5,000,000 (a+) by default
    #[arg(long, value_name = "N")]
    pub samples: Option<usize>,
    /// Weight of sparsity (sc, 0.15 by default) or of regularisation (a+, 0.1 by default) in training
    #[arg(long, value_name = "X")]
    pub lambda: Option<f64>,
    /// Number of atoms (anr, 40 by default) or samples (a+, 2048 by default) per regressor, 1 to 4096
    #[arg(long, value_name = "N")]
    pub neighbours: Option<usize>,
    /// Iterations of back-projection after sparse coding, 0 to 1000; 0 by default
    #[arg(long, value_name = "N")]
    pub projections: Option<usize>,
    /// Random seed; 1 by default
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Overwrite the output if it exists
    #[arg(long)]
    pub force: bool,
}
