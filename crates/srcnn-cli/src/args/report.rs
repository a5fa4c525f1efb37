//! Formats of reports.

use clap::ValueEnum;

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
