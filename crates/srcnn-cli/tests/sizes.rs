//! Sizes of every kind, and how the network is used.

mod workspace;

use srcnn::image::{Pixels, Samples};
use srcnn::metrics::{Protocol, psnr};
use srcnn::resample::{Convention, Edge, resize_plane};
use srcnn::{Image, ImageFile, degrade, quantize};
use workspace::Workspace;

/// Wide, high and square pictures in one folder.
fn mixed(w: &Workspace) -> [(usize, usize); 4] {
    w.picture("astronaut-61x47.png", "in/a.png");
    w.picture("rocket-40x56.png", "in/b.png");
    w.picture("chelsea-64x64.png", "in/c.png");
    w.picture("alpha-45x35.png", "in/d.png");
    ["a", "b", "c", "d"].map(|name| w.image(&format!("in/{name}.png")).size().into())
}

#[test]
fn every_size_is_met_to_the_pixel_in_a_mixed_batch() {
    let w = Workspace::new();
    assert_eq!(mixed(&w), [(61, 47), (40, 56), (64, 64), (45, 35)]);
    let cases = [
        ("-s 1.7", [(104, 80), (68, 95), (109, 109), (77, 60)]),
        ("--size 123x77", [(123, 77); 4]),
        ("--size 100x", [(100, 77), (100, 140), (100, 100), (100, 78)]),
        ("--size x100", [(130, 100), (71, 100), (100, 100), (129, 100)]),
        ("--long-side 150", [(150, 116), (107, 150), (150, 150), (150, 117)]),
        ("--short-side 70", [(91, 70), (70, 98), (70, 70), (90, 70)]),
        ("--min-size 60x50", [(65, 50), (60, 84), (64, 64), (64, 50)]),
        ("--fit 90x120", [(90, 69), (86, 120), (90, 90), (90, 70)]),
        ("--fit 50x50", [(50, 39), (36, 50), (50, 50), (50, 39)]),
    ];
    for (options, sizes) in cases {
        w.srcnn(&format!("upscale in -o out --force {options}")).ok();
        let found = ["a", "b", "c", "d"].map(|name| w.image(&format!("out/{name}.png")).size());
        assert_eq!(found, sizes, "{options}");
    }
}

#[test]
fn each_picture_gets_the_model_for_its_factor() {
    let w = Workspace::new();
    w.picture("chelsea-64x64.png", "in/c.png");
    w.picture("alpha-45x35.png", "in/d.png");
    w.picture("rocket-40x56.png", "in/b.png");
    let run = w.srcnn("upscale in -o out --size 120x -v -m srcnn-915").ok();
    assert_eq!([2, 3, 4].map(|n| run.err.matches(&format!("model srcnn-915-x{n} ")).count()), [1, 1, 0], "{}", run.err);
    for (name, factor) in [("c", "1.875"), ("d", "2.6666666667"), ("b", "3")] {
        w.srcnn(&format!("upscale in/{name}.png -o alone.png --force -m srcnn-915 -s {factor}")).ok();
        assert_eq!(w.image("alone.png"), w.image(&format!("out/{name}.png")), "{name}");
    }
    // A model that is named with its scale is kept.
    let run = w.srcnn("upscale in -o out --force --size 120x -v -m srcnn-915-x2").ok();
    assert!(!run.err.contains("srcnn-915-x3"), "{}", run.err);
}

#[test]
fn what_is_large_enough_is_left_and_what_is_too_large_reduced_and_both_are_said() {
    let w = Workspace::new();
    let [astronaut, ..] = mixed(&w);
    let run = w.srcnn("upscale in -o out --min-size 40x40 -v").ok();
    for name in ["a", "b", "c"] {
        assert_eq!(w.image(&format!("out/{name}.png")), w.image(&format!("in/{name}.png")));
    }
    assert_eq!(run.err.matches("is large enough: left as it is").count(), 3, "{}", run.err);
    assert!(run.err.contains("a.png: 61x47 is large enough"), "{}", run.err);
    // As JPEG, it goes through the encoder like the others.
    w.srcnn("upscale in/a.png -o a.jpg --min-size 40x40").ok();
    assert_eq!(w.image("a.jpg").size(), astronaut);

    let run = w.srcnn("upscale in/a.png -o small.png --long-side 30 -v").ok();
    assert!(run.err.contains("a.png: 61x47 is reduced to 30x23 by bicubic, without the network"), "{}", run.err);
    assert!(!run.err.contains("model "), "{}", run.err);
    let image = w.image("in/a.png");
    let plane = |c| resize_plane(&image.channel::<f32>(c), (30, 23), Convention::MatlabBicubic(Edge::Mirror));
    let planes = [0, 1, 2].map(|c| plane(c).expect("a size").map(quantize::to_u8));
    assert_eq!(w.image("small.png").to_u8(), Pixels::from_planes(&planes));

    let run = w.srcnn("upscale in/a.png -o thin.png --size 30x120").ok();
    assert!(run.err.contains("one side is enlarged, the other reduced"), "{}", run.err);
    assert_eq!(w.image("thin.png").size(), (30, 120));
    let run = w.srcnn("upscale in/a.png -o wide.png --size 200x120").ok();
    assert!(run.err.contains("stretched to 200x120 (--fit keeps its shape)"), "{}", run.err);
    for quiet in ["upscale in/a.png -o x.png --size 122x94", "upscale in/a.png -o x.png --force --size 61x48 -q"] {
        assert_eq!(w.srcnn(quiet).ok().err, "", "{quiet}");
    }
    let run = w.srcnn("upscale in/a.png -o same.png --size 61x47").ok();
    assert!(run.err.contains("is 61x47 already: left as it is"), "{}", run.err);
    assert_eq!(w.image("same.png"), image);
}

