//! Arguments of `srcnn paper`: tables, curves and filters.

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
    /// Run the paper's experiments and draw their learning curves
    Curves(CurvesArgs),
    /// Measure methods on the paper's test sets, beside its own scores
    Table(TableArgs),
    /// Draw the filters of the first layer, and the feature maps of every layer
    Filters(FiltersArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    srcnn paper curves --list\n  \
    srcnn paper curves first-figure --data t91/ --benchmark set5/ -o curves --quick\n  \
    srcnn paper curves data --data t91/ --large-data bsd200/ --benchmark set5/ -o curves\n  \
    srcnn paper curves mine.toml -o curves\n\n\
    Each run of an experiment is trained in a folder of its own within OUT, as by srcnn train; a run that several \
    experiments share is trained once. OUT/EXPERIMENT.png, .svg and .csv are rewritten after each validation. \
    Ctrl-C saves a checkpoint; the same command resumes, and skips runs that are done. The benchmark does not \
    influence training. An experiment is a TOML file (crates/srcnn-train/experiments/ has the paper's) with title, description, \
    levels, a table base of fields of srcnn train, a table quick, and runs, each with name, label and optionally \
    published, large, set and quick.")]
pub struct CurvesArgs {
    /// Names of experiments (see --list), or their TOML files
    #[arg(value_name = "EXPERIMENT", required_unless_present = "list")]
    pub experiments: Vec<PathBuf>,
    /// List the paper's experiments
    #[arg(long, conflicts_with_all = ["experiments", "data", "large_data", "benchmark", "output", "quick", "isa", "format", "force"])]
    pub list: bool,
    /// Folder of training pictures; repeatable
    #[arg(long, value_name = "DIR")]
    pub data: Vec<PathBuf>,
    /// Folder of the larger training set, for the runs that use it; repeatable
    #[arg(long, value_name = "DIR")]
    pub large_data: Vec<PathBuf>,
    /// Folder of pictures that the curves are measured on, such as Set5; does not influence training; repeatable
    #[arg(long, value_name = "DIR")]
    pub benchmark: Vec<PathBuf>,
    /// Folder for the runs and curves
    #[arg(short, long, value_name = "OUT", required_unless_present = "list")]
    pub output: Option<PathBuf>,
    /// Run the experiments' short versions: minutes each, and still the trend
    #[arg(long)]
    pub quick: bool,
    /// Instruction set: avx512, avx2 or portable; the best of this CPU by default
    #[arg(long, value_name = "ISA", value_parser = |name: &str| Isa::named(name))]
    pub isa: Option<Isa>,
    /// Format of the table at the end
    #[arg(long, value_enum, default_value = "text")]
    pub format: FormatArg,
    /// Replace charts in OUT that are of no run there
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    srcnn paper filters -m srcnn-915-x3 -o filters\n  \
    srcnn paper filters butterfly.png -m 9-1-5/x3.mat --model-scale 3 -o filters\n\n\
    OUT gets filters.png, the filters of the first layer in order of decreasing variance, each scaled from black to \
    white; for a picture also input.png, the network's input (enlarged by the model's factor; only the middle of a \
    large picture), and layer1.png, layer2.png and so on, the feature maps of each layer, each scaled from black to \
    white, those of the first layer in the order of the filters.")]
pub struct FiltersArgs {
    /// Small picture to show the feature maps of, in any format that upscale reads
    #[arg(value_name = "PICTURE")]
    pub picture: Option<PathBuf>,
    #[command(flatten)]
    pub model: ModelChoiceArgs,
    /// Folder for the drawings
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
    /// Overwrite existing outputs
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    srcnn paper table Set5/ Set14/\n  \
    srcnn paper table Set5/ -s 3 -m bicubic,sc,anr,a+,srcnn-955 --format latex\n  \
    srcnn paper table Set5/ -m '9-5-5(ImageNet)' -m '9-1-5(91 images)' -o table.md\n\n\
    Scores are those of the protocol paper. Each folder is a test set and gives it its name; published scores are \
    known for Set5 and Set14. A method is bicubic, a baseline (sc, anr, a+), a built-in family (srcnn model list), \
    a weight file, or a folder with a file per scale (x2.mat, x3.mat, x4.mat, or other files of these stems). The \
    published column of a file is found by its kernels and by `91` in the name. `=` marks scores that agree to the \
    last digit, or differ by one in it.")]
pub struct TableArgs {
    /// Folders of reference pictures, one per test set
    #[arg(required = true, value_name = "DIR")]
    pub sets: Vec<PathBuf>,
    /// Scale factors, 2 to 8, joined by commas
    #[arg(
        short,
        long,
        value_name = "N",
        value_delimiter = ',',
        default_value = "2,3,4",
        value_parser = clap::value_parser!(u8).range(2..=8)
    )]
    pub scales: Vec<u8>,
    /// Methods to measure, joined by commas
    #[arg(
        short,
        long,
        value_name = "METHOD",
        value_delimiter = ',',
        default_value = "bicubic,sc,anr,a+,srcnn-915,srcnn-935,srcnn-955"
    )]
    pub methods: Vec<String>,
    /// File for the table (.md, .csv, .tex, .json, .txt); standard output by default
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// Format of the table; by default text, or as the file's extension says
    #[arg(long, value_enum)]
    pub format: Option<TableFormatArg>,
    /// Overwrite the output if it exists
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
    /// LaTeX tabular
    Latex,
    /// JSON with full precision
    Json,
}
