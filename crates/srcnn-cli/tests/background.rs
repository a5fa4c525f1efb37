//! Transparent pictures to formats without transparency.

mod workspace;

use srcnn::image::Samples;
use workspace::Workspace;

/// Samples of 8 bits.
fn samples(w: &Workspace, name: &str) -> (usize, Vec<u8>) {
    match w.image(name).samples() {
        Samples::U8(p) => (p.channels(), p.as_slice().to_vec()),
        Samples::U16(_) | Samples::F32(_) => panic!("{name} has 8 bits"),
    }
}

#[test]
fn a_batch_of_transparent_pictures_gets_its_background() {
    let w = Workspace::new();
    w.picture("alpha-45x35.png", "in/a.png");
    w.picture("grey-alpha-29x31.png", "in/b.png");
    w.picture("tiny-5x3.png", "in/c.png");
    let refused = w.srcnn("upscale in -o without -f jpeg -m srcnn-915");
    refused.fails(1, &["without/a.jpg: ", "transparent", "--background COLOR", "2 of 3 failed"]);
    // What was done without it stays done.
    w.srcnn("upscale in -o out -f jpeg -m srcnn-915").fails(1, &["2 of 3 failed"]);
    let run = w.srcnn("upscale in -o out -f jpeg -m srcnn-915 --background white").ok();
    assert!(run.err.contains("1 of 3 files were done already"), "{run:?}");
    assert_eq!(w.names("out"), ["a.jpg", "b.jpg", "c.jpg"]);
    assert_eq!(["a", "b", "c"].map(|name| w.image(&format!("out/{name}.jpg")).has_alpha()), [false; 3]);
    // Another color is another output.
    w.srcnn("upscale in -o out -f jpeg -m srcnn-915 --background white").ok();
    w.srcnn("upscale in -o out -f jpeg -m srcnn-915 --background black").fails(1, &["out/a.jpg", "exists"]);
    for bad in ["transparent", "#12345", "ffffff", ""] {
        let run = w.srcnn_with(&["upscale", "in", "-o", "out", "--background", bad]);
        run.fails(2, &["--background"]);
    }
}

#[test]
fn colors_are_laid_behind_before_the_work_and_by_the_formula() {
    let w = Workspace::new();
    w.picture("alpha-45x35.png", "a.png");
    let (channels, own) = samples(&w, "a.png");
    assert_eq!(channels, 4);
    let behind = [0x12, 0x80, 0xfe];
    let laid: Vec<u8> = own
        .chunks_exact(4)
        .flat_map(|pixel| {
            let share = f64::from(pixel[3]) / 255.0;
            (0..3).map(move |c| (share * f64::from(pixel[c]) + (1.0 - share) * f64::from(behind[c])).round() as u8)
        })
        .collect();
    let flat = srcnn::image::Pixels::new(45, 35, 3, laid).expect("filled");
    srcnn::ImageFile::save(&srcnn::Image::from_u8(flat).expect("RGB"), w.path("flat.png")).expect("room");
    for command in ["upscale -m srcnn-915", "restore", "degrade -s 2"] {
        w.srcnn(&format!("{command} flat.png -o expected.ppm --force")).ok();
        w.srcnn(&format!("{command} a.png -o got.ppm --force --background #1280fe")).ok();
        assert!(samples(&w, "got.ppm") == samples(&w, "expected.ppm"), "{command}");
    }
    // Where there is room for transparency, it stays.
    w.srcnn("upscale a.png -o with.png -m srcnn-915 --background red").ok();
    w.srcnn("upscale a.png -o without.png -m srcnn-915").ok();
    assert_eq!(w.image("with.png"), w.image("without.png"));
}

#[test]
fn grey_stays_grey_on_grey() {
    let w = Workspace::new();
    w.picture("grey-alpha-29x31.png", "a.png");
    for (color, channels) in [("white", 1), ("#808080", 1), ("navy", 3)] {
        w.srcnn_with(&["upscale", "a.png", "-o", "b.jpg", "--force", "--background", color]).ok();
        assert_eq!(w.image("b.jpg").channels(), channels, "{color}");
    }
}
