//! Batches of pictures through a transform.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Seek};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use srcnn::codec::FileFormat;
use srcnn::codec::files::{Occupant, WholeFile, remove_abandoned};
use srcnn::pipeline::{Background, LimitKind, OpenedPicture, Pipeline, PipelineError, Side, Sizes, Transform, limits};
use srcnn::stage::{Stage, measured, metered};

use super::each::{interrupted, outcome, tell_passed_over};
use super::jobs::{Job, in_parallel};
use super::journal::{self, Journal};
use super::naming::Naming;
use super::refused::Refused;
use super::report::{BatchReport, FileReport, Status};
use super::source::{Source, spool};
use crate::args::FileArgs;
use crate::inputs::{self, Inputs, STANDARD};
use crate::messages::{self, Watched};
use crate::names::shown;
use crate::outcome::{Outcome, Usage};
use crate::outputs::{self, Outputs};
use crate::signals::stopped;
use crate::terminal::{FileProgress, Terminal};

/// Computes an identity, which takes longer than a small picture.
pub type Identity<'a> = Box<dyn Fn() -> String + Sync + 'a>;

/// Pixels of a small picture, at most.
const SMALL: u64 = 1 << 20;
/// Pixels of its result, at most.
const SMALL_RESULT: u64 = 8 << 20;
/// Bytes of its file, at most.
const SMALL_FILE: u64 = 4 << 20;

/// The work of a command on every picture.
pub struct Task<'a> {
    /// Everything that determines results, except for the picture and the output options: tasks of the same identity
    /// give the same results.
    pub identity: Identity<'a>,
    /// The model's name, for templates of names.
    pub model: String,
    /// The factor, for templates of names, if it is the same for all pictures.
    pub scale: Option<String>,
    /// The transform.
    pub transform: &'a dyn Transform,
}

/// Reads each input, transforms it and writes the result to its output.
///
/// # Errors
/// Wrong usage, or a report that cannot be written. Errors of single files are reported and counted in the outcome.
pub fn transform(args: &FileArgs, terminal: &Terminal, task: &Task<'_>) -> Result<Outcome> {
    let out = &args.output;
    let arguments: Vec<PathBuf> = args.inputs.iter().chain(&args.input).cloned().collect();
    let mut inputs = inputs::expand(&arguments, !args.flat, Some(out));
    if let Some(list) = &args.files_from {
        inputs.add_list(list)?;
    }
    if out.is_dir() && args.name.is_some() {
        // Outputs of an earlier run in the input folder are not inputs of this one.
        inputs.leave_out(&journal::outputs(out));
    }
    tell_passed_over(&inputs, terminal);
    let naming = Naming::new(args.name.as_deref(), &task.model, task.scale.as_deref())?;
    let to_standard = out == Path::new(STANDARD);
    if to_standard && inputs.many {
        return Err(Usage("-o -: standard output takes one picture".to_owned()).into());
    }
    if to_standard && args.report.as_deref() == Some(out) {
        return Err(Usage("-o - and --report -: standard output takes one of them".to_owned()).into());
    }
    let ends_as_folder = out.to_string_lossy().ends_with(std::path::is_separator);
    let into_folder = !to_standard && (inputs.many || out.is_dir() || ends_as_folder);
    if into_folder && out.exists() && !out.is_dir() {
        return Err(Usage(format!("{}: several inputs need a folder, and this is none", shown(out))).into());
    }
    if !into_folder && !to_standard {
        format_of(args, out).map_err(|e| Usage(e.to_string()))?;
    }
    let places: Vec<PathBuf> = match into_folder {
        true => inputs.below.iter().map(|below| naming.output(out, below, extension(args, below))).collect(),
        false => vec![out.clone(); inputs.files.len()],
    };
    let mut outputs = Outputs::new(args.force, &inputs.files);
    if let Some(report) = args.report.as_deref().filter(|report| *report != Path::new(STANDARD)) {
        outputs.claim(Path::new("the report"), report)?;
    }
    let batch = Batch {
        args,
        task,
        identity: OnceLock::new(),
        inputs: &inputs,
        places: &places,
        first: first_of_each(&places),
        outputs: Mutex::new(outputs.inside(into_folder.then_some(out.as_path()))),
        journal: OnceLock::new(),
        into_folder,
        refused: Refused::default(),
    };
    if into_folder && out.is_dir() {
        // Find another process at work in the folder before any work is done.
        if let Err(error) = batch.journal() {
            batch.write_report(&BatchReport::new(
                Vec::new(),
                vec![format!("{error:#}")],
                &inputs.passed_over,
                false,
            ))?;
            return Err(error);
        }
    }
    let meter = Arc::default();
    let process = || {
        let work = |i, job, progress: &_, messages: &_| batch.file(i, job, progress, messages);
        in_parallel(&inputs, args.jobs, args.max_memory, terminal, work)
    };
    let files = if terminal.is_verbose() { metered(&meter, process) } else { process() };
    terminal.detail(|| messages::stages(&meter));
    inputs.problems.iter().for_each(|problem| terminal.error(problem));
    let report = BatchReport::new(files, inputs.problems.clone(), &inputs.passed_over, stopped());
    batch.write_report(&report)?;
    batch.refused.finish(terminal);
    if report.skipped > 0 {
        terminal.note(&format!("{} of {} files were done already", report.skipped, inputs.files.len()));
    }
    if report.interrupted {
        return Ok(interrupted(report.done + report.skipped, &inputs, terminal));
    }
    Ok(outcome(report.failed, &inputs, terminal))
}

