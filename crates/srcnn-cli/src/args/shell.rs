//! Arguments of `srcnn completions` and `srcnn man`.

use std::path::PathBuf;

use clap::Args;

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
