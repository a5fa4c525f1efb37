//! Weight files of other programs (`tools/oracles/make_pytorch.py` and its siblings wrote them): the numbers read are the
//! numbers that those programs hold, and what is no SRCNN is refused with the reason.

mod fixtures;

use fixtures::{bytes, folder, json, model_of, reference_data};
use serde_json::Value;
use srcnn::Plane;
use srcnn::color::LumaRange;
use srcnn::engine::{Engine, Reference};
use srcnn::model::{Activation, Facts, Model, Padding};
use srcnn::progress::Silent;
use srcnn::resample::Convention;
use srcnn::weights::{Format, WeightFile, to_onnx};

fn open(name: &str) -> WeightFile {
    WeightFile::open(folder().join("weights").join(name)).unwrap_or_else(|e| panic!("{e}"))
}

fn model(name: &str) -> Model {
    model_of(open(name), name)
}

/// Files, their format, the truth, and the paddings that the file states.
type Case = (&'static str, Format, &'static str, Option<&'static [Padding]>);

const ZEROS: Option<&[Padding]> = Some(&[Padding::Zero; 3]);
const VALID: Option<&[Padding]> = Some(&[Padding::Valid; 3]);
const MIXED: Option<&[Padding]> = Some(&[Padding::Zero, Padding::Valid, Padding::Zero]);
const EDGES: Option<&[Padding]> = Some(&[Padding::Replicate; 3]);

const CASES: &[Case] = &[
    ("grey-5-3-3.pth", Format::PyTorch, "grey-5-3-3", None),
    ("grey-5-3-3-legacy.pth", Format::PyTorch, "grey-5-3-3", None),
    ("grey-5-3-3-checkpoint.pth", Format::PyTorch, "grey-5-3-3", None),
    ("grey-5-3-3-ema.pth", Format::PyTorch, "grey-5-3-3", None),
    ("grey-5-3-3-model.pth", Format::PyTorch, "grey-5-3-3", None),
    ("grey-5-3-3-strided.pth", Format::PyTorch, "grey-5-3-3", None),
    ("grey-5-3-3-module.pth", Format::PyTorch, "grey-5-3-3", ZEROS),
    ("grey-5-3-3-module-legacy.pth", Format::PyTorch, "grey-5-3-3", EDGES),
    ("grey-5-3-3-scripted.pth", Format::PyTorch, "grey-5-3-3", None),
    ("grey-5-3-3-half.pth", Format::PyTorch, "grey-5-3-3-half", None),
    ("grey-5-3-3-bfloat16.pth", Format::PyTorch, "grey-5-3-3-bfloat16", None),
    ("grey-5-3-3-double.pth", Format::PyTorch, "grey-5-3-3-double", None),
    ("grey-5-3-3-scripted-main.pth", Format::PyTorch, "grey-5-3-3", None),
    ("grey-5-3-3-protocol1.pth", Format::PyTorch, "grey-5-3-3", None),
    ("grey-5-3-3-protocol4.pth", Format::PyTorch, "grey-5-3-3", None),
    ("rgb-3-1-3.pth", Format::PyTorch, "rgb-3-1-3", None),
    ("grey-5-3-3-torch.safetensors", Format::Safetensors, "grey-5-3-3", None),
    ("grey-5-3-3-torch-prefix.safetensors", Format::Safetensors, "grey-5-3-3", None),
    ("grey-5-3-3-torch-half.safetensors", Format::Safetensors, "grey-5-3-3-half", None),
    ("grey-5-3-3-torch-bfloat16.safetensors", Format::Safetensors, "grey-5-3-3-bfloat16", None),
    ("grey-5-3-3-torch-double.safetensors", Format::Safetensors, "grey-5-3-3-double", None),
    ("grey-5-3-3-torch-zero.onnx", Format::Onnx, "grey-5-3-3", ZEROS),
    ("grey-5-3-3-torch-valid.onnx", Format::Onnx, "grey-5-3-3", VALID),
    ("grey-5-3-3-torch-replicate.onnx", Format::Onnx, "grey-5-3-3", EDGES),
    ("grey-5-3-3-same.onnx", Format::Onnx, "grey-5-3-3", ZEROS),
    ("grey-5-3-3-half.onnx", Format::Onnx, "grey-5-3-3-half", ZEROS),
    ("grey-5-3-3-double.onnx", Format::Onnx, "grey-5-3-3-double", ZEROS),
    ("grey-5-3-3-external.onnx", Format::Onnx, "grey-5-3-3", ZEROS),
    ("grey-5-3-3-clip.onnx", Format::Onnx, "grey-5-3-3", ZEROS),
    ("grey-5-3-3-nhwc.onnx", Format::Onnx, "grey-5-3-3", ZEROS),
    ("grey-5-3-3-added.onnx", Format::Onnx, "grey-5-3-3", ZEROS),
    ("grey-5-3-3-resize.onnx", Format::Onnx, "grey-5-3-3", ZEROS),
    ("rgb-3-1-3-resize.onnx", Format::Onnx, "rgb-3-1-3", VALID),
    ("grey-5-3-3-zero.ncnn.param", Format::Ncnn, "grey-5-3-3-zero", ZEROS),
    ("grey-5-3-3-zero.ncnn.bin", Format::Ncnn, "grey-5-3-3-zero", ZEROS),
    ("grey-5-3-3-valid.ncnn.param", Format::Ncnn, "grey-5-3-3", VALID),
    ("grey-5-3-3-replicate.ncnn.bin", Format::Ncnn, "grey-5-3-3", EDGES),
    ("grey-5-3-3-apart.ncnn.param", Format::Ncnn, "grey-5-3-3", ZEROS),
    ("grey-5-3-3-sequential.keras", Format::Keras, "grey-5-3-3", MIXED),
    ("grey-5-3-3-sequential.weights.h5", Format::Keras, "grey-5-3-3", None),
    ("grey-5-3-3-keras3.h5", Format::Keras, "grey-5-3-3", MIXED),
    ("grey-5-3-3-functional.keras", Format::Keras, "grey-5-3-3", ZEROS),
    ("grey-5-3-3-subclass.keras", Format::Keras, "grey-5-3-3", None),
    ("grey-5-3-3-subclass.weights.h5", Format::Keras, "grey-5-3-3", None),
    ("grey-5-3-3-half.keras", Format::Keras, "grey-5-3-3-half", ZEROS),
    ("grey-5-3-3-bfloat16.keras", Format::Keras, "grey-5-3-3-bfloat16", ZEROS),
];

#[test]
fn what_is_read_is_what_the_other_program_holds() {
    for &(name, format, truth, padding) in CASES {
        let file = open(name);
        assert_eq!(file.format, format, "{name}");
        assert_eq!(file.facts.padding.as_deref(), padding, "{name}");
        assert_eq!(model(name).weights(), model(&format!("{truth}.safetensors")).weights(), "{name}");
    }
}

#[test]
fn what_is_no_srcnn_is_refused_with_the_reason() {
    let cases = [
        ("refused-fsrcnn.pth", "PReLU (`1`), a transposed convolution (`2`, [4, 1, 9, 9]): not supported yet (FSRCNN"),
        ("refused-fsrcnn-module.pth", "it holds a `PReLU` (`1`): not supported yet"),
        ("refused-espcn.pth", "gives 9 channels for 1: sub-pixel layers (ESPCN) are not supported yet"),
        ("refused-two.pth", "several networks: `generator`, `critic`"),
        ("refused-numpy.pth", "not by torch.save"),
        ("refused-frozen.pth", "a frozen scripted module (torch.jit.freeze, optimize_for_inference)"),
        ("refused-turned.onnx", "ends with the axes of its input in the order [0, 1, 3, 2]"),
        ("refused-stride.onnx", "Conv 1 has strides [2, 2]: not supported"),
        ("refused-reflect.onnx", "Pad of mode `reflect`: not supported"),
        ("refused-external.onnx", "`w1`: its values are in the file `weights.bin`, which cannot be read: No such file"),
        ("refused-prelu.ncnn.param", "the .bin ends within the weights of `p`"),
        ("refused-int8.ncnn.param", "weights stored as 0x000d4b38: f32 and half are read"),
        ("refused-residual.keras", "its layers are not in one line"),
        ("refused-transposed.keras", "Conv2DTranspose (`conv2d_transpose`), as of FSRCNN: not supported"),
        ("refused-prelu.keras", "PReLU (`p_re_lu`): the engine has no such activation"),
    ];
    for (name, reason) in cases {
        let error = WeightFile::open(folder().join("weights").join(name)).expect_err(name).to_string();
        assert!(error.contains(reason), "{name}: {error}");
    }
}

#[test]
fn what_stands_behind_a_chain_of_convolutions_is_computed() {
    let base = model("grey-5-3-3-torch-zero.onnx");
    let picture = Plane::from_fn(17, 13, |x, y| ((x * 73 + y * 151) % 101) as f64 / 50.0 - 1.0);
    let run =
        |model: &Model| Reference::<f64>::new(model).run(std::slice::from_ref(&picture), &Silent).expect("it runs");
    let end = run(&base);
    let by = |f: fn(f64, f64) -> f64| {
        let pairs = end[0].as_slice().iter().zip(picture.as_slice());
        pairs.map(|(v, input)| f(*v, *input)).collect::<Vec<_>>()
    };
    let cases = [
        ("graph-prelu.onnx", by(|v, _| if v < 0.0 { 0.25 * v } else { v })),
        ("graph-clip.onnx", by(|v, _| v.clamp(0.0, 6.0))),
        ("graph-residual.onnx", by(|v, input| v + input)),
        ("graph-shuffle.onnx", by(|v, _| v)),
        ("graph-shuffle.ncnn.bin", by(|v, _| v)),
    ];
    assert!(cases.iter().any(|(_, values)| values.iter().any(|v| *v < 0.0)), "some are negative");
    for (name, expected) in cases {
        let result = run(&model(name));
        assert_eq!(result[0].size(), picture.size(), "{name}");
        assert_eq!(result[0].as_slice(), expected, "{name}");
    }
}

#[test]
fn a_resize_before_the_network_says_scale_and_interpolation() {
    let (cubic, linear) = (open("grey-5-3-3-resize.onnx"), open("rgb-3-1-3-resize.onnx"));
    assert_eq!((cubic.facts.scale, cubic.facts.interpolation), (Some(3), Some(Convention::OpencvCubic)));
    assert_eq!((linear.facts.scale, linear.facts.interpolation), (Some(2), Some(Convention::OpencvLinear)));
    assert_eq!((cubic.missing(), linear.missing()), (vec!["luma range"], vec![]));
}

#[test]
fn activations_are_read_where_they_are_said() {
    let relu = |name: &str| {
        let model = model(name);
        model
            .architecture()
            .expect("a chain")
            .layers()
            .iter()
            .map(|l| l.activation == Activation::Relu)
            .collect::<Vec<_>>()
    };
    assert_eq!(relu("grey-5-3-3-same.onnx"), [true, true, true]);
    for name in ["grey-5-3-3-torch-zero.onnx", "grey-5-3-3-apart.ncnn.param", "grey-5-3-3-sequential.keras"] {
        assert_eq!(relu(name), [true, true, false], "{name}");
    }
}

#[test]
fn the_engine_gives_what_onnxruntime_and_ncnn_give() {
    for list in ["onnx", "ncnn"] {
        let truth = json(&format!("weights/{list}.json"));
        let plane = |value: &Value| {
            let rows = value.as_array().expect("rows");
            let data: Vec<f32> = rows
                .iter()
                .flat_map(|r| r.as_array().expect("a row").iter().map(|v| v.as_f64().expect("a number") as f32))
                .collect();
            Plane::new(data.len() / rows.len(), rows.len(), data).expect("a rectangle")
        };
        for run in truth["runs"].as_array().expect("runs") {
            let (name, expected) = (run["file"].as_str().expect("a name"), plane(&run["output"]));
            let found = Engine::new(&model(name)).run(&[plane(&truth["input"])], &Silent).expect("large enough");
            assert_eq!(found[0].size(), expected.size(), "{name}");
            let far = found[0].as_slice().iter().zip(expected.as_slice()).map(|(a, b)| (a - b).abs());
            // Sums in another order.
            assert!(far.fold(0.0, f32::max) < 5e-6, "{name}");
        }
    }
}

/// `make_onnx.py` runs these files with onnxruntime.
#[test]
fn onnx_is_written_as_onnxruntime_has_checked_it() {
    for (name, padding) in [("zero", Padding::Zero), ("valid", Padding::Valid), ("replicate", Padding::Replicate)] {
        let mut file = open("grey-5-3-3.safetensors");
        file.facts = Facts {
            scale: Some(2),
            interpolation: Some(Convention::OpencvLinear),
            luma: Some(LumaRange::Full),
            padding: Some(vec![padding]),
            ..Facts::default()
        };
        let model = file.into_model("grey-5-3-3").expect("all is stated");
        assert!(to_onnx(&model).expect("layers") == bytes(&format!("weights/ours-{name}.onnx")), "{name}");
    }
}

#[test]
fn a_half_of_ncnns_pair_alone_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    for kind in ["param", "bin"] {
        let path = folder.path().join(format!("alone-{kind}.{kind}"));
        std::fs::write(&path, bytes(&format!("weights/grey-5-3-3-zero.ncnn.{kind}"))).expect("room");
        assert!(WeightFile::open(&path).is_err(), "{kind}");
    }
    let param = bytes("weights/grey-5-3-3-zero.ncnn.param");
    let mut longer = bytes("weights/grey-5-3-3-zero.ncnn.bin");
    longer.extend([0; 4]);
    assert!(WeightFile::parse_ncnn(&param, &longer).is_err_and(|e| e.to_string().contains("belong together")));
    assert!(WeightFile::parse(&param).is_err_and(|e| e.to_string().contains(".bin beside it")));
}

