//! Figures of many pictures, as text, Markdown, CSV or JSON.

mod curves;
mod explanation;

use std::fmt::Write;

use serde::Serialize;
use serde::ser::Serializer;
use srcnn::metrics::Scores;

use crate::procedure::Evaluation;
pub use curves::{ChannelsEnd, CurveEnd, CurvesReport, LevelValue, Passing};
pub use explanation::{Degraded, ExplanationReport, Ruled};

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns.
    Text,
    /// A Markdown table.
    Markdown,
    /// Comma-separated values, one line a picture and one for the mean.
    Csv,
    /// JSON with full precision.
    Json,
}

/// The three figures; an infinite PSNR is the string `inf` in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// In dB.
    #[serde(serialize_with = "finite_or_inf")]
    pub psnr: f64,
    /// On 0..=255.
    pub mse: f64,
    /// At most 1.
    pub ssim: f64,
}

impl From<Scores> for Figures {
    fn from(Scores { psnr, mse, ssim }: Scores) -> Self {
        Self { psnr, mse, ssim }
    }
}

impl From<Figures> for Scores {
    fn from(Figures { psnr, mse, ssim }: Figures) -> Self {
        Self { psnr, mse, ssim }
    }
}

/// JSON has no infinity.
pub(crate) fn finite_or_inf<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if value.is_finite() { serializer.serialize_f64(*value) } else { serializer.serialize_str("inf") }
}

/// What `evaluate` found.
#[derive(Clone, Debug, Serialize)]
pub struct EvaluationReport {
    /// The procedure's name.
    pub protocol: &'static str,
    /// The factor of degradation.
    pub scale: usize,
    /// The model as it was asked for.
    pub model: String,
    /// One entry a picture.
    pub images: Vec<EvaluatedImage>,
    /// Nothing if there is no picture.
    pub mean: Option<InputOutput>,
}

/// One picture of an [`EvaluationReport`].
#[derive(Clone, Debug, Serialize)]
pub struct EvaluatedImage {
    /// The file's name.
    pub name: String,
    /// Columns after modcrop.
    pub width: usize,
    /// Rows after modcrop.
    pub height: usize,
    /// Before the network.
    pub input: Figures,
    /// After the network.
    pub output: Figures,
    /// What the network took.
    pub seconds: f64,
}

impl EvaluatedImage {
    /// The figures of an evaluation, without its pictures.
    pub fn new(name: String, evaluation: &Evaluation) -> Self {
        let Evaluation { width, height, input, output, time, pictures: _ } = evaluation;
        let (input, output) = ((*input).into(), (*output).into());
        Self { name, width: *width, height: *height, input, output, seconds: time.as_secs_f64() }
    }
}

/// Figures before and after the network.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct InputOutput {
    /// Before.
    pub input: Figures,
    /// After.
    pub output: Figures,
}

impl EvaluationReport {
    /// Gathers the pictures' figures.
    pub fn new(protocol: &'static str, scale: usize, model: String, images: Vec<EvaluatedImage>) -> Self {
        let mean = |f: fn(&EvaluatedImage) -> Figures| {
            let scores: Vec<Scores> = images.iter().map(|i| f(i).into()).collect();
            Scores::mean(&scores).map(Figures::from)
        };
        let mean = mean(|i| i.input).zip(mean(|i| i.output)).map(|(input, output)| InputOutput { input, output });
        Self { protocol, scale, model, images, mean }
    }

    /// Writes the report, with a final newline.
    pub fn render(&self, format: Format) -> String {
        let head = ["picture", "size", "input dB", "MSE", "SSIM", "output dB", "MSE", "SSIM", "seconds"];
        let figures = |f: &Figures| [decibels(f.psnr), format!("{:.3}", f.mse), format!("{:.4}", f.ssim)];
        let rows = self.images.iter().map(|i| {
            let size = format!("{}x{}", i.width, i.height);
            let ends = [i.name.clone(), size].into_iter().chain(figures(&i.input)).chain(figures(&i.output));
            ends.chain([format!("{:.3}", i.seconds)]).collect()
        });
        let mut rows: Vec<Vec<String>> = rows.collect();
        if let Some(mean) = &self.mean {
            let ends = ["mean".to_owned(), String::new()].into_iter();
            rows.push(ends.chain(figures(&mean.input)).chain(figures(&mean.output)).chain([String::new()]).collect());
        }
        match format {
            Format::Json => json(self),
            Format::Text | Format::Markdown => {
                let title = format!("protocol {}, x{}, model {}", self.protocol, self.scale, self.model);
                format!("{title}\n\n{}", table(&head, &rows, format))
            }
            Format::Csv => {
                let mut csv =
                    "name,width,height,input_psnr,input_mse,input_ssim,output_psnr,output_mse,output_ssim,seconds\n"
                        .to_owned();
                let figures = |f: &Figures| format!("{},{},{}", f.psnr, f.mse, f.ssim);
                for i in &self.images {
                    let (input, output) = (figures(&i.input), figures(&i.output));
                    let name = quoted(&i.name);
                    // Writing to a string cannot fail.
                    let _ = writeln!(csv, "{name},{},{},{input},{output},{}", i.width, i.height, i.seconds);
                }
                if let Some(mean) = &self.mean {
                    let _ = writeln!(csv, "mean,,,{},{},", figures(&mean.input), figures(&mean.output));
                }
                csv
            }
        }
    }
}

