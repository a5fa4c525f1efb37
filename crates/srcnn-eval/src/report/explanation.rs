//! The report of `srcnn compare --explain`.

use serde::Serialize;
use srcnn::metrics::Scores;

use super::format::{Format, decibels, finite_or_inf, json, quoted, table};
use crate::explain::{Degradation, Explanation, rulers};

/// Means over pairs of pictures: scores under each protocol, and scores of the references degraded by each program.
#[derive(Clone, Debug, Serialize)]
pub struct ExplanationReport {
    /// The factor.
    pub scale: usize,
    /// The model that restored the degraded references.
    pub model: String,
    /// Number of pairs.
    pub pairs: usize,
    /// One entry for each protocol, the paper's first.
    pub rulers: Vec<Ruled>,
    /// One entry for each degradation, the paper's first.
    pub degradations: Vec<Degraded>,
}

/// Mean scores under one protocol.
#[derive(Clone, Debug, Serialize)]
pub struct Ruled {
    /// Name of the protocol.
    pub name: &'static str,
    /// Description: channel, border, window.
    pub measures: String,
    /// PSNR in dB.
    #[serde(serialize_with = "finite_or_inf")]
    pub psnr: f64,
    /// SSIM, at most 1.
    pub ssim: f64,
}

/// Mean PSNR of the degraded references in dB, under the paper's protocol.
#[derive(Clone, Debug, Serialize)]
pub struct Degraded {
    /// Name of the degradation.
    pub name: &'static str,
    /// PSNR of the degraded references.
    #[serde(serialize_with = "finite_or_inf")]
    pub degraded: f64,
    /// PSNR of the restored references; none without a model.
    #[serde(serialize_with = "optional")]
    pub restored: Option<f64>,
    /// PSNR between the other pictures and the degraded or the restored references, whichever is higher.
    #[serde(serialize_with = "finite_or_inf")]
    pub agreement: f64,
}

/// As [`finite_or_inf`]; none as `null`.
fn optional<S: serde::Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => finite_or_inf(value, serializer),
        None => serializer.serialize_none(),
    }
}

impl ExplanationReport {
    /// The means over these pairs; none without pairs.
    pub fn new(scale: usize, model: String, pairs: &[Explanation]) -> Option<Self> {
        let mean = |f: &dyn Fn(&Explanation) -> f64| pairs.iter().map(f).sum::<f64>() / pairs.len() as f64;
        let rulers = rulers(scale).into_iter().enumerate().map(|(i, ruler)| {
            let scores: Vec<Scores> = pairs.iter().map(|pair| pair.rulers[i]).collect();
            let Scores { psnr, ssim, .. } = Scores::mean(&scores)?;
            Some(Ruled { name: ruler.name, measures: ruler.to_string(), psnr, ssim })
        });
        let degradations = Degradation::ALL.iter().enumerate().map(|(i, degradation)| Degraded {
            name: degradation.name(),
            degraded: mean(&|pair| pair.degradations[i].degraded),
            restored: Some(mean(&|pair| pair.degradations[i].restored.unwrap_or(f64::NAN))).filter(|v| !v.is_nan()),
            agreement: mean(&|pair| pair.degradations[i].agreement),
        });
        let degradations = degradations.collect();
        Some(Self { scale, model, pairs: pairs.len(), rulers: rulers.collect::<Option<_>>()?, degradations })
    }

    /// Writes the report, with a final newline.
    pub fn render(&self, format: Format) -> String {
        let from = |psnr: f64, first: f64| match psnr - first {
            difference if difference.is_finite() => format!("{difference:+.2}"),
            _ => String::new(),
        };
        let optional = |psnr: Option<f64>| psnr.map_or_else(|| "-".to_owned(), decibels);
        match format {
            Format::Json => json(self),
            Format::Csv => {
                let rulers = self.rulers.iter().map(|r| format!("ruler,{},{},{},,\n", quoted(r.name), r.psnr, r.ssim));
                let degradations = self.degradations.iter().map(|d| {
                    let restored = d.restored.map_or_else(String::new, |psnr| psnr.to_string());
                    format!("input,{},{},,{restored},{}\n", quoted(d.name), d.degraded, d.agreement)
                });
                "kind,name,psnr,ssim,restored_psnr,agreement\n".to_owned()
                    + &rulers.chain(degradations).collect::<String>()
            }
            Format::Text | Format::Markdown => {
                let first = self.rulers[0].psnr;
                let rulers: Vec<Vec<String>> = self
                    .rulers
                    .iter()
                    .map(|r| {
                        let figures = [decibels(r.psnr), from(r.psnr, first), format!("{:.4}", r.ssim)];
                        [format!("{} ({})", r.name, r.measures)].into_iter().chain(figures).collect()
                    })
                    .collect();
                let first = self.degradations[0].degraded;
                let inputs: Vec<Vec<String>> = self
                    .degradations
                    .iter()
                    .map(|d| {
                        let figures = [decibels(d.degraded), from(d.degraded, first)];
                        let more = [optional(d.restored), decibels(d.agreement)];
                        [d.name.to_owned()].into_iter().chain(figures).chain(more).collect()
                    })
                    .collect();
                let rulers = table(&["protocol", "PSNR dB", "from paper", "SSIM"], &rulers, format);
                let heads = ["input made by", "PSNR dB", "from paper", "restored dB", "the other's dB to it"];
                let inputs = table(&heads, &inputs, format);
                let pairs =
                    if self.pairs == 1 { "one pair".to_owned() } else { format!("mean of {} pairs", self.pairs) };
                format!(
                    "the pictures, by each ruler ({pairs}, x{})\n\n{rulers}\nthe reference shrunk by {} and enlarged again, by \
                     paper's ruler; restored by {}\n\n{inputs}",
                    self.scale, self.scale, self.model
                )
            }
        }
    }
}
