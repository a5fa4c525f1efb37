//! `srcnn train`: runs, and that they survive kills.

mod workspace;

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use srcnn::Model;
use srcnn::model::LayerWeights;
use workspace::Workspace;

/// A folder of pictures, and a configuration whose training takes a second or two.
fn small() -> Workspace {
    let w = Workspace::new();
    for (i, fixture) in
        ["noise-101x67.png", "alpha-45x35.png", "noise-101x67.png", "noise-101x67.png"].iter().enumerate()
    {
        w.picture(fixture, &format!("data/{i}.png"));
    }
    let text = "name = \"t\"\ndata = [\"data\"]\nhold_out = 4\nkernels = [3, 1, 3]\nfilters = [6, 4]\ncrop = 16\n\
                batch = 4\nwarm_up = 10\nsteps = 1200\nevery = 40\n";
    std::fs::write(w.path("small.toml"), text).expect("room");
    w
}

fn weights(w: &Workspace, run: &str) -> Vec<LayerWeights> {
    Model::load(w.path(run).join("t.safetensors")).unwrap_or_else(|e| panic!("{e}")).weights().to_vec()
}

/// `metrics.csv` without the column of seconds.
fn metrics(w: &Workspace, run: &str) -> Vec<String> {
    let text = std::fs::read_to_string(w.path(run).join("metrics.csv")).expect("it is there");
    let without =
        |line: &str| line.split(',').enumerate().filter(|(i, _)| *i != 2).map(|(_, v)| v.to_owned() + ",").collect();
    text.lines().map(without).collect()
}

fn spawn(w: &Workspace, arguments: &str) -> Child {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("srcnn"));
    command.args(arguments.split(' ')).current_dir(w.path(".")).stderr(Stdio::null());
    command.spawn().expect("it starts")
}

/// Waits until `metrics.csv` has more than `lines` lines, or the run has ended.
fn wait_for(w: &Workspace, child: &mut Child, run: &str, lines: usize) {
    let written = || std::fs::read_to_string(w.path(run).join("metrics.csv")).map_or(0, |t| t.lines().count());
    let done = (0..6000).any(|_| {
        std::thread::sleep(Duration::from_millis(5));
        written() > lines || child.try_wait().expect("a child").is_some()
    });
    assert!(done, "the run came no further");
}

#[test]
fn a_run_leaves_its_configuration_curve_filters_and_a_model_that_works() {
    let w = small();
    let run = w.srcnn("train small.toml -o run --steps 80").ok();
    assert!(run.err.contains("held out") && run.err.contains("bicubic"), "{}", run.err);
    let names = ["checkpoint.safetensors", "config.toml", "curve.png", "curve.svg", "filters.png", "metrics.csv"];
    assert_eq!(w.names("run"), [&names[..], &["t.safetensors", "t.toml"]].concat());
    let config = std::fs::read_to_string(w.path("run/config.toml")).expect("text");
    assert!(config.contains("steps = 80") && config.contains("seed = 1") && config.contains("optimiser = \"adam\""));
    assert_eq!(metrics(&w, "run").len(), 4);
    w.srcnn("upscale data/0.png -o large.png -m run/t.safetensors").ok();
    assert_eq!(w.image("large.png").size(), (202, 134));
    // The saved configuration is complete: it gives the same weights.
    w.srcnn("train run/config.toml -o again").ok();
    assert_eq!(weights(&w, "run"), weights(&w, "again"));
    w.srcnn("train run/t.toml -o card").ok();
    assert_eq!(weights(&w, "run"), weights(&w, "card"));
}

#[test]
fn learning_gets_better_than_bicubic() {
    let w = small();
    w.srcnn("train small.toml -o run --steps 600 --every 300").ok();
    let score = |line: &str| line.split(',').nth(4).and_then(|v| v.parse::<f64>().ok()).expect("a score");
    let metrics = metrics(&w, "run");
    assert!(score(&metrics[3]) > score(&metrics[1]) + 0.05, "{metrics:?}");
}

#[cfg(unix)]
#[test]
fn a_run_that_was_killed_goes_on_to_the_same_weights() {
    let w = small();
    w.srcnn("train small.toml -o whole").ok();
    let mut child = spawn(&w, "train small.toml -o killed");
    for lines in [2, 9, 15] {
        wait_for(&w, &mut child, "killed", lines);
        child.kill().expect("SIGKILL");
        child.wait().expect("it is gone");
        child = spawn(&w, "train --resume -o killed");
    }
    assert!(child.wait().expect("it ends").success());
    assert_eq!(weights(&w, "whole"), weights(&w, "killed"));
    assert_eq!(metrics(&w, "whole"), metrics(&w, "killed"));
}

