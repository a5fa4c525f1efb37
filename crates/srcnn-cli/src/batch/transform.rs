//! Pictures in, pictures out.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, anyhow, ensure};
use srcnn::Image;
use srcnn::codec::{EncodeOptions, FileFormat, Limits, decode, encode, losses, write_whole};

use super::journal::{self, Journal};
use super::naming::Naming;
use super::report::{BatchReport, FileReport, Status};
use super::{in_parallel, interrupted, outcome};
use crate::args::FileArgs;
use crate::finish;
use crate::inputs::{self, Inputs, STANDARD};
use crate::outputs::Outputs;
use crate::terminal::{FileProgress, Terminal, stopped};
use crate::{Outcome, Usage};

/// What a command makes of each picture.
pub struct Task<'a> {
    /// All that decides the result, but for the picture: two tasks of one identity give the same.
    pub identity: String,
    /// The model's name, for templates.
    pub model: String,
    /// The factor, for templates, if there is one for all.
    pub scale: Option<String>,
    /// What is done.
    pub work: &'a (dyn Fn(&Image, &FileProgress) -> Result<Image> + Sync),
}

/// Reads each input, transforms it, and writes the result to its place.
///
/// # Errors
/// Wrong usage, and a report that cannot be written; what befalls a file is reported, and in the outcome.
pub fn transform(args: &FileArgs, terminal: &Terminal, task: &Task<'_>) -> Result<Outcome> {
    let out = &args.output;
    let arguments: Vec<PathBuf> = args.inputs.iter().chain(&args.input).cloned().collect();
    let mut inputs = inputs::expand(&arguments, !args.flat, Some(out));
    if let Some(list) = &args.files_from {
        inputs.add_list(list)?;
    }
    let naming = Naming::new(args.name.as_deref(), &task.model, task.scale.as_deref())?;
    let to_standard = out == Path::new(STANDARD);
    if to_standard && inputs.many {
        return Err(Usage("-o -: standard output takes one picture".to_owned()).into());
    }
    let ends_as_folder = out.to_string_lossy().ends_with(std::path::is_separator);
    let into_folder = !to_standard && (inputs.many || out.is_dir() || ends_as_folder);
    if into_folder && out.exists() && !out.is_dir() {
        return Err(Usage(format!("{}: several inputs need a folder, and this is a file", out.display())).into());
    }
    if !into_folder && !to_standard {
        finish::format(args, out).map_err(|e| Usage(e.to_string()))?;
    }
    let places: Vec<PathBuf> = match into_folder {
        true => inputs.below.iter().map(|below| naming.output(out, below, finish::extension(args, below))).collect(),
        false => vec![out.clone(); inputs.files.len()],
    };
    let batch = Batch {
        args,
        terminal,
        task,
        inputs: &inputs,
        places: &places,
        outputs: Mutex::new(Outputs::new(args.force, &inputs.files).inside(into_folder.then_some(out.as_path()))),
        journal: Mutex::new(None),
        into_folder,
    };
    let files = in_parallel(&inputs, usize::from(args.jobs), terminal, |i, progress| batch.file(i, progress));
    inputs.problems.iter().for_each(|problem| terminal.error(problem));
    let report = BatchReport::new(files, inputs.problems.clone(), stopped());
    if let Some(path) = &args.report {
        Outputs::new(true, &inputs.files).write(path, report.to_json().as_bytes())?;
    }
    if report.skipped > 0 {
        terminal.note(&format!("{} of {} files were done already", report.skipped, inputs.files.len()));
    }
    if report.interrupted {
        return Ok(interrupted(report.done + report.skipped, &inputs, terminal));
    }
    Ok(outcome(report.failed, &inputs, terminal))
}

/// What all files of a batch share.
struct Batch<'a> {
    args: &'a FileArgs,
    terminal: &'a Terminal,
    task: &'a Task<'a>,
    inputs: &'a Inputs,
    places: &'a [PathBuf],
    outputs: Mutex<Outputs>,
    /// Opened with the first output; of folders only.
    journal: Mutex<Option<Arc<Journal>>>,
    into_folder: bool,
}

