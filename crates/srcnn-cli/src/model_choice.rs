//! The model or method that `-m` and the options for metadata stand for.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use srcnn::Model;
use srcnn::color::LumaRange;
use srcnn::engine::Execution;
use srcnn::model::{Facts, Input};
use srcnn::pipeline::{Builtins, Family, Single};
use srcnn::resample::Convention;
use srcnn::upscale::{Bicubic, Network, Restorer, UpscaleError};
use srcnn::weights::{Builtin, WeightError, WeightFile, split_part};
use srcnn_eval::baseline::{Baseline, BaselineError, Baselines, FormatError};
use srcnn_eval::procedure::{EvaluationError, Evaluator, Procedure};

use crate::args::{FactArgs, ModelChoiceArgs, SettingArgs};
use crate::names::shown;
use crate::outcome::Usage;
use crate::signals::waiting;
use crate::terminal::Terminal;

impl FactArgs {
    /// The metadata that the options state.
    pub fn facts(&self) -> Facts {
        Facts {
            name: None,
            input: None,
            scale: self.model_scale,
            interpolation: self.interpolation,
            luma: self.luma.map(Into::into),
            padding: self.padding.as_ref().map(|p| p.iter().copied().map(Into::into).collect()),
            activation: None,
        }
    }

    /// Whether any metadata is stated.
    pub fn any(&self) -> bool {
        self.facts() != Facts::default()
    }
}

/// Value of `-m` for no model.
pub const NONE: &str = "none";
/// Value of `-m` for MATLAB's bicubic interpolation.
pub const BICUBIC: &str = "bicubic";

/// The source of a model.
pub enum Source {
    /// A built-in model of this name; without a name, the best.
    Builtin(Option<String>),
    /// A weight file and its name, with the metadata of its card and of the options applied.
    File(Box<WeightFile>, String),
}

/// Finds out whether a name is that of a file or a built-in model, and reads files.
///
/// # Errors
/// [`Usage`] for unknown names, and for options of metadata with a built-in model; errors of the weight file.
pub fn source(name: Option<&str>, facts: &FactArgs) -> Result<Source> {
    let Some(name) = name else { return builtin(None, facts) };
    let (path, _) = split_part(Path::new(name));
    let looks_like_a_file = path.components().count() > 1 || path.extension().is_some();
    if !path.exists() && !looks_like_a_file {
        return builtin(Some(name), facts);
    }
    // A pipe may never end; what is missing is named by the attempt.
    let may_wait = path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir());
    let mut file = match may_wait {
        true => {
            let name = name.to_owned();
            waiting(move || WeightFile::open_named(name))??
        }
        false => WeightFile::open_named(name)?,
    };
    file.facts = facts.facts().or(std::mem::take(&mut file.facts));
    // The path is a part of the name, and text as that is.
    Ok(Source::File(Box::new(file), path.to_string_lossy().into_owned()))
}

fn builtin(name: Option<&str>, facts: &FactArgs) -> Result<Source> {
    if facts.any() {
        let message = "built-in models state all their metadata: --model-scale, --interpolation, --luma and --padding \
                       are for weight files (-m FILE)";
        return Err(Usage(message.to_owned()).into());
    }
    // Refuse unknown names now, whatever the scale turns out to be.
    Builtin::pick(name, 1.0).map_err(|e| Usage(e.to_string()))?;
    Ok(Source::Builtin(name.map(str::to_owned)))
}

/// The model for a factor; without one, a weight file's own, or of the built-in models that for x2.
pub fn for_scale(args: &ModelChoiceArgs, scale: Option<f64>, terminal: &Terminal) -> Result<Model> {
    Ok(match choose(args, scale, terminal)? {
        Choice::Builtin(name) => Builtin::pick(name.as_deref(), scale.unwrap_or(2.0))?.model(),
        Choice::File(model) => *model,
    })
}

