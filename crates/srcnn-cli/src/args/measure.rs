//! Arguments of `srcnn evaluate` and `srcnn compare`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::network::{ExecutionArgs, ModelChoiceArgs};
use super::report::FormatArg;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProtocolArg {
    /// The SRCNN paper's protocol: luma (BT.601, studio range), MATLAB's bicubic, a border as wide as the scale shaved
    Paper,
    /// The Keras notebook's protocol: RGB, OpenCV's bilinear, cropped by the border that the network loses
    Keras,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    srcnn evaluate set5/ -s 3 -m 9-5-5/x3.mat --protocol paper\n  \
    srcnn evaluate set5/ -s 2 -m 3051crop_weight_200.h5 --protocol keras --figures figures/\n  \
    srcnn evaluate set5/ -s 2 -m none --protocol paper --format json\n\n\
    `-m none` measures the degraded pictures alone: bicubic under paper; bilinear, uncropped, under keras. paper \
    also takes the baselines: -m sc (sparse coding), anr and a+ (anchored neighbourhood regression).\n\
    Under paper edges are replicated at every layer, unless --padding states the weight file's own padding.")]
pub struct EvaluateArgs {
    /// Folders of reference pictures, or single pictures
    #[arg(required = true, value_name = "DIR")]
    pub inputs: Vec<PathBuf>,
    /// Factor of the degradation, 2 to 16
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u8).range(2..=16))]
    pub scale: u8,
    #[command(flatten)]
    pub model: ModelChoiceArgs,
    /// Evaluation protocol
    #[arg(long, value_enum)]
    pub protocol: ProtocolArg,
    /// Folder for the restored pictures (PNG), or file for the report (.json, .csv, .md, .txt)
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// Folder for figures that show the original, degraded and restored picture side by side
    #[arg(long, value_name = "DIR")]
    pub figures: Option<PathBuf>,
    /// Format of the report; by default text, or as the report file's extension says
    #[arg(long, value_enum)]
    pub format: Option<FormatArg>,
    /// Overwrite existing outputs
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub execution: ExecutionArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    srcnn compare truth.png restored.png --protocol paper -s 3\n  \
    srcnn compare originals/ restored/ --protocol keras --border 6 --format json\n  \
    srcnn compare truth.png restored.png --explain -s 3\n\n\
    Folders are paired by the files' names without extension. Under paper both pictures are first cropped to a \
    multiple of the scale; everything is measured in 8 bits. --explain shows why a score may differ from a \
    published one: it lists the scores by all usual protocols, and those of the reference shrunk and enlarged as \
    MATLAB, Pillow and OpenCV do it, before and after the model.")]
pub struct CompareArgs {
    /// Reference picture, or folder of them
    pub reference: PathBuf,
    /// Picture or folder to compare with the reference
    pub other: PathBuf,
    /// Protocol of the comparison
    #[arg(long, value_enum, required_unless_present = "explain")]
    pub protocol: Option<ProtocolArg>,
    /// Scale: width of the border that paper shaves, in pixels; required by paper and by --explain
    #[arg(short, long, value_name = "N")]
    pub scale: Option<usize>,
    /// Pixels to crop from every side under keras, 0 by default
    #[arg(long, value_name = "N")]
    pub border: Option<usize>,
    /// Show the scores by all usual protocols, and of the reference degraded by each program
    #[arg(long, requires = "scale", conflicts_with_all = ["protocol", "border"])]
    pub explain: bool,
    /// Model that restores the degraded references of --explain; the best for the scale by default; none for no model
    #[arg(short, long, value_name = "MODEL", requires = "explain")]
    pub model: Option<String>,
    /// Format of the report
    #[arg(long, value_enum, default_value = "text")]
    pub format: FormatArg,
}
