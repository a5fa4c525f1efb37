//! Arguments of `srcnn completions` and `srcnn man`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Shell to print completions for
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub struct ManArgs {
    /// Folder to write one page per command to, instead of printing the main page
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}