impl Batch<'_> {
    /// One file, from reading to writing; what goes wrong is said at once.
    fn file(&self, index: usize, progress: &FileProgress) -> FileReport {
        let begin = Instant::now();
        let result = self.work(index, progress);
        let (status, error) = match result {
            Ok(status) => (status, None),
            Err(error) => {
                if !stopped() {
                    self.terminal.error(&format!("{error:#}"));
                }
                (Status::Failed, Some(format!("{error:#}")))
            }
        };
        let (input, output) = (self.inputs.files[index].clone(), self.places[index].clone());
        FileReport { input, output, status, error, seconds: begin.elapsed().as_secs_f64() }
    }

    fn work(&self, index: usize, progress: &FileProgress) -> Result<Status> {
        let (input, output) = (&self.inputs.files[index], &self.places[index]);
        let begin = Instant::now();
        // Which of two inputs of one output is refused must not depend on which comes first.
        if let Some(other) = self.places[..index].iter().position(|place| place == output) {
            let other = self.inputs.files[other].display();
            return Err(anyhow!("{}: {}: is already the output of {other}", input.display(), output.display()));
        }
        let named = || input.display().to_string();
        let bytes = read(input).with_context(named)?;
        let of = journal::hash(&[self.task.identity.as_bytes(), &finish::identity(self.args), &bytes]);
        if self.into_folder && output.exists() && self.journal()?.is_done(output, &of) {
            self.terminal.detail(|| format!("{}: done already", output.display()));
            return Ok(Status::Skipped);
        }
        // The input comes first: a missing or broken one must not leave a new folder behind.
        let image = decode(&bytes, Limits::default()).with_context(named)?;
        drop(bytes);
        if self.args.output == Path::new(STANDARD) {
            let result = finish::finished(self.args, (self.task.work)(&image, progress).with_context(named)?);
            let format = self.args.format.map_or(FileFormat::Png, FileFormat::from);
            let bytes = encode(&result, format, &EncodeOptions { quality: self.args.quality })?;
            std::io::stdout().lock().write_all(&bytes).context("standard output")?;
            return Ok(Status::Done);
        }
        self.outputs.lock().unwrap_or_else(PoisonError::into_inner).claim(input, output)?;
        let format = finish::format(self.args, output)?;
        let at_output = || output.display().to_string();
        // Transparency that the format cannot hold is refused before the work.
        losses(&image, format).with_context(at_output)?;
        for change in &image.metadata.changes {
            self.terminal.note(&format!("{}: {change}", input.display()));
        }
        let result = finish::finished(self.args, (self.task.work)(&image, progress).with_context(named)?);
        for loss in losses(&result, format).with_context(at_output)? {
            self.terminal.note(&format!("{}: {loss}", output.display()));
        }
        let bytes = encode(&result, format, &EncodeOptions { quality: self.args.quality }).with_context(at_output)?;
        if self.into_folder {
            self.journal()?.note(output, of, &bytes)?;
        }
        write_whole(output, &bytes, self.args.force).with_context(at_output)?;
        self.terminal.detail(|| {
            let ((w, h), (rw, rh)) = (image.size(), result.size());
            let seconds = begin.elapsed().as_secs_f64();
            format!("{} ({w}x{h}) -> {} ({rw}x{rh}) in {seconds:.2} s", input.display(), output.display())
        });
        Ok(Status::Done)
    }

    /// The journal of the output folder, which exists by now.
    fn journal(&self) -> Result<Arc<Journal>> {
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        if journal.is_none() {
            let folders = self.places.iter().filter_map(|place| place.parent());
            let mut folders: Vec<&Path> = folders.filter(|folder| folder.is_dir()).collect();
            folders.sort();
            folders.dedup();
            let opened = Journal::open(&self.args.output)?;
            // Nobody else is at work here now.
            folders.into_iter().for_each(srcnn::codec::remove_abandoned);
            *journal = Some(Arc::new(opened));
        }
        Ok(Arc::clone(journal.as_ref().expect("opened above")))
    }
}

fn read(input: &Path) -> Result<Vec<u8>> {
    if input == Path::new(STANDARD) {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        ensure!(!bytes.is_empty(), "nothing came on standard input");
        return Ok(bytes);
    }
    Ok(std::fs::read(input)?)
}
