//! State dictionaries of published families: recognised by their tensors, and computed as PyTorch computes them
//! (tools/oracles/make_families.py).

use safetensors::SafeTensors;
use srcnn::color::LumaRange;
use srcnn::engine::Reference;
use srcnn::image::Pixels;
use srcnn::model::{Facts, Input};
use srcnn::plane::Plane;
use srcnn::progress::Silent;
use srcnn::rows::{Held, Shape, collect};
use srcnn::upscale::{Target, UpscaleError};
use srcnn::weights::{WeightFile, to_onnx, to_safetensors};
use srcnn::{Edge, Image, Limits, Model, Size, Upscaler};

struct Case {
    file: &'static str,
    family: &'static str,
    input: Input,
    scale: usize,
    /// Facts that the file does not tell.
    missing: &'static [&'static str],
}

const fn case(
    file: &'static str,
    family: &'static str,
    input: Input,
    scale: usize,
    missing: &'static [&'static str],
) -> Case {
    Case { file, family, input, scale, missing }
}

const CASES: [Case; 11] = [
    case("fsrcnn-x3", "FSRCNN", Input::Y, 3, &["scale"]),
    case("espcn-x3", "ESPCN", Input::Y, 3, &[]),
    case("vdsr", "VDSR", Input::Y, 1, &["scale"]),
    case("dncnn", "DnCNN", Input::Y, 1, &[]),
    case("arcnn", "AR-CNN", Input::Rgb, 1, &[]),
    case("compact-x4", "SRVGGNetCompact", Input::Rgb, 4, &[]),
    case("compact-x2", "SRVGGNetCompact", Input::Rgb, 2, &[]),
    case("esrgan-x4", "RRDBNet", Input::Rgb, 4, &[]),
    case("rrdb-x2", "RRDBNet", Input::Rgb, 2, &[]),
    case("edsr-x4", "EDSR", Input::Rgb, 4, &[]),
    case("edsr-x3", "EDSR", Input::Rgb, 3, &[]),
];

fn model(case: &Case) -> Model {
    let mut file = WeightFile::parse(&srcnn_fixtures::bytes(&format!("families/{}.safetensors", case.file)))
        .unwrap_or_else(|error| panic!("{}: {error}", case.file));
    assert_eq!((file.recognised, file.missing()), (Some(case.family), case.missing.to_vec()), "{}", case.file);
    file.facts.scale = file.facts.scale.or(Some(case.scale.max(2) as u32));
    file.into_model(case.file).unwrap_or_else(|error| panic!("{}: {error}", case.file))
}

/// What goes in, and what PyTorch makes of it.
fn results(case: &Case) -> [Vec<Plane<f64>>; 2] {
    let bytes = srcnn_fixtures::bytes(&format!("families/results/{}.safetensors", case.file));
    let file = SafeTensors::deserialize(&bytes).expect("safetensors");
    ["input", "output"].map(|name| {
        let tensor = file.tensor(name).expect("it is there");
        let data = tensor.data();
        let values: Vec<f64> = match name {
            "input" => data.as_chunks().0.iter().map(|v| f64::from(f32::from_le_bytes(*v))).collect(),
            _ => data.as_chunks().0.iter().map(|v| f64::from_le_bytes(*v)).collect(),
        };
        let (height, width) = (tensor.shape()[1], tensor.shape()[2]);
        values.chunks_exact(width * height).map(|v| Plane::new(width, height, v.to_vec()).expect("a plane")).collect()
    })
}

fn check(model: &Model, case: &Case) {
    let [input, output] = results(case);
    let result = Reference::<f64>::new(model).run(&input, &Silent).expect("it runs");
    assert_eq!(result.len(), output.len());
    let pairs = result.iter().zip(&output).flat_map(|(a, b)| a.as_slice().iter().zip(b.as_slice()));
    let largest = pairs.fold(0.0, |largest: f64, (a, b)| largest.max((a - b).abs()));
    // Slopes and shares that PyTorch has in double precision are f32 here.
    assert!(largest < 1e-7, "{}: {largest:e}", case.file);
}