#[test]
fn wishes_that_cannot_be_met_are_usage_errors() {
    let w = Workspace::new();
    w.picture("astronaut-61x47.png", "a.png");
    for (options, part) in [
        ("-s 2 --size 100x100", "cannot be used with"),
        ("--fit 10x10 --min-size 20x20", "cannot be used with"),
        ("--long-side 10 --short-side 20", "cannot be used with"),
        ("--size 100", "3840x2160"),
        ("--size x", "at least one side"),
        ("--size 0x10", "at least one pixel"),
        ("--size=-3x10", "no number of pixels"),
        ("--size 1e3x10", "no number of pixels"),
        ("--size 99999999999x", "no number of pixels"),
        ("--fit 10x", "both sides are needed"),
        ("--min-size x10", "both sides are needed"),
        ("--long-side 0", "at least one pixel"),
        ("--strength 1.5", "from 0"),
        ("--strength nan", "from 0"),
        ("--strength half", "from 0"),
        ("--ensemble --strength 0", "--ensemble"),
        ("--edge zero", "replicate"),
        ("-s 0.5", "above 1"),
    ] {
        w.srcnn(&format!("upscale a.png -o b.png {options}")).fails(2, &[part]);
    }
    w.srcnn("restore a.png -o b.png --size 100x100").fails(2, &["--size"]);
    w.srcnn("upscale a.png -o b.png --size 4000000000x4000000000").fails(1, &["a.png", "pixels are more than"]);
    assert_eq!(w.names("."), ["a.png"]);
}

#[test]
fn an_ensemble_is_better_and_no_other_option_changes_the_default() {
    let w = Workspace::new();
    w.picture("chelsea-64x64.png", "truth.png");
    let truth = w.image("truth.png");
    let small = degrade::shrink(&truth, 2.0, Convention::MatlabBicubic(Edge::Mirror)).expect("a factor");
    small.save(w.path("small.png")).expect("room");
    let run = |options: &str| {
        w.srcnn(&format!("upscale small.png -o out.png --force -m srcnn-915 {options}")).ok();
        w.image("out.png")
    };
    let score = |image: &Image| psnr(&truth, image, &Protocol::paper(2)).expect("one size").value;
    let plain = run("");
    assert_eq!(run("--strength 1 --edge replicate"), plain);
    assert_eq!(run("-x"), run("--ensemble"));
    assert!(score(&run("-x")) > score(&plain), "{} {}", score(&run("-x")), score(&plain));
    let (none, half) = (run("--strength 0"), run("--strength 0.5"));
    assert!(score(&none) < score(&half) && score(&half) < score(&plain) + 0.1);
    for edge in ["mirror", "wrap"] {
        let other = run(&format!("--edge {edge}"));
        assert_ne!(other, plain, "{edge}");
        let inside = |image: &Image| {
            image.crop(srcnn::plane::Rect { x: 20, y: 20, width: 24, height: 24 }).expect("inside").to_u8()
        };
        assert_eq!(inside(&other), inside(&plain), "{edge}");
    }
    w.srcnn("restore truth.png -o r.png -x --strength 0.5 --edge wrap").ok();
    w.srcnn("restore truth.png -o r0.png --strength 0").ok();
    assert_eq!(w.image("r0.png"), truth);
}

