//! `srcnn paper curves`: experiments, and that they survive kills.

mod workspace;

#[cfg(unix)]
use std::process::{Child, Command, Stdio};
#[cfg(unix)]
use std::time::Duration;

use srcnn::Model;
use srcnn::model::Input;
use workspace::Workspace;

const TWO: &str = "title = 'Two'\ndescription = 'Two runs.'\nlevels = { high = 99.0 }\n\
    base = { hold_out = 4, kernels = [3, 1, 3], filters = [6, 4], scales = [2], crop = 16, batch = 4, warm_up = 10, \
    steps = 1200, every = 40 }\nquick = { steps = 80 }\n\
    [[runs]]\nname = 'six'\nlabel = '6-4'\npublished = 31.25\n\
    [[runs]]\nname = 'seven'\nlabel = '7-4'\nset = { filters = [7, 4] }\n";

/// A folder of pictures, a benchmark, and an experiment of two runs that take some seconds.
fn small() -> Workspace {
    let w = Workspace::new();
    for (i, fixture) in
        ["noise-101x67.png", "alpha-45x35.png", "noise-101x67.png", "noise-101x67.png"].iter().enumerate()
    {
        w.picture(fixture, &format!("data/{i}.png"));
    }
    w.picture("astronaut-61x47.png", "five/a.png");
    w.picture("coffee-53x38.png", "five/b.png");
    std::fs::write(w.path("two.toml"), TWO).expect("room");
    w
}

const TYPED: &str = "paper curves two.toml --data data --benchmark five";

