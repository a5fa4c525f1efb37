//! Formats of reports, and the parts that all of them share.

use serde::Serialize;
use serde::ser::Serializer;

/// The format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns.
    Text,
    /// A Markdown table.
    Markdown,
    /// Comma-separated values: a line for each picture, and one for the mean.
    Csv,
    /// JSON with full precision.
    Json,
}

/// Serializes an infinite value as the string `inf`, since JSON has no infinity.
pub(crate) fn finite_or_inf<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if value.is_finite() { serializer.serialize_f64(*value) } else { serializer.serialize_str("inf") }
}

/// The report as JSON, with a final newline.
pub(crate) fn json(report: &impl Serialize) -> String {
    let text = serde_json::to_string(report).expect("a report has only text, numbers and lists");
    text + "\n"
}

/// A PSNR in dB with four decimals, or `inf`.
pub(super) fn decibels(psnr: f64) -> String {
    if psnr.is_finite() { format!("{psnr:.4}") } else { "inf".to_owned() }
}

/// A field of CSV, quoted where needed (RFC 4180).
pub(crate) fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// A table of text or Markdown: the first column left-aligned, all others right-aligned.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>], format: Format) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|r| r[column].chars().count());
        cells.chain([head[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let (open, between, close) = if format == Format::Markdown { ("| ", " | ", " |") } else { ("", "  ", "") };
    let line = |cells: Vec<String>| format!("{open}{}{close}", cells.join(between)).trim_end().to_owned() + "\n";
    let aligned = |cells: Vec<&str>| {
        let cells = cells.iter().zip(&widths).enumerate();
        line(cells.map(|(i, (c, &w))| if i == 0 { format!("{c:<w$}") } else { format!("{c:>w$}") }).collect())
    };
    let mut text = aligned(head.to_vec());
    if format == Format::Markdown {
        let rule = |(i, &w): (usize, &usize)| if i == 0 { "-".repeat(w) } else { "-".repeat(w - 1) + ":" };
        text += &line(widths.iter().enumerate().map(rule).collect());
    }
    for row in rows {
        text += &aligned(row.iter().map(String::as_str).collect());
    }
    text
}
