//! Baselines: published figures on Set5 (if the reference data is available), files, training, small and flat pictures.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use srcnn::Size;
use srcnn::metrics::Scores;
use srcnn::plane::Plane;
use srcnn::progress::{Progress, Silent};
use srcnn::random::SplitMix64;
use srcnn::resample::Edge;
use srcnn::resample::matlab::resize;
use srcnn::{Image, ImageFile};
use srcnn_eval::baseline::training::{Settings, WORK, train};
use srcnn_eval::baseline::{Baseline, BaselineError, FormatError, Method};
use srcnn_eval::procedure::{Evaluator, Procedure};

/// Method, factor, published PSNR on Set5 with a shave of the factor, and tolerance: from Timofte et al. 2013 and 2014
/// (ANR, A+); of sparse coding from Dong et al. 2014 for x3, and as Huang et al. 2015 measured it for x2 and x4.
const PUBLISHED: [(Method, usize, f64, f64); 9] = [
    (Method::Sc, 2, 35.78, 0.25),
    (Method::Anr, 2, 35.83, 0.15),
    (Method::APlus, 2, 36.54, 0.15),
    (Method::Sc, 3, 31.42, 0.15),
    (Method::Anr, 3, 31.92, 0.15),
    (Method::APlus, 3, 32.59, 0.15),
    (Method::Sc, 4, 29.07, 0.25),
    (Method::Anr, 4, 29.69, 0.15),
    (Method::APlus, 4, 30.28, 0.15),
];

/// The folder of reference data, which is not part of the project. Prints that the test is skipped if it is not set.
fn reference_data(test: &str) -> Option<PathBuf> {
    let path = std::env::var_os("SRCNN_REFERENCE_DATA").map(PathBuf::from);
    if path.is_none() {
        eprintln!("{test}: skipped, SRCNN_REFERENCE_DATA is not set");
    }
    path
}

