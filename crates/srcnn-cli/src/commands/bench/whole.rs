//! Times of whole commands, by stage, beside those of the network alone.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::{Parser, ValueEnum};
use serde_json::json;
use srcnn::codec::FileFormat;
use srcnn::engine::Engine;
use srcnn::model::{Model, Padding};
use srcnn::progress::Silent;
use srcnn::stage::{Meter, Spent, Stage, metered};
use srcnn::weights::Builtin;
use srcnn::{Limits, Size, codec};
use tempfile::TempDir;

use super::times::{Times, noise, report};
use crate::args::{BenchArgs, Cli, Command};
use crate::commands::upscale;
use crate::names::shown;
use crate::outcome::{Outcome, Usage};
use crate::terminal::Terminal;

pub(super) fn run(args: &BenchArgs, path: &Path) -> Result<Outcome> {
    // The first run warms up, and tells the sizes of the results.
    let outputs = process(args, path)?;
    let sizes = sizes(outputs.path())?;
    ensure!(!sizes.is_empty(), "{}: no picture", shown(path));
    drop(outputs);
    let meter = Arc::default();
    let whole = Times::of(args.reps, || {
        let start = Instant::now();
        let outputs = metered(&meter, || process(args, path))?;
        let time = start.elapsed();
        drop(outputs);
        Ok(time)
    })?;
    let network = model(args).map(|model| network(args, &model, &sizes)).transpose()?;
    print(args, path, &sizes, &whole, &meter, network.as_ref())
}

/// Runs the command; gives the folder of its outputs.
fn process(args: &BenchArgs, path: &Path) -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    let mut output = folder.path().to_owned();
    if path.is_file() {
        let extension = FileFormat::of_path(path).map_or("png", FileFormat::extension);
        output.push(Path::new("large").with_extension(extension));
    }
    let mut command = vec!["srcnn".into(), "upscale".into()];
    command.extend(["-o".into(), output.into_os_string(), "-s".into(), args.scale.to_string().into()]);
    command.extend(["--precision".into(), args.execution.execution().precision.name().into()]);
    command.extend(["--isa".into(), args.execution.execution().isa.name().into()]);
    if let Some(model) = &args.model {
        command.extend(["-m".into(), model.into()]);
    }
    if let Some(format) = args.to.and_then(|format| format.to_possible_value()) {
        command.extend(["-f".into(), format.get_name().into()]);
    }
    command.extend(["--".into(), path.as_os_str().to_owned()]);
    let Command::Upscale(upscaling) = Cli::try_parse_from(command).map_err(|e| Usage(e.to_string()))?.command else {
        unreachable!("the command is upscale")
    };
    let outcome = upscale::run(&upscaling, &Terminal::new(true, false))?;
    ensure!(matches!(outcome, Outcome::Done), "not all pictures could be processed");
    Ok(folder)
}

/// The sizes of the pictures in a folder, and how many have it.
fn sizes(folder: &Path) -> Result<BTreeMap<(usize, usize), usize>> {
    let (mut sizes, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir()? {
            let path: PathBuf = entry?.path();
            let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if path.is_dir() {
                folders.push(path);
            } else if !is_hidden {
                let rows = codec::open(BufReader::new(File::open(&path)?), Limits::default())?;
                *sizes.entry(rows.shape().size().into()).or_default() += 1;
            }
        }
    }
    Ok(sizes)
}

/// The network of the command, if it is a built-in one.
fn model(args: &BenchArgs) -> Option<Model> {
    Some(Builtin::pick(args.model.as_deref(), args.scale).ok()?.model())
}

/// Times the network alone, as often as the results have each size.
fn network(args: &BenchArgs, model: &Model, sizes: &BTreeMap<(usize, usize), usize>) -> Result<Times> {
    let engine = Engine::builder(model).padding(Padding::Replicate).execution(args.execution.execution()).build();
    Times::of(args.reps, || {
        let mut time = Duration::ZERO;
        for (&(width, height), &count) in sizes {
            let plane = [noise(width, height, 0)];
            for _ in 0..count {
                let start = Instant::now();
                engine.run(&plane, &Silent)?;
                time += start.elapsed();
            }
        }
        Ok(time)
    })
}

fn print(
    args: &BenchArgs,
    path: &Path,
    sizes: &BTreeMap<(usize, usize), usize>,
    whole: &Times,
    meter: &Meter,
    network: Option<&Times>,
) -> Result<Outcome> {
    let pictures: usize = sizes.values().sum();
    let pixels = sizes.iter().map(|(&size, &count)| Size::from(size).pixels() as f64 * count as f64).sum::<f64>();
    let model = args.model.as_deref().unwrap_or("the best model");
    let threads = rayon::current_num_threads();
    let each = |time: Duration| time.as_secs_f64() * 1e3 / f64::from(args.reps);
    let mut text = format!(
        "{}, {pictures} pictures x{} by {model}, {threads} threads: {whole}, {:.1} ms a megapixel of the results\n",
        shown(path),
        args.scale,
        whole.median / (pixels / 1e6),
    );
    let ratio = network.map(|network| whole.median / network.median);
    if let Some((network, ratio)) = network.zip(ratio) {
        text += &format!("the network alone: {network}; the whole takes {ratio:.2} times as long\n");
    }
    text += "stage          wall  processor, ms a run; stages go on at once\n";
    let mut stages = serde_json::Map::new();
    for stage in Stage::ALL {
        let Spent { wall, processor } = meter.spent(stage);
        text += &format!("{:<12} {:>6.1} {:>10.1}\n", stage.name(), each(wall), each(processor));
        stages.insert(stage.name().to_owned(), json!({"wall": each(wall), "processor": each(processor)}));
    }
    let json = json!({"path": shown(path), "pictures": pictures, "pixels": pixels, "scale": args.scale,
        "model": model, "threads": threads, "milliseconds": whole.json(), "stages": stages,
        "network_alone": network.map(Times::json), "ratio": ratio});
    report(args, text.trim_end(), &json)
}
