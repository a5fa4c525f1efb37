//! Measurements of a run, and their file `metrics.csv`.

use std::path::Path;

use crate::data::BoxError;

/// The measurements of one validation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Steps done.
    pub step: u64,
    /// Back-propagations: sub-images times steps.
    pub backpropagations: u64,
    /// Time of the run so far in seconds.
    pub seconds: f64,
    /// Learning rate of the first layer at the last step.
    pub rate: f64,
    /// Mean loss since the last validation; none before the first step.
    pub loss: Option<f64>,
    /// Mean PSNR of the validation pictures in dB.
    pub validation: f64,
    /// Mean PSNR of the benchmark pictures in dB, if there are any.
    pub benchmark: Option<f64>,
}

const HEADER: &str = "step,backpropagations,seconds,rate,loss,validation_psnr,benchmark_psnr";

/// The measurements as CSV with a header; missing values are empty.
pub(super) fn to_csv(rows: &[Row]) -> String {
    let or_nothing = |value: Option<f64>| value.map_or(String::new(), |v| v.to_string());
    let line = |row: &Row| {
        let Row { step, backpropagations, seconds, rate, loss, validation, benchmark } = row;
        let (loss, benchmark) = (or_nothing(*loss), or_nothing(*benchmark));
        format!("{step},{backpropagations},{seconds:.2},{rate},{loss},{validation},{benchmark}\n")
    };
    format!("{HEADER}\n{}", rows.iter().map(line).collect::<String>())
}

/// Reads the file of [`to_csv`].
pub(super) fn read(path: &Path) -> Result<Vec<Row>, BoxError> {
    let text = std::fs::read_to_string(path)?;
    let mut lines = text.lines();
    if lines.next() != Some(HEADER) {
        return Err(format!("the first line is not `{HEADER}`").into());
    }
    lines.enumerate().map(|(i, line)| row(line).ok_or_else(|| format!("line {}: `{line}`", i + 2).into())).collect()
}

/// A line of the file.
fn row(line: &str) -> Option<Row> {
    let fields: Vec<&str> = line.split(',').collect();
    let [step, backpropagations, seconds, rate, loss, validation, benchmark] = fields[..] else { return None };
    let maybe = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
    Some(Row {
        step: step.parse().ok()?,
        backpropagations: backpropagations.parse().ok()?,
        seconds: seconds.parse().ok()?,
        rate: rate.parse().ok()?,
        loss: maybe(loss)?,
        validation: validation.parse().ok()?,
        benchmark: maybe(benchmark)?,
    })
}