#[test]
fn a_seamless_texture_stays_seamless() {
    let w = Workspace::new();
    w.picture("chelsea-64x64.png", "tile.png");
    let tile = w.image("tile.png").to_u8();
    let rows: Vec<u8> = (0..192).flat_map(|y| tile.row(y % 64).repeat(3)).collect();
    let tiling = Image::from_u8(Pixels::new(192, 192, 3, rows).expect("filled")).expect("RGB");
    tiling.save(w.path("tiling.png")).expect("room");
    w.srcnn("upscale tile.png -o tile-large.png --long-side 109 --edge wrap -m srcnn-915").ok();
    w.srcnn("upscale tiling.png -o tiling-large.png --long-side 327 -m srcnn-915").ok();
    let middle = w.image("tiling-large.png").crop(srcnn::plane::Rect { x: 109, y: 109, width: 109, height: 109 });
    let (alone, among) = (w.image("tile-large.png").to_u8(), middle.expect("inside").to_u8());
    let worst = alone.as_slice().iter().zip(among.as_slice()).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(worst <= Some(1), "{worst:?}");
}

#[test]
fn hidden_colors_do_not_show() {
    let w = Workspace::new();
    let disc = |hidden: u8| {
        let data = (0..48 * 48).flat_map(|i| {
            let (x, y) = (i % 48 - 24i32, i / 48 - 24);
            if x * x + y * y < 300 { [200, 60, 40, 255] } else { [hidden, hidden, hidden, 0] }
        });
        Image::from_u8(Pixels::new(48, 48, 4, data.collect()).expect("filled")).expect("RGBA")
    };
    for command in ["upscale -s 3", "upscale --long-side 30", "restore"] {
        let [black, green] = [0, 255].map(|hidden| {
            disc(hidden).save(w.path("disc.png")).expect("room");
            w.srcnn(&format!("{command} disc.png -o out.png --force")).ok();
            w.image("out.png")
        });
        assert_eq!(black, green, "{command}");
        let seen = black.to_u8();
        for pixel in seen.as_slice().chunks(4).filter(|p| p[3] > 0) {
            assert!([200, 60, 40].iter().zip(pixel).all(|(a, b): (&u8, _)| a.abs_diff(*b) <= 2), "{command} {pixel:?}");
        }
    }
}

#[test]
fn a_network_that_gives_nothing_fails() {
    let w = Workspace::new();
    w.picture("astronaut-61x47.png", "a.png");
    let facts =
        ["--model-scale", "2", "--interpolation", "matlab-bicubic", "--luma", "studio", "--padding", "replicate"];
    w.srcnn_with(&[&["model", "init", "9-1-5:8-4", "m.safetensors"][..], &facts].concat()).ok();
    // After the header all is numbers: zeros.
    let mut bytes = std::fs::read(w.path("m.safetensors")).expect("written");
    let header = u64::from_le_bytes(bytes[..8].try_into().expect("eight")) as usize;
    bytes[8 + header..].fill(0);
    std::fs::write(w.path("zero.safetensors"), &bytes).expect("room");
    for command in ["upscale", "restore"] {
        let run = w.srcnn(&format!("{command} a.png -o out.png -m zero.safetensors"));
        run.fails(1, &["a.png", "the network's result is black, and the picture is not"]);
    }
    assert!(!w.path("out.png").exists());
}

#[test]
fn pictures_unlike_those_learnt_from_are_named_with_advice() {
    let w = Workspace::new();
    let sample = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/chelsea.png");
    std::fs::copy(sample, w.path("good.png")).expect("the sample");
    assert_eq!(w.srcnn("upscale good.png -o x2.png -m srcnn-915").ok().err, "");
    let good = w.image("good.png");
    let Samples::U8(pixels) = good.samples() else { panic!("8 bits") };
    let large =
        srcnn::resample::resize_u8(pixels, (902, 600), Convention::MatlabBicubic(Edge::Mirror)).expect("a size");
    Image::from_u8(large).expect("RGB").save(w.path("soft.png")).expect("room");
    let run = w.srcnn("upscale soft.png -o x2.png --force -m srcnn-915").ok();
    assert!(
        run.err.contains("soft.png: has no detail at its finest") && run.err.contains("srcnn restore"),
        "{}",
        run.err
    );
    // What is soft is what restore is for.
    assert_eq!(w.srcnn("restore soft.png -o x2.png --force -m srcnn-915").ok().err, "");
    w.srcnn("degrade good.png -o low.jpg -s 1.01 --quality 40 --low-res").ok();
    for command in ["upscale", "restore"] {
        let run = w.srcnn(&format!("{command} low.jpg -o x2.png --force -m srcnn-915")).ok();
        assert!(run.err.contains("low.jpg: shows the 8x8 blocks") && run.err.contains("--strength"), "{}", run.err);
        let quiet = w.srcnn(&format!("{command} low.jpg -o x2.png --force -q -m srcnn-915")).ok();
        assert_eq!(quiet.err, "");
    }
}
