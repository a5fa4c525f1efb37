use srcnn::color::LumaRange;
use srcnn::model::{Architecture, Input, Model, Padding, Preprocessing};
use srcnn::random::SplitMix64;
use srcnn::resample::{Convention, Edge};

use super::*;
use crate::init::Init;

fn statistics(side: usize) -> Statistics {
    let mut random = SplitMix64::new(9);
    let samples: Vec<f64> = (0..side * 400).map(|_| 0.5 + 0.2 * random.normal()).collect();
    Statistics { mean: 0.45, covariance: Symmetric::covariance(side, &samples), unit: 0.05 }
}

fn architecture(kernels: &[usize], filters: &[usize]) -> Architecture {
    Architecture::srcnn(Input::Y, kernels, filters, &vec![Padding::Replicate; kernels.len()]).expect("a network")
}

fn preconditioned(kernels: &[usize], filters: &[usize], residual: bool) -> Parametrisation {
    Parametrisation::new(architecture(kernels, filters), residual, Some(&statistics(kernels[0] * kernels[0])))
}

fn noise(count: usize, seed: u64) -> Vec<f32> {
    let mut random = SplitMix64::new(seed);
    (0..count).map(|_| 0.3 * random.normal() as f32).collect()
}

fn model(architecture: Architecture, weights: Vec<LayerWeights>) -> Model {
    let preprocessing =
        Preprocessing { scale: 2, interpolation: Convention::MatlabBicubic(Edge::Mirror), luma: LumaRange::Studio };
    Model::new("t", architecture, weights, preprocessing, Default::default()).expect("weights fit")
}

#[test]
fn learnt_numbers_and_weights_lead_to_each_other() {
    for residual in [false, true] {
        let p = preconditioned(&[5, 1, 3], &[6, 4], residual);
        let learnt = noise(p.count(), 1);
        let back = p.learnt(&p.weights(&learnt));
        let worst = learnt.iter().zip(&back).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-4, "{worst}");
    }
}

#[test]
fn gradients_of_learnt_numbers_are_those_of_the_chain_rule() {
    let p = preconditioned(&[3, 1, 3], &[4, 3], true);
    let (learnt, direction) = (noise(p.count(), 2), noise(p.count(), 3));
    // A linear function of the weights, whose gradient is `direction`.
    let value = |learnt: &[f32]| -> f64 {
        p.weights(learnt).iter().zip(&direction).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    let gradient = p.gradient(&direction);
    for at in (0..p.count()).step_by(7) {
        let moved = |by: f32| {
            let mut moved = learnt.clone();
            moved[at] += by;
            value(&moved)
        };
        let slope = (moved(0.5) - moved(-0.5)) / 1.0;
        assert!(
            (slope - f64::from(gradient[at])).abs() < 1e-3 * slope.abs().max(1.0),
            "{at}: {slope} {}",
            gradient[at]
        );
    }
}

#[test]
fn a_grown_network_is_the_same_function() {
    let small = preconditioned(&[3, 1, 3], &[5, 4], true);
    let weights = small.plain(&small.weights(&noise(small.count(), 4)));
    let small = model(architecture(&[3, 1, 3], &[5, 4]), weights);
    let large = preconditioned(&[5, 3, 3], &[5, 4], true);
    let grown = large.plain(&large.weights(&large.grow(&small, 1).expect("it fits")));
    let grown = model(architecture(&[5, 3, 3], &[5, 4]), grown);
    // Beyond the edges the two see other pixels.
    let run = |model: &Model| {
        let mut random = SplitMix64::new(5);
        let plane = srcnn::Plane::from_fn(24, 20, |_, _| random.unit() as f32);
        let out = srcnn::engine::Engine::new(model).run(&[plane], &srcnn::progress::Silent).expect("it runs");
        out[0].crop(srcnn::plane::Rect { x: 6, y: 6, width: 12, height: 8 }).expect("inside").into_vec()
    };
    let worst = run(&small).iter().zip(run(&grown)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 2e-4, "{worst}");
    assert!(large.grow(&model(architecture(&[7, 1, 3], &[5, 4]), fresh(&[7, 1, 3], &[5, 4])), 1).is_err());
    let plain = model(architecture(&[3, 1, 3], &[5, 4]), fresh(&[3, 1, 3], &[5, 4]));
    assert_eq!(large.grow(&plain, 1), Err(GrowError::NotResidual));
}

fn fresh(kernels: &[usize], filters: &[usize]) -> Vec<LayerWeights> {
    let preprocessing =
        Preprocessing { scale: 2, interpolation: Convention::MatlabBicubic(Edge::Mirror), luma: LumaRange::Studio };
    let model = Init::He.model("t", architecture(kernels, filters), 1, preprocessing);
    model.expect("a network").weights().to_vec()
}
