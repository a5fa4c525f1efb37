//! `srcnn upscale` by the methods that SRCNN was published against.

use anyhow::Result;
use srcnn::Limits;
use srcnn::image::Image;
use srcnn::rows::{Held, Rows, collect};
use srcnn::upscale::{Settings, Surround, Target, UpscaleError, resize, resize_rows};
use srcnn_eval::baseline::{Baseline, Method};

use crate::args::UpscaleArgs;
use crate::model_choice::{self, BICUBIC};
use crate::terminal::{FileProgress, Terminal};
use crate::{Outcome, Usage, batch};

/// What enlarges in place of a network.
pub enum Plain {
    /// MATLAB's bicubic.
    Bicubic,
    /// The built-in ones of a method: the factor decides.
    Builtin(Method),
    /// One, whatever the factor.
    File(Box<Baseline>),
}

impl Plain {
    /// What `-m` names, if it is none of the networks.
    pub fn named(name: Option<&str>) -> Result<Option<Self>> {
        let Some(name) = name else { return Ok(None) };
        if name == BICUBIC {
            return Ok(Some(Self::Bicubic));
        }
        if let Ok(method) = name.parse() {
            return Ok(Some(Self::Builtin(method)));
        }
        Ok(model_choice::baseline(name, 2)?.map(|baseline| Self::File(Box::new(baseline))))
    }

    fn for_factor(&self, factor: f64) -> Result<Option<Baseline>> {
        Ok(match self {
            Self::Bicubic => None,
            Self::Builtin(method) => Some(Baseline::builtin(*method, (factor.ceil() as usize).clamp(2, 4))?),
            Self::File(baseline) => Some((**baseline).clone()),
        })
    }
}

pub fn run(args: &UpscaleArgs, plain: &Plain, settings: Settings, terminal: &Terminal) -> Result<Outcome> {
    if settings != (Settings { surround: settings.surround, ..Settings::default() }) {
        return Err(Usage("--ensemble and --strength are for networks".to_owned()).into());
    }
    if settings.surround != Surround::Replicate && !matches!(plain, Plain::Bicubic) {
        return Err(Usage("--edge is for networks and bicubic".to_owned()).into());
    }
    let target = args.size.target().unwrap_or(Target::Factor(match plain {
        Plain::File(baseline) => baseline.scale() as f64,
        Plain::Bicubic | Plain::Builtin(_) => 2.0,
    }));
    let name = args.model.model.clone().unwrap_or_default();
    let of_file = match plain {
        Plain::File(baseline) => format!("{:?}", baseline.notes()),
        Plain::Bicubic | Plain::Builtin(_) => String::new(),
    };
    let task = batch::Task {
        identity: format!("upscale {target:?} {settings:?} {name} {of_file}"),
        model: match plain {
            Plain::File(baseline) => baseline.method().to_string(),
            Plain::Bicubic | Plain::Builtin(_) => name,
        },
        scale: match target {
            Target::Factor(factor) => Some(factor.to_string()),
            _ => None,
        },
        deepens: true,
        work: &|rows, batch::Step { limits, progress, terminal }| {
            let from = rows.shape().size();
            let size = target.of(from);
            if let Some(change) = super::change(from, size, target) {
                terminal.note(&format!("{}: {change}", progress.name()));
            }
            let reduced = size.0 <= from.0 && size.1 <= from.1;
            match plain.for_factor(target.factor(from))? {
                Some(baseline) if !reduced => enlarged(rows, &baseline, size, limits, progress),
                _ => Ok(resize_rows(rows, size, settings.surround, limits)?),
            }
        },
    };
    batch::transform(&args.files, terminal, &task)
}

/// By the baseline's factor as often as it takes, then reduced by bicubic; all of it in memory.
fn enlarged<'p>(
    rows: Box<dyn Rows + 'p>,
    baseline: &Baseline,
    target: (usize, usize),
    limits: Limits,
    progress: &FileProgress,
) -> Result<Box<dyn Rows + 'p>> {
    /// Bytes of a pixel of the result: colours before and after, in floating point, and lumas in double precision.
    const PIXEL: u64 = 96;
    let (depth, scale) = (rows.shape().depth, baseline.scale());
    let (mut size, mut steps) = (rows.shape().size(), 0);
    let mut work = 0;
    while size.0 < target.0 || size.1 < target.1 {
        size = (size.0.saturating_mul(scale), size.1.saturating_mul(scale));
        steps += 1;
        work += (size.0 as u64).saturating_mul(size.1 as u64);
    }
    let (width, height) = size;
    let pixels = (width as u64).saturating_mul(height as u64);
    if pixels > limits.pixels {
        return Err(UpscaleError::TooLarge { width, height, limit: limits.pixels }.into());
    }
    let needed = pixels.saturating_mul(PIXEL);
    if needed > limits.memory {
        return Err(UpscaleError::Memory { needed, limit: limits.memory }.into());
    }
    progress.expect(work);
    let mut image: Image = collect(rows).map_err(anyhow::Error::from_boxed)?;
    for _ in 0..steps {
        image = baseline.enlarge(&image, progress)?;
    }
    if image.size() != target {
        image = resize(&image, target, Surround::Replicate)?;
    }
    Ok(Box::new(Held::from(image.with_depth(depth))))
}
