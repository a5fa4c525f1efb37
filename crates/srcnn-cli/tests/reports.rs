//! `evaluate`, `compare`, `model`, completions and manual pages.

mod workspace;

use serde_json::Value;
use srcnn::ImageFile;
use srcnn::image::Depth;
use workspace::{Workspace, fixture};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn evaluate_writes_the_promised_json() {
    let w = Workspace::new();
    w.picture("chelsea-64x64.png", "set/a.png");
    w.picture("astronaut-61x47.png", "set/b.png");
    for (protocol, scale, size) in [("paper", 3, [63, 63]), ("keras", 2, [62, 63])] {
        let run = w.srcnn(&format!("evaluate set -s {scale} --protocol {protocol} -m srcnn-915-x2 --format json"));
        let report = json(&run.ok().out);
        assert_eq!(keys(&report), ["images", "mean", "model", "protocol", "scale"]);
        assert_eq!(report["protocol"], protocol);
        assert_eq!((&report["scale"], &report["model"]), (&scale.into(), &"srcnn-915-x2".into()));
        let images = report["images"].as_array().expect("a list");
        assert_eq!(images.len(), 2);
        assert_eq!(keys(&images[0]), ["height", "input", "name", "output", "seconds", "width"]);
        assert_eq!(images[0]["name"], "a.png");
        assert_eq!([&images[0]["width"], &images[0]["height"]], [&Value::from(size[0]), &Value::from(size[1])]);
        assert_eq!(keys(&report["mean"]), ["input", "output"]);
        assert_eq!(keys(&report["mean"]["output"]), ["mse", "psnr", "ssim"]);
    }
}

#[test]
fn evaluate_without_a_model_measures_the_degraded_picture() {
    let w = Workspace::new();
    w.picture("chelsea-64x64.png", "a.png");
    for protocol in ["paper", "keras"] {
        let run = w.srcnn(&format!("evaluate a.png -s 2 --protocol {protocol} -m none --format json"));
        let report = json(&run.ok().out);
        assert_eq!(report["model"], "none");
        assert_eq!(report["images"][0]["input"], report["images"][0]["output"]);
    }
}

#[test]
fn evaluate_writes_pictures_figures_and_reports() {
    let w = Workspace::new();
    w.picture("chelsea-64x64.png", "set/a.png");
    std::fs::write(w.path("set/b.png"), "no picture").expect("room");
    let run = w.srcnn("evaluate set -s 2 --protocol paper -o restored --figures figures");
    let run = run.fails(1, &["set/b.png"]);
    assert!(run.out.contains("protocol paper, x2, model srcnn-") && run.out.contains("mean"), "{}", run.out);
    assert_eq!(w.image("restored/a.png").size(), (64, 64));
    assert_eq!(w.image("figures/a.png").depth(), Depth::Eight);
    assert!(w.image("figures/a.png").width() > 3 * 64);
    for (name, begin) in [("r.json", "{\"protocol\""), ("r.csv", "name,width"), ("r.md", "protocol paper")] {
        w.srcnn(&format!("evaluate set/a.png -s 2 --protocol paper -o {name}")).ok();
        let text = std::fs::read_to_string(w.path(name)).expect("there");
        assert!(text.starts_with(begin), "{text}");
    }
    w.srcnn("evaluate set/a.png -s 2 --protocol paper -o r.json").fails(1, &["r.json", "--force"]);
}

#[test]
fn pictures_that_differ_by_their_extension_do_not_collide() {
    let w = Workspace::new();
    w.picture("chelsea-64x64.png", "set/a.png");
    w.image("set/a.png").save(w.path("set/a.bmp")).expect("room");
    w.srcnn("evaluate set -s 2 --protocol paper -o out").ok();
    assert_eq!(w.names("out"), ["a.bmp.png", "a.png.png"]);
}

#[test]
fn evaluate_needs_weights_for_the_scale_and_what_the_protocol_uses() {
    let w = Workspace::new();
    w.picture("chelsea-64x64.png", "a.png");
    w.srcnn("evaluate a.png -s 7 --protocol paper").fails(2, &["x7", "-x4"]);
    w.srcnn("evaluate a.png -s 1 --protocol paper").fails(2, &["--scale", "2..=16"]);
    let weights = fixture("weights/grey-5-3-3-keras1-tf.h5");
    // The paper's procedure determines all metadata; the notebook's uses the network's own padding.
    w.srcnn_with(&["evaluate", "a.png", "-s", "2", "--protocol", "paper", "-m", &weights]).ok();
    let keras = ["evaluate", "a.png", "-s", "2", "--protocol", "keras", "-m", &weights];
    w.srcnn_with(&keras).fails(2, &["--padding"]);
    w.srcnn_with(&[&keras[..], &["--padding", "valid,zero,valid"]].concat()).ok();
    let rgb = fixture("weights/rgb-3-1-3-keras2.h5");
    w.srcnn_with(&["evaluate", "a.png", "-s", "2", "--protocol", "paper", "-m", &rgb]).fails(2, &["RGB"]);
}

