//! Weight files: every format against the same network, known files, and what comes round.

mod fixtures;

use fixtures::{bytes, model_of, reference_data};
use srcnn::color::LumaRange;
use srcnn::model::{Architecture, Card, Facts, LayerSpec, LayerWeights, Model, Padding, Preprocessing};
use srcnn::random::SplitMix64;
use srcnn::resample::{Convention, Edge};
use srcnn::weights::{Builtin, Format, WeightError, WeightFile, to_onnx, to_safetensors};

fn parse(name: &str) -> WeightFile {
    WeightFile::parse(&bytes(&format!("weights/{name}"))).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn model(name: &str) -> Model {
    model_of(parse(name), name)
}

#[test]
fn every_format_gives_the_same_network() {
    let truth = model("grey-5-3-3.safetensors");
    assert_eq!(truth.architecture().expect("a chain").to_string(), "5-3-3:4-3");
    let files = [
        ("grey-5-3-3-keras1-tf.h5", Format::Keras),
        ("grey-5-3-3-keras1-theano.h5", Format::Keras),
        ("grey-5-3-3-keras2.h5", Format::Keras),
        ("grey-5-3-3-authors.mat", Format::Matlab),
        ("grey-5-3-3-authors-plain.mat", Format::Matlab),
    ];
    for (name, format) in files {
        assert_eq!(parse(name).format, format, "{name}");
        assert_eq!(model(name).weights(), truth.weights(), "{name}");
    }
    assert_eq!(model("rgb-3-1-3-keras2.h5").weights(), model("rgb-3-1-3.safetensors").weights());
}

#[test]
fn the_authors_layout_states_all_but_the_scale_and_keras_states_nothing() {
    assert_eq!(parse("grey-5-3-3-authors.mat").missing(), ["scale"]);
    let all = ["padding", "scale", "interpolation", "luma range"];
    assert_eq!(parse("grey-5-3-3-keras1-tf.h5").missing(), all);
    assert_eq!(parse("rgb-3-1-3-keras2.h5").missing(), all[..3]);
    assert!(matches!(parse("grey-5-3-3-keras2.h5").into_model("x"), Err(WeightError::Missing(_))));
}

#[test]
fn a_card_supplies_what_the_file_leaves_open_and_must_not_contradict_it() {
    let mut file = parse("grey-5-3-3-keras1-tf.h5");
    let card = "architecture = \"5-3-3\"\nfilters = [4, 3]\nname = \"tiny\"\nscale = 3\nluma = \"studio\"\n\
                padding = [\"valid\", \"zero\", \"valid\"]\ninterpolation = \"opencv-cubic\"\n[training]\nsteps = 7";
    file.apply_card(&Card::parse(card).expect("a card")).expect("it fits");
    let model = file.into_model("other").expect("all is stated");
    let pre = Preprocessing { scale: 3, interpolation: Convention::OpencvCubic, luma: LumaRange::Studio };
    assert_eq!((model.name(), *model.preprocessing()), ("tiny", pre));
    assert_eq!(model.notes()["training.steps"], "7");
    let paddings: Vec<_> = model.architecture().expect("a chain").layers().iter().map(|l| l.padding).collect();
    assert_eq!(paddings, [Padding::Valid, Padding::Zero, Padding::Valid]);
    let other = Card::parse("architecture = \"9-1-5\"").expect("a card");
    assert!(matches!(parse("grey-5-3-3-keras1-tf.h5").apply_card(&other), Err(WeightError::Card(_))));
    let short = Card::parse("padding = [\"valid\", \"valid\"]").expect("a card");
    let mut file = parse("grey-5-3-3-keras1-tf.h5");
    file.apply_card(&short).expect("the layers agree");
    assert!(file.into_model("x").is_err());
}

#[test]
fn what_is_written_is_read_back_whole() {
    for name in Architecture::names() {
        for padding in [Padding::Valid, Padding::Zero, Padding::Replicate] {
            let architecture = Architecture::named(name).expect("named");
            let architecture = architecture.with_padding(&[padding; 3]).expect("three layers");
            let preprocessing = Preprocessing {
                scale: 4,
                interpolation: Convention::MatlabBicubic(Edge::Replicate),
                luma: LumaRange::Full,
            };
            let mut random = SplitMix64::new(3);
            let drawn = |spec: &LayerSpec| LayerWeights {
                kernels: (0..spec.kernel_values()).map(|_| random.normal() as f32).collect(),
                biases: vec![0.0; spec.outputs],
            };
            let weights = architecture.layers().iter().map(drawn).collect();
            let model = Model::new(name, architecture, weights, preprocessing, Default::default()).expect("a model");
            let bytes = to_safetensors(&model);
            assert_eq!(bytes, to_safetensors(&model), "the same bytes each time");
            assert_eq!(to_onnx(&model).expect("layers"), to_onnx(&model).expect("layers"), "the same bytes each time");
            for bytes in [bytes, to_onnx(&model).expect("layers")] {
                let again = WeightFile::parse(&bytes).expect("our own").into_model("other").expect("all is stated");
                assert_eq!(again, model);
            }
        }
    }
}

#[test]
fn a_header_of_any_length_is_taken_for_no_other_format() {
    let plain = model("grey-5-3-3.safetensors");
    for length in (0..1500).step_by(8) {
        let notes = [("training.data".to_owned(), "x".repeat(length))].into();
        let (architecture, weights) = (plain.architecture().expect("a chain").clone(), plain.weights().to_vec());
        let model = Model::new("test", architecture, weights, *plain.preprocessing(), notes).expect("a model");
        let again = WeightFile::parse(&to_safetensors(&model)).and_then(|file| file.into_model("x"));
        assert_eq!(again.unwrap_or_else(|e| panic!("{length}: {e}")), model);
    }
}

#[test]
fn every_shipped_model_comes_round_with_its_notes() {
    for builtin in Builtin::all() {
        let model = builtin.model();
        for bytes in [to_safetensors(&model), to_onnx(&model).expect("layers")] {
            let again = WeightFile::parse(&bytes).expect("our own").into_model("x").expect("complete");
            assert_eq!(again, model);
        }
        assert!(model.notes().contains_key("training.data") && model.notes().contains_key("licence"));
    }
}

#[test]
fn shipped_weights_carry_what_their_cards_say() {
    for builtin in Builtin::all() {
        let card = Card::parse(srcnn_models::card(&builtin.name()).expect("a card")).expect("a card");
        let model = builtin.model();
        card.check(model.architecture().expect("a chain")).expect("the card fits");
        assert_eq!(card.facts().or(Facts::of(&model)), Facts::of(&model), "{}", builtin.name());
        assert_eq!(&card.notes(), model.notes(), "{}", builtin.name());
    }
}

#[test]
fn weights_that_are_not_finite_are_refused() {
    let mut bytes = bytes("weights/grey-5-3-3.safetensors");
    let end = bytes.len();
    bytes[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    assert!(matches!(WeightFile::parse(&bytes), Err(WeightError::Model(_))));
}

#[test]
fn the_real_files_are_read_and_known_ones_recognised() {
    let Some(data) = reference_data("the_real_files_are_read_and_known_ones_recognised") else { return };
    let open = |name: &str| WeightFile::open(data.join("weights").join(name)).unwrap_or_else(|e| panic!("{e}"));
    let cases = [
        ("keras-markprecursor/3051crop_weight_200.h5", "9-3-5:128-64", true, vec![]),
        (
            "keras-markprecursor/m_model_adam_new30.h5",
            "9-1-5:128-64",
            false,
            vec!["padding", "scale", "interpolation", "luma range"],
        ),
        (
            "keras-theano/srcnn_model_weights.h5",
            "9-1-5:64-32",
            false,
            vec!["padding", "scale", "interpolation", "luma range"],
        ),
        ("keras-rgb/SRCNN-955.h5", "9-5-5:64-32", false, vec!["padding", "scale", "interpolation"]),
        ("matlab-authors/9-1-5(91 images)/x2.mat", "9-1-5:64-32", true, vec!["scale"]),
        ("matlab-authors/9-3-5(ImageNet)/x3.mat", "9-3-5:64-32", true, vec!["scale"]),
        ("matlab-authors/9-5-5(ImageNet)/x4.mat", "9-5-5:64-32", true, vec!["scale"]),
    ];
    for (name, architecture, recognised, missing) in cases {
        let file = open(name);
        assert_eq!(file.architecture().expect("a network").expect("a chain").to_string(), architecture, "{name}");
        assert_eq!(file.recognised.is_some(), recognised, "{name}");
        assert_eq!(file.missing(), missing, "{name}");
    }
    let keras = Model::load(data.join("weights/keras-markprecursor/3051crop_weight_200.h5")).expect("all is known");
    assert_eq!(keras.architecture().expect("a chain"), &Architecture::named("srcnn-keras").expect("named"));
}
