//! What can be typed.

mod baseline;
mod paper;
mod size;
mod train;

use std::path::PathBuf;

use clap::builder::TypedValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use srcnn::codec::{EncodeOptions, FileFormat};
use srcnn::color::LumaRange;
use srcnn::engine::{Execution, Isa, Precision};
use srcnn::image::Depth;
use srcnn::model::Padding;
use srcnn::pipeline::{Frames, OutputOptions};
use srcnn::resample::Convention;

pub use baseline::{BaselineArgs, BaselineCommand, BaselineTrainArgs};
pub use paper::{CurvesArgs, FiltersArgs, PaperArgs, PaperCommand, TableArgs, TableFormatArg};
pub use size::{SettingArgs, SizeArgs};
pub use train::TrainArgs;

/// Restores and upscales pictures with SRCNN, and measures the result.
#[derive(Debug, Parser)]
#[command(name = "srcnn", version, arg_required_else_help = true, subcommand_required = true, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 all done, 1 some file failed, 2 wrong usage, 130 interrupted.\n\
    `srcnn COMMAND --help` shows examples.")]
pub struct Cli {
    /// Print errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say what is done, with which model, and how long it takes
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Threads; one a processor unless given
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make pictures larger
    Upscale(UpscaleArgs),
    /// Sharpen pictures that were enlarged, at the same size
    Restore(RestoreArgs),
    /// Shrink pictures and enlarge them again
    Degrade(DegradeArgs),
    /// Degrade, restore and measure a folder of reference pictures
    Evaluate(EvaluateArgs),
    /// Measure how two pictures or two folders differ
    Compare(CompareArgs),
    /// Train a network
    Train(Box<TrainArgs>),
    /// The paper's tables, curves and filters
    Paper(PaperArgs),
    /// Train and describe the methods that SRCNN was published against
    Baseline(BaselineArgs),
    /// Check the engine against its definition, then time it
    Bench(BenchArgs),
    /// List, describe and convert models
    Model(ModelArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Print the manual page, or write one a command
    Man(ManArgs),
}

/// Pictures in, pictures out.
#[derive(Debug, Args)]
pub struct FileArgs {
    /// Pictures, folders (with those within), or patterns such as 'photos/*.jpg'; - is standard input
    #[arg(value_name = "INPUT", required_unless_present_any = ["input", "files_from"])]
    pub inputs: Vec<PathBuf>,
    /// The same, as an option
    #[arg(short, value_name = "INPUT", hide = true)]
    pub input: Vec<PathBuf>,
    /// A file with more of them, one a line; - is standard input
    #[arg(long, value_name = "FILE")]
    pub files_from: Option<PathBuf>,
    /// A file for one picture (its extension names the format), - for standard output (PNG), else a folder, which is made
    /// if need be and gets the tree of the inputs
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
    /// How outputs in a folder are called, such as '{stem}-{model}-x{scale}.{ext}'; as their inputs unless given
    #[arg(long, value_name = "TEMPLATE")]
    pub name: Option<String>,
    /// Only the pictures of a folder, not those of the folders within
    #[arg(long)]
    pub flat: bool,
    /// Replace outputs that exist; in a folder, those that were made of the same by the same are left in any case
    #[arg(long)]
    pub force: bool,
    /// Pictures at a time; of three numbers joined by colons, as ncnn's programs have them (load:process:save), the second
    #[arg(short, long, value_name = "N", default_value_t = 1, value_parser = jobs)]
    pub jobs: u8,
    /// Write what became of each file, as JSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Write WebP with loss, at --quality
    #[arg(long)]
    pub lossy: bool,
    /// The quality of JPEG, and of WebP with --lossy
    #[arg(long, default_value_t = 95, value_parser = clap::value_parser!(u8).range(1..=100), value_name = "1-100")]
    pub quality: u8,
    /// The format, whatever the output's extension says
    #[arg(short, long, value_enum)]
    pub format: Option<PictureFormatArg>,
    /// Bits a sample, 32 being floating point, which TIFF holds; those of the input unless given, where the format holds them
    #[arg(long, value_name = "8|16|32", value_parser = clap::builder::PossibleValuesParser::new(["8", "16", "32"]).map(|bits| bits.parse::<u8>().unwrap_or(8)))]
    pub depth: Option<u8>,
    /// Memory that may be used, such as 512M or 8G, of which some 30M are the program's own. Large PNG, JPEG and TIFF files are worked on in bands of rows
    /// that fit; what has to be held as a whole, and does not fit, is refused
    #[arg(long, value_name = "BYTES", default_value = "2G", value_parser = bytes)]
    pub max_memory: u64,
    /// Pixels of a picture, before or after, such as 500M or 4G; all frames of an animation may have 16 times as many
    #[arg(long, value_name = "N", default_value = "1G", value_parser = bytes)]
    pub max_pixels: u64,
    /// Which frames of an animation (GIF, animated PNG or WebP) are taken, where the output's format holds them all
    #[arg(long, value_enum, default_value = "all")]
    pub frames: FramesArg,
    /// Leave out Exif, XMP and resolution, and the color profile if it is sRGB's (colors stay what they are)
    #[arg(long)]
    pub strip: bool,
}

impl FileArgs {
    /// The choices for outputs.
    pub fn options(&self) -> OutputOptions {
        OutputOptions {
            encode: EncodeOptions { quality: self.quality, lossy: self.lossy },
            depth: self.depth.map(|bits| match bits {
                32 => Depth::Float,
                16 => Depth::Sixteen,
                _ => Depth::Eight,
            }),
            strip: self.strip,
            frames: match self.frames {
                FramesArg::All => Frames::All,
                FramesArg::First => Frames::First,
            },
        }
    }
}

/// A number of pictures, or the second of three.
fn jobs(text: &str) -> Result<u8, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let number = match parts[..] {
        [number] | [_, number, _] => number.parse::<u8>().ok().filter(|n| (1..=64).contains(n)),
        _ => None,
    };
    number.ok_or_else(|| "a number from 1 to 64 is needed".to_owned())
}

