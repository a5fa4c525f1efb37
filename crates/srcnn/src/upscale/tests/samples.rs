//! Samples in floating point, and below black and above white.

use super::*;

#[test]
fn floating_point_is_the_same_but_for_the_rounding() {
    for channels in [1, 3, 4] {
        let sixteen = picture(31, 22, channels, 4);
        let float = sixteen.clone().with_depth(Depth::Float);
        for target in [(62, 44), (50, 29), (20, 20)] {
            let upscaler = Prepared::new(&model());
            let expected = upscaler.upscale(&sixteen, target, &Silent).expect("possible");
            let result = upscaler.upscale(&float, target, &Silent).expect("possible");
            assert_eq!(result.depth(), Depth::Float);
            assert_eq!(result.with_depth(Depth::Sixteen), expected, "{channels} channels to {target:?}");
        }
    }
}

#[test]
fn what_is_beyond_black_and_white_is_resampled_apart() {
    for channels in [1, 2, 3, 4] {
        let image = glaring(&picture(33, 40, channels, 5));
        let Samples::F32(pixels) = image.samples() else { panic!("floats") };
        let cut = Image::new(Samples::F32(pixels.map(|v| v.clamp(0.0, 1.0)))).expect("the same channels");
        let (upscaler, target) = (Prepared::new(&model()), (70, 91));
        let result = upscaler.upscale(&image, target, &Silent).expect("possible");
        let within = upscaler.upscale(&cut, target, &Silent).expect("possible");
        let beyond = |f: fn(f32) -> f32| {
            let part = Samples::F32(pixels.map(f));
            let part = Image::new(part).expect("the same channels");
            bicubic(&part, target).expect("possible")
        };
        let (above, below) = (beyond(|v| (v - 1.0).max(0.0)), beyond(|v| v.min(0.0)));
        let mut highest = 0.0f32;
        let samples = floats(&result).iter().zip(floats(&within)).zip(floats(&above)).zip(floats(&below));
        for (i, (((result, inside), above), below)) in samples.enumerate() {
            let surplus = above.max(0.0) + below.min(0.0);
            if channels % 2 == 0 && i % channels == channels - 1 {
                assert_eq!(result, inside, "alpha");
                continue;
            }
            assert!((result - inside - surplus).abs() < 1e-5, "{channels}: {result} {inside} {surplus}");
            highest = highest.max(*result);
        }
        assert!(highest > 5.0, "highlights stay: {highest}");
    }
}

#[test]
fn what_is_no_number_is_an_error() {
    let image = picture(20, 20, 3, 1).with_depth(Depth::Float);
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut pixels = Pixels::new(20, 20, 3, floats(&image).to_vec()).expect("filled");
        pixels.as_mut_slice()[700] = bad;
        let bad = Image::new(Samples::F32(pixels)).expect("RGB");
        let error = Prepared::new(&model()).run(&bad).expect_err("not finite");
        assert!(matches!(error, UpscaleError::NotFinite));
        let error = bicubic(&bad, (30, 30)).expect_err("not finite");
        assert!(matches!(error, UpscaleError::NotFinite));
    }
    // Too large to filter: overshoot makes it infinite.
    for bad in [f32::MAX, f32::MIN] {
        let samples = (0..20 * 20 * 3).map(|i| if i / 60 % 7 < 3 { bad } else { 0.5 }).collect();
        let bad = Image::new(Samples::F32(Pixels::new(20, 20, 3, samples).expect("filled"))).expect("RGB");
        assert!(matches!(Prepared::new(&model()).run(&bad), Err(UpscaleError::NotFinite)));
    }
}

#[test]
fn bicubic_alone_leaves_a_picture_of_its_size_as_it_is() {
    for image in [picture(20, 15, 3, 1), glaring(&picture(20, 15, 4, 1))] {
        let upscaler = Upscaler::of(std::sync::Arc::new(Bicubic)).build().expect("any channels");
        assert_eq!(upscaler.work(image.size()), 0);
        assert!(upscaler.run(&image).expect("possible") == image);
    }
}
