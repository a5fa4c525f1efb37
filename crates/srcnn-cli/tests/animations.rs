//! Animations through the program: the properties that `tools/oracles/traits_animations.py` lists, read back by other
//! libraries, and further tests.

mod workspace;

use std::io::Cursor;

use image::codecs::{gif::GifDecoder, png::PngDecoder, webp::WebPDecoder};
use image::metadata::LoopCount;
use image::{AnimationDecoder, Frame};
use serde_json::Value;
use srcnn::Limits;
use srcnn::codec::animation::Animation;
use srcnn::image::Depth;
use srcnn::progress::Silent;
use workspace::Workspace;

const FORMATS: [&str; 3] = ["png", "webp", "gif"];

/// Frames and the number of times they are played (0: endlessly), as other libraries read them.
fn read(bytes: &[u8], format: &str) -> (Vec<Frame>, u32) {
    let frames = |frames: image::Frames<'_>| frames.collect_frames().unwrap_or_else(|e| panic!("{format}: {e}"));
    let plays = |count| match count {
        LoopCount::Infinite => 0,
        LoopCount::Finite(n) => n.get(),
    };
    match format {
        "png" => {
            let decoder = PngDecoder::new(Cursor::new(bytes)).expect("a PNG").apng().expect("animated");
            let plays = plays(decoder.loop_count());
            (frames(decoder.into_frames()), plays)
        }
        "webp" => {
            let decoder = WebPDecoder::new(Cursor::new(bytes)).expect("a WebP");
            let plays = plays(decoder.loop_count());
            (frames(decoder.into_frames()), plays)
        }
        _ => {
            let again = bytes.windows(11).position(|w| w == b"NETSCAPE2.0");
            let again = again.map(|at| u32::from(u16::from_le_bytes([bytes[at + 13], bytes[at + 14]])));
            let plays = again.map_or(1, |again| if again == 0 { 0 } else { again + 1 });
            (frames(GifDecoder::new(Cursor::new(bytes)).expect("a GIF").into_frames()), plays)
        }
    }
}

/// Copies a fixture with several frames to the folder.
fn fixture(w: &Workspace, name: &str) {
    std::fs::copy(workspace::fixtures().join("traits").join(name), w.path(name)).expect("room");
}

#[test]
fn every_frame_is_enlarged() {
    let lines = std::fs::read_to_string(workspace::fixtures().join("traits/traits.jsonl")).expect("the list");
    let traits = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let traits: Vec<_> = traits.filter(|holds| holds.get("frames").is_some()).collect();
    assert!(traits.len() >= 8);
    let w = Workspace::new();
    for holds in &traits {
        let name = holds["file"].as_str().expect("a name");
        fixture(&w, name);
        for to in FORMATS {
            let run = w.srcnn(&format!("upscale {name} -o out.{to} --force -s 2")).ok();
            let note = holds["note"].as_str().unwrap_or_default();
            assert!(run.err.contains(note), "{name} to {to}: {}", run.err);
            assert!(!run.err.contains("first of several"), "{name} to {to}: {}", run.err);
            let (frames, plays) = read(&std::fs::read(w.path(&format!("out.{to}"))).expect("an output"), to);
            assert_eq!(Some(u64::from(plays)), holds["plays"].as_u64(), "{name} to {to}");
            check(&frames, holds, to, &format!("{name} to {to}"));
        }
    }
}

fn check(frames: &[Frame], holds: &Value, to: &str, case: &str) {
    let should = holds["frames"].as_array().expect("frames");
    let durations = holds["durations"].as_array().expect("durations");
    assert_eq!(frames.len(), should.len(), "{case}");
    let (mut passed, mut should_have) = (0.0, 0.0);
    for (i, (frame, should)) in frames.iter().zip(should).enumerate() {
        let (numerator, denominator) = frame.delay().numer_denom_ms();
        passed += f64::from(numerator) / f64::from(denominator);
        should_have += durations[i].as_f64().expect("milliseconds");
        // GIF counts hundredths of a second.
        let off = if to == "gif" { 5.0 } else { 0.6 };
        assert!(f64::abs(passed - should_have) <= off, "{case}: frame {i} ends at {passed}, not {should_have}");
        let pixels = frame.buffer();
        let (width, height) = pixels.dimensions();
        assert_eq!(holds["size"], serde_json::json!([width, height]), "{case}");
        for (quarter, should) in should.as_array().expect("quarters").iter().enumerate() {
            let x = width / 4 + width / 2 * (quarter as u32 % 2);
            let y = height / 4 + height / 2 * (quarter as u32 / 2);
            let is = pixels.get_pixel(x, y).0;
            let mut should: [Option<f64>; 4] = std::array::from_fn(|c| should[c].as_f64());
            if to == "gif" {
                // Alpha is all or nothing.
                let shown = should[3].is_some_and(|a| a >= 128.0);
                should =
                    if shown { [should[0], should[1], should[2], Some(255.0)] } else { [None, None, None, Some(0.0)] };
            }
            // Colors are rounded to a palette.
            let tolerance = holds["tolerance"].as_f64().expect("a tolerance") + if to == "gif" { 4.0 } else { 0.0 };
            let near = is.iter().zip(should).all(|(is, s)| s.is_none_or(|s| (f64::from(*is) - s).abs() <= tolerance));
            assert!(near, "{case}: frame {i}, quarter {quarter} is {is:?}, not {should:?}");
        }
    }
}

