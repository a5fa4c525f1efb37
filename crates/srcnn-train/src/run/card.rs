//! The card of a run's model.

use srcnn::metrics::Scores;
use toml::{Table, Value};

use super::state::Run;
use crate::checkpoint::Best;

/// A card with the facts of the model, the configuration of the run, and the scores.
pub(super) fn write(run: &Run, best: &Best, validation: Scores, benchmark: Option<Scores>) -> String {
    let config = &run.config;
    let mut card = Table::new();
    let whole = Table::try_from(config).expect("a configuration is a table");
    let architecture = config.architecture().expect("it was checked");
    let mut padding: Vec<Value> = whole["padding"].as_array().cloned().unwrap_or_default();
    if padding.len() == 1 {
        padding.resize(config.kernels.len(), padding[0].clone());
    }
    let scale = config.scales.iter().copied().max().unwrap_or(2);
    card.insert("name".to_owned(), config.name.as_str().into());
    card.insert("architecture".to_owned(), architecture.kernels().into());
    card.insert("filters".to_owned(), whole["filters"].clone());
    card.insert("input".to_owned(), whole["input"].clone());
    card.insert("padding".to_owned(), padding.into());
    card.insert("scale".to_owned(), i64::from(scale).into());
    card.insert("interpolation".to_owned(), whole["degradation"].clone());
    card.insert("luma".to_owned(), whole["luma"].clone());

    let mut training = Table::new();
    let (bicubic, benchmark_bicubic) = run.bicubic();
    let (learnt, held) = (run.pictures.train.len(), run.pictures.validation.len());
    let folders: Vec<String> = config.data.iter().map(|f| folder_name(f)).collect();
    training.insert("data".to_owned(), format!("{learnt} pictures of {}", folders.join(", ")).into());
    let text = format!(
        "{held} pictures, mean PSNR {:.4} dB after step {}, bicubic {:.4} dB",
        validation.psnr, best.step, bicubic.psnr
    );
    training.insert("held_out".to_owned(), text.into());
    let command = format!("srcnn train {}.toml -o RUN", config.name);
    training.insert("command".to_owned(), command.into());
    training.insert("steps".to_owned(), (config.steps as i64).into());
    training.insert("seed".to_owned(), (config.seed as i64).into());
    let threads = rayon::current_num_threads();
    let hardware = format!("{threads} CPU threads, {}, {:.0} minutes", run.isa.name(), run.seconds / 60.0);
    training.insert("hardware".to_owned(), hardware.into());
    training.insert("framework".to_owned(), format!("srcnn {}, float32", env!("CARGO_PKG_VERSION")).into());
    training.insert("config".to_owned(), whole.into());
    card.insert("training".to_owned(), training.into());

    if let (Some(scores), Some(bicubic)) = (benchmark, benchmark_bicubic) {
        let figures = Table::from_iter([
            ("protocol".to_owned(), Value::from("paper")),
            ("psnr".to_owned(), four_places(scores.psnr)),
            ("ssim".to_owned(), four_places(scores.ssim)),
            ("bicubic_psnr".to_owned(), four_places(bicubic.psnr)),
            ("bicubic_ssim".to_owned(), four_places(bicubic.ssim)),
        ]);
        let name = config.benchmark.iter().map(|f| folder_name(f)).collect::<Vec<_>>().join("+");
        card.insert("scores".to_owned(), Table::from_iter([(name, Value::from(figures))]).into());
    }
    toml::to_string(&card).expect("a card is a table")
}

/// The name of a folder without its parents.
fn folder_name(folder: &std::path::Path) -> String {
    folder.file_name().map_or_else(|| folder.display().to_string(), |n| n.to_string_lossy().into_owned())
}

/// A value rounded to four decimals.
fn four_places(value: f64) -> Value {
    ((value * 1e4).round() / 1e4).into()
}
