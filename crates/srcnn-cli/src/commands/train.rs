//! `srcnn train`: runs a training, shows its progress, and draws its curve and filters.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use srcnn::ImageFile;
use srcnn::codec::files::write_whole;
use srcnn::engine::Isa;
use srcnn_eval::figure::chart::{Chart, Curve, Level};
use srcnn_eval::figure::filters;
use srcnn_train::config::{Config, ConfigError};
use srcnn_train::run::{End, Observer, Row, Run, RunError};

use crate::args::TrainArgs;
use crate::names::shown;
use crate::outcome::{Outcome, Usage};
use crate::signals::stopped;
use crate::terminal::{StepsBar, Terminal};

pub fn run(args: &TrainArgs, terminal: &Terminal) -> Result<Outcome> {
    let isa = args.isa.unwrap_or_else(Isa::best);
    let run = if args.resume { Run::resume(&args.output, isa) } else { Run::begin(&args.output, config(args)?, isa) };
    let mut run = run.map_err(usage)?;
    let mut observer = Watch::begin(terminal, &run);
    let end = run.go(&mut observer);
    drop(observer);
    match end.map_err(usage)? {
        End::Done => {
            terminal.note(&format!("the best model is {}", shown(run.model_path())));
            Ok(Outcome::Done)
        }
        End::Stopped => {
            let folder = shown(&args.output);
            terminal.note(&format!("saved after step {}; go on with: srcnn train --resume -o {folder}", run.steps()));
            Ok(Outcome::Interrupted)
        }
    }
}

/// The configuration file's fields, overridden by the options.
fn config(args: &TrainArgs) -> Result<Config> {
    let mut table = match &args.config {
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| shown(path))?;
            // Check the file alone first, so that its errors are reported by their line.
            let table = Config::fields(&text).with_context(|| shown(path))?;
            let mut alone = table.clone();
            alone.entry("data").or_insert(toml::Value::Array(vec![".".into()]));
            Config::from_table(alone).with_context(|| shown(path))?;
            table
        }
        None => toml::Table::new(),
    };
    table.extend(args.fields.table());
    Config::from_table(table).map_err(|e| usage(e.into()))
}

/// Unfit options are wrong usage; other failures are not.
pub(super) fn usage(error: RunError) -> anyhow::Error {
    match error {
        RunError::Config(error) => Usage(named(&error)).into(),
        RunError::Exists { .. } => Usage(error.to_string()).into(),
        other => other.into(),
    }
}

fn named(error: &ConfigError) -> String {
    format!("configuration: {error}")
}

/// Observer that shows a run's progress.
pub(super) struct Watch<'a> {
    terminal: &'a Terminal,
    bar: StepsBar<'a>,
    begin: Instant,
    first: u64,
}

impl<'a> Watch<'a> {
    /// Prints a summary of the run and begins its progress bar.
    pub(super) fn begin(terminal: &'a Terminal, run: &Run) -> Self {
        let (pictures, config, grid) = (run.pictures(), run.config(), run.sampler().on_grid());
        let sub_images = if grid > 0 { format!(", {grid} sub-images of them") } else { String::new() };
        terminal.note(&format!(
            "{}: {} from {} pictures{sub_images}, {} held out; steps {} to {}",
            shown(run.folder()),
            architecture(config),
            pictures.train.len(),
            pictures.validation.len(),
            run.steps(),
            config.steps,
        ));
        let on_disk = run.sampler().corpus().on_disk();
        if on_disk > 0 {
            terminal.note(&format!("{} MiB of pictures are kept on disk", on_disk >> 20));
        }
        Self {
            terminal,
            bar: terminal.start_steps(run.steps(), config.steps),
            begin: Instant::now(),
            first: run.steps(),
        }
    }
}

