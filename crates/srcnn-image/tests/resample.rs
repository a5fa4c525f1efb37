//! Resampling against OpenCV, Pillow and an independent implementation of MATLAB's rules.

use serde_json::Value;
use srcnn_codec::ImageFile;
use srcnn_fixtures::{crc, json, reference_data};
use srcnn_image::image::{Pixels, Samples};
use srcnn_image::resample::{Convention, Edge, matlab, resize_plane, resize_u8};
use srcnn_image::{Image, Plane};

fn open(fixture: &str) -> Image {
    Image::open(srcnn_fixtures::path(fixture)).unwrap_or_else(|e| panic!("{e}"))
}

fn pixels(image: &Image) -> Pixels<u8> {
    match image.samples() {
        Samples::U8(p) => p.clone(),
        Samples::U16(_) | Samples::F32(_) => panic!("fixtures have 8 bits"),
    }
}

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or_else(|| panic!("{key} of {case}"))
}

fn number(case: &Value, key: &str) -> usize {
    case[key].as_u64().unwrap_or_else(|| panic!("{key} of {case}")) as usize
}

fn list<'a>(value: &'a Value, key: &str, at_least: usize) -> &'a [Value] {
    let list = value[key].as_array().unwrap_or_else(|| panic!("no list {key}"));
    assert!(list.len() >= at_least, "{key}: only {} cases", list.len());
    list
}

fn edge(case: &Value) -> Edge {
    match text(case, "edge") {
        "mirror" => Edge::Mirror,
        "clamp" => Edge::Replicate,
        other => panic!("edge {other}"),
    }
}

fn factor(case: &Value) -> f64 {
    let part = |i: usize| case["scale"][i].as_f64().expect("a number");
    part(0) / part(1)
}

#[test]
fn opencv_and_pillow_are_met_bit_for_bit() {
    let cases = json("resample/cases.json");
    let cases = list(&cases, "cases", 1000);
    let mut failures = Vec::new();
    for case in cases {
        let input = pixels(&open(text(case, "input")));
        let convention: Convention = text(case, "convention").parse().expect("a convention");
        let result = resize_u8(&input, (number(case, "width"), number(case, "height")), convention).expect("a size");
        if crc(result.as_slice()) as usize == number(case, "crc32") {
            continue;
        }
        failures.push(format!("{} {convention} {}x{}", text(case, "input"), result.width(), result.height()));
        if let Some(expected) = case["expected"].as_str() {
            let expected = pixels(&open(expected));
            let differing = result.as_slice().iter().zip(expected.as_slice()).filter(|(a, b)| a != b).count();
            failures.push(format!("  {differing} of {} samples differ", result.as_slice().len()));
        }
    }
    assert!(failures.is_empty(), "of {} cases, these failed:\n{}", cases.len(), failures.join("\n"));
}

#[test]
fn the_notebooks_way_down_and_up_is_opencvs() {
    for case in list(&json("resample/cases.json"), "keras_round_trips", 30) {
        let input = pixels(&open(text(case, "input")));
        let scale = number(case, "scale");
        let small = (input.width() / scale, input.height() / scale);
        let small = resize_u8(&input, small, Convention::OpencvLinear).expect("a size");
        assert_eq!(crc(small.as_slice()) as usize, number(case, "small_crc32"), "down: {case}");
        let back = resize_u8(&small, input.size(), Convention::OpencvLinear).expect("a size");
        assert_eq!(crc(back.as_slice()) as usize, number(case, "crc32"), "up: {case}");
    }
}

#[test]
fn imresize_on_uint8_is_met_bit_for_bit() {
    for case in list(&json("resample/matlab.json"), "cases", 200) {
        let planes = pixels(&open(text(case, "input"))).to_planes();
        let resized = planes.iter().map(|p| matlab::resize_by(p, factor(case), edge(case)).expect("a factor"));
        let result = Pixels::from_planes(&resized.collect::<Vec<_>>());
        assert_eq!(result.size(), (number(case, "width"), number(case, "height")), "{case}");
        assert_eq!(crc(result.as_slice()) as usize, number(case, "crc32"), "{case}");
    }
}

#[test]
fn imresize_in_floating_point_agrees() {
    let rows = |value: &Value| -> Plane<f64> {
        let rows = value.as_array().expect("rows");
        let data = rows.iter().flat_map(|r| r.as_array().expect("a row")).map(|v| v.as_f64().expect("a number"));
        let data: Vec<f64> = data.collect();
        Plane::new(data.len() / rows.len(), rows.len(), data).expect("a rectangle")
    };
    for case in list(&json("resample/matlab.json"), "floats", 20) {
        let (input, truth) = (rows(&case["input"]), rows(&case["output"]));
        let worst = |result: &Plane<f64>| {
            assert_eq!(result.size(), truth.size());
            let pairs = result.as_slice().iter().zip(truth.as_slice());
            pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
        };
        // At most two passes of some thirty terms near one.
        let double = worst(&matlab::resize_by(&input, factor(case), edge(case)).expect("a factor"));
        assert!(double < 1e-14, "f64: {double} at {} {}", case["scale"], case["edge"]);
        let input = input.map(|v| v as f32);
        let single = matlab::resize_by(&input, factor(case), edge(case)).expect("a factor").map(f64::from);
        assert!(worst(&single) < 2e-6, "f32: {} at {} {}", worst(&single), case["scale"], case["edge"]);
    }
}

#[test]
fn every_convention_has_the_same_geometry_in_floating_point() {
    let input = open("pictures/astronaut-61x47.png");
    for (name, convention) in Convention::NAMED {
        for size in [(61, 47), (122, 94), (91, 17), (25, 80), (30, 23), (20, 15), (1, 1)] {
            let exact = resize_u8(&pixels(&input), size, convention).expect("a size").channel(1);
            let float = resize_plane(&input.channel::<f32>(1), size, convention).expect("a size");
            for (i, (a, b)) in exact.as_slice().iter().zip(float.as_slice()).enumerate() {
                let b = (b * 255.0).clamp(0.0, 255.0);
                // Fixed-point weights and a rounding after each pass: within a level and a bit.
                assert!((f32::from(*a) - b).abs() < 1.6, "{name} {size:?} sample {i}: {a} against {b}");
            }
        }
    }
}

#[test]
fn matlabs_own_pictures_are_met_bit_for_bit() {
    let Some(data) = reference_data("matlabs_own_pictures_are_met_bit_for_bit") else { return };
    let mut compared = 0;
    for number in 1..=5 {
        for scale in 2..=4 {
            let path = |kind| data.join(format!("golden/imresize/img_00{number}_SRF_{scale}_{kind}.png"));
            let large = pixels(&Image::open(path("HR")).expect("a picture"));
            let small = pixels(&Image::open(path("LR")).expect("a picture"));
            let convention = Convention::MatlabBicubic(Edge::Replicate);
            assert_eq!(resize_u8(&large, small.size(), convention).expect("a size"), small, "{number} x{scale}");
            compared += 1;
        }
    }
    assert_eq!(compared, 15);
}