#[test]
fn the_first_frame_alone_is_a_picture() {
    let w = Workspace::new();
    fixture(&w, "opaque.gif");
    for output in ["a.jpg -s 2", "a.tif -s 2", "a.png -s 2 --frames first", "a.gif -s 2 --frames first"] {
        let run = w.srcnn(&format!("upscale opaque.gif --force -o {output}")).ok();
        assert!(run.err.contains("opaque.gif: only the first of several pictures is read"), "{}", run.err);
        let name = output.split(' ').next().expect("a name");
        assert_eq!(w.image(name).size(), (48, 32));
        let bytes = std::fs::read(w.path(name)).expect("an output");
        let again = Animation::open(Cursor::new(bytes), Limits::default(), &Silent).expect("readable");
        assert!(again.is_none(), "{output}");
    }
}

#[test]
fn restore_and_degrade_keep_frames_too() {
    let w = Workspace::new();
    fixture(&w, "offsets.webp");
    for (command, size) in
        [("restore", 24), ("degrade -s 2", 24), ("degrade -s 2 --low-res", 12), ("upscale --size 36x", 36)]
    {
        w.srcnn(&format!("{command} offsets.webp -o out.png --force")).ok();
        let (frames, plays) = read(&std::fs::read(w.path("out.png")).expect("an output"), "png");
        assert_eq!((frames.len(), plays, frames[5].buffer().width()), (6, 5, size), "{command}");
    }
}

#[test]
fn frames_may_be_asked_for_in_other_depths() {
    let w = Workspace::new();
    fixture(&w, "offsets.webp");
    for depth in [8, 16, 32] {
        w.srcnn(&format!("upscale offsets.webp -o out.png --force -s 2 --depth {depth}")).ok();
        w.srcnn(&format!("upscale offsets.webp -o out.gif --force -s 2 --depth {depth}")).ok();
        assert_eq!(w.image("out.png").depth(), if depth > 8 { Depth::Sixteen } else { Depth::Eight });
        assert_eq!(read(&std::fs::read(w.path("out.gif")).expect("written"), "gif").0.len(), 6, "{depth}");
    }
}

#[test]
fn a_folder_keeps_animations_and_knows_which_are_done() {
    let w = Workspace::new();
    std::fs::create_dir(w.path("in")).expect("room");
    for name in ["opaque.gif", "default-apart.png", "offsets.webp"] {
        fixture(&w, name);
        std::fs::rename(w.path(name), w.path("in").join(name)).expect("room");
    }
    w.srcnn("upscale in -o out -s 2 --jobs 2").ok();
    assert_eq!(w.names("out"), ["default-apart.png", "offsets.webp", "opaque.gif"]);
    let again = w.srcnn("upscale in -o out -s 2").ok();
    assert!(again.err.contains("3 of 3 files were done already"), "{}", again.err);
    // A single frame is a different output.
    w.srcnn("upscale in -o out -s 2 --frames first").fails(1, &["exists already"]);
    w.srcnn("upscale in -o gifs -s 2 --format gif").ok();
    assert_eq!(w.names("gifs"), ["default-apart.gif", "offsets.gif", "opaque.gif"]);
}

