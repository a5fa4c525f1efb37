//! `srcnn evaluate`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use srcnn_eval::figure;
use srcnn_eval::procedure::Procedure;
use srcnn_eval::report::{EvaluatedImage, EvaluationReport, Format};

use crate::args::{EvaluateArgs, ProtocolArg};
use crate::model_choice;
use crate::names::{shown, visible};
use crate::outcome::{Outcome, Usage};
use crate::outputs::Outputs;
use crate::terminal::{Terminal, print_report};
use crate::{batch, inputs, messages};

pub fn run(args: &EvaluateArgs, terminal: &Terminal) -> Result<Outcome> {
    let (procedure, protocol) = match args.protocol {
        ProtocolArg::Paper => (Procedure::Paper, "paper"),
        ProtocolArg::Keras => (Procedure::Keras, "keras"),
    };
    let scale = usize::from(args.scale);
    let name = args.model.model.as_deref();
    let own_padding = args.model.facts.padding.is_some();
    let (facts, execution) = (&args.model.facts, args.execution.execution());
    let restorer = model_choice::for_procedure(name, facts, (procedure, args.scale), own_padding, execution)?;
    let asked = name.unwrap_or(restorer.name()).to_owned();
    if own_padding && procedure == Procedure::Paper {
        terminal.note("paper replicates edges; these figures are with the padding that --padding states");
    }
    let evaluator = model_choice::evaluator(procedure, args.scale, restorer)?;
    messages::execution(evaluator.restorer(), terminal);
    let destination = Destination::new(args)?;
    let inputs = inputs::expand(&args.inputs, false, None);
    let mut outputs = Outputs::new(args.force, &inputs.files);
    if let Some(report) = &destination.report {
        outputs.claim(Path::new("the report"), report)?;
    }
    let mut images: Vec<EvaluatedImage> = Vec::new();
    let outcome = batch::for_each(&inputs, terminal, |file, progress| {
        let image = batch::open_image(file)?;
        let name = shown(file.file_name().unwrap_or_default());
        // Tables may be shown on a terminal.
        let name = match destination.format {
            Format::Csv | Format::Json => name,
            Format::Text | Format::Markdown => visible(&name).into_owned(),
        };
        let png = png_name(file, &inputs.files);
        let restored = destination.pictures.as_ref().map(|folder| folder.join(&png));
        let drawn = args.figures.as_ref().map(|folder| folder.join(&png));
        restored.iter().chain(&drawn).try_for_each(|output| outputs.claim(file, output))?;
        progress.expect(image.width() as u64 * image.height() as u64);
        let evaluation = evaluator.evaluate(&image, progress).with_context(|| shown(file))?;
        if let Some(output) = &restored {
            outputs.write_picture(output, &evaluation.pictures.restored, 95, terminal)?;
        }
        if let Some(output) = &drawn {
            let degraded = match procedure {
                Procedure::Paper => format!("bicubic x{}", args.scale),
                Procedure::Keras => format!("bilinear x{}", args.scale),
            };
            let figure = figure::draw(&name, &degraded, &short(&asked), &evaluation);
            outputs.write_picture(output, &figure, 95, terminal)?;
        }
        images.push(EvaluatedImage::new(name, &evaluation));
        Ok(())
    });
    let nothing_to_show = images.is_empty() && matches!(destination.format, Format::Text | Format::Markdown);
    if outcome == Outcome::Interrupted || nothing_to_show {
        return Ok(outcome);
    }
    let report = EvaluationReport::new(protocol, scale, asked, images).render(destination.format);
    match &destination.report {
        Some(path) => outputs.write(path, report.as_bytes())?,
        None => print_report(&report)?,
    }
    Ok(outcome)
}

/// Destinations of the report and the pictures.
struct Destination {
    format: Format,
    report: Option<PathBuf>,
    pictures: Option<PathBuf>,
}

impl Destination {
    /// `-o` names the report if it has a report's extension, else a folder for pictures.
    fn new(args: &EvaluateArgs) -> Result<Self> {
        let extension = args.output.as_ref().and_then(|o| o.extension()).map(|e| e.to_string_lossy().to_lowercase());
        let implied = match extension.as_deref() {
            Some("json") => Some(Format::Json),
            Some("csv") => Some(Format::Csv),
            Some("md") => Some(Format::Markdown),
            Some("txt") => Some(Format::Text),
            _ => None,
        };
        let format = args.format.map(Format::from).or(implied).unwrap_or(Format::Text);
        let (report, pictures) = match (&args.output, implied) {
            (Some(path), Some(_)) => (Some(path.clone()), None),
            (folder, _) => (None, folder.clone()),
        };
        if let Some(folder) = pictures.iter().chain(&args.figures).find(|f| f.exists() && !f.is_dir()) {
            return Err(Usage(format!("{}: a folder is needed, and this is a file", shown(folder))).into());
        }
        if pictures.is_some() && pictures == args.figures {
            return Err(Usage("-o and --figures need different folders".to_owned()).into());
        }
        Ok(Self { format, report, pictures })
    }
}

/// `a.png` for `a.bmp`; `a.bmp.png` if another input has the same stem.
fn png_name(input: &Path, inputs: &[PathBuf]) -> PathBuf {
    let mut name = PathBuf::from(input.file_name().unwrap_or_default());
    let twins = inputs.iter().filter(|other| other.file_stem() == input.file_stem()).count();
    if twins > 1 {
        name.as_mut_os_string().push(".png")
    } else {
        _ = name.set_extension("png")
    }
    name
}

/// A model's name without its folders.
fn short(asked: &str) -> String {
    Path::new(asked).file_name().map_or_else(|| asked.to_owned(), |n| n.to_string_lossy().into_owned())
}