/// The restorers that `-m` stands for, by factor: bicubic, a baseline, or networks.
pub fn family(
    args: &ModelChoiceArgs,
    scale: Option<f64>,
    execution: Execution,
    &SettingArgs { ensemble, strength, .. }: &SettingArgs,
    terminal: &Terminal,
) -> Result<Arc<dyn Family>> {
    if let Some(name) = args.model.as_deref()
        && let Some(family) = without_network(name)?
    {
        if ensemble {
            return Err(Usage("--ensemble is for networks".to_owned()).into());
        }
        if name == BICUBIC && strength < 1.0 {
            return Err(Usage("--strength mixes bicubic in, which leaves -m bicubic as it is".to_owned()).into());
        }
        refuse_facts(name, &args.facts)?;
        return Ok(family);
    }
    Ok(match choose(args, scale, terminal)? {
        Choice::Builtin(name) => {
            let builtins = name.map_or_else(|| Ok(Builtins::best()), |name| Builtins::named(&name))?;
            Arc::new(builtins.with_execution(execution).with_ensemble(ensemble))
        }
        Choice::File(model) if model.preprocessing().scale < 2 => {
            let message = format!("{} does not enlarge: it was trained for x1; use srcnn restore", model.name());
            return Err(Usage(message).into());
        }
        Choice::File(model) => Arc::new(Single::model(&model, execution, ensemble)),
    })
}

/// The restorers of a name that is not a network's: bicubic and baselines; none for other names.
fn without_network(name: &str) -> Result<Option<Arc<dyn Family>>> {
    if name == BICUBIC {
        return Ok(Some(Arc::new(Single::new(Arc::new(Bicubic), name.into()).with_own_factor(2.0))));
    }
    if let Ok(method) = name.parse() {
        return Ok(Some(Arc::new(Baselines::new(method))));
    }
    let single = |baseline: Baseline| {
        let fingerprint = format!("{name} {:?}", baseline.notes()).into_bytes();
        Arc::new(Single::new(Arc::new(baseline), fingerprint)) as Arc<dyn Family>
    };
    Ok(baseline(name, 2)?.map(single))
}