#[test]
fn compare_measures_pictures_and_folders() {
    let w = Workspace::new();
    for folder in ["one", "two"] {
        w.picture("chelsea-64x64.png", &format!("{folder}/a.png"));
        w.picture("astronaut-61x47.png", &format!("{folder}/b.png"));
    }
    w.srcnn("degrade one/a.png -o two/a.png -s 2 --force").ok();
    let report = json(&w.srcnn("compare one two --protocol keras --format json").ok().out);
    assert_eq!(keys(&report), ["images", "mean", "protocol"]);
    assert_eq!(keys(&report["images"][0]), ["mse", "name", "psnr", "ssim"]);
    assert_eq!(report["images"][1]["psnr"], "inf");
    assert_eq!(report["mean"]["psnr"], "inf");
    let text = w.srcnn("compare one/a.png two/a.png --protocol paper -s 2").ok().out;
    assert!(text.contains("protocol paper (Y, BT.601 studio, border 2)"), "{text}");
    let border =
        |n: &str| json(&w.srcnn(&format!("compare one/a.png two/a.png --protocol keras {n} --format json")).ok().out);
    assert_ne!(border("")["mean"], border("--border 6")["mean"]);
    w.srcnn("compare one/a.png two/a.png --protocol paper").fails(2, &["-s"]);
    w.srcnn("compare one two/a.png --protocol keras").fails(2, &["two folders"]);
    w.srcnn("compare one/a.png two/b.png --protocol keras").fails(1, &["one/a.png", "64x64", "61x47"]);
    std::fs::remove_file(w.path("two/b.png")).expect("there");
    w.srcnn("compare one two --protocol keras").fails(1, &["b.png"]);
}

#[test]
fn compare_explains_why_figures_differ() {
    let w = Workspace::new();
    // The size is a multiple of the factor, so that nothing is cropped.
    w.picture("chelsea-64x64.png", "one/a.png");
    w.picture("chelsea-64x64.png", "one/b.png");
    w.srcnn("degrade one -o two -s 2 --kernel pillow-bicubic").ok();
    let report = json(&w.srcnn("compare one two --explain -s 2 --format json").ok().out);
    assert_eq!(keys(&report), ["degradations", "model", "pairs", "rulers", "scale"]);
    let paper = json(&w.srcnn("compare one two --protocol paper -s 2 --format json").ok().out);
    let keras = json(&w.srcnn("compare one two --protocol keras --format json").ok().out);
    let rulers = report["rulers"].as_array().expect("rulers");
    assert_eq!(rulers[0]["psnr"], paper["mean"]["psnr"]);
    assert_eq!(rulers.last().expect("keras")["ssim"], keras["mean"]["ssim"]);
    // The program that degraded the pictures is found.
    let made = report["degradations"].as_array().expect("degradations");
    for made in made {
        assert_eq!(made["agreement"] == "inf", made["name"] == "Pillow bicubic", "{made}");
        assert!(made["restored"].is_number());
    }
    let text = w.srcnn("compare one/a.png two/a.png --explain -s 2 -m none").ok().out;
    assert!(text.contains("full-range Y (Y, BT.601 full range, border 2)") && text.contains("one pair"), "{text}");
    w.srcnn("compare one two --explain").fails(2, &["--scale"]);
    w.srcnn("compare one two --explain -s 2 --protocol paper").fails(2, &["--protocol"]);
    w.srcnn("compare one two").fails(2, &["--protocol"]);
    w.srcnn("compare one two --explain -s 17").fails(2, &["2 to 16"]);
}