fn builtin(method: Method, scale: usize) -> Baseline {
    Baseline::builtin(method, scale).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn the_published_figures_are_met_on_set5_in_their_order() {
    let Some(data) = reference_data("the_published_figures_are_met_on_set5_in_their_order") else { return };
    let pictures = srcnn::codec::files::pictures_in(&data.join("set5")).expect("a folder");
    assert_eq!(pictures.len(), 5);
    let images: Vec<Image> = pictures.iter().map(|path| Image::open(path).expect("a picture")).collect();
    let (mut worse, mut failures) = ((0, 0.0), Vec::new());
    for (method, scale, published, bound) in PUBLISHED {
        let evaluator =
            Evaluator::new(Procedure::Paper, scale, std::sync::Arc::new(builtin(method, scale))).expect("its scale");
        let evaluate = |image| evaluator.evaluate(image, &Silent).expect("large enough");
        let evaluations: Vec<_> = images.iter().map(evaluate).collect();
        let mean = |scores: Vec<Scores>| Scores::mean(&scores).expect("five").psnr;
        let psnr = mean(evaluations.iter().map(|e| e.output).collect());
        let slowest = evaluations.iter().map(|e| e.time).max().expect("five");
        println!("{method} x{scale}: {psnr:.3} dB, published {published:.2}; {slowest:.1?} at most");
        if (psnr - published).abs() > bound {
            failures.push(format!("{method} x{scale}: {psnr:.3}, published {published} within {bound}"));
        }
        // The list goes from the worst to the best of each scale; bicubic is the worst of all.
        let bicubic = mean(evaluations.iter().map(|e| e.input).collect());
        let before = if worse.0 == scale { worse.1 } else { bicubic };
        if psnr <= before {
            failures.push(format!("{method} x{scale}: {psnr:.3}, the one before {before:.3}"));
        }
        worse = (scale, psnr);
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn every_method_is_built_in_for_2_3_and_4() {
    for method in Method::ALL {
        assert_eq!(method.name().parse(), Ok(method));
        for scale in 2..=4 {
            let baseline = builtin(method, scale);
            assert_eq!((baseline.method(), baseline.scale()), (method, scale));
            assert_eq!(baseline.notes()["data"], "t91");
        }
        assert!(matches!(Baseline::builtin(method, 5), Err(BaselineError::NoBuiltin { scale: 5, .. })));
    }
    let unknown = "bicubic".parse::<Method>().expect_err("no baseline");
    assert_eq!(unknown.to_string(), "`bicubic` is no baseline; known are sc, anr, a+");
}

/// A luma with edges and textures.
fn luma(width: usize, height: usize, seed: u64) -> Plane<u8> {
    let mut random = SplitMix64::new(seed);
    let (a, b, c) = (random.unit(), random.unit(), 20.0 * random.unit());
    Plane::from_fn(width, height, |x, y| {
        let (x, y) = (x as f64, y as f64);
        let wave = 40.0 * (a * x * 0.9 + b * y * 0.7).sin() + 25.0 * (0.05 * x * y).cos();
        let edge = if (x - y * b + c).rem_euclid(23.0) < 11.0 { 30.0 } else { -30.0 };
        (126.0 + wave + edge) as u8
    })
}

fn quick(method: Method) -> Settings {
    let published = Settings::published(method);
    Settings { atoms: 24, iterations: 3, samples: 3000, neighbours: published.neighbours.min(60), ..published }
}

fn learnt(method: Method, scale: usize) -> Baseline {
    let pictures: Vec<_> = (0..4).map(|seed| luma(90, 70, seed)).collect();
    train(method, scale, &pictures, &quick(method), &Silent).unwrap_or_else(|e| panic!("{method}: {e}"))
}

struct Counted(AtomicU64);

impl Progress for Counted {
    fn advance(&self, pixels: u64) {
        self.0.fetch_add(pixels, Ordering::Relaxed);
    }
}

struct Stop;

impl Progress for Stop {
    fn advance(&self, _pixels: u64) {}

    fn cancelled(&self) -> bool {
        true
    }
}

/// Runs `f` in a pool of `threads` threads.
fn with_threads<T: Send>(threads: usize, f: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool").install(f)
}

#[test]
fn training_gives_the_same_bytes_whatever_the_threads() {
    for method in Method::ALL {
        let bytes: Vec<_> = [1, 3].map(|threads| with_threads(threads, || learnt(method, 3).to_bytes())).into();
        assert_eq!(bytes[0], bytes[1], "{method}");
    }
}

#[test]
fn training_helps_pictures_of_its_kind() {
    for (method, scale) in [(Method::Sc, 2), (Method::Anr, 3), (Method::APlus, 4)] {
        let truth = luma(96, 72, 9).map(|v| f64::from(v) / 255.0);
        let small = resize(&truth, (96 / scale, 72 / scale), Edge::Mirror).expect("sizes");
        let bicubic = resize(&small, (96, 72), Edge::Mirror).expect("sizes");
        let restored = learnt(method, scale).upscale(&small, (96, 72), &Silent).expect("the size");
        let error = |plane: &Plane<f64>| -> f64 {
            plane.as_slice().iter().zip(truth.as_slice()).map(|(a, b)| (a - b).powi(2)).sum()
        };
        assert!(error(&restored) < error(&bicubic), "{method}: {} of {}", error(&restored), error(&bicubic));
    }
}

#[test]
fn all_work_is_told_and_can_be_stopped() {
    let pictures = [luma(90, 70, 1), luma(90, 70, 2)];
    let small = Plane::filled(40, 30, 0.5);
    for method in Method::ALL {
        let counted = Counted(AtomicU64::new(0));
        let baseline = train(method, 2, &pictures, &quick(method), &counted).expect("large enough");
        assert_eq!(counted.0.into_inner(), WORK, "{method}");
        let counted = Counted(AtomicU64::new(0));
        baseline.upscale(&small, (80, 60), &counted).expect("the size");
        assert_eq!(counted.0.into_inner(), 80 * 60, "{method}");
        assert!(matches!(train(method, 2, &pictures, &quick(method), &Stop), Err(BaselineError::Cancelled)));
        assert!(matches!(baseline.upscale(&small, (80, 60), &Stop), Err(BaselineError::Cancelled)));
    }
}

#[test]
fn what_cannot_be_learnt_is_refused() {
    let picture = [luma(90, 70, 1)];
    for method in Method::ALL {
        let refused = |scale, pictures: &[Plane<u8>], settings: Settings| {
            train(method, scale, pictures, &settings, &Silent).expect_err("nothing to be learnt")
        };
        let settings = quick(method);
        assert!(matches!(refused(3, &[], settings), BaselineError::TooFewSamples { found: 0, .. }));
        assert!(matches!(refused(3, &[luma(1, 1, 1), luma(9, 2, 1)], settings), BaselineError::TooFewSamples { .. }));
        assert!(matches!(refused(1, &picture, settings), BaselineError::Scale { scale: 1 }));
        assert!(matches!(refused(3, &picture, Settings { atoms: 0, ..settings }), BaselineError::Setting { .. }));
        assert!(matches!(
            refused(3, &picture, Settings { lambda: f64::NAN, ..settings }),
            BaselineError::Setting { .. }
        ));
        // Black pictures say nothing, and must not end in numbers that are none.
        let black = Plane::filled(90, 70, 0u8);
        if let Ok(baseline) = train(method, 3, &[black], &settings, &Silent) {
            assert!(Baseline::from_bytes(&baseline.to_bytes()).is_ok(), "{method}");
        }
    }
}

#[test]
fn pictures_of_every_small_size_are_enlarged() {
    for (method, scale) in [(Method::Sc, 2), (Method::Anr, 3), (Method::APlus, 4)] {
        let baseline = learnt(method, scale);
        for (width, height) in (1..=9).flat_map(|w| (1..=9).map(move |h| (w, h))) {
            let small = luma(width, height, 3).map(|v| f64::from(v) / 255.0);
            let size = (scale * width, scale * height);
            let large = baseline.upscale(&small, size, &Silent).unwrap_or_else(|e| panic!("{method} {size:?}: {e}"));
            assert!(large.size() == size && large.as_slice().iter().all(|v| v.is_finite()), "{method} {size:?}");
            if width.min(height) < 5 {
                let bicubic = resize(&small, size, Edge::Mirror).expect("a size");
                let off =
                    large.as_slice().iter().zip(bicubic.as_slice()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                assert!(off < 1e-12 || method == Method::Sc, "{method} {size:?}: {off}");
            }
        }
        let wrong = baseline.upscale(&Plane::filled(4, 4, 0.5), (9, 9), &Silent).expect_err("another size");
        assert!(matches!(wrong, BaselineError::Size { found: Size { width: 9, height: 9 }, .. }));
    }
}

#[test]
fn a_plain_picture_stays_plain() {
    for method in Method::ALL {
        for value in [0.0, 0.3, 1.0] {
            let large = builtin(method, 3).upscale(&Plane::filled(20, 14, value), (60, 42), &Silent).expect("the size");
            assert!(large.as_slice().iter().all(|v| (v - value).abs() < 1e-4), "{method} {value}");
        }
    }
}

#[test]
fn the_result_does_not_depend_on_the_threads() {
    let small = luma(60, 50, 4).map(|v| f64::from(v) / 255.0);
    for method in Method::ALL {
        let baseline = builtin(method, 2);
        let run = |threads| with_threads(threads, || baseline.upscale(&small, (120, 100), &Silent).expect("the size"));
        assert_eq!(run(1), run(4), "{method}");
    }
}

#[test]
fn a_baseline_comes_back_from_its_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let small = luma(40, 30, 4).map(|v| f64::from(v) / 255.0);
    for method in Method::ALL {
        let baseline = learnt(method, 2).with_note("data", "waves");
        let path = folder.path().join(format!("{method}.safetensors"));
        baseline.save(&path, false).expect("a new file");
        assert!(matches!(baseline.save(&path, false), Err(BaselineError::Io { .. })));
        let loaded = Baseline::load(&path).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((loaded.method(), loaded.scale(), loaded.notes()), (method, 2, baseline.notes()));
        assert_eq!(loaded.to_bytes(), baseline.to_bytes());
        let run = |baseline: &Baseline| baseline.upscale(&small, (80, 60), &Silent).expect("the size");
        assert_eq!(run(&loaded), run(&baseline), "{method}");
    }
    let missing = Baseline::load(folder.path().join("none")).expect_err("no file");
    assert!(missing.to_string().contains("none: "), "{missing}");
}

/// A file's header as JSON, and its data.
fn parts(bytes: &[u8]) -> (serde_json::Value, Vec<u8>) {
    let length = u64::from_le_bytes(*bytes.first_chunk().expect("a length")) as usize;
    let header = serde_json::from_slice(&bytes[8..8 + length]).expect("JSON");
    (header, bytes[8 + length..].to_vec())
}

fn join(header: &serde_json::Value, data: &[u8]) -> Vec<u8> {
    let header = header.to_string().into_bytes();
    [&(header.len() as u64).to_le_bytes()[..], &header, data].concat()
}

#[test]
fn damaged_files_are_refused_and_say_what_is_wrong() {
    for method in Method::ALL {
        let bytes = learnt(method, 2).to_bytes();
        for length in (0..bytes.len()).step_by(97) {
            assert!(Baseline::from_bytes(&bytes[..length]).is_err(), "{method}: {length} of {}", bytes.len());
        }
        let (header, data) = parts(&bytes);
        assert!(Baseline::from_bytes(&join(&header, &data)).is_ok());
        let entries: BTreeMap<&str, &[&str]> = [
            ("format", &["srcnn"][..]),
            ("method", &["a", ""]),
            ("scale", &["1", "9", "-2", "x", "3"]),
            ("lambda", &["0", "NaN", "inf"]),
            ("projections", &["-1", "1e9", "1001"]),
            ("neighbours", &["0", "4097"]),
        ]
        .into();
        for (name, values) in entries {
            let needed = match name {
                "format" | "method" | "scale" => true,
                "lambda" | "projections" => method == Method::Sc,
                _ => method == Method::Anr,
            };
            // The dictionaries of sparse coding have one size for all scales.
            for value in values.iter().filter(|value| needed && !(method == Method::Sc && **value == "3")) {
                let mut other = header.clone();
                other["__metadata__"][name] = (*value).into();
                let error = Baseline::from_bytes(&join(&other, &data)).expect_err("another value");
                assert!(error.to_string().contains(name) || *value == "3", "{method} {name} {value}: {error}");
            }
        }
        let tensors: Vec<String> = header.as_object().expect("tensors").keys().cloned().collect();
        for name in tensors.iter().filter(|name| *name != "__metadata__") {
            let mut other = header.clone();
            other[format!("{name}s")] = other[name].take();
            other.as_object_mut().expect("tensors").remove(name);
            let error = Baseline::from_bytes(&join(&other, &data)).expect_err("a tensor less");
            assert!(matches!(error, FormatError::Tensor { .. }) && error.to_string().contains(name), "{error}");
            let mut other = header.clone();
            other[name]["shape"].as_array_mut().expect("sides").push(1.into());
            assert!(matches!(Baseline::from_bytes(&join(&other, &data)), Err(FormatError::Tensor { .. })), "{name}");
            if header[name]["dtype"] == "F16" {
                let mut data = data.clone();
                let start = header[name]["data_offsets"][0].as_u64().expect("an offset") as usize;
                data[start..start + 2].copy_from_slice(&0x7E00u16.to_le_bytes());
                let error = Baseline::from_bytes(&join(&header, &data)).expect_err("no number");
                assert!(matches!(error, FormatError::NotFinite { .. }), "{error}");
            }
        }
    }
    assert!(matches!(Baseline::from_bytes(&[]), Err(FormatError::Damaged { .. })));
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../srcnn-models/models/srcnn-915-x2.safetensors");
    let error = Baseline::load(model).expect_err("a network");
    assert!(matches!(error, BaselineError::Format { reason: FormatError::NotBaseline, .. }), "{error}");
}