#[test]
fn families_are_recognised_and_computed_as_pytorch_does() {
    for case in &CASES {
        let model = model(case);
        assert_eq!((model.input(), model.graph().scale()), (case.input, case.scale), "{}", case.file);
        check(&model, case);
    }
}

#[test]
fn what_is_written_as_safetensors_is_the_same_network() {
    for case in &CASES {
        let model = model(case);
        let again = WeightFile::parse(&to_safetensors(&model)).and_then(|file| file.into_model("again"));
        let again = again.unwrap_or_else(|error| panic!("{}: {error}", case.file));
        assert_eq!((again.graph(), again.weights()), (model.graph(), model.weights()), "{}", case.file);
        assert_eq!(again.preprocessing(), model.preprocessing(), "{}", case.file);
    }
}

/// The picture by as little memory as it takes, so in bands.
fn in_bands(upscaler: &Upscaler, picture: &Image) -> Image {
    let mut limits = Limits { memory: Shape::of(picture).bytes(), ..Limits::default() };
    loop {
        match upscaler.rows(Held::from(picture), limits, &Silent) {
            Ok(rows) => return collect(rows).expect("rows come"),
            Err(UpscaleError::Memory { needed, .. }) => limits.memory += needed,
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn what_is_written_as_onnx_computes_the_same() {
    for case in &CASES {
        let model = model(case);
        let again = WeightFile::parse(&to_onnx(&model).expect("operations of ONNX")).and_then(|file| {
            assert_eq!(file.notes, *model.notes(), "{}", case.file);
            file.into_model("again")
        });
        let again = again.unwrap_or_else(|error| panic!("{}: {error}", case.file));
        check(&again, case);
        assert_eq!((again.name(), again.preprocessing()), (model.name(), model.preprocessing()), "{}", case.file);
    }
}

#[test]
fn pictures_are_enlarged_alike_at_once_and_in_bands() {
    let size = Size::new(37, 131);
    let samples = (0..size.width * size.height * 3).map(|i| (i * 7919 % 251) as u8).collect();
    let picture = Image::from_u8(Pixels::new(size.width, size.height, 3, samples).expect("samples")).expect("RGB");
    for case in CASES.iter().filter(|case| case.scale > 1) {
        let model = model(case);
        let upscaler = Upscaler::builder(&model).build().expect("a restorer");
        let whole = upscaler.run(&picture).unwrap_or_else(|error| panic!("{}: {error}", case.file));
        assert_eq!(whole.size(), size.times(case.scale), "{}", case.file);
        assert!(in_bands(&upscaler, &picture) == whole, "{}: bands", case.file);
        let mirrored = Upscaler::builder(&model).edge(Edge::Mirror).build().expect("a restorer");
        assert_eq!(mirrored.run(&picture).expect("it runs").size(), whole.size(), "{}", case.file);
        let same = Upscaler::builder(&model).target(Target::SameSize).build().and_then(|u| u.run(&picture));
        assert!(matches!(same, Err(UpscaleError::OwnScale { scale }) if scale == case.scale), "{}", case.file);
    }
}

#[test]
fn their_onnx_by_both_of_pytorchs_exporters_gives_the_same() {
    for case in &CASES {
        let bytes = srcnn_fixtures::bytes(&format!("families/onnx/{}.onnx", case.file));
        let mut file = WeightFile::parse(&bytes).unwrap_or_else(|error| panic!("{}: {error}", case.file));
        assert_eq!(file.facts.scale, (case.scale > 1).then_some(case.scale as u32), "{}", case.file);
        file.facts = file.facts.or(Facts { scale: Some(1), luma: Some(LumaRange::Studio), ..Facts::default() });
        let model = file.into_model(case.file).unwrap_or_else(|error| panic!("{}: {error}", case.file));
        assert_eq!((model.input(), model.graph().scale()), (case.input, case.scale), "{}", case.file);
        check(&model, case);
    }
}

#[test]
fn their_ncnn_files_by_pnnx_give_the_same() {
    for name in ["fsrcnn-x3", "espcn-x3", "arcnn", "compact-x2", "esrgan-x4"] {
        let case = CASES.iter().find(|case| case.file == name).expect("a case");
        let [param, bin] = ["param", "bin"].map(|kind| srcnn_fixtures::bytes(&format!("families/ncnn/{name}.{kind}")));
        let mut file = WeightFile::parse_ncnn(&param, &bin).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(file.facts.scale, (case.scale > 1).then_some(case.scale as u32), "{name}");
        file.facts = file.facts.or(Facts { scale: Some(1), luma: Some(LumaRange::Studio), ..Facts::default() });
        let model = file.into_model(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((model.input(), model.graph().scale()), (case.input, case.scale), "{name}");
        check(&model, case);
    }
}

/// Names and shapes of tensors.
type Shapes<'a> = &'a [(&'a str, &'a [u64])];

/// A safetensors file of f32 tensors of these shapes, with as many zeros as there is room for.
fn shapes(list: Shapes<'_>) -> Vec<u8> {
    let mut header = serde_json::Map::new();
    let mut end = 0;
    for (name, shape) in list {
        let begin = end;
        end += 4 * shape.iter().product::<u64>();
        header.insert(
            (*name).to_owned(),
            serde_json::json!({"dtype": "F32", "shape": shape, "data_offsets": [begin, end]}),
        );
    }
    let header = serde_json::Value::Object(header).to_string();
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + end as usize, 0);
    bytes
}

#[test]
fn what_only_looks_like_a_family_is_none() {
    let files: [(&str, Shapes<'_>); 6] = [
        (
            "a last part of one axis",
            &[("first_part.0.weight", &[8, 1, 5, 5]), ("first_part.1.weight", &[8]), ("last_part.weight", &[5])],
        ),
        (
            "no numbers, and a trillion of them",
            &[
                ("body.0.weight", &[1 << 40, 0, 3, 3]),
                ("body.1.weight", &[0, 1 << 40]),
                ("body.2.weight", &[0, 1 << 40, 3, 3]),
            ],
        ),
        (
            "an SRCNN named `body`",
            &[("body.0.weight", &[6, 1, 9, 9]), ("body.2.weight", &[4, 6, 1, 1]), ("body.4.weight", &[1, 4, 5, 5])],
        ),
        ("compact layers without slopes", &[("body.0.weight", &[6, 1, 3, 3]), ("body.2.weight", &[1, 6, 3, 3])]),
        (
            "a compact network and another kernel",
            &[
                ("f.body.0.weight", &[6, 1, 3, 3]),
                ("f.body.1.weight", &[6]),
                ("f.body.2.weight", &[4, 6, 3, 3]),
                ("out.weight", &[1, 4, 1, 1]),
            ],
        ),
        ("a VDSR without layers", &[("conv1.0.weight", &[6, 1, 9, 9]), ("conv2.weight", &[1, 6, 5, 5])]),
    ];
    for (name, list) in files {
        let file = WeightFile::parse(&shapes(list));
        assert!(
            file.as_ref().map_or(true, |file| file.recognised.is_none()),
            "{name}: {:?}",
            file.map(|f| f.recognised)
        );
    }
    // The tensors of a mean that is not the one that is known.
    let list: [(&str, &[u64]); 8] = [
        ("sub_mean.weight", &[3, 3, 1, 1]),
        ("sub_mean.bias", &[3]),
        ("head.0.weight", &[4, 3, 3, 3]),
        ("body.0.body.0.weight", &[4, 4, 3, 3]),
        ("body.0.body.2.weight", &[4, 4, 3, 3]),
        ("body.1.weight", &[4, 4, 3, 3]),
        ("tail.0.0.weight", &[16, 4, 3, 3]),
        ("tail.1.weight", &[3, 4, 3, 3]),
    ];
    let error = WeightFile::parse(&shapes(&list)).expect_err("another mean").to_string();
    assert!(error.contains("EDSR, with another mean or range"), "{error}");
}
