//! `upscale`, `restore` and `degrade` on files.

mod workspace;

use srcnn::image::{Depth, Pixels, Samples};
use srcnn::metrics::{Protocol, psnr};
use srcnn::resample::{Convention, Edge, resize_u8};
use srcnn::{Image, ImageFile, degrade};
use workspace::Workspace;

#[test]
fn upscale_gives_every_side_rounded() {
    let w = Workspace::new();
    w.picture("astronaut-61x47.png", "a.png");
    for (scale, size) in [("", (122, 94)), ("-s 1.5", (92, 71)), ("-s 1.01", (62, 47)), ("-s 3", (183, 141))] {
        w.srcnn(&format!("upscale a.png -o out.png --force {scale}")).ok();
        assert_eq!(w.image("out.png").size(), size, "{scale}");
    }
    w.srcnn("upscale a.png -o out.png --force -s 4.3").ok();
    assert_eq!(w.image("out.png").size(), (262, 202));
}

#[test]
fn upscale_recovers_more_than_bicubic() {
    let w = Workspace::new();
    let truth = Image::open(workspace::fixtures().join("pictures/chelsea-64x64.png")).expect("a fixture");
    let small = degrade::shrink(&truth, 2.0, Convention::MatlabBicubic(Edge::Mirror)).expect("a factor");
    small.save(w.path("small.png")).expect("room");
    w.srcnn("upscale small.png -o large.png -s 2").ok();
    let bicubic = resize_u8(&small.to_u8(), truth.size(), Convention::MatlabBicubic(Edge::Mirror)).expect("a size");
    let bicubic = Image::from_u8(bicubic).expect("RGB");
    let protocol = Protocol::paper(2);
    let score = |image: &Image| psnr(&truth, image, &protocol).expect("one size").value;
    assert!(score(&w.image("large.png")) > score(&bicubic) + 0.3);
}

#[test]
fn depth_grey_and_alpha_are_kept() {
    let w = Workspace::new();
    for channels in 1..=4 {
        let data = (0..20 * 14 * channels).map(|i| (i * 12_345 % 65_536) as u16).collect();
        let image = Image::new(Samples::U16(Pixels::new(20, 14, channels, data).expect("filled"))).expect("channels");
        image.save(w.path("deep.png")).expect("room");
        for command in ["upscale", "restore", "degrade -s 2"] {
            w.srcnn(&format!("{command} deep.png -o out.png --force")).ok();
            let out = w.image("out.png");
            assert_eq!((out.channels(), out.depth()), (channels, Depth::Sixteen), "{command}, {channels} channels");
        }
    }
    w.picture("grey-60x48.png", "grey.png");
    w.srcnn("upscale grey.png -o out.png --force").ok();
    assert!(w.image("out.png").is_grey());
}

#[test]
fn a_greater_depth_is_that_of_the_computation() {
    let w = Workspace::new();
    w.picture("astronaut-61x47.png", "a.png");
    w.srcnn("upscale a.png -o eight.png").ok();
    for (options, file, depth) in [
        ("--depth 16", "deep.png", Depth::Sixteen),
        ("--depth 32", "held.png", Depth::Sixteen),
        ("--depth 32", "float.tif", Depth::Float),
    ] {
        let run = w.srcnn(&format!("upscale a.png -o {file} {options}")).ok();
        assert!(!run.err.contains("rounded"), "{}", run.err);
        let image = w.image(file);
        assert_eq!(image.depth(), depth);
        assert_eq!(image.to_u8(), w.image("eight.png").to_u8(), "{file}");
        let levels = image.channel::<f64>(0).as_slice().iter().filter(|v| (**v * 255.0).fract().abs() > 1e-3).count();
        assert!(levels > 1000, "{file}: {levels} samples between the levels of 8 bits");
    }
    assert!(
        w.srcnn("upscale float.tif -o cut.tif --depth 16 -s 1.5")
            .ok()
            .err
            .contains("floating-point samples are rounded")
    );
    // The other programs' arithmetic is defined on 8 bits.
    w.srcnn("degrade a.png -o degraded.png -s 2 --kernel opencv-linear --depth 16").ok();
    assert_eq!(w.image("degraded.png").depth(), Depth::Sixteen);
}

#[test]
fn a_flat_color_stays_what_it_is() {
    let w = Workspace::new();
    for color in [[0, 0, 0, 255], [255, 255, 255, 255], [200, 30, 90, 128], [17, 203, 64, 0]] {
        let image = Image::from_u8(Pixels::new(16, 12, 4, color.repeat(16 * 12)).expect("filled")).expect("RGBA");
        image.save(w.path("flat.png")).expect("room");
        w.srcnn("upscale flat.png -o out.png --force").ok();
        let out = w.image("out.png").to_u8();
        let worst = out.as_slice().chunks(4).flat_map(|p| p.iter().zip(color)).map(|(a, b)| a.abs_diff(b)).max();
        // A trained network is not exact on flat areas; borders must be as good as the rest.
        assert!(worst <= Some(1), "{color:?} is off by {worst:?}");
    }
}

