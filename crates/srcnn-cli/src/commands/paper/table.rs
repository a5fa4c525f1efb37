//! `srcnn paper table`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use srcnn::engine::Execution;
use srcnn::metrics::Scores;
use srcnn::{Image, ImageFile};
use srcnn_eval::baseline::Method as Baseline;
use srcnn_eval::paper::published::Method;
use srcnn_eval::paper::{Cell, Format, PaperTable};
use srcnn_eval::procedure::{Evaluator, Procedure};
use srcnn_eval::report;

use crate::args::{FactArgs, TableArgs, TableFormatArg};
use crate::outcome::{Outcome, Usage};
use crate::outputs::Outputs;
use crate::terminal::{Terminal, print_report};
use crate::{batch, inputs};
use crate::{model_choice, names};

pub fn run(args: &TableArgs, terminal: &Terminal) -> Result<Outcome> {
    let format = format(args);
    let mut outputs = Outputs::new(args.force, &[]);
    if let Some(output) = &args.output {
        outputs.claim(Path::new("the table"), output)?;
    }
    // Unknown names are refused before anything is measured.
    let mut methods = Vec::new();
    for scale in &args.scales {
        for name in &args.methods {
            methods.push((*scale, name, asked(name, *scale, args.execution.execution())?));
        }
    }
    let (mut table, mut all) = (PaperTable::default(), Outcome::Done);
    for folder in &args.sets {
        let set = folder.canonicalize().with_context(|| names::shown(folder))?;
        let set = names::shown(set.file_name().unwrap_or_default());
        let inputs = inputs::expand(std::slice::from_ref(folder), false, None);
        for (scale, name, asked) in &methods {
            let Some(Asked { evaluator, printed, shown }) = asked else {
                terminal.note(&format!("{name}: nothing for x{scale}"));
                continue;
            };
            terminal.detail(|| format!("{set}, x{scale}, {name}"));
            let (mut scores, mut seconds): (Vec<Scores>, f64) = (Vec::new(), 0.0);
            let outcome = batch::for_each(&inputs, terminal, |file, progress| {
                let image = Image::open(file)?;
                progress.expect(image.width() as u64 * image.height() as u64);
                let evaluation = evaluator.evaluate(&image, progress).with_context(|| names::shown(file))?;
                scores.push(evaluation.output);
                seconds += evaluation.time.as_secs_f64();
                Ok(())
            });
            match outcome {
                Outcome::Interrupted => return Ok(outcome),
                Outcome::SomeFailed => all = outcome,
                Outcome::Done => {}
            }
            let seconds = seconds / scores.len().max(1) as f64;
            table.cells.extend(Cell::new(&set, usize::from(*scale), (shown, *printed), &scores, seconds));
        }
    }
    let text = table.render(format);
    match &args.output {
        Some(output) => outputs.write(output, text.as_bytes())?,
        None => print_report(&text)?,
    }
    Ok(all)
}

fn format(args: &TableArgs) -> Format {
    let extension = args.output.as_ref().and_then(|o| o.extension()).map(|e| e.to_string_lossy().to_lowercase());
    let implied = match extension.as_deref() {
        Some("md") => TableFormatArg::Markdown,
        Some("csv") => TableFormatArg::Csv,
        Some("tex") => TableFormatArg::Latex,
        Some("json") => TableFormatArg::Json,
        _ => TableFormatArg::Text,
    };
    match args.format.unwrap_or(implied) {
        TableFormatArg::Text => Format::Report(report::Format::Text),
        TableFormatArg::Markdown => Format::Report(report::Format::Markdown),
        TableFormatArg::Csv => Format::Report(report::Format::Csv),
        TableFormatArg::Json => Format::Report(report::Format::Json),
        TableFormatArg::Latex => Format::Latex,
    }
}

/// Filters of the networks that the paper has scores for.
const FILTERS: &str = "64-32";

/// A method at one scale: its evaluator, its column of published scores, and its label.
struct Asked {
    evaluator: Evaluator,
    printed: Option<Method>,
    shown: String,
}

/// The method of a name at a scale; none if it is a folder or a baseline without that scale.
fn asked(name: &str, scale: u8, execution: Execution) -> Result<Option<Asked>> {
    let path = Path::new(name);
    let of_scale = match path.is_dir() {
        true => match in_folder(path, scale)? {
            Some(file) => Some(file.to_string_lossy().into_owned()),
            None => return Ok(None),
        },
        false => None,
    };
    let file = of_scale.as_deref().unwrap_or(name);
    if file.parse::<Baseline>().is_ok() && !(2..=4).contains(&scale) {
        return Ok(None);
    }
    let paper = (Procedure::Paper, scale);
    let restorer = model_choice::for_procedure(Some(file), &FactArgs::default(), paper, false, execution)?;
    let printed = if restorer.is_interpolation() {
        Some(Method::Bicubic)
    } else if let Ok(baseline) = restorer.name().parse::<Baseline>() {
        Some(baseline.into())
    } else {
        // Built-in networks are compared with the published scores of the same kernels.
        let network = restorer.architecture();
        let kernels = network.filter(|a| a.filters() == FILTERS).map(|a| a.kernels());
        let own = path.file_name().unwrap_or_default().to_string_lossy();
        let of_91 = own.contains("91") && !own.contains("915");
        kernels.and_then(|kernels| Method::srcnn(&kernels, of_91))
    };
    let evaluator = model_choice::evaluator(Procedure::Paper, scale, restorer)?;
    let shown = path.file_name().map_or_else(|| name.to_owned(), |n| n.to_string_lossy().into_owned());
    Ok(Some(Asked { evaluator, printed, shown }))
}

/// The file of a folder whose stem is `x` and the scale.
fn in_folder(folder: &Path, scale: u8) -> Result<Option<PathBuf>> {
    let stem = format!("x{scale}");
    let named = |entry: std::io::Result<std::fs::DirEntry>| -> Result<Option<PathBuf>> {
        let path = entry.with_context(|| names::shown(folder))?.path();
        Ok((path.is_file() && path.file_stem().is_some_and(|s| *s == *stem)).then_some(path))
    };
    let entries = std::fs::read_dir(folder).with_context(|| names::shown(folder))?;
    let mut found: Vec<PathBuf> = entries.filter_map(|entry| named(entry).transpose()).collect::<Result<_>>()?;
    found.sort();
    match &found[..] {
        [] | [_] => Ok(found.pop()),
        [first, second, ..] => {
            let message = format!("{} and {}: which one is meant?", names::shown(first), names::shown(second));
            Err(Usage(message).into())
        }
    }
}
