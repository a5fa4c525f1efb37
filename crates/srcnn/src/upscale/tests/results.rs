//! Sizes, progress, and results that are refused.

use super::*;

#[test]
fn every_target_size_is_met_and_reductions_need_no_network() {
    let image = picture(24, 18, 4, 2);
    let broken = Prepared::new(&constant(f32::MAX));
    for target in [(12, 9), (24, 9), (5, 18), (1, 1), (24, 18)] {
        let reduced = broken.upscale(&image, target, &Silent).expect("no network runs");
        assert_eq!(reduced.size(), target);
        assert_eq!(broken.exactly(target).work(image.size()), 0);
        assert_eq!(reduced, Prepared::new(&model()).upscale(&image, target, &Silent).expect("possible"));
    }
    assert_eq!(broken.upscale(&image, (24, 18), &Silent).ok().as_ref(), Some(&image));
    for target in [(25, 18), (25, 1), (10, 37), (97, 73)] {
        let upscaler = Prepared::new(&model());
        assert_eq!(upscaler.upscale(&image, target, &Silent).expect("possible").size(), target);
        assert!(upscaler.exactly(target).work(image.size()) >= 48 * 36);
        assert!(broken.upscale(&image, target, &Silent).is_err());
    }
    let huge = Prepared::new(&model()).upscale(&image, (usize::MAX, usize::MAX), &Silent);
    assert!(matches!(huge, Err(UpscaleError::TooLarge { .. })));
}

#[test]
fn the_announced_work_is_the_work_done() {
    struct Count(std::sync::atomic::AtomicU64);
    impl Progress for Count {
        fn advance(&self, pixels: u64) {
            self.0.fetch_add(pixels, std::sync::atomic::Ordering::Relaxed);
        }
    }
    let image = picture(21, 15, 3, 2);
    for edge in [Edge::Replicate, Edge::Mirror] {
        for (ensemble, strength) in [(false, 1.0), (true, 0.3), (true, 0.0)] {
            let upscaler = with(Settings { ensemble, strength, edge });
            for target in [(30, 40), (63, 45), (10, 10)] {
                let count = Count(0.into());
                upscaler.upscale(&image, target, &count).expect("possible");
                assert_eq!(count.0.into_inner(), upscaler.exactly(target).work(image.size()), "{edge:?} {target:?}");
            }
            let count = Count(0.into());
            upscaler.restore(&image, &count).expect("possible");
            assert_eq!(count.0.into_inner(), upscaler.to(Target::SameSize).work(image.size()), "{edge:?}");
        }
    }
}

/// A network whose output is constant.
fn constant(bias: f32) -> Model {
    let facts =
        Preprocessing { scale: 2, interpolation: Convention::MatlabBicubic(Edge::Mirror), luma: LumaRange::Studio };
    let architecture: Architecture = "9-1-5:8-8".parse().expect("a network");
    let layers = architecture.layers();
    let mut weights: Vec<_> = layers
        .iter()
        .map(|layer| LayerWeights { kernels: vec![0.0; layer.kernel_values()], biases: vec![0.0; layer.outputs] })
        .collect();
    weights[2].biases[0] = bias;
    Model::new("constant", architecture, weights, facts, std::collections::BTreeMap::new()).expect("valid")
}