/// A number with or without a suffix: K, M, G or T, of 1024.
fn bytes(text: &str) -> Result<u64, String> {
    let suffix = text.chars().last().map(|c| c.to_ascii_uppercase());
    let shift = suffix.and_then(|c| "KMGT".find(c)).map_or(0, |i| 10 * (i as u32 + 1));
    let digits = if shift > 0 { &text[..text.len() - 1] } else { text };
    let number = digits.parse::<u64>().ok().and_then(|n| n.checked_mul(1 << shift)).filter(|n| *n > 0);
    number.ok_or_else(|| "a number such as 512M, 2G or 1000000 is needed".to_owned())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FramesArg {
    /// Every one, as an animation
    All,
    /// The first, as a picture
    First,
}

/// A format that can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PictureFormatArg {
    Png,
    #[value(alias = "jpg")]
    Jpeg,
    #[value(alias = "tif")]
    Tiff,
    Webp,
    Bmp,
    /// PGM or PPM
    Pnm,
    Pam,
    Qoi,
    /// 256 colors a frame
    Gif,
}

impl From<PictureFormatArg> for FileFormat {
    fn from(format: PictureFormatArg) -> Self {
        match format {
            PictureFormatArg::Png => Self::Png,
            PictureFormatArg::Jpeg => Self::Jpeg,
            PictureFormatArg::Tiff => Self::Tiff,
            PictureFormatArg::Webp => Self::WebP,
            PictureFormatArg::Bmp => Self::Bmp,
            PictureFormatArg::Pnm => Self::Pnm,
            PictureFormatArg::Pam => Self::Pam,
            PictureFormatArg::Qoi => Self::Qoi,
            PictureFormatArg::Gif => Self::Gif,
        }
    }
}

/// The model, and what its file does not say.
#[derive(Debug, Args)]
pub struct ModelChoiceArgs {
    /// A built-in model (`srcnn model list`) or a weight file (.pth, .onnx, .param, .h5, .keras, .mat, .safetensors);
    /// the best built-in one unless given. upscale and evaluate also take bicubic, and what SRCNN was published against:
    /// sc, anr, a+
    #[arg(short, long, value_name = "MODEL")]
    pub model: Option<String>,
    #[command(flatten)]
    pub facts: FactArgs,
}