/// What `compare` found.
#[derive(Clone, Debug, Serialize)]
pub struct ComparisonReport {
    /// The protocol's name.
    pub protocol: &'static str,
    /// What the protocol means.
    #[serde(skip)]
    pub description: String,
    /// One entry a pair.
    pub images: Vec<ComparedImage>,
    /// Nothing if there is no pair.
    pub mean: Option<Figures>,
}

/// One pair of a [`ComparisonReport`].
#[derive(Clone, Debug, Serialize)]
pub struct ComparedImage {
    /// The reference file's name.
    pub name: String,
    /// The pair's figures.
    #[serde(flatten)]
    pub figures: Figures,
}

impl ComparisonReport {
    /// Gathers named scores.
    pub fn new(protocol: &'static str, description: String, scores: &[(String, Scores)]) -> Self {
        let all: Vec<Scores> = scores.iter().map(|(_, s)| *s).collect();
        let images = scores.iter().map(|(name, s)| ComparedImage { name: name.clone(), figures: (*s).into() });
        Self { protocol, description, images: images.collect(), mean: Scores::mean(&all).map(Figures::from) }
    }

    /// Writes the report, with a final newline.
    pub fn render(&self, format: Format) -> String {
        let mean = self.mean.iter().map(|f| ("mean", f));
        let lines = self.images.iter().map(|i| (i.name.as_str(), &i.figures)).chain(mean);
        match format {
            Format::Json => json(self),
            Format::Text | Format::Markdown => {
                let row = |(name, f): (&str, &Figures)| {
                    vec![name.to_owned(), decibels(f.psnr), format!("{:.3}", f.mse), format!("{:.4}", f.ssim)]
                };
                let rows: Vec<_> = lines.map(row).collect();
                let title = format!("protocol {} ({})", self.protocol, self.description);
                format!("{title}\n\n{}", table(&["picture", "PSNR dB", "MSE", "SSIM"], &rows, format))
            }
            Format::Csv => {
                let line = |(name, f): (&str, &Figures)| format!("{},{},{},{}\n", quoted(name), f.psnr, f.mse, f.ssim);
                "name,psnr,mse,ssim\n".to_owned() + &lines.map(line).collect::<String>()
            }
        }
    }
}

pub(crate) fn json(report: &impl Serialize) -> String {
    let text = serde_json::to_string(report).expect("a report has only text, numbers and lists");
    text + "\n"
}

fn decibels(psnr: f64) -> String {
    if psnr.is_finite() { format!("{psnr:.4}") } else { "inf".to_owned() }
}

/// A field of CSV (RFC 4180).
pub(crate) fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// Columns of equal width: names to the left, figures to the right.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison() -> ComparisonReport {
        let scores = |psnr| Scores { psnr, mse: 1.5, ssim: 0.25 };
        let pairs = [("a,b.png".to_owned(), scores(30.0)), ("c.png".to_owned(), scores(f64::INFINITY))];
        ComparisonReport::new("keras", "RGB, border 0".to_owned(), &pairs)
    }

    #[test]
    fn json_has_the_promised_names_and_inf_is_a_string() {
        let expected = r#"{"protocol":"keras","images":[{"name":"a,b.png","psnr":30.0,"mse":1.5,"ssim":0.25},"#
            .to_owned()
            + r#"{"name":"c.png","psnr":"inf","mse":1.5,"ssim":0.25}],"mean":{"psnr":"inf","mse":1.5,"ssim":0.25}}"#
            + "\n";
        assert_eq!(comparison().render(Format::Json), expected);
    }

    #[test]
    fn tables_are_aligned_and_csv_is_quoted() {
        let text = comparison().render(Format::Text);
        assert!(text.starts_with("protocol keras (RGB, border 0)\n\npicture  PSNR dB"), "{text}");
        assert!(text.contains("\nc.png        inf  1.500  0.2500\n"), "{text}");
        let markdown = comparison().render(Format::Markdown);
        assert!(markdown.contains("| ------- | ------: | ----: | -----: |"), "{markdown}");
        let csv = comparison().render(Format::Csv);
        assert!(csv.starts_with("name,psnr,mse,ssim\n\"a,b.png\",30,1.5,0.25\n"), "{csv}");
    }
}
