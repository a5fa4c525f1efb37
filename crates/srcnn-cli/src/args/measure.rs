//! Arguments of `srcnn evaluate` and `srcnn compare`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::network::{ExecutionArgs, ModelChoiceArgs};
use super::report::FormatArg;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProtocolArg {
    /// The SRCNN paper's: luma (BT.601 studio), MATLAB's bicubic, a border of the scale shaved
    Paper,
    /// The Keras notebook's: three channels, OpenCV's bilinear, what the network loses cut
    Keras,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    srcnn evaluate set5/ -s 3 -m 9-5-5/x3.mat --protocol paper\n  \
    srcnn evaluate set5/ -s 2 -m 3051crop_weight_200.h5 --protocol keras --figures figures/\n  \
    srcnn evaluate set5/ -s 2 -m none --protocol paper --format json\n\n\
    `-m none` measures the degraded pictures alone: bicubic under paper; bilinear, uncropped, under keras. \
    Under paper also -m sc, anr and a+: sparse coding, and anchored neighbourhood regression.\n\
    Under paper edges are replicated at every layer, unless --padding states the weight file's own.")]
pub struct EvaluateArgs {
    /// A folder of reference pictures, or single ones
    #[arg(required = true, value_name = "DIR")]
    pub inputs: Vec<PathBuf>,
    /// The factor of degradation, 2 to 16
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u8).range(2..=16))]
    pub scale: u8,
    #[command(flatten)]
    pub model: ModelChoiceArgs,
    /// Which procedure
    #[arg(long, value_enum)]
    pub protocol: ProtocolArg,
    /// A folder for the restored pictures (PNG), or a file for the report (.json, .csv, .md, .txt)
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// A folder for figures: original, degraded and restored side by side
    #[arg(long, value_name = "DIR")]
    pub figures: Option<PathBuf>,
    /// How the report is written; text, or what the report file's extension says, unless given
    #[arg(long, value_enum)]
    pub format: Option<FormatArg>,
    /// Replace outputs that exist
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
    Folders are paired by the files' names without extension. Under paper both pictures are first cut to a multiple \
    of the scale, and all are measured in 8 bits. --explain shows why a figure may differ from another's: by every usual ruler, and for the reference as \
    MATLAB, Pillow and OpenCV shrink and enlarge it, with what the model makes of that.")]
pub struct CompareArgs {
    /// The truth
    pub reference: PathBuf,
    /// What is measured against it
    pub other: PathBuf,
    /// Which protocol
    #[arg(long, value_enum, required_unless_present = "explain")]
    pub protocol: Option<ProtocolArg>,
    /// The scale: paper's shave, required there and by --explain
    #[arg(short, long, value_name = "N")]
    pub scale: Option<usize>,
    /// Pixels cut from every side under keras
    #[arg(long, value_name = "N")]
    pub border: Option<usize>,
    /// All protocols and the usual variants of them, one line each
    #[arg(long, requires = "scale", conflicts_with_all = ["protocol", "border"])]
    pub explain: bool,
    /// What restores degraded references with --explain; the best of the scale unless given, none for nothing
    #[arg(short, long, value_name = "MODEL", requires = "explain")]
    pub model: Option<String>,
    /// How the report is written
    #[arg(long, value_enum, default_value = "text")]
    pub format: FormatArg,
}