/// How networks are computed.
#[derive(Debug, Args)]
pub struct ExecutionArgs {
    /// exact computes in f32; fast in bf16 where the CPU has it and little is lost by it (some hundredths of a dB at most)
    #[arg(long, value_enum, default_value = "exact")]
    pub precision: PrecisionArg,
    /// The instruction set: avx512, avx2 or portable; the best of this CPU unless given
    #[arg(long, value_name = "ISA", value_parser = |name: &str| Isa::named(name))]
    pub isa: Option<Isa>,
}

impl ExecutionArgs {
    /// What was asked for.
    pub fn execution(&self) -> Execution {
        let precision = match self.precision {
            PrecisionArg::Exact => Precision::Exact,
            PrecisionArg::Fast => Precision::Fast,
        };
        Execution { isa: self.isa.unwrap_or_else(Isa::best), precision }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PrecisionArg {
    /// f32
    Exact,
    /// bf16 for the inner layers of 3x3 and 5x5, on CPUs with AVX-512 BF16; else the same as exact
    Fast,
}

/// What a weight file does not say, for files without a card.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "What a weight file does not say (a card beside it can: FILE.toml)")]
pub struct FactArgs {
    /// The factor that the model was trained for
    #[arg(long, value_name = "N")]
    pub model_scale: Option<u32>,
    /// How its input was enlarged
    #[arg(long, value_name = "CONVENTION", value_parser = convention())]
    pub interpolation: Option<Convention>,
    /// Where luma lies
    #[arg(long, value_enum)]
    pub luma: Option<Luma>,
    /// Its padding: one for all layers, or one a layer, joined by commas
    #[arg(long, value_enum, value_delimiter = ',')]
    pub padding: Option<Vec<PaddingArg>>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Luma {
    /// 16 to 235 of 255: the paper's authors, MATLAB
    Studio,
    /// 0 to 255: the Keras project, OpenCV, JPEG
    Full,
}

impl From<Luma> for LumaRange {
    fn from(luma: Luma) -> Self {
        match luma {
            Luma::Studio => Self::Studio,
            Luma::Full => Self::Full,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PaddingArg {
    /// None: each layer's output is smaller
    Valid,
    /// Zeros
    Zero,
    /// The edge repeated
    Replicate,
}

impl From<PaddingArg> for Padding {
    fn from(padding: PaddingArg) -> Self {
        match padding {
            PaddingArg::Valid => Self::Valid,
            PaddingArg::Zero => Self::Zero,
            PaddingArg::Replicate => Self::Replicate,
        }
    }
}

/// The names of conventions, shown in the help.
fn convention() -> impl clap::builder::TypedValueParser<Value = Convention> {
    let names = Convention::NAMED.map(|(name, _)| name);
    clap::builder::PossibleValuesParser::new(names).try_map(|name| name.parse::<Convention>())
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    srcnn upscale photo.jpg -o large.png\n  \
    srcnn upscale photos/ -o large/ -s 3\n  \
    srcnn upscale 'scans/*.png' cover.tif -o out/ -s 1.5 -m srcnn-915\n  \
    srcnn upscale photos/ -o out/ --size 3840x        (or --fit 3840x2160, --min-size 1000x1000)\n  \
    srcnn upscale brick.png -o brick-large.png --edge wrap\n  \
    srcnn upscale a.png -o b.png -s 3 -m x3.mat\n\n\
    With -s each side becomes round(N x side). What is asked to become smaller is reduced by bicubic, without the network. \
    Built-in models are picked for the factor that each picture needs. Luma goes through the network after the model's own interpolation, chroma and \
    alpha are enlarged by MATLAB's bicubic. A scale beyond the model's is reached in steps; what is past it is reduced \
    by bicubic. Formats: PNG, JPEG, TIFF, WebP (without loss unless --lossy), GIF, BMP, PNM, PAM, QOI; JPEG XL \
    and AVIF are only read. Animations (GIF, PNG, WebP) stay what they are, frame by frame, if written to one of these.")]
pub struct UpscaleArgs {
    #[command(flatten)]
    pub files: FileArgs,
    #[command(flatten)]
    pub size: SizeArgs,
    #[command(flatten)]
    pub settings: SettingArgs,
    #[command(flatten)]
    pub model: ModelChoiceArgs,
    #[command(flatten)]
    pub execution: ExecutionArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    srcnn restore blurred.png -o sharp.png\n  \
    srcnn restore degraded/ -o restored/ -m 3051crop_weight_200.h5\n\n\
    The network runs on the picture as it is; the size stays.")]
pub struct RestoreArgs {
    #[command(flatten)]
    pub files: FileArgs,
    /// The factor by which the pictures were shrunk before they were enlarged
    #[arg(short, long, value_name = "N", default_value_t = 2.0)]
    pub scale: f64,
    #[command(flatten)]
    pub settings: SettingArgs,
    #[command(flatten)]
    pub model: ModelChoiceArgs,
    #[command(flatten)]
    pub execution: ExecutionArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    srcnn degrade photo.png -o blurred.png -s 2\n  \
    srcnn degrade set5/ -o low/ -s 3 --low-res\n  \
    srcnn degrade flowers.bmp -o degraded.bmp -s 2 --kernel opencv-linear\n\n\
    Samples are computed in the integers of the named program, bit for bit. With --low-res sides become \
    ceil(side / N) by MATLAB's rule, floor(side / N) by the others'.")]
pub struct DegradeArgs {
    #[command(flatten)]
    pub files: FileArgs,
    /// The factor, any number above 1
    #[arg(short, long, value_name = "N")]
    pub scale: f64,
    /// Whose resampling
    #[arg(long, value_name = "CONVENTION", default_value = "matlab-bicubic", value_parser = convention())]
    pub kernel: Convention,
    /// Write the small pictures: do not enlarge again
    #[arg(long)]
    pub low_res: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProtocolArg {
    /// The SRCNN paper's: luma (BT.601 studio), MATLAB's bicubic, a border of the scale shaved
    Paper,
    /// The Keras notebook's: three channels, OpenCV's bilinear, what the network loses cut
    Keras,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// Aligned columns
    Text,
    /// A Markdown table
    Markdown,
    /// Comma-separated values
    Csv,
    /// JSON
    Json,
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

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    srcnn bench --net keras --size 1920x1080 --threads 2\n  \
    srcnn bench --model srcnn-915-x2 --isa avx2 --format json\n  \
    srcnn bench --train --net paper915 --threads 1\n\n\
    Layers are padded with zeros and keep the size. The result is first compared with the definition in double precision, \
    at the corners of the picture and where it is cut for the threads. With --train layers are not padded, and a step is \
    first compared with that of the portable instruction set.")]
pub struct BenchArgs {
    /// keras (9-3-5:128-64), paper (9-5-5:64-32), paper915 (9-1-5:64-32) or sizes and filters, with random weights
    #[arg(long, default_value = "keras", conflicts_with = "model")]
    pub net: String,
    /// A built-in model instead
    #[arg(long)]
    pub model: Option<String>,
    /// Columns and rows
    #[arg(long, default_value = "512x512", value_name = "WxH", conflicts_with = "train")]
    pub size: String,
    /// Time a step of learning: forward, back, and Adam
    #[arg(long, conflicts_with_all = ["model", "precision"])]
    pub train: bool,
    /// Sub-images a step
    #[arg(long, default_value_t = 16, requires = "train", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub batch: u16,
    /// Their rows and columns
    #[arg(long, default_value_t = 33, requires = "train", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub crop: u16,
    /// Timed runs
    #[arg(long, default_value_t = 9, value_name = "R", value_parser = clap::value_parser!(u16).range(1..))]
    pub reps: u16,
    #[command(flatten)]
    pub execution: ExecutionArgs,
    /// How the result is written
    #[arg(long, value_enum, default_value = "text")]
    pub format: BenchFormatArg,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BenchFormatArg {
    /// A line
    Text,
    /// JSON
    Json,
}

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

#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Which shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub struct ManArgs {
    /// A folder for one page a command, instead of printing the first
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}
