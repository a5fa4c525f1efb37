//! `srcnn bench`: checks the engine against its reference, then times it.

mod times;
mod training;
mod whole;

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use srcnn::Size;
use srcnn::color::LumaRange;
use srcnn::engine::{Engine, Precision, Reference};
use srcnn::model::{Architecture, Facts, Model, Padding, Preprocessing};
use srcnn::plane::{Plane, Rect};
use srcnn::progress::Silent;
use srcnn::resample::{Convention, Edge};
use srcnn::weights::{Builtin, WeightFile, split_part};
use srcnn_train::init::Init;

use self::times::{Times, noise, report};
use crate::args::BenchArgs;
use crate::names::shown;
use crate::outcome::{Outcome, Usage};

/// Sides of the squares that are compared with the reference, in pixels.
const CHECKED: usize = 48;

/// Largest allowed difference from the reference, for samples from 0 to 1.
fn bound(precision: Precision) -> f64 {
    match precision {
        Precision::Exact => 2e-5,
        // bf16 has 8 bits of precision; noise is the worst case for it.
        Precision::Fast => 2e-2,
    }
}

pub fn run(args: &BenchArgs) -> Result<Outcome> {
    if let Some(path) = &args.whole {
        return whole::run(args, path);
    }
    if args.train {
        return training::run(args, &architecture(args)?);
    }
    let (width, height) = size(&args.size)?;
    let model = model(args)?;
    let asked = args.execution.execution();
    let engine = Engine::builder(&model).padding(Padding::Zero).execution(asked).build();
    let (isa, bound) = (asked.isa.name(), bound(engine.execution().precision));
    let channels = model.graph().channels();
    let planes: Vec<Plane<f32>> = (0..channels).map(|c| noise(width, height, c)).collect();
    let result = engine.run(&planes, &Silent)?;
    let max_error = max_error(&model, &planes, &result)?;
    ensure!(max_error <= bound, "wrong result: off by {max_error:e}, more than {bound:e}");
    let times = Times::of(args.reps, || {
        let start = Instant::now();
        engine.run(&planes, &Silent)?;
        Ok(start.elapsed())
    })?;
    let net = args.model.as_deref().unwrap_or(&args.net);
    let threads = rayon::current_num_threads();
    let text = format!(
        "{net} {width}x{height}, {threads} threads, {} on {isa}: {times}, {:.2} megapixels/s; off by {max_error:.1e} at most",
        crate::messages::arithmetic(engine.execution().precision),
        (width * height) as f64 / times.median / 1e3,
    );
    let json = json!({"net": net, "width": width, "height": height, "threads": threads,
        "precision": asked.precision.name(), "isa": isa, "milliseconds": times.json(), "max_error": max_error});
    report(args, &text, &json)
}

fn size(text: &str) -> Result<(usize, usize)> {
    let sides = text.split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    let possible = |&(w, h): &(usize, usize)| (1..=1 << 15).contains(&w) && (1..=1 << 15).contains(&h);
    sides.filter(possible).ok_or_else(|| Usage(format!("--size {text}: write columns x rows, such as 512x512")).into())
}

fn model(args: &BenchArgs) -> Result<Model> {
    let preprocessing =
        Preprocessing { scale: 2, interpolation: Convention::MatlabBicubic(Edge::Mirror), luma: LumaRange::Studio };
    if let Some(path) = args.model.as_ref().map(Path::new).filter(|path| split_part(path).0.exists()) {
        let mut file = WeightFile::open_named(path)?;
        // What the time does not depend on.
        let Preprocessing { scale, interpolation, luma } = preprocessing;
        let padding = Some(vec![Padding::Zero]);
        let (scale, interpolation, luma) = (Some(scale), Some(interpolation), Some(luma));
        file.facts = file.facts.or(Facts { scale, interpolation, luma, padding, ..Facts::default() });
        return Ok(file.into_model(&shown(path))?);
    }
    if let Some(name) = &args.model {
        return Ok(Builtin::pick(Some(name), 1.0).map_err(|e| Usage(e.to_string()))?.model());
    }
    Ok(Init::GlorotUniform.model(&args.net, architecture(args)?, 1, preprocessing)?)
}

fn architecture(args: &BenchArgs) -> Result<Architecture> {
    let name = match args.net.as_str() {
        "keras" => "srcnn-keras",
        "paper" => "srcnn-955",
        "paper915" => "srcnn-915",
        other => other,
    };
    name.parse().map_err(|e| Usage(format!("--net: {e}")).into())
}

/// The largest difference from the reference in double precision, in squares at two corners, in the middle (where the
/// bands of threads meet) and across the first seam between strips, if there is one.
fn max_error(model: &Model, planes: &[Plane<f32>], result: &[Plane<f32>]) -> Result<f64> {
    let Some(architecture) = model.architecture() else { return max_error_of_graph(model, planes) };
    let Size { width, height } = result[0].size();
    let corner = |centre: usize, side: usize| centre.saturating_sub(CHECKED / 2).min(side.saturating_sub(CHECKED));
    let centres = [(0, 0), (width, height), (width / 2, height / 2), (512, height / 2)];
    let reference = Reference::<f64>::with_padding(model, Padding::Zero);
    let halo: usize = architecture.layers().iter().map(|l| l.kernel / 2).sum();
    let mut worst = 0.0f64;
    for (x, y) in centres {
        let (x, y) = (corner(x, width), corner(y, height));
        let (w, h) = (CHECKED.min(width - x), CHECKED.min(height - y));
        // The reference is given the square's receptive field: its edges are those of the picture, or have no effect on
        // the square.
        let (left, top) = (x.saturating_sub(halo), y.saturating_sub(halo));
        let around =
            Rect { x: left, y: top, width: (x + w + halo).min(width) - left, height: (y + h + halo).min(height) - top };
        let parts = planes.iter().map(|p| Ok(p.crop(around)?.map(f64::from)));
        let truth = reference.run(&parts.collect::<Result<Vec<_>>>()?, &Silent)?;
        for (truth, ours) in truth.iter().zip(result) {
            let truth = truth.crop(Rect { x: x - left, y: y - top, width: w, height: h })?;
            let ours = ours.crop(Rect { x, y, width: w, height: h })?;
            let pairs = truth.as_slice().iter().zip(ours.as_slice());
            worst = pairs.map(|(a, b)| (a - f64::from(*b)).abs()).fold(worst, f64::max);
        }
    }
    worst.is_finite().then_some(worst).context("the result is not finite")
}

/// The largest difference from the reference in double precision, of a part of the planes.
fn max_error_of_graph(model: &Model, planes: &[Plane<f32>]) -> Result<f64> {
    let multiple = model.graph().multiple();
    let side = |side: usize| side.min(2 * CHECKED) / multiple * multiple;
    let part = Rect { x: 0, y: 0, width: side(planes[0].width()), height: side(planes[0].height()) };
    let parts = planes.iter().map(|plane| plane.crop(part)).collect::<Result<Vec<_>, _>>()?;
    let result = Engine::new(model).run(&parts, &Silent)?;
    let parts: Vec<_> = parts.iter().map(|plane| plane.map(f64::from)).collect();
    let truth = Reference::<f64>::new(model).run(&parts, &Silent)?;
    let pairs = truth.iter().zip(&result).flat_map(|(a, b)| a.as_slice().iter().zip(b.as_slice()));
    Ok(pairs.fold(0.0, |worst: f64, (truth, ours)| worst.max((truth - f64::from(*ours)).abs())))
}