impl Observer for Watch<'_> {
    fn stepped(&mut self, steps: u64, loss: f64) {
        self.bar.step(steps, &format!("loss {loss:.6}"));
    }

    fn scored(&mut self, run: &Run, rows: &[Row]) -> io::Result<()> {
        let Some(row) = rows.last() else { return Ok(()) };
        let (bicubic, benchmark) = run.bicubic();
        let mut line = format!("step {}/{}", row.step, run.config().steps);
        let steps = row.step.saturating_sub(self.first);
        if steps > 0 {
            let rate = steps as f64 / self.begin.elapsed().as_secs_f64();
            let left = (run.config().steps - row.step) as f64 / rate;
            line += &format!("  {rate:.1} steps/s  {} left", duration(left));
        }
        if let Some(loss) = row.loss {
            line += &format!("  loss {loss:.6}");
        }
        line += &format!("  held out {:.3} dB (bicubic {:.3})", row.validation, bicubic.psnr);
        if let (Some(score), Some(bicubic)) = (row.benchmark, benchmark) {
            line += &format!("  benchmark {score:.3} dB (bicubic {:.3})", bicubic.psnr);
        }
        self.terminal.note(&line);
        draw(run, rows)
    }

    fn stop(&self) -> bool {
        stopped()
    }
}

fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 90.0 => format!("{s:.0} s"),
        s if s < 5400.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

/// Distance below the lowest level, in dB, from which points are left out of the chart: those of untrained weights.
const BELOW: f64 = 2.0;

/// Width and height of a drawn weight, in pixels.
const ZOOM: usize = 6;

/// Draws the curve, and the filters of the first layer.
fn draw(run: &Run, rows: &[Row]) -> io::Result<()> {
    let config = run.config();
    let (validation, benchmark) = run.bicubic();
    let (what, bicubic) = match benchmark {
        Some(scores) => (names(&config.benchmark), scores.psnr),
        None => (format!("{} pictures held out", run.pictures().validation.len()), validation.psnr),
    };
    let mut levels = vec![Level { name: "bicubic".to_owned(), value: bicubic }];
    levels.extend(config.levels.iter().map(|(name, value)| Level { name: name.clone(), value: *value }));
    let points = rows.iter().map(|row| (row.backpropagations as f64, row.benchmark.unwrap_or(row.validation)));
    let lowest = levels.iter().map(|l| l.value).fold(f64::INFINITY, f64::min) - BELOW;
    let scales: Vec<String> = config.scales.iter().map(|s| format!("x{s}")).collect();
    let chart = Chart {
        title: format!("{}, {}", config.name, scales.join(" ")),
        x_label: "back-propagations".to_owned(),
        y_label: format!("mean PSNR (dB), {what}"),
        curves: vec![Curve { name: architecture(config), points: points.filter(|(_, y)| *y >= lowest).collect() }],
        levels,
    };
    let folder = run.folder();
    write_chart(&chart, &folder.join("curve"))?;
    let model = run.model();
    let (spec, weights) = (&model.architecture().expect("layers are trained").layers()[0], &model.weights()[0]);
    let picture = filters::draw(&weights.kernels, spec.outputs, spec.inputs, spec.kernel, ZOOM);
    save(&picture, &folder.join("filters.png"))
}

fn architecture(config: &Config) -> String {
    config.architecture().map(|a| a.to_string()).unwrap_or_default()
}

/// Writes a chart as `PATH.svg` and `PATH.png`.
pub(super) fn write_chart(chart: &Chart, path: &Path) -> io::Result<()> {
    // Not `with_extension`: the name may have a dot.
    let named = |extension: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(extension);
        PathBuf::from(name)
    };
    write_whole(&named(".svg"), chart.to_svg().as_bytes(), true)?;
    save(&chart.to_image(), &named(".png"))
}

fn save(image: &srcnn::Image, path: &Path) -> io::Result<()> {
    image.save(path).map_err(|e| io::Error::other(e.to_string()))
}

/// The names of folders, without their parents, joined by ` + `.
pub(super) fn names(folders: &[PathBuf]) -> String {
    let names = folders.iter().filter_map(|f| f.file_name()).map(|n| n.to_string_lossy().into_owned());
    names.collect::<Vec<_>>().join(" + ")
}
