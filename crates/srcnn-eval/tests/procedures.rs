//! The two procedures against OpenCV, PyTorch and scikit-image on small pictures, and against the published figures on
//! Set5 (if the reference data is available).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use srcnn::color::LumaRange;
use srcnn::degrade::shrink_and_enlarge;
use srcnn::engine::{Execution, Precision};
use srcnn::metrics::Scores;
use srcnn::model::{Facts, Model, Padding};
use srcnn::progress::Silent;
use srcnn::resample::{Convention, Edge};
use srcnn::upscale::{Bicubic, Network, Restorer};
use srcnn::weights::{Builtin, WeightFile};
use srcnn::{Image, ImageFile};
use srcnn_eval::explain::{Degradation, Explainer, rulers};
use srcnn_eval::procedure::{Evaluation, Evaluator, Procedure};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../srcnn-fixtures")
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON")
}

/// The folder of reference data, which is not part of the project. Prints that the test is skipped if it is not set.
fn reference_data(test: &str) -> Option<PathBuf> {
    let path = std::env::var_os("SRCNN_REFERENCE_DATA").map(PathBuf::from);
    if path.is_none() {
        eprintln!("{test}: skipped, SRCNN_REFERENCE_DATA is not set");
    }
    path
}

fn evaluate(procedure: Procedure, scale: usize, model: Option<&Model>, picture: &Path) -> Evaluation {
    evaluate_in(Precision::Exact, procedure, scale, model, picture)
}

fn evaluate_in(
    precision: Precision,
    procedure: Procedure,
    scale: usize,
    model: Option<&Model>,
    picture: &Path,
) -> Evaluation {
    let image = Image::open(picture).expect("a picture");
    let execution = Execution { precision, ..Execution::default() };
    let evaluator = Evaluator::new(procedure, scale, restorer(procedure.padding(), model, execution));
    let evaluator = evaluator.expect("a scale and a network on luma");
    evaluator.evaluate(&image, &Silent).expect("large enough")
}

/// The network with one padding, or its own; bicubic interpolation without a network.
fn restorer(padding: Option<Padding>, model: Option<&Model>, execution: Execution) -> Arc<dyn Restorer> {
    let Some(model) = model else { return Arc::new(Bicubic) };
    Arc::new(Network::packed(model, |engine| {
        let engine = engine.execution(execution);
        padding.map_or(engine, |padding| engine.padding(padding))
    }))
}

/// A file's network with the facts that a procedure needs.
fn model(path: &Path, padding: &[Padding]) -> Model {
    let mut file = WeightFile::open(path).unwrap_or_else(|e| panic!("{e}"));
    file.facts = Facts {
        scale: Some(2),
        interpolation: Some(Convention::OpencvLinear),
        luma: Some(LumaRange::Full),
        padding: Some(padding.to_vec()),
        ..Facts::default()
    };
    file.into_model("test").expect("a network")
}

const KERAS_PADDING: [Padding; 3] = [Padding::Valid, Padding::Zero, Padding::Valid];

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[track_caller]
fn assert_near(what: &str, ours: f64, truth: f64, bound: f64) {
    assert!((ours - truth).abs() <= bound, "{what}: {ours}, expected {truth} within {bound}");
}

/// Checks against [PSNR, MSE, SSIM].
fn check_triple(what: &str, ours: Scores, truth: &Value, decibels: f64, ssim: f64) {
    assert_near(what, ours.psnr, number(&truth[0]), decibels);
    // d PSNR = 10 / ln 10 d MSE / MSE.
    assert_near(what, ours.mse / number(&truth[1]), 1.0, decibels * 0.231 + 1e-12);
    assert_near(what, ours.ssim, number(&truth[2]), ssim);
}