#[test]
fn a_picture_of_one_pixel_is_a_picture() {
    let w = Workspace::new();
    for fixture in ["tiny-1x1.png", "tiny-2x1.png", "tiny-1x7.png"] {
        w.picture(fixture, "tiny.png");
        let (width, height) = w.image("tiny.png").size().into();
        w.srcnn("upscale tiny.png -o out.png --force").ok();
        assert_eq!(w.image("out.png").size(), (2 * width, 2 * height));
        w.srcnn("restore tiny.png -o out.png --force").ok();
    }
}

#[test]
fn restore_improves_a_degraded_picture_at_its_size() {
    let w = Workspace::new();
    w.picture("chelsea-64x64.png", "truth.png");
    w.srcnn("degrade truth.png -o low.png -s 2").ok();
    w.srcnn("restore low.png -o high.png").ok();
    let score = |name: &str| psnr(&w.image("truth.png"), &w.image(name), &Protocol::paper(2)).expect("one size").value;
    assert!(score("high.png") > score("low.png") + 0.3);
}

#[test]
fn degrade_computes_in_the_named_programs_integers() {
    let w = Workspace::new();
    let input = w.picture("astronaut-61x47.png", "a.png");
    let pixels = Image::open(input).expect("a fixture").to_u8();
    for (name, convention) in Convention::NAMED {
        w.srcnn(&format!("degrade a.png -o low.png -s 2 --low-res --force --kernel {name}")).ok();
        w.srcnn(&format!("degrade a.png -o back.png -s 2 --force --kernel {name}")).ok();
        let low = w.image("low.png").to_u8();
        if name.starts_with("matlab") {
            assert_eq!(low.size(), (31, 24), "{name}: ceil");
        } else {
            let expected = resize_u8(&pixels, (30, 23), convention).expect("a size");
            assert_eq!(low, expected, "{name}");
            assert_eq!(w.image("back.png").to_u8(), resize_u8(&expected, (61, 47), convention).expect("a size"));
        }
        assert_eq!(w.image("back.png").size(), (61, 47), "{name}");
    }
}

#[test]
fn every_format_goes_in_and_out() {
    let w = Workspace::new();
    let image = Image::from_u8(w_rgb(&w)).expect("RGB");
    for from in ["png", "jpg", "bmp", "tif", "webp"] {
        image.save(w.path(&format!("in.{from}"))).expect("room");
        for to in ["png", "jpeg", "bmp", "tiff", "webp"] {
            w.srcnn(&format!("upscale in.{from} -o out.{to} --force")).ok();
            let out = w.image(&format!("out.{to}"));
            assert_eq!(out.size(), (122, 94), "{from} to {to}");
            let bytes = std::fs::read(w.path(&format!("out.{to}"))).expect("there");
            let magic: &[u8] = match to {
                "png" => b"\x89PNG",
                "jpeg" => b"\xFF\xD8",
                "bmp" => b"BM",
                "tiff" => b"II",
                _ => b"RIFF",
            };
            assert!(bytes.starts_with(magic), "{from} to {to}");
        }
    }
}

#[test]
fn jpegs_options_are_followed() {
    let w = Workspace::new();
    w.picture("astronaut-61x47.png", "a.png");
    let write = |name: &str, options: &str| {
        w.srcnn(&format!("upscale a.png -o {name}.jpg -s 2 {options}")).ok();
        let bytes = std::fs::read(w.path(&format!("{name}.jpg"))).expect("written");
        // SOF0 or SOF2 and, behind length, precision, sides and components, luma's number and sampling factors.
        let frame = bytes.windows(13).find(|b| b[0] == 0xFF && [0xC0, 0xC2].contains(&b[1])).expect("a frame");
        (frame[1], frame[11], bytes.len())
    };
    let plain = write("plain", "");
    let optimized = write("optimized", "--optimize");
    let progressive = write("progressive", "--progressive");
    let small = write("small", "--subsampling 420");
    let smallest = write("smallest", "--subsampling 420 --progressive");
    let kinds = [plain, optimized, progressive, small, smallest].map(|(frame, factors, _)| (frame, factors));
    assert_eq!(kinds, [(0xC0, 0x11), (0xC0, 0x11), (0xC2, 0x11), (0xC0, 0x22), (0xC2, 0x22)]);
    assert!(optimized.2 < plain.2 && small.2 < plain.2, "{plain:?}, {optimized:?}, {small:?}");
    assert_eq!(w.image("plain.jpg").samples(), w.image("optimized.jpg").samples());
    assert_eq!(w.image("plain.jpg").samples(), w.image("progressive.jpg").samples());
    assert_eq!(w.image("small.jpg").samples(), w.image("smallest.jpg").samples());
    w.srcnn("upscale a.png -o b.jpg --subsampling 411").fails(2, &["--subsampling"]);
}