/// The baseline that a name or a file stands for; none if it is neither a baseline's name nor its file.
pub fn baseline(name: &str, scale: usize) -> Result<Option<Baseline>> {
    if let Ok(method) = name.parse() {
        return Ok(Some(Baseline::builtin(method, scale).map_err(|e| Usage(e.to_string()))?));
    }
    let path = Path::new(name);
    let may_be = path.is_file() && path.extension().is_some_and(|e| e.eq_ignore_ascii_case("safetensors"));
    if !may_be {
        return Ok(None);
    }
    match Baseline::load(path) {
        Ok(baseline) => Ok(Some(baseline)),
        // A network's file, or a damaged one: reading it as a network reports what is wrong.
        Err(BaselineError::Format { reason: FormatError::NotBaseline | FormatError::Damaged { .. }, .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Refuses options of a network's metadata beside a restorer that is not a network.
pub fn refuse_facts(name: &str, facts: &FactArgs) -> Result<()> {
    if facts.any() {
        let message = format!("{name}: --model-scale, --interpolation, --luma and --padding are for networks");
        return Err(Usage(message).into());
    }
    Ok(())
}

/// The restorer for an evaluation procedure, which itself determines some of a network's metadata. If `own_padding`, a
/// network keeps its own paddings in place of the procedure's.
pub fn for_procedure(
    name: Option<&str>,
    facts: &FactArgs,
    (procedure, scale): (Procedure, u8),
    own_padding: bool,
    execution: Execution,
) -> Result<Arc<dyn Restorer>> {
    if matches!(name, Some(NONE | BICUBIC)) {
        return Ok(Arc::new(Bicubic));
    }
    if let Some(name) = name
        && let Some(baseline) = baseline(name, scale.into())?
    {
        refuse_facts(name, facts)?;
        return Ok(Arc::new(baseline));
    }
    let model = match source(name, facts)? {
        Source::Builtin(name) => {
            let builtin = Builtin::pick(name.as_deref(), f64::from(scale))?;
            let exact = name.is_some_and(|n| n == builtin.name());
            if !exact && builtin.scale != u32::from(scale) {
                let (family, full) = (builtin.family, builtin.name());
                let message = format!("no {family} for x{scale} is built in; -m {full} evaluates that one");
                return Err(Usage(message).into());
            }
            builtin.model()
        }
        Source::File(mut file, name) => {
            // The procedure prepares the input itself; under paper, the network's own padding applies only if the
            // option states it.
            let stated = match procedure {
                Procedure::Paper => Facts::paper(),
                Procedure::Keras => Facts {
                    interpolation: Some(Convention::OpencvLinear),
                    luma: Some(LumaRange::Full),
                    ..Facts::default()
                },
            };
            let scale = Some(u32::from(scale));
            file.facts = file.facts.clone().or(stated).or(Facts { scale, ..Facts::default() });
            finish(*file, &name)?
        }
    };
    let padding = procedure.padding().filter(|_| !own_padding);
    Ok(Arc::new(Network::packed(&model, |engine| {
        let engine = engine.execution(execution);
        padding.map_or(engine, |padding| engine.padding(padding))
    })))
}

/// The restorer under a procedure.
pub fn evaluator(procedure: Procedure, scale: u8, restorer: Arc<dyn Restorer>) -> Result<Evaluator> {
    Evaluator::new(procedure, scale.into(), restorer).map_err(|error| {
        Usage(match error {
            EvaluationError::SmallPicture { name } => format!("{name} is defined under --protocol paper"),
            other => other.to_string(),
        })
        .into()
    })
}

/// The model that `-m` stands for.
pub enum Choice {
    /// The built-in models of this name, or all built-in models; the factor decides which of them.
    Builtin(Option<String>),
    /// One model for every factor.
    File(Box<Model>),
}

/// Reads a weight file, or checks a built-in model's name. `scale` is taken for a file that does not state its own.
///
/// # Errors
/// [`Usage`] for bicubic and baselines, unknown names, networks on YCbCr and missing metadata; errors of the weight
/// file.
pub fn choose(args: &ModelChoiceArgs, scale: Option<f64>, terminal: &Terminal) -> Result<Choice> {
    if let Some(name) = args.model.as_deref()
        && (name == BICUBIC || baseline(name, 2)?.is_some())
    {
        let message = format!("{name} is not a network: only upscale, evaluate, compare and paper table take it");
        return Err(Usage(message).into());
    }
    let (mut file, name) = match source(args.model.as_deref(), &args.facts)? {
        Source::Builtin(name) => return Ok(Choice::Builtin(name)),
        Source::File(file, name) => (file, name),
    };
    if file.facts.scale.is_none()
        && let Some(whole) = scale.and_then(whole)
    {
        terminal.note(&format!("{name}: does not say its scale; taken as {whole}, from -s"));
        file.facts.scale = Some(whole);
    }
    let model = finish(*file, &name)?;
    if model.input() == Input::Ycbcr {
        return Err(Usage(format!("{name}: {}", UpscaleError::Ycbcr)).into());
    }
    Ok(Choice::File(Box::new(model)))
}

/// The model of a weight file, once all sources of metadata are applied.
///
/// # Errors
/// [`Usage`] that says how to state what is missing; errors of the weights.
pub fn finish(file: WeightFile, name: &str) -> Result<Model> {
    let stem = Path::new(name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    file.into_model(&stem).map_err(|error| match error {
        WeightError::Missing(missing) => Usage(missing_facts(name, &missing)).into(),
        other => anyhow::Error::new(other).context(name.to_owned()),
    })
}

/// Message that says how to state missing metadata.
pub fn missing_facts(name: &str, missing: &[&str]) -> String {
    let options: Vec<&str> = missing
        .iter()
        .map(|fact| match *fact {
            "padding" => "--padding",
            "scale" => "--model-scale",
            "interpolation" => "--interpolation",
            _ => "--luma",
        })
        .collect();
    let card = Path::new(name).with_extension("toml");
    format!(
        "{name}: does not say its {}; state it with {} or in a card, {}",
        missing.join(", "),
        options.join(", "),
        shown(card)
    )
}

/// The factor as a scale of models, if it is a whole number from 1 to 16.
pub fn whole(scale: f64) -> Option<u32> {
    (scale.fract() == 0.0 && (1.0..=16.0).contains(&scale)).then_some(scale as u32)
}