#[test]
fn what_is_too_much_or_broken_leaves_nothing() {
    let w = Workspace::new();
    fixture(&w, "offsets.png");
    w.srcnn("upscale offsets.png -o a.png -s 2 --max-pixels 300")
        .fails(1, &["offsets.png", "--max-pixels allows more"]);
    let run = w.srcnn("upscale offsets.png -o a.png -s 10 --max-pixels 10000");
    run.fails(1, &["240x160", "--max-pixels allows more"]);
    w.srcnn("upscale offsets.png -o a.png -s 2 --max-memory 4K").fails(1, &["offsets.png", "--max-memory allows more"]);
    w.srcnn("upscale offsets.png -o a.png -s 2 --max-memory 40K").fails(1, &["--max-memory allows more"]);
    for name in ["animated-cut.gif", "animated-cut.png", "animated-cut.webp"] {
        fixture(&w, name);
        w.srcnn(&format!("upscale {name} -o a.png -s 2")).fails(1, &[name, "ends too early"]);
    }
    assert_eq!(w.names("").iter().filter(|name| !name.contains("cut") && *name != "offsets.png").count(), 0);
}

#[test]
fn standard_output_is_animated_as_well() {
    let w = Workspace::new();
    fixture(&w, "once.gif");
    let mut command = assert_cmd::Command::cargo_bin("srcnn").expect("the binary");
    command.args(["upscale", "-", "-o", "-", "-s", "2", "--format", "webp"]);
    let output =
        command.write_stdin(std::fs::read(w.path("once.gif")).expect("a fixture")).output().expect("it starts");
    assert!(output.status.success());
    let (frames, plays) = read(&output.stdout, "webp");
    assert_eq!((frames.len(), plays), (2, 1));
}

#[test]
fn a_still_gif_says_what_it_loses() {
    let w = Workspace::new();
    w.picture("astronaut-61x47.png", "a.png");
    let run = w.srcnn("upscale a.png -o a.gif -s 2").ok();
    assert!(run.err.contains("a.gif: colors are reduced to 256"), "{}", run.err);
    let (gif, _) = (w.image("a.gif"), w.srcnn("upscale a.png -o b.png -s 2").ok());
    let (a, b) = (gif.to_rgb8(), w.image("b.png").to_rgb8());
    let off = a.as_slice().iter().zip(b.as_slice()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
    assert!((off as f64) < 4.0 * a.as_slice().len() as f64, "{off}");
}

#[test]
fn webp_with_loss_is_smaller_and_near() {
    let w = Workspace::new();
    fixture(&w, "offsets.webp");
    w.srcnn("upscale offsets.webp -o a.webp -s 2 --lossy --quality 90").ok();
    let (frames, plays) = read(&std::fs::read(w.path("a.webp")).expect("an output"), "webp");
    assert_eq!((frames.len(), plays), (6, 5));
    let is = frames[1].buffer().get_pixel(36, 8).0;
    assert!(is.iter().zip([29, 79, 34, 255]).all(|(a, b)| a.abs_diff(b) < 12), "{is:?}");
    // Alpha, profile and Exif are kept.
    for (name, kind) in [("transparent.webp", 4), ("exif.png", 3), ("p3.png", 3)] {
        fixture(&w, name);
        w.srcnn(&format!("upscale {name} -o exact.webp -s 2 --force")).ok();
        w.srcnn(&format!("upscale {name} -o lossy.webp -s 2 --force --lossy")).ok();
        let (exact, lossy) = (w.image("exact.webp"), w.image("lossy.webp"));
        assert_eq!((lossy.channels(), exact.channels()), (kind, kind), "{name}");
        assert_eq!(lossy.metadata, exact.metadata, "{name}");
        assert_eq!(lossy.alpha::<f32>(), exact.alpha::<f32>(), "{name}");
    }
    w.picture("astronaut-61x47.png", "c.png");
    w.srcnn("upscale c.png -o exact.webp -s 2 --force").ok();
    w.srcnn("upscale c.png -o lossy.webp -s 2 --force --lossy").ok();
    w.srcnn("upscale c.png -o rough.webp -s 2 --force --lossy --quality 20").ok();
    let size = |name: &str| std::fs::metadata(w.path(name)).expect("an output").len();
    assert!(size("rough.webp") * 3 < size("lossy.webp") && size("lossy.webp") < size("exact.webp"));
    let (a, b) = (w.image("exact.webp").to_rgb8(), w.image("lossy.webp").to_rgb8());
    let off = a.as_slice().iter().zip(b.as_slice()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
    assert!((off as f64) < 4.0 * a.as_slice().len() as f64, "{off}");
}
