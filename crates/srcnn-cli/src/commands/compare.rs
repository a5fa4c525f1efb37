//! `srcnn compare`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use srcnn::Image;
use srcnn::crop::modcrop;
use srcnn::metrics::{Protocol, Scores, measure};
use srcnn_eval::report::ComparisonReport;

use crate::args::{CompareArgs, FormatArg, ProtocolArg};
use crate::inputs::{self, Inputs};
use crate::terminal::{Terminal, print_report};
use crate::{Outcome, Usage, batch};

pub fn run(args: &CompareArgs, terminal: &Terminal) -> Result<Outcome> {
    let protocol = protocol(args)?;
    let modulus = args.scale.filter(|_| args.protocol == ProtocolArg::Paper);
    let (pairs, unpaired) = pairs(&args.reference, &args.other)?;
    let missing = |file: &PathBuf| format!("{}: nothing of that name in the other folder", file.display());
    let problems = unpaired.iter().map(missing).collect();
    let inputs = Inputs { files: pairs.keys().cloned().collect(), many: true, problems, ..Inputs::default() };
    let mut scores: Vec<(String, Scores)> = Vec::new();
    let outcome = batch::for_each(&inputs, terminal, |reference, _| {
        let other = &pairs[reference];
        let cropped = |path: &Path| -> Result<Image> {
            let image = Image::open(path)?;
            let Some(modulus) = modulus else { return Ok(image) };
            let rect = modcrop(image.size(), modulus);
            rect.and_then(|r| image.crop(r)).with_context(|| path.display().to_string())
        };
        let (a, b) = (cropped(reference)?, cropped(other)?);
        let names = || format!("{} and {}", reference.display(), other.display());
        let score = measure(&a, &b, &protocol).with_context(names)?;
        scores.push((reference.file_name().unwrap_or_default().to_string_lossy().into_owned(), score));
        Ok(())
    });
    let something_to_show = !scores.is_empty() || matches!(args.format, FormatArg::Csv | FormatArg::Json);
    if outcome != Outcome::Interrupted && something_to_show {
        let report = ComparisonReport::new(protocol.name, protocol.to_string(), &scores);
        print_report(&report.render(args.format.into()))?;
    }
    Ok(outcome)
}

fn protocol(args: &CompareArgs) -> Result<Protocol> {
    match (args.protocol, args.scale, args.border) {
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

/// References with their others, and the files of either folder that have no partner.
fn pairs(reference: &Path, other: &Path) -> Result<(Pairs, Vec<PathBuf>)> {
    for path in [reference, other] {
        std::fs::metadata(path).with_context(|| path.display().to_string())?;
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
            bail!("{} and {} differ by their extension only", twin.display(), file.display());
        }
    }
    Ok(files)
}