/// State shared by all files of a batch.
struct Batch<'a> {
    args: &'a FileArgs,
    task: &'a Task<'a>,
    /// The task's identity, computed for the first file that needs it.
    identity: OnceLock<String>,
    inputs: &'a Inputs,
    places: &'a [PathBuf],
    /// For each output path, the first input that has it.
    first: HashMap<&'a Path, usize>,
    outputs: Mutex<Outputs>,
    /// The journal of the output folder, opened once the folder exists.
    journal: OnceLock<Result<Journal, String>>,
    into_folder: bool,
    refused: Refused,
}

fn first_of_each(places: &[PathBuf]) -> HashMap<&Path, usize> {
    let mut first = HashMap::new();
    for (i, place) in places.iter().enumerate() {
        first.entry(place.as_path()).or_insert(i);
    }
    first
}

impl Batch<'_> {
    /// Writes the report, if one was asked for.
    fn write_report(&self, report: &BatchReport) -> Result<()> {
        let Some(path) = &self.args.report else { return Ok(()) };
        let json = report.to_json();
        if path == Path::new(STANDARD) {
            return outputs::write_to_standard(io::Cursor::new(json));
        }
        outputs::write(path, json.as_bytes(), self.args.force)
    }

    /// Processes one file and prints its error, if any. Nothing if it is not small and must be.
    fn file(&self, index: usize, job: Job, progress: &FileProgress, messages: &Terminal) -> Option<FileReport> {
        let begin = Instant::now();
        let result = self.work(index, job, progress, messages);
        let (status, error) = match result {
            Ok(Some(status)) => (status, None),
            Ok(None) => return None,
            Err(error) => {
                let hint = messages::hint(&error).map_or_else(String::new, |hint| format!(" ({hint})"));
                let files = [&*self.inputs.files[index], &*self.places[index]];
                let text = format!("{error:#}{hint}");
                if !stopped() {
                    self.refused.tell(index, files, &error, &text, messages);
                }
                (Status::Failed, Some(text))
            }
        };
        let (input, output) = (self.inputs.files[index].clone(), self.places[index].clone());
        Some(FileReport { input, output, status, error, seconds: begin.elapsed().as_secs_f64() })
    }

    fn work(&self, index: usize, job: Job, progress: &FileProgress, messages: &Terminal) -> Result<Option<Status>> {
        let (input, output) = (&self.inputs.files[index], &self.places[index]);
        let begin = Instant::now();
        // Independent of the order in which files are processed, the first of two inputs with the same output gets it.
        if self.first[output.as_path()] < index {
            let other = shown(&self.inputs.files[self.first[output.as_path()]]);
            return Err(anyhow!("{}: {}: is already the output of {other}", shown(input), shown(output)));
        }
        let must_be_small = matches!(job, Job::Small { .. });
        if must_be_small && !is_small_file(input) {
            return Ok(None);
        }
        let named = || shown(input);
        let mut source = Source::open(input).with_context(named)?;
        // Only files in a folder are journalled by what they are made from.
        let mut of = None;
        if self.into_folder && Occupant::of(output) != Occupant::Stream {
            let task = self.identity.get_or_init(&self.task.identity).as_bytes();
            let mut made_with = |background: Option<Background>| {
                journal::hash_with(&[task, &identity(self.args, background)], &mut source).with_context(named)
            };
            let made_of = made_with(self.args.background)?;
            if output.exists() {
                let journal = self.journal()?;
                // What was made without a background was not transparent: with one it is the same.
                let is_done = journal.is_done(output, &made_of)
                    || self.args.background.is_some() && journal.is_done(output, &made_with(None)?);
                if is_done {
                    messages.detail(|| format!("{}: done already", shown(output)));
                    return Ok(Some(Status::Skipped));
                }
            }
            of = Some(made_of);
        }
        let to_standard = self.args.output == Path::new(STANDARD);
        let format = match to_standard {
            true => self.args.format.map_or(FileFormat::Png, FileFormat::from),
            false => format_of(self.args, output)?,
        };
        let (input_name, output_name) = (shown(input), shown(output));
        let output_name = if to_standard { "standard output".to_owned() } else { output_name };
        let watched = Watched { progress, terminal: messages, input: &input_name, output: &output_name };
        let about = |error: PipelineError| {
            let name = match error.side() {
                Side::Input => &input_name,
                Side::Output => &output_name,
            };
            anyhow::Error::new(error).context(name.clone())
        };
        // Open the input first: if it is missing or broken, no new folder must be left behind.
        let pipeline = Pipeline::new(self.task.transform).with_options(self.args.options());
        let limits = limits(self.args.limits(), job.at_a_time() as u64);
        let picture = match pipeline.with_limits(limits).open(source, format, &watched) {
            Ok(picture) if must_be_small && !is_small(&picture) => return Ok(None),
            Err(error) if must_be_small && wants_memory(&error) => return Ok(None),
            opened => opened.map_err(about)?,
        };
        if to_standard {
            let mut spool = spool();
            picture.write(&mut spool).map_err(about)?;
            spool.rewind()?;
            outputs::write_to_standard(spool)?;
            return Ok(Some(Status::Done));
        }
        if let Some(Ok(journal)) = self.journal.get() {
            // A folder that was removed during the batch is not created again: its earlier outputs are gone.
            journal.check().with_context(named)?;
        }
        self.outputs.lock().unwrap_or_else(PoisonError::into_inner).claim(input, output)?;
        if self.into_folder {
            let journal = self.journal()?;
            if self.refused.is_journal_full() {
                // There may be room again.
                journal.has_room(output)?;
            }
        } else if let Some(folder) = output.parent().filter(|_| Occupant::of(output) != Occupant::Stream) {
            remove_abandoned(if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
        }
        let at_output = || shown(output);
        let mut file = WholeFile::create(output).with_context(at_output)?;
        let Sizes { from, to } = match picture.write(&mut file) {
            Err(error) if must_be_small && wants_memory(&error) => return Ok(None),
            written => written.map_err(about)?,
        };
        if let Some(of) = of {
            self.journal()?.note(output, of, &mut file)?;
        }
        measured(Stage::Write, || outputs::commit(file, output, self.args.force))?;
        messages.detail(|| {
            let seconds = begin.elapsed().as_secs_f64();
            format!("{} ({from}) -> {} ({to}) in {seconds:.2} s", shown(input), shown(output))
        });
        Ok(Some(Status::Done))
    }

    /// The journal of the output folder, which must exist by now.
    fn journal(&self) -> Result<&Journal> {
        let opened = self.journal.get_or_init(|| {
            let opened = Journal::open(&self.args.output);
            if opened.is_ok() {
                let folders: BTreeSet<&Path> = self.places.iter().filter_map(|place| place.parent()).collect();
                folders.into_iter().for_each(remove_abandoned);
            }
            opened.map_err(|error| format!("{error:#}"))
        });
        opened.as_ref().map_err(|error| anyhow!("{error}"))
    }
}