#[test]
fn what_is_no_picture_is_an_error() {
    let image = picture(20, 20, 3, 4);
    let found = |model: &Model, image: &Image| {
        let upscaler = Prepared::new(model);
        let both = [upscaler.run(image), upscaler.restore(image, &Silent)];
        both.map(|result| match result {
            Err(UpscaleError::Fault { fault }) => Some(fault),
            Ok(_) => None,
            Err(other) => panic!("{other}"),
        })
    };
    assert_eq!(found(&constant(0.0), &image), [Some(Fault::Black); 2]);
    assert_eq!(found(&constant(0.5), &image), [Some(Fault::Constant); 2]);
    assert_eq!(found(&constant(9.0), &image), [Some(Fault::Constant); 2]);
    let mut infinite = constant(0.5);
    let layers: Vec<LayerWeights> = infinite
        .weights()
        .iter()
        .map(|layer| LayerWeights { kernels: vec![f32::MAX; layer.kernels.len()], biases: layer.biases.clone() })
        .collect();
    infinite = Model::new(
        "infinite",
        infinite.architecture().expect("a chain").clone(),
        layers,
        *infinite.preprocessing(),
        Default::default(),
    )
    .expect("valid");
    assert_eq!(found(&infinite, &image), [Some(Fault::NotFinite); 2]);
    let flat = |v: u8| Image::from_u8(Pixels::new(9, 9, 1, vec![v; 81]).expect("filled")).expect("grey");
    assert_eq!(found(&constant(0.0), &flat(200)), [Some(Fault::Black); 2]);
    assert_eq!(found(&constant(0.0), &flat(0)), [None; 2]);
    for v in [0, 1, 100, 255] {
        assert_eq!(found(&model(), &flat(v)), [None; 2], "{v}");
    }
    let rgb = LayerSpec { inputs: 3, outputs: 3, kernel: 3, padding: Padding::Zero, activation: Activation::None };
    let architecture = Architecture::new(Input::Rgb, vec![rgb]).expect("a network");
    // Keeps red and green, drops blue.
    let kernels = (0..81).map(|i| if i == 4 || i == 40 { 1.0 } else { 0.0 }).collect();
    let weights = vec![LayerWeights { kernels, biases: vec![0.0; 3] }];
    let blind =
        Model::new("blind", architecture, weights, *model().preprocessing(), Default::default()).expect("valid");
    assert_eq!(found(&blind, &image), [Some(Fault::Black); 2]);
}

#[test]
fn hidden_colors_change_nothing_that_is_seen() {
    let mut random = SplitMix64::new(8);
    let data: Vec<u8> = (0..40 * 30i32)
        .flat_map(|i| {
            let (x, y) = (i % 40 - 20, i / 40 - 15);
            let alpha = (255 - (x * x + y * y - 90) * 4).clamp(0, 255) as u8;
            [(100 + 3 * x) as u8, (90 + 4 * y) as u8, 40, alpha]
        })
        .collect();
    let hidden = |color: &mut dyn FnMut() -> u8| {
        let mut data = data.clone();
        data.chunks_exact_mut(4).filter(|p| p[3] == 0).for_each(|p| p[..3].fill_with(&mut *color));
        Image::from_u8(Pixels::new(40, 30, 4, data).expect("filled")).expect("RGBA")
    };
    let pictures = [hidden(&mut || 0), hidden(&mut || 255), hidden(&mut || random.below(256) as u8)];
    for edge in [Edge::Replicate, Edge::Wrap] {
        let upscaler = with(Settings { edge, ..Settings::default() });
        for target in [(80, 60), (100, 70), (20, 15)] {
            let results = pictures.each_ref().map(|p| upscaler.upscale(p, target, &Silent).expect("possible"));
            assert!(results.iter().all(|r| *r == results[0]), "{target:?}");
        }
        let results = pictures.each_ref().map(|p| upscaler.restore(p, &Silent).expect("possible"));
        assert!(results.iter().all(|r| *r == results[0]));
    }
    // Every visible pixel is as dark as the picture along its visible edge.
    let result = with(Settings::default()).run(&pictures[1]).expect("possible").to_u8();
    let seen = result.as_slice().chunks_exact(4).filter(|p| (1..128).contains(&p[3]));
    assert!(seen.clone().count() > 100 && seen.map(|p| p[2]).all(|b| b.abs_diff(40) < 12));
}

#[test]
fn a_network_on_ycbcr_is_marked_in_its_file_and_refused() {
    let rgb = rgb();
    let specs = rgb.architecture().expect("a chain").layers().to_vec();
    let architecture = Architecture::new(Input::Ycbcr, specs).expect("a network");
    let model = Model::new("ycbcr", architecture, rgb.weights().to_vec(), *rgb.preprocessing(), Default::default());
    let model = model.expect("a model");
    let read = |bytes: &[u8]| {
        let file = crate::weights::WeightFile::parse(bytes).expect("ours");
        file.into_model("m").expect("it says all").architecture().expect("a chain").input()
    };
    for (model, input) in [(&model, Input::Ycbcr), (&rgb, Input::Rgb)] {
        assert_eq!(read(&crate::weights::to_safetensors(model)), input);
        assert_eq!(read(&crate::weights::to_onnx(model).expect("layers")), input);
    }
    assert!(matches!(Upscaler::builder(&model).build(), Err(UpscaleError::Ycbcr)));
    assert!(matches!(Upscaler::builder(&model).target(Target::SameSize).build(), Err(UpscaleError::Ycbcr)));
}