#[test]
fn models_are_listed_described_and_converted() {
    let w = Workspace::new();
    assert!(w.srcnn("model list").ok().out.contains("srcnn-915-x2"));
    let info = w.srcnn("model info srcnn-915-x2").ok().out;
    assert!(info.contains("9-1-5") && info.contains("studio") && info.contains("training.data"), "{info}");
    let theano = fixture("weights/grey-5-3-3-keras1-theano.h5");
    let info = w.srcnn_with(&["model", "info", &theano]).ok().out;
    assert!(info.contains("flipped") && info.contains("not stated") && info.contains("--padding"), "{info}");
    w.srcnn_with(&["model", "convert", &theano, "out.safetensors"]).fails(2, &["--padding"]);
    let card = "name = \"mine\"\nscale = 3\npadding = [\"zero\"]\ninterpolation = \"opencv-cubic\"\nluma = \"full\"\n";
    std::fs::copy(&theano, w.path("mine.h5")).expect("room");
    std::fs::write(w.path("mine.toml"), card).expect("room");
    w.srcnn("model convert mine.h5 out.safetensors").ok();
    let info = w.srcnn("model info out.safetensors").ok().out;
    assert!(info.contains("mine") && info.contains("x3") && info.contains("opencv-cubic"), "{info}");
    w.srcnn("model convert mine.h5 out.safetensors").fails(1, &["out.safetensors", "--force"]);
    w.srcnn("model convert mine.h5 out.bin").fails(2, &["out.bin", ".safetensors or .onnx"]);
    w.srcnn("model convert mine.h5 out.onnx").ok();
    w.srcnn("model convert out.onnx again.safetensors").ok();
    let bytes = |name: &str| std::fs::read(w.path(name)).expect("written");
    assert_eq!(bytes("again.safetensors"), bytes("out.safetensors"));
    std::fs::write(w.path("mine.toml"), "scale = 3\narchitecture = \"9-1-5\"\n").expect("room");
    w.srcnn("model info mine.h5").fails(1, &["mine.toml", "9-1-5", "5-3-3"]);
    std::fs::write(w.path("mine.toml"), "scael = 3\n").expect("room");
    w.srcnn("model info mine.h5").fails(1, &["mine.toml", "scael"]);
}

#[test]
fn weights_of_other_programs_work_and_say_what_they_lack() {
    let w = Workspace::new();
    w.picture("chelsea-64x64.png", "a.png");
    let info = w.srcnn_with(&["model", "info", &fixture("weights/grey-5-3-3-torch-replicate.onnx")]).ok().out;
    assert!(info.contains("ONNX") && info.contains("edges replicated") && info.contains("--model-scale"), "{info}");
    let pth = fixture("weights/grey-5-3-3-checkpoint.pth");
    let facts = ["--padding", "zero", "--interpolation", "opencv-cubic", "--luma", "full"];
    w.srcnn_with(&[&["upscale", "a.png", "-o", "b.png", "-s", "2", "-m", &pth], &facts[..]].concat()).ok();
    w.srcnn_with(&["upscale", "a.png", "-o", "c.png", "-s", "2", "-m", &pth]).fails(2, &["--padding", "--luma"]);
    let fsrcnn = fixture("weights/refused-fsrcnn.pth");
    w.srcnn_with(&["model", "info", &fsrcnn]).fails(1, &["transposed convolution", "FSRCNN"]);
    let ncnn = fixture("weights/grey-5-3-3-replicate.ncnn.bin");
    let paper = ["evaluate", "a.png", "-s", "2", "--protocol", "paper", "-m", &ncnn];
    let replicated = w.srcnn_with(&paper).ok().out;
    let run = w.srcnn_with(&[&paper[..], &["--padding", "zero"]].concat());
    assert!(run.err.contains("--padding") && run.ok().out != replicated);
    w.srcnn_with(&[&paper[..], &["--padding", "valid"]].concat()).fails(2, &["loses 4 pixels"]);
}

#[test]
fn fresh_models_repeat_by_seed() {
    let w = Workspace::new();
    w.srcnn("model init srcnn-keras a.safetensors --seed 5").ok();
    w.srcnn("model init srcnn-keras b/a.safetensors --seed 5").ok();
    w.srcnn("model init 9-3-5:128-64 c.safetensors --seed 6 --init gaussian --padding valid,zero,valid").ok();
    let bytes = |name: &str| std::fs::read(w.path(name)).expect("there");
    assert_eq!(bytes("a.safetensors"), bytes("b/a.safetensors"));
    assert_ne!(bytes("a.safetensors"), bytes("c.safetensors"));
    w.srcnn("model init 9-3:1 d.safetensors --padding zero,zero,zero").fails(2, &["--padding"]);
    w.srcnn("model init nonsense d.safetensors").fails(2, &["nonsense"]);
}

#[test]
fn shells_and_manuals_are_served() {
    let w = Workspace::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(w.srcnn(&format!("completions {shell}")).ok().out.contains("upscale"), "{shell}");
    }
    assert!(w.srcnn("man").ok().out.contains(".TH srcnn"));
    w.srcnn("man -o pages").ok();
    assert!(w.names("pages").contains(&"srcnn-upscale.1".to_owned()));
    for command in ["upscale", "restore", "degrade", "evaluate", "compare"] {
        assert!(w.srcnn(&format!("{command} --help")).ok().out.contains("Examples:"), "{command}");
    }
}

