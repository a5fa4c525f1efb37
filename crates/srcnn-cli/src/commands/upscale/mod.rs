//! `srcnn upscale`.

mod baseline;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use srcnn::inspect::Finding;
use srcnn::upscale::{Settings, Target, resize_rows};
use srcnn::weights::Builtin;
use srcnn::{Model, Upscaler};

use super::{advice, check_scale};
use crate::args::{ExecutionArgs, UpscaleArgs};
use crate::model_choice::{self, Choice};
use crate::terminal::Terminal;
use crate::{Outcome, Usage, batch};

pub fn run(args: &UpscaleArgs, terminal: &Terminal) -> Result<Outcome> {
    args.size.scale.map_or(Ok(()), check_scale)?;
    let settings = args.settings.settings()?;
    if let Some(plain) = baseline::Plain::named(args.model.model.as_deref())? {
        return baseline::run(args, &plain, settings, terminal);
    }
    let choice = model_choice::choose(&args.model, args.size.scale, terminal)?;
    let upscalers = Upscalers::new(choice, settings, &args.execution, terminal)?;
    let target = match args.size.target() {
        Some(target) => target,
        None => Target::Factor(upscalers.own_factor()?),
    };
    if let Target::Factor(factor) = target {
        // Said, and refused, before the first picture is read.
        upscalers.for_factor(factor)?;
    }
    let precision = args.execution.execution().precision.name();
    let task = batch::Task {
        identity: format!("upscale {target:?} {settings:?} {precision} {}", super::identity(&upscalers.models()?)),
        model: upscalers.name(target)?,
        scale: match target {
            Target::Factor(factor) => Some(factor.to_string()),
            _ => None,
        },
        deepens: true,
        work: &|rows, batch::Step { limits, progress, terminal }| {
            let (from, name) = (rows.shape().size(), progress.name());
            let size = target.of(from);
            if let Some(change) = change(from, size, target) {
                terminal.note(&format!("{name}: {change}"));
            }
            if size.0 <= from.0 && size.1 <= from.1 {
                return Ok(resize_rows(rows, size, settings.surround, limits)?);
            }
            let upscaler = upscalers.for_factor(target.factor(from))?;
            let work = upscaler.work(from, size);
            progress.expect(work);
            let rows = match work > 0 {
                true => advice::given(
                    rows,
                    &[Finding::Blocks, Finding::Soft, Finding::Harsh, Finding::Bright],
                    name,
                    terminal,
                ),
                false => rows,
            };
            Ok(upscaler.upscale_rows(rows, size, limits, progress)?)
        },
    };
    batch::transform(&args.files, terminal, &task)
}

/// Models that have been prepared: in a batch, each picture gets the best for the factor that it needs.
struct Upscalers<'a> {
    choice: Choice,
    settings: Settings,
    execution: &'a ExecutionArgs,
    terminal: &'a Terminal,
    ready: Mutex<BTreeMap<String, Arc<Upscaler>>>,
}

impl<'a> Upscalers<'a> {
    fn new(choice: Choice, settings: Settings, execution: &'a ExecutionArgs, terminal: &'a Terminal) -> Result<Self> {
        if let Choice::File(model) = &choice
            && model.preprocessing().scale < 2
        {
            let message = format!("{} does not enlarge: it was trained for x1; use srcnn restore", model.name());
            return Err(Usage(message).into());
        }
        Ok(Self { choice, settings, execution, terminal, ready: Mutex::default() })
    }

    /// The factor of the model that is taken when none is asked for.
    fn own_factor(&self) -> Result<f64> {
        Ok(f64::from(match &self.choice {
            Choice::Builtin(name) => Builtin::pick(name.as_deref(), 2.0)?.scale,
            Choice::File(model) => model.preprocessing().scale,
        }))
    }

    /// All that may be used.
    fn models(&self) -> Result<Vec<Model>> {
        match &self.choice {
            Choice::File(model) => Ok(vec![(**model).clone()]),
            Choice::Builtin(name) => {
                let scales = Builtin::all().iter().map(|builtin| builtin.scale).collect::<BTreeSet<_>>();
                let pick = |scale| Ok(Builtin::pick(name.as_deref(), f64::from(scale))?.model());
                scales.into_iter().map(pick).collect()
            }
        }
    }

    /// What the model, or the models, are called.
    fn name(&self, target: Target) -> Result<String> {
        Ok(match (&self.choice, target) {
            (Choice::File(model), _) => model.name().to_owned(),
            (Choice::Builtin(name), Target::Factor(factor)) => Builtin::pick(name.as_deref(), factor)?.name(),
            (Choice::Builtin(Some(name)), _) => name.clone(),
            (Choice::Builtin(None), _) => "srcnn".to_owned(),
        })
    }

    fn for_factor(&self, factor: f64) -> Result<Arc<Upscaler>> {
        let name = match &self.choice {
            Choice::Builtin(name) => Builtin::pick(name.as_deref(), factor)?.name(),
            Choice::File(model) => model.name().to_owned(),
        };
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(upscaler) = ready.get(&name) {
            return Ok(Arc::clone(upscaler));
        }
        let upscaler = Arc::new(match &self.choice {
            Choice::Builtin(_) => self.prepare(&model_choice::pick(Some(&name), factor, self.terminal)?),
            Choice::File(model) => self.prepare(model),
        });
        ready.insert(name, Arc::clone(&upscaler));
        Ok(upscaler)
    }

    fn prepare(&self, model: &Model) -> Upscaler {
        let upscaler = Upscaler::new(model).with_execution(model, self.execution.execution());
        super::note_execution(upscaler.engine(), self.terminal);
        upscaler.with_settings(self.settings)
    }
}

/// What a user may not expect of a size that was asked for.
fn change(from: (usize, usize), to: (usize, usize), target: Target) -> Option<String> {
    let ((w, h), (tw, th)) = (from, to);
    if from == to {
        return match target {
            Target::AtLeast(..) => Some(format!("{w}x{h} is large enough: left as it is")),
            Target::Factor(_) => None,
            _ => Some(format!("is {w}x{h} already: left as it is")),
        };
    }
    if tw <= w && th <= h {
        return Some(format!("{w}x{h} is reduced to {tw}x{th} by bicubic, without the network"));
    }
    if tw < w || th < h {
        return Some(format!("{w}x{h} becomes {tw}x{th}: one side is enlarged, the other reduced"));
    }
    // A stretch that rounding does not explain.
    let stretched = |a: usize, b: usize| (a as f64 * h as f64 / (b as f64 * w as f64) - 1.0).abs() > 0.01;
    (matches!(target, Target::Exact(..)) && stretched(tw, th) && (w * th).abs_diff(h * tw) > w.max(h))
        .then(|| format!("{w}x{h} is stretched to {tw}x{th} (--fit keeps its shape)"))
}
