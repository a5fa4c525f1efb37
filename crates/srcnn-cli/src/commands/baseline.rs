//! `srcnn baseline`.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use srcnn::color::matlab;
use srcnn::plane::Plane;
use srcnn::progress::Progress;
use srcnn::{Image, ImageFile};
use srcnn_eval::baseline::training::{self, Settings, WORK};
use srcnn_eval::baseline::{Baseline, BaselineError};

use crate::args::{BaselineArgs, BaselineCommand, BaselineTrainArgs};
use crate::names::shown;
use crate::outcome::{Outcome, Usage};
use crate::outputs::Outputs;
use crate::signals::stopped;
use crate::terminal::{StepsBar, Terminal, print_report};
use crate::{inputs, model_choice};

pub fn run(args: &BaselineArgs, terminal: &Terminal) -> Result<Outcome> {
    match &args.command {
        BaselineCommand::Train(args) => train(args, terminal),
        BaselineCommand::Info { baseline, scale } => info(baseline, *scale),
    }
}

fn info(name: &str, scale: usize) -> Result<Outcome> {
    let baseline = match model_choice::baseline(name, scale)? {
        Some(baseline) => baseline,
        // Loading it again gives the error that says why it is not a baseline.
        None => Baseline::load(name)?,
    };
    let mut text = format!("method  {}\nscale   x{}\n", baseline.method(), baseline.scale());
    for (note, value) in baseline.notes() {
        text += &format!("{note}: {value}\n");
    }
    print_report(&text)?;
    Ok(Outcome::Done)
}

fn train(args: &BaselineTrainArgs, terminal: &Terminal) -> Result<Outcome> {
    if args.output.extension().is_none_or(|e| !e.eq_ignore_ascii_case("safetensors")) {
        return Err(Usage(format!("{}: the file to write must end in .safetensors", shown(&args.output))).into());
    }
    let published = Settings::published(args.method);
    let settings = Settings {
        atoms: args.atoms.unwrap_or(published.atoms),
        iterations: args.iterations.unwrap_or(published.iterations),
        samples: args.samples.unwrap_or(published.samples),
        lambda: args.lambda.unwrap_or(published.lambda),
        neighbours: args.neighbours.unwrap_or(published.neighbours),
        projections: args.projections.unwrap_or(published.projections),
        seed: args.seed.unwrap_or(published.seed),
        ..published
    };
    let mut files = Vec::new();
    for folder in &args.data {
        files.extend(inputs::pictures_in(folder)?);
    }
    if files.is_empty() {
        bail!("no pictures in {}", names(args));
    }
    Outputs::new(args.force, &files).claim(Path::new("the baseline"), &args.output)?;
    let luma = |path: &std::path::PathBuf| -> Result<Plane<u8>> {
        Ok(matlab::luma_plane(&Image::open(path).with_context(|| shown(path))?.to_u8()))
    };
    let pictures = files.par_iter().map(luma).collect::<Result<Vec<_>>>()?;
    terminal.note(&format!("{} x{} from {} pictures", args.method, args.scale, pictures.len()));
    let bar = terminal.start_steps(0, WORK);
    let course = Course { bar: &bar, done: AtomicU64::new(0) };
    let learnt = training::train(args.method, args.scale.into(), &pictures, &settings, &course);
    drop(bar);
    let learnt = match learnt {
        Err(BaselineError::Cancelled) => return Ok(Outcome::Interrupted),
        Err(error @ (BaselineError::Setting { .. } | BaselineError::Scale { .. })) => {
            return Err(Usage(error.to_string()).into());
        }
        learnt => learnt.with_context(|| names(args))?,
    };
    learnt.with_note("data", &names(args)).save(&args.output, args.force)?;
    Ok(Outcome::Done)
}

/// The names of the folders, without their parents.
fn names(args: &BaselineTrainArgs) -> String {
    let name = |folder: &std::path::PathBuf| {
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.clone());
        folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    };
    args.data.iter().map(name).collect::<Vec<_>>().join(" + ")
}

/// Progress of a training, shown as steps of a bar.
struct Course<'a> {
    bar: &'a StepsBar<'a>,
    done: AtomicU64,
}

impl Progress for Course<'_> {
    fn advance(&self, work: u64) {
        self.bar.step(self.done.fetch_add(work, Ordering::Relaxed) + work, "");
    }

    fn cancelled(&self) -> bool {
        stopped()
    }
}