#[cfg(unix)]
#[test]
fn ctrl_c_saves_and_says_how_to_go_on() {
    let w = small();
    w.srcnn("train small.toml -o whole").ok();
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("srcnn"))
        .args(["train", "small.toml", "-o", "run"])
        .current_dir(w.path("."))
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    wait_for(&w, &mut child, "run", 3);
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill").success());
    let output = child.wait_with_output().expect("it ends");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{told}");
    assert!(told.contains("srcnn train --resume -o run"), "{told}");
    w.srcnn("train --resume -o run").ok();
    assert_eq!(weights(&w, "whole"), weights(&w, "run"));
    assert_eq!(metrics(&w, "whole"), metrics(&w, "run"));
}

#[test]
fn neither_threads_nor_the_place_of_pictures_change_the_weights() {
    let w = small();
    for (run, options) in [("one", "--threads 1"), ("three", "--threads 3"), ("disk", "--memory 0")] {
        w.srcnn(&format!("train small.toml -o {run} --steps 60 {options}")).ok();
    }
    assert_eq!(weights(&w, "one"), weights(&w, "three"));
    assert_eq!(weights(&w, "one"), weights(&w, "disk"));
}

#[test]
fn divergence_is_told_and_leaves_the_last_good_checkpoint() {
    let w = small();
    w.srcnn("train small.toml -o run --rates 1e30 --warm-up 0")
        .fails(1, &["step", "last good checkpoint, after step 0"]);
    assert!(w.path("run/checkpoint.safetensors").is_file());
}

#[test]
fn presets_run_and_a_network_grows() {
    let w = small();
    let little = "--data data --hold-out 4 --steps 3 --every 3 --batch 2 --name t";
    for preset in ["paper", "keras", "best"] {
        w.srcnn(&format!("train --preset {preset} -o {preset} {little}")).ok();
    }
    let other = "--input rgb --scales 2,3 --round true --degradation opencv-cubic --loss l1 --late-loss charbonnier \
                 --late-from 0.5 --schedule step --decay-every 2 --decay-by 0.5 --optimiser sgd --average 0";
    w.srcnn(&format!("train -o other {other} {little}")).ok();
    w.srcnn(&format!("train -o grown --kernels 9,3,5 --start best/t.safetensors {little}")).ok();
    w.srcnn(&format!("train -o builtin --kernels 9,5,5 --start srcnn-915-x2 {little}")).ok();
    w.srcnn(&format!("train -o refused --kernels 7,1,5 --start srcnn-915-x2 {little}"))
        .fails(1, &["srcnn-915-x2", "9-1-5", "7-1-5"]);
    assert!(!w.path("refused").exists());
}

#[test]
fn what_cannot_be_run_is_refused_before_anything_is_written() {
    let w = small();
    std::fs::write(w.path("bad.toml"), "stepz = 3\n").expect("room");
    std::fs::create_dir(w.path("none")).expect("room");
    let cases: [(&str, i32, &[&str]); 10] = [
        ("train small.toml -o run --name checkpoint", 2, &["name"]),
        ("train small.toml -o run --mask false --crop 3 --kernels 5,1,1", 2, &["crop"]),
        ("train -o run", 2, &["data"]),
        ("train bad.toml -o run", 1, &["bad.toml", "stepz"]),
        ("train missing.toml -o run", 1, &["missing.toml"]),
        ("train small.toml -o run --crop 4", 2, &["crop"]),
        ("train small.toml -o run --filters 1,1", 2, &["residual"]),
        ("train small.toml -o run --degradation opencv-linear", 2, &["round"]),
        ("train small.toml -o run --data none", 1, &["held out"]),
        ("train --resume -o run", 1, &["config.toml"]),
    ];
    for (arguments, code, parts) in cases {
        w.srcnn(arguments).fails(code, parts);
        assert!(!w.path("run").exists(), "{arguments}");
    }
    w.srcnn("train small.toml -o run --steps 2").ok();
    w.srcnn("train small.toml -o run --steps 2").fails(2, &["run", "--resume"]);
    // Files that a run did not write are not overwritten.
    std::fs::write(w.path("data/t.toml"), "mine").expect("room");
    w.srcnn("train small.toml -o data --steps 2").fails(2, &["data", "t.toml"]);
    // Neither training pictures nor those held out may change.
    w.srcnn("train small.toml -o held --steps 2").ok();
    let held = std::fs::read(w.path("data/3.png")).expect("it is there");
    w.picture("chelsea-64x64.png", "data/3.png");
    w.srcnn("train --resume -o held").fails(1, &["held", "changed"]);
    std::fs::write(w.path("data/3.png"), held).expect("room");
    w.picture("chelsea-64x64.png", "data/0.png");
    w.srcnn("train --resume -o run").fails(1, &["run", "changed"]);
}
