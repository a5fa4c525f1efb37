//! What can be typed of the paper's tables, curves and filters.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use srcnn::engine::Isa;

use super::network::{ExecutionArgs, ModelChoiceArgs};
use super::report::FormatArg;

#[derive(Debug, Args)]
pub struct PaperArgs {
    #[command(subcommand)]
    pub command: PaperCommand,
}

#[derive(Debug, Subcommand)]
pub enum PaperCommand {
    /// Run the paper's experiments, and draw their curves
    Curves(CurvesArgs),
    /// Measure methods on the paper's sets, beside its own figures
    Table(TableArgs),
    /// Draw the filters of the first layer, and what each layer makes of a picture
    Filters(FiltersArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    srcnn paper curves --list\n  \
    srcnn paper curves first-figure --data t91/ --benchmark set5/ -o curves --quick\n  \
    srcnn paper curves data --data t91/ --large-data bsd200/ --benchmark set5/ -o curves\n  \
    srcnn paper curves mine.toml -o curves\n\n\
    Each run of an experiment is trained in a folder of its own within OUT, as by srcnn train; one that several experiments have is \
    trained once. After each validation OUT/EXPERIMENT.png, .svg and .csv are written anew. Ctrl-C saves a checkpoint; the \
    same command again goes on, and leaves what is done. The benchmark decides nothing. Every experiment is a file of TOML \
    (experiments/ has the paper's): title, description, levels, a table base of fields as srcnn train has them, a table quick, \
    and runs, each with name, label and perhaps published, large, set and quick.")]
pub struct CurvesArgs {
    /// Names of experiments (see --list), or files
    #[arg(value_name = "EXPERIMENT", required_unless_present = "list")]
    pub experiments: Vec<PathBuf>,
    /// List the paper's experiments
    #[arg(long, conflicts_with_all = ["experiments", "data", "large_data", "benchmark", "output", "quick", "isa", "format"])]
    pub list: bool,
    /// A folder of pictures to learn from; repeatable
    #[arg(long, value_name = "DIR")]
    pub data: Vec<PathBuf>,
    /// A folder of more pictures, for the runs that learn from a larger set; repeatable
    #[arg(long, value_name = "DIR")]
    pub large_data: Vec<PathBuf>,
    /// A folder of pictures for the curves alone, such as Set5; repeatable
    #[arg(long, value_name = "DIR")]
    pub benchmark: Vec<PathBuf>,
    /// The folder of runs and curves
    #[arg(short, long, value_name = "OUT", required_unless_present = "list")]
    pub output: Option<PathBuf>,
    /// As the experiment says for a try: minutes, and still the trend
    #[arg(long)]
    pub quick: bool,
    /// The instruction set: avx512, avx2 or portable; the best of this CPU unless given
    #[arg(long, value_name = "ISA", value_parser = |name: &str| Isa::named(name))]
    pub isa: Option<Isa>,
    /// How the table at the end is written
    #[arg(long, value_enum, default_value = "text")]
    pub format: FormatArg,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    srcnn paper filters -m srcnn-915-x3 -o filters\n  \
    srcnn paper filters butterfly.png -m 9-1-5/x3.mat --model-scale 3 -o filters\n\n\
    OUT gets filters.png, the filters of the first layer, the one of the greatest variance first, each from black to white; \
    for a picture also input.png, what the network sees of it (enlarged by the model's factor; its middle, if it is large), \
    and layer1.png, layer2.png and so on, the feature maps of each layer, each from black to white, those of the first in the order \
    of the filters.")]
pub struct FiltersArgs {
    /// A small picture, as upscale takes it
    #[arg(value_name = "PICTURE")]
    pub picture: Option<PathBuf>,
    #[command(flatten)]
    pub model: ModelChoiceArgs,
    /// The folder of what is drawn
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
    /// Replace outputs that exist
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    srcnn paper table Set5/ Set14/\n  \
    srcnn paper table Set5/ -s 3 -m bicubic,sc,anr,a+,srcnn-955 --format latex\n  \
    srcnn paper table Set5/ -m '9-5-5(ImageNet)' -m '9-1-5(91 images)' -o table.md\n\n\
    By the protocol paper. A folder is the set of its name; printed figures are known of Set5 and Set14. A method is bicubic, a \
    baseline (sc, anr, a+), a built-in family (srcnn model list), a file, or a folder with a file for each scale (x2.mat, x3.mat, \
    x4.mat, or others of these stems); of files it is told by kernels and by `91` in the name which printed column is theirs. \
    `=` is where both agree to the last digit, or one beside it.")]
pub struct TableArgs {
    /// Folders of reference pictures, a set each
    #[arg(required = true, value_name = "DIR")]
    pub sets: Vec<PathBuf>,
    /// Factors
    #[arg(short, long, value_name = "N", value_delimiter = ',', default_value = "2,3,4", value_parser = clap::value_parser!(u8).range(2..=8))]
    pub scales: Vec<u8>,
    /// Methods
    #[arg(
        short,
        long,
        value_name = "METHOD",
        value_delimiter = ',',
        default_value = "bicubic,sc,anr,a+,srcnn-915,srcnn-935,srcnn-955"
    )]
    pub methods: Vec<String>,
    /// A file for the table (.md, .csv, .tex, .json, .txt); standard output unless given
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// How the table is written; text, or what the file's extension says, unless given
    #[arg(long, value_enum)]
    pub format: Option<TableFormatArg>,
    /// Replace the output if it exists
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub execution: ExecutionArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TableFormatArg {
    /// Aligned columns
    Text,
    /// Markdown tables
    Markdown,
    /// Comma-separated values
    Csv,
    /// LaTeX's tabular
    Latex,
    /// JSON with full precision
    Json,
}