#[test]
fn both_procedures_agree_with_other_programs_on_small_pictures() {
    let weights = fixtures().join("weights/trained-9-1-5.safetensors");
    let truth = json(&fixtures().join("procedures.json"));
    let cases = truth["cases"].as_array().expect("cases");
    assert!(cases.len() >= 9);
    for case in cases {
        let picture = fixtures().join(case["picture"].as_str().expect("a path"));
        let scale = number(&case["scale"]) as usize;
        let what = |key: &str| format!("{} x{scale} {key}", picture.display());

        let replicated = model(&weights, &[Padding::Zero]);
        let paper = evaluate(Procedure::Paper, scale, Some(&replicated), &picture);
        for (key, ours) in [("paper_input", paper.input), ("paper_output", paper.output)] {
            assert_near(&what(key), ours.psnr, number(&case[key][0]), 1e-3);
            assert_near(&what(key), ours.ssim, number(&case[key][1]), 1e-4);
        }

        let keras = evaluate(Procedure::Keras, scale, Some(&model(&weights, &KERAS_PADDING)), &picture);
        check_triple(&what("keras_input"), keras.input, &case["keras_input"], 1e-9, 1e-9);
        check_triple(&what("keras_output"), keras.output, &case["keras_output"], 5e-4, 1e-5);
        let whole = evaluate(Procedure::Keras, scale, None, &picture);
        check_triple(&what("keras_whole"), whole.input, &case["keras_whole"], 1e-9, 1e-9);
        assert_eq!(whole.input, whole.output);
    }
}

#[test]
fn the_keras_projects_figures_are_met_on_set5() {
    let Some(data) = reference_data("the_keras_projects_figures_are_met_on_set5") else { return };
    let golden = json(&data.join("golden/set5-keras.json"));
    let keras = Model::load(data.join("weights/keras-markprecursor/3051crop_weight_200.h5")).expect("a known file");
    let images = golden["images"].as_object().expect("pictures");
    assert_eq!(images.len(), 5);
    for (name, figures) in images {
        let picture = data.join("set5").join(name);
        let whole = evaluate(Procedure::Keras, 2, None, &picture);
        check_triple(name, whole.input, &figures["input_full"], 1e-6, 1e-9);
        let restored = evaluate(Procedure::Keras, 2, Some(&keras), &picture);
        check_triple(name, restored.input, &figures["input"], 1e-6, 1e-9);
        check_triple(name, restored.output, &figures["output"], 5e-4, 1e-5);
    }
}

#[test]
fn the_papers_figures_are_met_on_set5_with_all_of_the_authors_weights() {
    let name = "the_papers_figures_are_met_on_set5_with_all_of_the_authors_weights";
    let Some(data) = reference_data(name) else { return };
    let golden = json(&data.join("golden/set5-paper.json"));
    let mut networks = 0;
    for (scale, files) in golden["scales"].as_object().expect("scales") {
        let scale: usize = scale[1..].parse().expect("x2, x3, x4");
        for (file, figures) in files.as_object().expect("files") {
            let model = (file != "bicubic").then(|| {
                networks += 1;
                model(&data.join("weights").join(file), &[Padding::Valid])
            });
            let mut scores = Vec::new();
            for (picture, truth) in figures["images"].as_object().expect("pictures") {
                let path = data.join("set5").join(picture).with_extension("bmp");
                let ours = evaluate(Procedure::Paper, scale, model.as_ref(), &path).output;
                assert_near(&format!("{file} x{scale} {picture}"), ours.psnr, number(&truth[0]), 0.002);
                assert_near(&format!("{file} x{scale} {picture}"), ours.ssim, number(&truth[1]), 0.0002);
                scores.push(ours);
            }
            let mean = Scores::mean(&scores).expect("five pictures");
            assert_near(&format!("{file} x{scale} mean"), mean.psnr, number(&figures["mean"][0]), 0.002);
            assert_near(&format!("{file} x{scale} mean"), mean.ssim, number(&figures["mean"][1]), 0.0002);
        }
    }
    assert_eq!(networks, 8);
}

