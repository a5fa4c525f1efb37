//! `srcnn compare`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use srcnn::Image;
use srcnn::crop::modcrop;
use srcnn::engine::Execution;
use srcnn::metrics::{Protocol, Scores, measure};
use srcnn::weights::Builtin;
use srcnn_eval::explain::{Degradation, Explainer};
use srcnn_eval::procedure::Procedure;
use srcnn_eval::report::{ComparisonReport, ExplanationReport};

use crate::args::{CompareArgs, FactArgs, FormatArg, ProtocolArg};
use crate::batch;
use crate::inputs::{self, Inputs};
use crate::model_choice::{self, NONE};
use crate::names::{shown, visible};
use crate::outcome::{Outcome, Usage};
use crate::terminal::{Terminal, print_report};

pub fn run(args: &CompareArgs, terminal: &Terminal) -> Result<Outcome> {
    let (Some(asked), false) = (args.protocol, args.explain) else { return explain(args, terminal) };
    let protocol = protocol(args, asked)?;
    let modulus = args.scale.filter(|_| asked == ProtocolArg::Paper);
    let (pairs, inputs) = paired(args)?;
    let mut scores: Vec<(String, Scores)> = Vec::new();
    let outcome = batch::for_each(&inputs, terminal, |reference, _| {
        let other = &pairs[reference];
        let cropped = |path: &Path| -> Result<Image> {
            let image = batch::open_image(path)?;
            let Some(modulus) = modulus else { return Ok(image) };
            let rect = modcrop(image.size(), modulus);
            rect.and_then(|r| image.crop(r)).with_context(|| shown(path))
        };
        let (a, b) = (cropped(reference)?, cropped(other)?);
        let names = || format!("{} and {}", shown(reference), shown(other));
        let score = measure(&a, &b, &protocol).with_context(names)?;
        let name = shown(reference.file_name().unwrap_or_default());
        // Tables may be shown on a terminal.
        let name = match args.format {
            FormatArg::Csv | FormatArg::Json => name,
            FormatArg::Text | FormatArg::Markdown => visible(&name).into_owned(),
        };
        scores.push((name, score));
        Ok(())
    });
    let something_to_show = !scores.is_empty() || matches!(args.format, FormatArg::Csv | FormatArg::Json);
    if outcome != Outcome::Interrupted && something_to_show {
        let report = ComparisonReport::new(protocol.name, protocol.to_string(), &scores);
        print_report(&report.render(args.format.into()))?;
    }
    Ok(outcome)
}

/// Prints the scores of the pairs by all usual protocols, and those of the references as each program degrades them.
fn explain(args: &CompareArgs, terminal: &Terminal) -> Result<Outcome> {
    let scale = args.scale.and_then(|scale| u8::try_from(scale).ok()).filter(|scale| (2..=16).contains(scale));
    let scale = scale.ok_or_else(|| Usage("--explain takes a scale of 2 to 16: -s N".to_owned()))?;
    let known = Builtin::all().iter().any(|builtin| builtin.scale == u32::from(scale));
    let name = args.model.as_deref().or_else(|| (!known).then_some(NONE));
    let facts = FactArgs::default();
    let paper = (Procedure::Paper, scale);
    let restorer = model_choice::for_procedure(name, &facts, paper, false, Execution::default())?;
    let restorer = Some(restorer).filter(|restorer| !restorer.is_interpolation());
    let asked = args.model.as_deref().filter(|_| restorer.is_some());
    let name = asked.or(restorer.as_ref().map(|restorer| restorer.name())).unwrap_or(NONE).to_owned();
    let explainer = Explainer::new(scale.into(), restorer).map_err(|e| Usage(e.to_string()))?;
    let (pairs, inputs) = paired(args)?;
    let mut explanations = Vec::new();
    let outcome = batch::for_each(&inputs, terminal, |reference, progress| {
        let other = &pairs[reference];
        let (a, b) = (batch::open_image(reference)?, batch::open_image(other)?);
        let names = || format!("{} and {}", shown(reference), shown(other));
        progress.expect(Degradation::ALL.len() as u64 * a.width() as u64 * a.height() as u64);
        explanations.push(explainer.explain(&a, &b, progress).with_context(names)?);
        Ok(())
    });
    if outcome != Outcome::Interrupted
        && let Some(report) = ExplanationReport::new(scale.into(), name, &explanations)
    {
        print_report(&report.render(args.format.into()))?;
    }
    Ok(outcome)
}

fn protocol(args: &CompareArgs, asked: ProtocolArg) -> Result<Protocol> {
    match (asked, args.scale, args.border) {
        (ProtocolArg::Paper, Some(scale), None) if scale > 0 => Ok(Protocol::paper(scale)),
        (ProtocolArg::Paper, _, None) => {
            Err(Usage("--protocol paper shaves by the scale: say it with -s N".to_owned()).into())
        }
        (ProtocolArg::Paper, _, Some(_)) => {
            Err(Usage("--protocol paper shaves by the scale (-s N), not by --border".to_owned()).into())
        }
        (ProtocolArg::Keras, _, border) => Ok(Protocol::keras().with_border(border.unwrap_or(0))),
    }
}

type Pairs = BTreeMap<PathBuf, PathBuf>;

/// The pairs of pictures, and their references as inputs of a batch.
fn paired(args: &CompareArgs) -> Result<(Pairs, Inputs)> {
    let (pairs, unpaired) = pairs(&args.reference, &args.other)?;
    let missing = |file: &PathBuf| format!("{}: nothing of that name in the other folder", shown(file));
    let problems = unpaired.iter().map(missing).collect();
    let inputs = Inputs { files: pairs.keys().cloned().collect(), many: true, problems, ..Inputs::default() };
    Ok((pairs, inputs))
}

/// Pairs of pictures by reference, and the files of either folder that have no partner.
fn pairs(reference: &Path, other: &Path) -> Result<(Pairs, Vec<PathBuf>)> {
    for path in [reference, other] {
        std::fs::metadata(path).with_context(|| shown(path))?;
    }
    match (reference.is_dir(), other.is_dir()) {
        (false, false) => Ok((Pairs::from([(reference.to_owned(), other.to_owned())]), Vec::new())),
        (true, true) => pair_folders(reference, other),
        (true, false) | (false, true) => Err(Usage("compare takes two pictures or two folders".to_owned()).into()),
    }
}

fn pair_folders(reference: &Path, other: &Path) -> Result<(Pairs, Vec<PathBuf>)> {
    let mut others = by_stem(other)?;
    let (mut pairs, mut unpaired) = (Pairs::new(), Vec::new());
    for (stem, file) in by_stem(reference)? {
        match others.remove(&stem) {
            Some(partner) => {
                pairs.insert(file, partner);
            }
            None => unpaired.push(file),
        }
    }
    unpaired.extend(others.into_values());
    Ok((pairs, unpaired))
}

fn by_stem(folder: &Path) -> Result<BTreeMap<OsString, PathBuf>> {
    let mut files = BTreeMap::new();
    for file in inputs::pictures_in(folder)? {
        let stem = file.file_stem().unwrap_or_default().to_owned();
        if let Some(twin) = files.insert(stem, file.clone()) {
            bail!("{} and {} differ by their extension only", shown(twin), shown(file));
        }
    }
    Ok(files)
}
