//! Learns and measures the methods that SRCNN was published against.
//!
//! ```sh
//! cargo run --release -p srcnn-eval --example baseline -- train sc 3 data/t91 models/baselines/sc-x3.safetensors
//! cargo run --release -p srcnn-eval --example baseline -- score models/baselines/sc-x3.safetensors data/set5
//! ```

use std::error::Error;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use srcnn::Image;
use srcnn::color::matlab;
use srcnn::metrics::Scores;
use srcnn::plane::Plane;
use srcnn::progress::{Progress, Silent};
use srcnn_eval::baseline::Baseline;
use srcnn_eval::baseline::training::{Settings, WORK, train};
use srcnn_eval::procedure::Evaluator;

/// Prints each hundredth.
struct Printed {
    begin: Instant,
    done: AtomicU64,
}

impl Progress for Printed {
    fn advance(&self, work: u64) {
        let before = self.done.fetch_add(work, Ordering::Relaxed);
        let percent = |done| 100 * done / WORK;
        if percent(before + work) > percent(before) {
            eprintln!("{} % in {:.0} s", percent(before + work), self.begin.elapsed().as_secs_f64());
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["train", method, scale, folder, file] => {
            let pictures = srcnn::codec::pictures_in(Path::new(folder))?;
            let luma = |path| Ok::<Plane<u8>, Box<dyn Error>>(matlab::luma_plane(&Image::open(path)?.to_u8()));
            let lumas = pictures.iter().map(luma).collect::<Result<Vec<_>, _>>()?;
            let method = method.parse()?;
            let progress = Printed { begin: Instant::now(), done: AtomicU64::new(0) };
            let settings = Settings::published(method);
            let baseline = train(method, scale.parse()?, &lumas, &settings, &progress)?;
            let data = Path::new(folder).file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
            baseline.with_note("data", &data).save(file, true)?;
        }
        ["score", file, folder] => {
            let baseline = Baseline::load(file)?;
            let evaluator = Evaluator::of_baseline(baseline);
            let (mut before, mut after) = (Vec::new(), Vec::new());
            for path in srcnn::codec::pictures_in(Path::new(folder))? {
                let evaluation = evaluator.evaluate(&Image::open(&path)?, &Silent)?;
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                println!("{name}: {:.2} dB in {:.2} s", evaluation.output.psnr, evaluation.time.as_secs_f64());
                before.push(evaluation.input);
                after.push(evaluation.output);
            }
            let mean = |scores: &[Scores]| Scores::mean(scores).map_or(f64::NAN, |mean| mean.psnr);
            println!("mean {:.3} dB, bicubic {:.3} dB", mean(&after), mean(&before));
        }
        _ => return Err("train METHOD SCALE FOLDER FILE, or score FILE FOLDER".into()),
    }
    Ok(())
}