#[test]
fn filters_and_feature_maps_are_drawn() {
    let w = Workspace::new();
    w.picture("astronaut-61x47.png", "a.png");
    w.srcnn("paper filters -m srcnn-915-x3 -o alone").ok();
    assert_eq!(w.names("alone"), ["filters.png"]);
    w.srcnn("paper filters a.png -m srcnn-915-x3 -o drawn").ok();
    assert_eq!(w.names("drawn"), ["filters.png", "input.png", "layer1.png", "layer2.png", "layer3.png"]);
    assert_eq!(w.image("drawn/input.png").size(), (183, 141));
    // 64 filters of 9 x 9, six pixels per weight, two pixels between filters.
    assert_eq!(w.image("drawn/filters.png").size(), (8 * 56 + 2, 8 * 56 + 2));
    w.srcnn("paper filters a.png -m srcnn-915-x3 -o drawn").fails(1, &["filters.png", "--force"]);
    w.srcnn("paper filters none.png -m srcnn-915-x3 -o other").fails(1, &["none.png"]);
}

#[test]
fn methods_are_measured_beside_what_is_printed() {
    let w = Workspace::new();
    w.picture("astronaut-61x47.png", "Set5/a.png");
    w.picture("chelsea-64x64.png", "Set5/b.png");
    let table = json(&w.srcnn("paper table Set5 -s 3 -m bicubic,anr,srcnn-915 --format json").ok().out);
    let cells = table["cells"].as_array().expect("cells");
    assert_eq!(keys(&cells[0])[..2], ["method", "pictures"]);
    let printed: Vec<&Value> = cells.iter().map(|cell| &cell["published_psnr"]).collect();
    assert_eq!(printed, [30.39, 31.92, 32.52]);
    for (cell, model) in cells.iter().zip(["none", "anr", "srcnn-915"]) {
        let report = json(&w.srcnn(&format!("evaluate Set5 -s 3 --protocol paper -m {model} --format json")).ok().out);
        assert_eq!(cell["psnr"], report["mean"]["output"]["psnr"], "{model}");
    }
    w.srcnn("paper table Set5 -s 3 -m bicubic -o table.tex").ok();
    assert!(std::fs::read_to_string(w.path("table.tex")).expect("written").contains("\\begin{tabular}"));
    w.srcnn("paper table Set5 -s 3 -m bicubic -o table.tex").fails(1, &["table.tex", "--force"]);
    w.srcnn("paper table Set5 -m none-such").fails(2, &["none-such"]);
    w.srcnn("paper table none -m bicubic").fails(1, &["none"]);
    w.srcnn("evaluate Set5 -s 3 --protocol keras -m anr").fails(2, &["--protocol paper"]);
}

#[test]
fn baselines_are_learnt_from_a_folder() {
    let w = Workspace::new();
    w.picture("astronaut-61x47.png", "in/a.png");
    w.picture("chelsea-64x64.png", "in/b.png");
    let options = "--data in -s 2 --atoms 16 --iterations 2 --samples 2000";
    for (method, more) in [("sc", ""), ("anr", "--neighbours 8"), ("a+", "--neighbours 40")] {
        w.srcnn(&format!("baseline train {method} {options} {more} -o {method}.safetensors")).ok();
        let info = w.srcnn(&format!("baseline info {method}.safetensors")).ok().out;
        assert!(info.contains(&format!("method  {method}\nscale   x2\n")) && info.contains("data: in"), "{info}");
        w.srcnn(&format!("evaluate in -s 2 --protocol paper -m {method}.safetensors")).ok();
        w.srcnn(&format!("evaluate in -s 3 --protocol paper -m {method}.safetensors")).fails(2, &["for x2"]);
        w.srcnn(&format!("upscale in/a.png -o out.png --force -m {method}.safetensors")).ok();
        assert_eq!(w.image("out.png").size(), (122, 94));
    }
    w.srcnn(&format!("baseline train sc {options} -o sc.safetensors")).fails(1, &["sc.safetensors", "--force"]);
    w.srcnn(&format!("baseline train sc {options} -o sc.bin")).fails(2, &["sc.bin", ".safetensors"]);
    w.srcnn(&format!("baseline train kk {options} -o kk.safetensors")).fails(2, &["kk"]);
    w.srcnn("baseline train anr --data none -s 2 -o b.safetensors").fails(1, &["none"]);
    assert!(w.srcnn("baseline info anr -s 4").ok().out.contains("data: t91"));
    w.srcnn("baseline info in/a.png").fails(1, &["in/a.png"]);
}