fn text(w: &Workspace, name: &str) -> String {
    std::fs::read_to_string(w.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

#[test]
fn an_experiment_leaves_its_runs_a_chart_points_and_a_table() {
    let w = small();
    let run = w.srcnn(&format!("{TYPED} -o out --quick")).ok();
    assert_eq!(w.names("out"), ["seven", "six", "two.csv", "two.png", "two.svg"]);
    assert!(w.names("out/six").contains(&"six.safetensors".to_owned()));
    let csv = text(&w, "out/two.csv");
    let names: Vec<&str> = csv.lines().map(|line| line.split(',').next().unwrap_or_default()).collect();
    assert_eq!(names, ["run", "six", "six", "six", "seven", "seven", "seven"]);
    assert!(csv.lines().nth(3).is_some_and(|line| line.starts_with("six,80,320,")), "{csv}");
    let svg = text(&w, "out/two.svg");
    for part in ["6-4", "7-4", "bicubic", "high", "back-propagations", "Two"] {
        assert!(svg.contains(part), "{part}");
    }
    assert_eq!(w.image("out/two.png").size(), (900, 560));
    for part in ["two: Two, five", "\n6-4 ", "31.25\n", "6-4 does not pass high (99.00 dB).", "bicubic ("] {
        assert!(run.out.contains(part), "{part}: {}", run.out);
    }
    // Finished runs are kept, and the chart is drawn in any case.
    let weights = std::fs::read(w.path("out/six/checkpoint.safetensors")).expect("it is there");
    std::fs::remove_file(w.path("out/two.png")).expect("it is there");
    let again = w.srcnn(&format!("{TYPED} -o out --quick --format json")).ok();
    assert!(again.err.contains("all 80 steps are done"), "{}", again.err);
    assert_eq!((text(&w, "out/two.csv"), w.path("out/two.png").is_file()), (csv, true));
    assert_eq!(std::fs::read(w.path("out/six/checkpoint.safetensors")).expect("it is there"), weights);
    assert!(
        again.out.starts_with("[{\"experiment\":\"two\"") && again.out.contains("\"published\":31.25"),
        "{}",
        again.out
    );
    let table = w.srcnn(&format!("{TYPED} -o out --quick --format csv")).ok().out;
    assert!(table.lines().nth(1).is_some_and(|line| line.starts_with("two,six,6-4,")), "{table}");
}

#[test]
fn colors_are_scored_by_channel_and_networks_on_ycbcr_are_refused_elsewhere() {
    let w = small();
    let colors = TWO
        .replace("levels =", "channels = true\nlevels =")
        .replace("set = { ", "set = { input = 'ycbcr', early_channels = [1, 0, 0], early_until = 0.5, ");
    std::fs::write(w.path("two.toml"), colors).expect("room");
    let first = w.srcnn(&format!("{TYPED} -o out --quick")).ok();
    let table =
        first.out.lines().skip_while(|line| !line.starts_with("dB")).take(4).map(str::to_owned).collect::<Vec<_>>();
    assert!(table.len() == 4 && table[1].starts_with("bicubic") && table[3].starts_with("7-4"), "{}", first.out);
    // For a network on luma, chroma is interpolated.
    let cells = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(cells(&table[1])[2..4], cells(&table[2])[2..4]);
    assert_eq!(w.srcnn(&format!("{TYPED} -o out --quick")).ok().out, first.out);
    let model = Model::load(w.path("out/seven/seven.safetensors")).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(model.architecture().expect("a chain").input(), Input::Ycbcr);
    w.srcnn("model info out/seven/seven.safetensors").ok();
    for command in ["upscale", "restore -s 2"] {
        w.srcnn(&format!("{command} five/a.png -o large.png -m out/seven/seven.safetensors"))
            .fails(2, &["seven.safetensors", "YCbCr"]);
    }
    w.srcnn("evaluate five -s 2 --protocol paper -m out/seven/seven.safetensors").fails(2, &["luma"]);
    assert!(!w.path("large.png").exists());
}

#[test]
fn the_papers_experiments_are_listed() {
    let w = Workspace::new();
    let list = w.srcnn("paper curves --list").ok().out;
    for name in ["first-figure", "data", "filter-number", "filter-size", "depth", "deeper", "colour"] {
        assert!(list.contains(&format!("{name}: ")), "{list}");
    }
}

#[test]
fn what_cannot_be_run_is_refused_before_anything_is_written() {
    let w = small();
    std::fs::write(w.path("bad.toml"), TWO.replace("steps = 80", "stepz = 80")).expect("room");
    std::fs::write(w.path("broken.toml"), "title = ").expect("room");
    std::fs::write(w.path("large.toml"), TWO.replace("published", "large = true\npublished")).expect("room");
    std::fs::write(w.path("other.toml"), TWO.replace("[6, 4]", "[5, 4]")).expect("room");
    let folders = "--data data --benchmark five -o out";
    let cases: [(&str, i32, &[&str]); 9] = [
        ("paper curves", 2, &["EXPERIMENT"]),
        ("paper curves two.toml", 2, &["--output"]),
        ("paper curves two.toml -o out --benchmark five", 2, &["two", "six", "data"]),
        ("paper curves two.toml -o out --data data", 2, &["two", "six", "benchmark"]),
        (&format!("paper curves nothing {folders}"), 2, &["nothing", "first-figure"]),
        (&format!("paper curves bad.toml {folders}"), 2, &["bad.toml", "run six", "stepz"]),
        (&format!("paper curves broken.toml {folders}"), 1, &["broken.toml", "line 1"]),
        (&format!("paper curves large.toml {folders}"), 2, &["large", "six", "--large-data"]),
        (&format!("paper curves two.toml other.toml {folders}"), 2, &["two and other", "six"]),
    ];
    for (arguments, code, parts) in cases {
        w.srcnn(arguments).fails(code, parts);
        assert!(!w.path("out").exists(), "{arguments}");
    }
    w.srcnn(&format!("{TYPED} -o out --quick")).ok();
    w.srcnn(&format!("{TYPED} -o out")).fails(2, &["config.toml", "steps = 80"]);
}

#[cfg(unix)]
fn spawn(w: &Workspace, out: &str) -> Child {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("srcnn"));
    command.args(TYPED.split(' ')).args(["-o", out]).current_dir(w.path("."));
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts")
}

/// Waits until a run's metrics have more than `lines` lines, or the process has ended.
#[cfg(unix)]
fn wait_for(w: &Workspace, child: &mut Child, run: &str, lines: usize) {
    let written = || std::fs::read_to_string(w.path(run).join("metrics.csv")).map_or(0, |t| t.lines().count());
    let done = (0..6000).any(|_| {
        std::thread::sleep(Duration::from_millis(5));
        written() > lines || child.try_wait().expect("a child").is_some()
    });
    assert!(done, "the run came no further");
}

#[cfg(unix)]
#[test]
fn an_experiment_that_was_stopped_and_killed_goes_on_to_the_same_points() {
    let w = small();
    w.srcnn(&format!("{TYPED} -o whole")).ok();
    let mut child = spawn(&w, "broken");
    wait_for(&w, &mut child, "broken/six", 4);
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill").success());
    let output = child.wait_with_output().expect("it ends");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{told}");
    assert!(told.contains("go on with the same command"), "{told}");
    assert!(w.path("broken/two.png").is_file() && !w.path("broken/seven").exists());
    for (run, lines) in [("broken/six", 12), ("broken/seven", 3), ("broken/seven", 15)] {
        // Its messages are few and are not read.
        let mut child = spawn(&w, "broken");
        wait_for(&w, &mut child, run, lines);
        child.kill().expect("SIGKILL");
        child.wait().expect("it is gone");
    }
    w.srcnn(&format!("{TYPED} -o broken")).ok();
    assert_eq!(text(&w, "whole/two.csv"), text(&w, "broken/two.csv"));
    assert_eq!(text(&w, "whole/two.svg"), text(&w, "broken/two.svg"));
}

#[test]
fn charts_of_nobody_knows_what_are_replaced_only_by_force() {
    let w = small();
    std::fs::create_dir(w.path("out")).expect("room");
    std::fs::write(w.path("out/two.csv"), "mine").expect("room");
    w.srcnn(&format!("{TYPED} -o out --quick")).fails(1, &["two.csv", "--force"]);
    assert_eq!((text(&w, "out/two.csv").as_str(), w.names("out")), ("mine", vec!["two.csv".to_owned()]));
    w.srcnn(&format!("{TYPED} -o out --quick --force")).ok();
    assert!(text(&w, "out/two.csv").starts_with("run,"));
    // Its own it replaces.
    w.srcnn(&format!("{TYPED} -o out --quick")).ok();
}
