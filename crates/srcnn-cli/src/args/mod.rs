//! Command-line arguments: a file per command, and files for the arguments that commands share.

mod baseline;
mod bench;
mod cli;
mod color;
mod degrade;
mod files;
mod measure;
mod model;
mod network;
mod paper;
mod report;
mod shell;
mod size;
mod train;
mod upscale;

pub use baseline::{BaselineArgs, BaselineCommand, BaselineTrainArgs};
pub use bench::{BenchArgs, BenchFormatArg};
pub use cli::{Cli, Command};
pub use degrade::DegradeArgs;
pub use files::FileArgs;
pub use measure::{CompareArgs, EvaluateArgs, ProtocolArg};
pub use model::{InitArg, ModelArgs, ModelCommand};
pub use network::{FactArgs, ModelChoiceArgs};
pub use paper::{CurvesArgs, FiltersArgs, PaperArgs, PaperCommand, TableArgs, TableFormatArg};
pub use report::FormatArg;
pub use shell::{CompletionsArgs, ManArgs};
pub use size::SettingArgs;
pub use train::TrainArgs;
pub use upscale::{RestoreArgs, UpscaleArgs};