/// PSNR after common mistakes, as measured by other programs.
#[test]
fn every_slip_costs_what_it_should() {
    let Some(data) = reference_data("every_slip_costs_what_it_should") else { return };
    let model = model(&data.join("weights/matlab-authors/9-5-5(ImageNet)/x3.mat"), &[Padding::Valid]);
    let explainer = Explainer::new(3, Some(restorer(Some(Padding::Replicate), Some(&model), Execution::default())))
        .expect("a network on luma");
    let (mut by_ruler, mut restored) = (Vec::new(), Vec::new());
    for name in ["baby", "bird", "butterfly", "head", "woman"] {
        let reference = Image::open(data.join(format!("set5/{name}_GT.bmp"))).expect("a picture");
        let reference =
            reference.crop(srcnn::crop::modcrop(reference.size(), 3).expect("large enough")).expect("inside");
        let bicubic = Convention::MatlabBicubic(Edge::Mirror);
        let degraded = shrink_and_enlarge(&reference, 3.0, bicubic).expect("large enough");
        let explanation = explainer.explain(&reference, &degraded, &Silent).expect("of one size");
        by_ruler.push(explanation.rulers.iter().map(|scores| scores.psnr).collect::<Vec<f64>>());
        restored
            .push(explanation.degradations.iter().map(|made| made.restored.expect("a model")).collect::<Vec<f64>>());
    }
    let mean = |rows: &[Vec<f64>], i: usize| rows.iter().map(|row| row[i]).sum::<f64>() / rows.len() as f64;
    let ruler = |name: &str| rulers(3).iter().position(|ruler| ruler.name == name).expect("a ruler");
    // The pictures are rounded to 8 bits between, as files are.
    for (name, psnr) in [("paper", 30.39), ("full-range Y", 29.08), ("RGB", 28.63)] {
        assert_near(name, mean(&by_ruler, ruler(name)), psnr, 0.01);
    }
    for (degradation, psnr) in [(Degradation::Matlab, 32.75), (Degradation::MatlabRounded, 32.73)] {
        let i = Degradation::ALL.iter().position(|d| *d == degradation).expect("one of them");
        assert_near(degradation.name(), mean(&restored, i), psnr, 0.005);
    }
}

#[test]
fn fast_loses_no_more_than_a_fiftieth_of_a_decibel() {
    let Some(data) = reference_data("fast_loses_no_more_than_a_fiftieth_of_a_decibel") else { return };
    let weights = data.join("weights");
    let of_file = |name: &str, padding: &[Padding]| model(&weights.join(name), padding);
    let mut networks =
        vec![(Procedure::Keras, 2, of_file("keras-markprecursor/3051crop_weight_200.h5", &KERAS_PADDING))];
    for (file, scale) in
        [("9-3-5(ImageNet)/x3", 3), ("9-5-5(ImageNet)/x2", 2), ("9-5-5(ImageNet)/x3", 3), ("9-5-5(ImageNet)/x4", 4)]
    {
        networks.push((Procedure::Paper, scale, of_file(&format!("matlab-authors/{file}.mat"), &[Padding::Valid])));
    }
    networks.extend(Builtin::all().iter().map(|b| (Procedure::Paper, b.scale as usize, b.model())));
    for (procedure, scale, model) in networks {
        let [exact, fast] = [Precision::Exact, Precision::Fast].map(|precision| {
            let scores = ["baby", "bird", "butterfly", "head", "woman"].map(|name| {
                let path = data.join(format!("set5/{name}_GT.bmp"));
                evaluate_in(precision, procedure, scale, Some(&model), &path).output
            });
            Scores::mean(&scores).expect("five pictures").psnr
        });
        println!("{} x{scale}: {exact:.4} dB, fast {:+.4} dB", model.name(), fast - exact);
        assert!(exact - fast <= 0.02, "{} x{scale}: {exact} dB, {fast} dB", model.name());
    }
}

#[test]
fn the_theano_file_scores_what_its_flipped_kernels_give() {
    let Some(data) = reference_data("the_theano_file_scores_what_its_flipped_kernels_give") else { return };
    let theano = model(&data.join("weights/keras-theano/srcnn_model_weights.h5"), &[Padding::Zero]);
    let pictures = ["baby", "bird", "butterfly", "head", "woman"];
    let score = |name| {
        let path = data.join(format!("set5/{name}_GT.bmp"));
        evaluate(Procedure::Paper, 3, Some(&theano), &path).output.psnr
    };
    let mean = pictures.into_iter().map(score).sum::<f64>() / 5.0;
    assert_near("mean", mean, 32.504, 0.002);
}

#[test]
fn fsrcnn_takes_the_small_picture_and_scores_what_its_weights_do() {
    let Some(data) = reference_data("fsrcnn_takes_the_small_picture_and_scores_what_its_weights_do") else { return };
    let model = model(&data.join("weights/fsrcnn/fsrcnn_x2.pth"), &[]);
    let pictures = ["baby", "bird", "butterfly", "head", "woman"];
    let score = |name| {
        let path = data.join(format!("set5/{name}_GT.bmp"));
        evaluate(Procedure::Paper, 2, Some(&model), &path).output.psnr
    };
    // By PyTorch, in the same procedure.
    assert_near("mean", pictures.into_iter().map(score).sum::<f64>() / 5.0, 37.11, 0.01);
}