fn w_rgb(w: &Workspace) -> Pixels<u8> {
    w.picture("astronaut-61x47.png", "a.png");
    w.image("a.png").to_u8()
}

#[test]
fn a_models_own_facts_rule_what_it_is_given() {
    let w = Workspace::new();
    w.picture("astronaut-61x47.png", "a.png");
    let weights = workspace::fixture("weights/grey-5-3-3-keras1-tf.h5");
    w.srcnn_with(&["upscale", "a.png", "-o", "b.png", "-m", &weights])
        .fails(2, &["grey-5-3-3-keras1-tf.h5", "--padding", "--model-scale", "--interpolation", "--luma"]);
    let facts = ["--padding", "valid,zero,valid", "--interpolation", "opencv-linear", "--luma", "full"];
    let run = w.srcnn_with(&[&["upscale", "a.png", "-o", "b.png", "-m", &weights, "-s", "3"][..], &facts].concat());
    assert!(run.ok().err.contains("taken as 3, from -s"));
    assert_eq!(w.image("b.png").size(), (183, 141));
    let rgb = workspace::fixture("weights/rgb-3-1-3-keras2.h5");
    let facts = ["--padding", "zero", "--interpolation", "matlab-bicubic", "--model-scale", "2"];
    for fixture in ["astronaut-61x47.png", "grey-60x48.png", "alpha-45x35.png"] {
        w.picture(fixture, "in.png");
        w.srcnn_with(&[&["upscale", "in.png", "-o", "out.png", "--force", "-m", &rgb][..], &facts].concat()).ok();
        assert_eq!(w.image("out.png").channels(), w.image("in.png").channels(), "{fixture}");
    }
    w.srcnn("upscale a.png -o c.png -m srcnn-999").fails(2, &["srcnn-999", "srcnn-915-x2"]);
    w.srcnn("upscale a.png -o c.png -m absent.h5").fails(1, &["absent.h5"]);
    w.srcnn("upscale a.png -o c.png --luma full").fails(2, &["--luma"]);
}

#[test]
fn baselines_enlarge_pictures_as_networks_do() {
    let w = Workspace::new();
    let truth = Image::open(workspace::fixtures().join("pictures/chelsea-64x64.png")).expect("a fixture");
    let small = degrade::shrink(&truth, 2.0, Convention::MatlabBicubic(Edge::Mirror)).expect("a factor");
    small.save(w.path("small.png")).expect("room");
    let score = |name: &str| psnr(&truth, &w.image(name), &Protocol::paper(2)).expect("one size").value;
    w.srcnn("upscale small.png -o bicubic.png -m bicubic").ok();
    w.srcnn("upscale small.png -o anr.png -m anr").ok();
    w.srcnn("upscale small.png -o a+.png -m a+").ok();
    assert!(score("bicubic.png") + 0.1 < score("anr.png") && score("anr.png") < score("a+.png"));
    // To any size, by repeated application.
    for (options, size) in
        [("-s 3", (96, 96)), ("--size 100x41", (100, 41)), ("-s 5", (160, 160)), ("--size 16x16", (16, 16))]
    {
        w.srcnn(&format!("upscale small.png -o out.png --force -m anr {options}")).ok();
        assert_eq!(w.image("out.png").size(), size, "{options}");
    }
    w.srcnn("upscale small.png -o out.png --force -m anr --ensemble").fails(2, &["--ensemble"]);
    w.srcnn("upscale small.png -o out.png --force -m anr --max-memory 100K").fails(1, &["--max-memory"]);
    w.srcnn("restore small.png -o out.png --force -m anr").fails(2, &["anr", "upscale"]);
}

#[test]
fn what_is_for_networks_is_refused_with_baselines() {
    let w = Workspace::new();
    w.picture("astronaut-61x47.png", "a.png");
    w.srcnn("upscale a.png -o out.png -m anr --model-scale 3").fails(2, &["anr", "networks"]);
    w.srcnn("evaluate a.png -s 2 -m anr --protocol paper --padding valid").fails(2, &["anr", "networks"]);
    let file = workspace::fixtures().join("../srcnn-eval/models/anr-x2.safetensors");
    std::fs::copy(&file, w.path("anr.safetensors")).expect("room");
    w.srcnn("restore a.png -o out.png -m anr.safetensors").fails(2, &["upscale"]);
    let bytes = std::fs::read(&file).expect("a file");
    let text = b"\"neighbours\":\"40\"";
    let at = bytes.windows(text.len()).position(|window| window == text).expect("in the header");
    let mut damaged = bytes.clone();
    damaged[at + text.len() - 3] = b'x';
    std::fs::write(w.path("anr.safetensors"), &damaged).expect("room");
    w.srcnn("upscale a.png -o out.png -m anr.safetensors").fails(1, &["anr.safetensors", "neighbours"]);
    // Large factors by repeated application, with no intermediate picture larger than needed.
    w.srcnn("upscale a.png -o out.png -m anr -s 5 --max-memory 60M").ok();
}
