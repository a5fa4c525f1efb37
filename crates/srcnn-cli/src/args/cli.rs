//! The command line as a whole.

use clap::{Parser, Subcommand};

use super::baseline::BaselineArgs;
use super::bench::BenchArgs;
use super::degrade::DegradeArgs;
use super::measure::{CompareArgs, EvaluateArgs};
use super::model::ModelArgs;
use super::paper::PaperArgs;
use super::shell::{CompletionsArgs, ManArgs};
use super::train::TrainArgs;
use super::upscale::{RestoreArgs, UpscaleArgs};

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
