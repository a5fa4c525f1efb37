//! Weight files of other programs (`tools/oracles/make_pytorch.py` and its siblings wrote them): the numbers read are the
//! numbers that those programs hold, and what is no SRCNN is refused with the reason.

mod fixtures;

use fixtures::{bytes, folder, reference_data};
use srcnn::color::LumaRange;
use srcnn::model::{Facts, Model, Padding};
use srcnn::resample::Convention;
use srcnn::weights::{Format, WeightFile};

fn open(name: &str) -> WeightFile {
    WeightFile::open(&folder().join("weights").join(name)).unwrap_or_else(|e| panic!("{e}"))
}

/// The model, with arbitrary facts where the file states none.
fn model(name: &str) -> Model {
    let mut file = open(name);
    file.facts = file.facts.or(Facts {
        scale: Some(2),
        interpolation: Some(Convention::OpencvLinear),
        luma: Some(LumaRange::Full),
        padding: Some(vec![Padding::Valid]),
        ..Facts::default()
    });
    file.into_model("test").unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// Files, their format, the truth, and the paddings that the file states.
type Case = (&'static str, Format, &'static str, Option<&'static [Padding]>);

const ZEROS: Option<&[Padding]> = Some(&[Padding::Zero; 3]);
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
    ("rgb-3-1-3.pth", Format::PyTorch, "rgb-3-1-3", None),
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
    ];
    for (name, reason) in cases {
        let error = WeightFile::parse(&bytes(&format!("weights/{name}"))).expect_err(name).to_string();
        assert!(error.contains(reason), "{name}: {error}");
    }
}

#[test]
fn the_real_files_of_other_programs_are_read_or_refused_with_the_reason() {
    let Some(data) = reference_data("the_real_files_of_other_programs_are_read_or_refused_with_the_reason") else {
        return;
    };
    let all = ["padding", "scale", "interpolation", "luma range"];
    let cases: [(&str, Result<(&str, &[&str]), &str>); 7] = [
        ("pytorch/srcnn_x3.pth", Ok(("9-5-5:64-32", &all))),
        ("pytorch/srcnn_x4.pth", Ok(("9-5-5:64-32", &all))),
        ("pytorch/y-9-5-5-x3-legacy.pth", Ok(("9-5-5:64-32", &all))),
        ("pytorch/rgb-9-5-5-zip.pt", Ok(("9-5-5:64-32", &all[..3]))),
        ("pytorch/whole-module.pt", Ok(("9-5-5:64-32", &all))),
        ("fsrcnn/fsrcnn_x2.pth", Err("a transposed convolution (`last_part`")),
        ("fsrcnn/fsrcnn_x4.pth", Err("PReLU (`first_part.1`)")),
    ];
    for (name, expected) in cases {
        match (WeightFile::open(&data.join("weights").join(name)), expected) {
            (Ok(file), Ok((architecture, missing))) => {
                assert_eq!(file.architecture().expect("a network").to_string(), architecture, "{name}");
                assert_eq!(file.missing(), missing, "{name}");
            }
            (Err(error), Err(reason)) => assert!(error.to_string().contains(reason), "{name}: {error}"),
            (found, _) => panic!("{name}: {found:?}"),
        }
    }
}
