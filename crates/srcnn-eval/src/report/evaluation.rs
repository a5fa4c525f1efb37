//! The report of `srcnn evaluate`.

use std::fmt::Write;

use serde::Serialize;
use srcnn::metrics::Scores;

use super::figures::Figures;
use super::format::{Format, decibels, json, quoted, table};
use crate::procedure::Evaluation;

/// The report of `srcnn evaluate`.
#[derive(Clone, Debug, Serialize)]
pub struct EvaluationReport {
    /// Name of the procedure.
    pub protocol: &'static str,
    /// The factor.
    pub scale: usize,
    /// The model, as named by the user.
    pub model: String,
    /// One entry for each picture.
    pub images: Vec<EvaluatedImage>,
    /// Means over all pictures; none without pictures.
    pub mean: Option<InputOutput>,
}

/// One picture of an [`EvaluationReport`].
#[derive(Clone, Debug, Serialize)]
pub struct EvaluatedImage {
    /// Name of the file.
    pub name: String,
    /// Columns after modcrop.
    pub width: usize,
    /// Rows after modcrop.
    pub height: usize,
    /// Figures of the degraded picture.
    pub input: Figures,
    /// Figures of the restored picture.
    pub output: Figures,
    /// Time of the restoration in seconds.
    pub seconds: f64,
}

impl EvaluatedImage {
    /// The entry for an evaluated picture.
    pub fn new(name: String, evaluation: &Evaluation) -> Self {
        let Evaluation { width, height, input, output, time, pictures: _ } = evaluation;
        let (input, output) = ((*input).into(), (*output).into());
        Self { name, width: *width, height: *height, input, output, seconds: time.as_secs_f64() }
    }
}

/// Mean figures of degraded and restored pictures.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct InputOutput {
    /// Degraded pictures.
    pub input: Figures,
    /// Restored pictures.
    pub output: Figures,
}

impl EvaluationReport {
    /// A report of these pictures.
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
