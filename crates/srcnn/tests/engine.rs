//! The engine against PyTorch in double precision.

mod fixtures;

use fixtures::{bytes, json};
use serde_json::Value;
use srcnn::Plane;
use srcnn::color::LumaRange;
use srcnn::engine::{Engine, Reference};
use srcnn::model::{Facts, Model, Padding};
use srcnn::progress::Silent;
use srcnn::resample::Convention;
use srcnn::weights::WeightFile;

fn planes(value: &Value) -> Vec<Plane<f64>> {
    let channel = |value: &Value| {
        let rows = value.as_array().expect("rows");
        let samples = rows.iter().flat_map(|r| r.as_array().expect("a row"));
        let data: Vec<f64> = samples.map(|v| v.as_f64().expect("a number")).collect();
        Plane::new(data.len() / rows.len(), rows.len(), data).expect("a rectangle")
    };
    value.as_array().expect("channels").iter().map(channel).collect()
}

fn model(name: &str, paddings: &Value) -> Model {
    let padding = |p: &Value| match p.as_str() {
        Some("valid") => Padding::Valid,
        Some("zero") => Padding::Zero,
        Some("replicate") => Padding::Replicate,
        other => panic!("padding {other:?}"),
    };
    let mut file = WeightFile::parse(&bytes(&format!("engine/{name}.safetensors"))).expect("weights");
    file.facts = Facts {
        scale: Some(2),
        interpolation: Some(Convention::OpencvLinear),
        luma: Some(LumaRange::Full),
        padding: Some(paddings.as_array().expect("a list").iter().map(padding).collect()),
        ..Facts::default()
    };
    file.into_model(name).expect("a model")
}

#[test]
fn pytorch_is_met_for_every_network_and_padding() {
    for name in ["grey-5-3-3", "grey-9-1-5", "rgb-3-1-3"] {
        let truth = json(&format!("engine/{name}.json"));
        let runs = truth["runs"].as_array().expect("runs");
        assert!(runs.len() >= 4, "{name}");
        for run in runs {
            let model = model(name, &run["paddings"]);
            let (input, truth) = (planes(&run["input"]), planes(&run["output"]));
            let double = Reference::<f64>::new(&model).run(&input, &Silent).expect("large enough");
            let input: Vec<_> = input.iter().map(|p| p.map(|v| v as f32)).collect();
            let single = Reference::<f32>::new(&model).run(&input, &Silent).expect("large enough");
            let fused = Engine::new(&model).run(&input, &Silent).expect("large enough");
            for (channel, truth) in truth.iter().enumerate() {
                assert_eq!(double[channel].size(), truth.size(), "{name} {}", run["paddings"]);
                let (single, fused) = (single[channel].map(f64::from), fused[channel].map(f64::from));
                // Winograd convolution rounds more than plain sums do.
                for (bound, ours) in [(1e-13, &double[channel]), (2e-6, &single), (1e-5, &fused)] {
                    let pairs = ours.as_slice().iter().zip(truth.as_slice());
                    let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                    assert!(worst < bound, "{name} {}: {worst}", run["paddings"]);
                }
            }
        }
    }
}
