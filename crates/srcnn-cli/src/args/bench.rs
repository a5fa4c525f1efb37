//! Arguments of `srcnn bench`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::files::PictureFormatArg;
use super::network::ExecutionArgs;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    srcnn bench --net keras --size 1920x1080 --threads 2\n  \
    srcnn bench --model srcnn-915-x2 --isa avx2 --format json\n  \
    srcnn bench --train --net paper915 --threads 1\n  \
    srcnn bench --whole photo.jpg --model srcnn-915\n\n\
    Layers are padded with zeros and keep the size. Before it is timed, the result is compared with the reference \
    in double precision, at the corners of the picture and where it is divided among threads. With --train layers \
    are not padded, and a step is first compared with that of the portable instruction set.")]
pub struct BenchArgs {
    /// Network with random weights: keras (9-3-5:128-64), paper (9-5-5:64-32), paper915 (9-1-5:64-32), or kernel sizes
    /// and filters
    #[arg(long, default_value = "keras", conflicts_with = "model")]
    pub net: String,
    /// Built-in model or weight file to time, instead of random weights; --size is that of its input; with --whole, as for srcnn upscale
    #[arg(short, long)]
    pub model: Option<String>,
    /// Width and height of the picture, in pixels
    #[arg(long, default_value = "512x512", value_name = "WxH", conflicts_with = "train")]
    pub size: String,
    /// Time a training step instead: forward, backward and Adam
    #[arg(long, conflicts_with_all = ["model", "precision"])]
    pub train: bool,
    /// Batch size of --train: sub-images per step, 1 to 1024
    #[arg(
        long,
        default_value_t = 16,
        requires = "train",
        value_name = "N",
        value_parser = clap::value_parser!(u16).range(1..=1024)
    )]
    pub batch: u16,
    /// Width and height of the sub-images of --train, in pixels, 1 to 1024
    #[arg(
        long,
        default_value_t = 33,
        requires = "train",
        value_name = "N",
        value_parser = clap::value_parser!(u16).range(1..=1024)
    )]
    pub crop: u16,
    /// Time whole commands instead: srcnn upscale of this picture or folder, from reading to writing, and its stages
    ///
    /// Outputs go to a temporary folder. Beside it the network alone is timed, on pictures of the results' sizes.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["net", "size", "train"])]
    pub whole: Option<PathBuf>,
    /// Factor of --whole
    #[arg(short, long, default_value_t = 2.0, requires = "whole", value_name = "F")]
    pub scale: f64,
    /// Format of the outputs of --whole; the inputs' by default
    #[arg(long, value_enum, requires = "whole", value_name = "FORMAT")]
    pub to: Option<PictureFormatArg>,
    /// Number of timed runs
    #[arg(long, default_value_t = 9, value_name = "R", value_parser = clap::value_parser!(u16).range(1..))]
    pub reps: u16,
    #[command(flatten)]
    pub execution: ExecutionArgs,
    /// Format of the result
    #[arg(long, value_enum, default_value = "text")]
    pub format: BenchFormatArg,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BenchFormatArg {
    /// One line of text
    Text,
    /// JSON
    Json,
}
