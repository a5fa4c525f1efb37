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

    /// What enlarges by the factor, or by a part of it; nothing but the interpolation for bicubic.
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
    if settings.surround != Edge::Replicate && !matches!(plain, Plain::Bicubic) {
        return Err(Usage("--edge is for networks and bicubic".to_owned()).into());
    }
    model_choice::refuse_facts(args.model.model.as_deref().unwrap_or_default(), &args.model.facts)?;
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
            if reduced || matches!(plain, Plain::Bicubic) {
                return Ok(resize_rows(rows, size, settings.surround, limits)?);
            }
            enlarged(rows, plain, size, limits, progress)
        },
    };
    batch::transform(&args.files, terminal, &task)
}

/// By baselines in as many steps as it takes, then reduced by bicubic; all of it in memory.
fn enlarged<'p>(
    rows: Box<dyn Rows + 'p>,
    plain: &Plain,
    target: (usize, usize),
    limits: Limits,
    progress: &FileProgress,
) -> Result<Box<dyn Rows + 'p>> {
    /// Bytes of a pixel of the result: colors before and after, in floating point, and lumas in double precision.
    const PIXEL: u64 = 96;
    /// Bytes of a column: products with all atoms for each thread, and the rows that are worked on at a time.
    const COLUMN: u64 = 6 << 10;
    let depth = rows.shape().depth;
    let (mut size, mut steps, mut work) = (rows.shape().size(), Vec::new(), 0u64);
    while size.0 < target.0 || size.1 < target.1 {
        let factor = (target.0 as f64 / size.0 as f64).max(target.1 as f64 / size.1 as f64);
        let Some(baseline) = plain.for_factor(factor)? else { break };
        let scale = baseline.scale();
        size = (size.0.saturating_mul(scale), size.1.saturating_mul(scale));
        work = work.saturating_add((size.0 as u64).saturating_mul(size.1 as u64));
        steps.push(baseline);
    }
    let (width, height) = size;
    let pixels = (width as u64).saturating_mul(height as u64);
    if pixels > limits.pixels {
        return Err(UpscaleError::TooLarge { width, height, limit: limits.pixels }.into());
    }
    let columns = (width as u64).saturating_mul(COLUMN * (rayon::current_num_threads() as u64 + 1));
    let needed = pixels.saturating_mul(PIXEL).saturating_add(columns);
    if needed > limits.memory {
        return Err(UpscaleError::Memory { needed, limit: limits.memory }.into());
    }
    progress.expect(work);
    let mut image: Image = collect(rows).map_err(anyhow::Error::from_boxed)?;
    for baseline in steps {
        image = baseline.enlarge(&image, progress)?;
    }
    if image.size() != target {
        image = resize(&image, target, Edge::Replicate)?;
    }
    Ok(Box::new(Held::from(image.with_depth(depth))))
}