/// Whether a picture and its result are small.
fn is_small(picture: &OpenedPicture<'_>) -> bool {
    picture.pixels() <= SMALL && picture.result_pixels() <= SMALL_RESULT
}

/// Whether a picture failed that may succeed alone, with more memory.
fn wants_memory(error: &PipelineError) -> bool {
    error.limit() == Some(LimitKind::Memory)
}

/// Whether a file may hold a small picture; those that can be read only once may not.
fn is_small_file(path: &Path) -> bool {
    path != Path::new(STANDARD) && path.metadata().is_ok_and(|file| file.is_file() && file.len() <= SMALL_FILE)
}

/// The format of an output: the option's, else that of its extension.
fn format_of(args: &FileArgs, output: &Path) -> Result<FileFormat> {
    args.format.map_or_else(|| outputs::format_of(output), |format| Ok(format.into()))
}

/// The extension of the format asked for; none if the input's own extension names that format already.
fn extension(args: &FileArgs, input: &Path) -> Option<&'static str> {
    let format = args.format.map(FileFormat::from)?;
    (FileFormat::of_path(input) != Some(format)).then_some(format.extension())
}

/// The output options that results depend on, as bytes; `background` in place of theirs.
fn identity(args: &FileArgs, background: Option<Background>) -> Vec<u8> {
    let format = args.format.map_or(0, |format| format as u8 + 1);
    let mut options = vec![
        args.quality,
        format,
        args.depth.unwrap_or(0),
        u8::from(args.strip),
        args.frames as u8,
        u8::from(args.lossy),
        args.subsampling as u8,
        u8::from(args.optimize),
        u8::from(args.progressive),
    ];
    options.extend(background.into_iter().flat_map(|background| background.0));
    options
}
