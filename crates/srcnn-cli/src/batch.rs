//! One piece of work for each of many files: what fails is reported, and does not stop the rest.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use srcnn::Image;
use srcnn::codec::losses;

use crate::args::FileArgs;
use crate::finish;
use crate::inputs::{self, Inputs};
use crate::outputs::{Outputs, in_folder};
use crate::terminal::{FileProgress, Terminal, stopped};
use crate::{Outcome, Usage};

/// Calls `work` for each file, with its share of a progress bar. What stands for nothing among the inputs counts as
/// failed.
pub fn for_each(
    inputs: &Inputs,
    terminal: &Terminal,
    mut work: impl FnMut(&Path, &FileProgress) -> Result<()>,
) -> Outcome {
    let files = &inputs.files;
    inputs.problems.iter().for_each(|problem| terminal.error(problem));
    let bar = terminal.start_bar(files.len());
    let mut failed = inputs.problems.len();
    for (i, file) in files.iter().enumerate() {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let result = work(file, &bar.file(i, files.len(), &name));
        if stopped() {
            drop(bar);
            let done = i + usize::from(result.is_ok());
            terminal.note(&format!("interrupted: {done} of {} files done", files.len()));
            return Outcome::Interrupted;
        }
        if let Err(error) = result {
            failed += 1;
            terminal.error(&format!("{error:#}"));
        }
    }
    drop(bar);
    if failed == 0 {
        return Outcome::Done;
    }
    let all = files.len() + inputs.problems.len();
    if all > 1 {
        terminal.error(&format!("{failed} of {all} failed"));
    }
    Outcome::SomeFailed
}

/// Reads each input, transforms it, and writes the result to its place.
pub fn transform(
    args: &FileArgs,
    terminal: &Terminal,
    work: impl Fn(&Image, &FileProgress) -> Result<Image>,
) -> Result<Outcome> {
    let inputs = inputs::expand(&args.inputs);
    let out = &args.output;
    let ends_as_folder = out.to_string_lossy().ends_with(std::path::is_separator);
    let into_folder = inputs.many || out.is_dir() || ends_as_folder;
    if into_folder && out.exists() && !out.is_dir() {
        return Err(Usage(format!("{}: several inputs need a folder, and this is a file", out.display())).into());
    }
    if !into_folder {
        finish::format(args, out).map_err(|e| Usage(e.to_string()))?;
    }
    let mut outputs = Outputs::new(args.force, &inputs.files);
    Ok(for_each(&inputs, terminal, |input, progress| {
        let start = Instant::now();
        let output = if into_folder { finish::renamed(args, in_folder(out, input)) } else { out.clone() };
        // The input comes first: a missing or broken one must not leave a new folder behind.
        let image = Image::open(input)?;
        outputs.claim(input, &output)?;
        // Transparency that the format cannot hold is refused before the work.
        let format = finish::format(args, &output)?;
        losses(&image, format).with_context(|| output.display().to_string())?;
        image.metadata.changes.iter().for_each(|change| terminal.note(&format!("{}: {change}", input.display())));
        let result = work(&image, progress).with_context(|| input.display().to_string())?;
        let result = finish::finished(args, result);
        outputs.write_picture(&output, &result, format, args.quality, terminal)?;
        terminal.detail(|| {
            let ((w, h), (rw, rh)) = (image.size(), result.size());
            let seconds = start.elapsed().as_secs_f64();
            format!("{} ({w}x{h}) -> {} ({rw}x{rh}) in {seconds:.2} s", input.display(), output.display())
        });
        Ok(())
    }))
}