#[test]
fn the_pytorch_files_score_what_is_known_with_zero_padding_and_with_replicated_edges() {
    let test = "the_pytorch_files_score_what_is_known_with_zero_padding_and_with_replicated_edges";
    let Some(data) = reference_data(test) else { return };
    let pictures = ["baby", "bird", "butterfly", "head", "woman"];
    for (name, scale, zero, ssim, replicated) in
        [("srcnn_x3", 3, 32.681, 0.9087, 32.677), ("srcnn_x4", 4, 30.265, 0.8595, 30.268)]
    {
        let model = model(&data.join(format!("weights/pytorch/{name}.pth")), &[Padding::Zero]);
        let padded =
            |padding| Evaluator::new(Procedure::Paper, scale, restorer(padding, Some(&model), Execution::default()));
        let (own, prescribed) = (padded(None), padded(Procedure::Paper.padding()));
        let mean = |evaluator: Evaluator| {
            let scores = pictures.map(|picture| {
                let image = Image::open(data.join(format!("set5/{picture}_GT.bmp"))).expect("a picture");
                evaluator.evaluate(&image, &Silent).expect("large enough").output
            });
            [scores.map(|s| s.psnr), scores.map(|s| s.ssim)].map(|s| s.iter().sum::<f64>() / 5.0)
        };
        let [psnr, structure] = mean(own.expect("a whole picture"));
        assert_near(name, psnr, zero, 0.001);
        assert_near(name, structure, ssim, 0.0001);
        assert_near(name, mean(prescribed.expect("on luma"))[0], replicated, 0.001);
    }
}

#[test]
fn shipped_cards_state_the_scores_that_the_models_reach() {
    let Some(data) = reference_data("shipped_cards_state_the_scores_that_the_models_reach") else { return };
    for builtin in Builtin::all() {
        let model = builtin.model();
        let stated = |key: &str| -> f64 { model.notes()[key].parse().expect("a number") };
        let scores = ["baby", "bird", "butterfly", "head", "woman"].map(|name| {
            let path = data.join(format!("set5/{name}_GT.bmp"));
            let evaluation = evaluate(Procedure::Paper, builtin.scale as usize, Some(&model), &path);
            (evaluation.input, evaluation.output)
        });
        let mean = |f: fn(&(Scores, Scores)) -> Scores| Scores::mean(&scores.map(|s| f(&s))).expect("five");
        let (input, output) = (mean(|s| s.0), mean(|s| s.1));
        let name = builtin.name();
        assert_near(&name, output.psnr, stated("scores.set5.psnr"), 0.001);
        assert_near(&name, output.ssim, stated("scores.set5.ssim"), 0.0001);
        assert_near(&name, input.psnr, stated("scores.set5.bicubic_psnr"), 0.001);
        assert_near(&name, input.ssim, stated("scores.set5.bicubic_ssim"), 0.0001);
    }
}

#[test]
fn grey_pictures_and_alpha_are_measured_as_the_protocols_say() {
    let grey = evaluate(Procedure::Paper, 2, None, &fixtures().join("pictures/grey-60x48.png"));
    assert!(grey.pictures.restored.is_grey());
    let alpha = evaluate(Procedure::Keras, 2, None, &fixtures().join("pictures/alpha-45x35.png"));
    assert_eq!(alpha.pictures.restored.channels(), 3);
    assert_eq!((alpha.width, alpha.height), (45, 35));
}

#[test]
fn what_cannot_be_evaluated_is_refused() {
    let bicubic = || restorer(None, None, Execution::default());
    assert!(Evaluator::new(Procedure::Paper, 1, bicubic()).is_err());
    assert!(Evaluator::new(Procedure::Keras, 17, bicubic()).is_err());
    let rgb = model(&fixtures().join("weights/rgb-3-1-3-keras2.h5"), &KERAS_PADDING);
    let rgb = restorer(Procedure::Paper.padding(), Some(&rgb), Execution::default());
    assert!(Evaluator::new(Procedure::Paper, 2, rgb).is_err());
    let tiny = Image::open(fixtures().join("pictures/tiny-5x3.png")).expect("a picture");
    for procedure in [Procedure::Paper, Procedure::Keras] {
        let evaluator = Evaluator::new(procedure, 4, bicubic()).expect("a scale");
        assert!(evaluator.evaluate(&tiny, &Silent).is_err());
    }
}
