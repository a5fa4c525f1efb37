//! What `compare --explain` shows.

use serde::Serialize;

use super::{Format, decibels, finite_or_inf, json, table};
use crate::explain::{Degradation, Explanation, rulers};
use srcnn::metrics::Scores;

/// Means over pairs of pictures: by each ruler, and of the references as each program degrades them.
#[derive(Clone, Debug, Serialize)]
pub struct ExplanationReport {
    /// The factor.
    pub scale: usize,
    /// The model that restored what was degraded.
    pub model: String,
    /// Pairs.
    pub pairs: usize,
    /// One entry a ruler; the paper's first.
    pub rulers: Vec<Ruled>,
    /// One entry a degradation; the paper's first.
    pub degradations: Vec<Degraded>,
}

/// The pairs by one ruler.
#[derive(Clone, Debug, Serialize)]
pub struct Ruled {
    /// Its name.
    pub name: &'static str,
    /// What is measured.
    pub measures: String,
    /// In dB.
    #[serde(serialize_with = "finite_or_inf")]
    pub psnr: f64,
    /// At most 1.
    pub ssim: f64,
}

/// The references degraded in one way, by the paper's ruler, PSNR in dB.
#[derive(Clone, Debug, Serialize)]
pub struct Degraded {
    /// By whom.
    pub name: &'static str,
    /// Against the references.
    #[serde(serialize_with = "finite_or_inf")]
    pub degraded: f64,
    /// Restored, against the references; nothing without a model.
    #[serde(serialize_with = "optional")]
    pub restored: Option<f64>,
    /// How near the other pictures are to the degraded or the restored ones.
    #[serde(serialize_with = "finite_or_inf")]
    pub agreement: f64,
}

/// JSON has no infinity.
fn optional<S: serde::Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => finite_or_inf(value, serializer),
        None => serializer.serialize_none(),
    }
}

impl ExplanationReport {
    /// Takes the means; nothing without a pair.
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
                let rulers =
                    self.rulers.iter().map(|r| format!("ruler,{},{},{},,\n", super::quoted(r.name), r.psnr, r.ssim));
                let degradations = self.degradations.iter().map(|d| {
                    let restored = d.restored.map_or_else(String::new, |psnr| psnr.to_string());
                    format!("input,{},{},,{restored},{}\n", super::quoted(d.name), d.degraded, d.agreement)
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