#[test]
fn the_real_files_of_other_programs_are_read_or_refused_with_the_reason() {
    let Some(data) = reference_data("the_real_files_of_other_programs_are_read_or_refused_with_the_reason") else {
        return;
    };
    const ALL: &[&str] = &["padding", "scale", "interpolation", "luma range"];
    type Expected = Result<(&'static str, &'static [&'static str]), &'static str>;
    let cases: [(&str, Expected); 7] = [
        ("pytorch/srcnn_x3.pth", Ok(("9-5-5:64-32", ALL))),
        ("pytorch/srcnn_x4.pth", Ok(("9-5-5:64-32", ALL))),
        ("pytorch/y-9-5-5-x3-legacy.pth", Ok(("9-5-5:64-32", ALL))),
        ("pytorch/rgb-9-5-5-zip.pt", Ok(("9-5-5:64-32", &ALL[..3]))),
        ("pytorch/whole-module.pt", Ok(("9-5-5:64-32", ALL))),
        ("onnx/srcnn-9-5-5-y.onnx", Ok(("9-5-5:64-32", &ALL[1..]))),
        ("onnx/srcnn-9-1-5-rgb-with-resize.onnx", Ok(("9-1-5:64-32", &[]))),
    ];
    let graphs = [
        ("onnx/espcn-x3.onnx", 3, &["luma range"][..]),
        ("fsrcnn/fsrcnn_x2.pth", 2, &["scale"]),
        ("fsrcnn/fsrcnn_x4.pth", 4, &["scale"]),
    ];
    for (name, scale, missing) in graphs {
        let mut file =
            WeightFile::open(data.join("weights").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(file.missing(), missing, "{name}");
        file.facts = file.facts.or(Facts { scale: Some(scale), luma: Some(LumaRange::Studio), ..Facts::default() });
        let model = file.into_model(name).expect("a model");
        assert_eq!(model.graph().scale(), scale as usize, "{name}");
    }
    for (name, expected) in cases {
        match (WeightFile::open(data.join("weights").join(name)), expected) {
            (Ok(file), Ok((architecture, missing))) => {
                assert_eq!(
                    file.architecture().expect("a network").expect("a chain").to_string(),
                    architecture,
                    "{name}"
                );
                assert_eq!(file.missing(), missing, "{name}");
            }
            (Err(error), Err(reason)) => assert!(error.to_string().contains(reason), "{name}: {error}"),
            (found, _) => panic!("{name}: {found:?}"),
        }
    }
}
