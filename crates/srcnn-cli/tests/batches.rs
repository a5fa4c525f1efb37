//! Whole folders: trees, names, lists, pipes, and interrupted batches.

mod workspace;

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use workspace::Workspace;

const SMALL: &str = "tiny-5x3.png";

fn tree() -> Workspace {
    let w = Workspace::new();
    for name in ["in/a.png", "in/b/a.png", "in/b/c/d.png", "in/.hidden/e.png", "in/._a.png", "in/__MACOSX/a.png"] {
        w.picture(SMALL, name);
    }
    std::fs::write(w.path("in/Thumbs.db"), "no picture").expect("room");
    std::fs::write(w.path("in/.DS_Store"), "no picture").expect("room");
    w
}

#[test]
fn the_tree_of_a_folder_is_mirrored() {
    let w = tree();
    w.srcnn("upscale in -o out -m srcnn-915").ok();
    assert_eq!(
        (w.names("out"), w.names("out/b"), w.names("out/b/c")),
        (vec!["a.png".to_owned(), "b".to_owned()], vec!["a.png".to_owned(), "c".to_owned()], vec!["d.png".to_owned()],)
    );
    w.srcnn("upscale in -o flat -m srcnn-915 --flat").ok();
    assert_eq!(w.names("flat"), ["a.png"]);
    // An output folder within the input folder is not searched.
    w.srcnn("upscale in -o in/large -m srcnn-915").ok();
    w.srcnn("upscale in -o in/large -m srcnn-915").ok();
    assert_eq!(w.names("in/large"), ["a.png", "b"]);
}

#[test]
fn outputs_are_named_by_a_template() {
    let w = tree();
    w.srcnn_with(&[
        "upscale",
        "in",
        "-o",
        "out",
        "-m",
        "srcnn-915",
        "-s",
        "3",
        "--name",
        "{stem}-{model}-x{scale}.{ext}",
    ])
    .ok();
    assert_eq!(w.names("out/b/c"), ["d-srcnn-915-x3-x3.png"]);
    w.srcnn("upscale in -o other --name large.png").fails(2, &["--name", "{stem}"]);
    assert!(!w.path("other").exists());
}

#[test]
fn lists_and_pipes_name_pictures() {
    let w = tree();
    std::fs::write(w.path("list.txt"), "in/a.png\r\n\nmissing.png\nin/b/c/d.png\n").expect("room");
    let run = w.srcnn("degrade --files-from list.txt -o out -s 2").fails(1, &["missing.png", "1 of 3 failed"]);
    assert_eq!(w.names("out"), ["a.png", "d.png"], "{run:?}");
    let bytes = std::fs::read(w.path("in/a.png")).expect("there");
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("srcnn"))
        .args(["upscale", "-", "-o", "-", "-s", "2"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    child.stdin.take().expect("a pipe").write_all(&bytes).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success());
    std::fs::write(w.path("piped.png"), &output.stdout).expect("room");
    w.srcnn("upscale in/a.png -o file.png -s 2").ok();
    assert_eq!(w.image("piped.png"), w.image("file.png"));
    w.srcnn("upscale in -o - -s 2").fails(2, &["-o -"]);
}

#[test]
fn what_is_done_is_skipped_and_what_changed_is_not() {
    let w = tree();
    let upscale = "-v upscale in -o out -s 2 -m srcnn-915";
    w.srcnn(upscale).ok();
    let again = w.srcnn(upscale).ok();
    assert!(again.err.contains("3 of 3 files were done already"), "{}", again.err);
    // Outputs made with other options or from other inputs are not taken as done.
    w.srcnn("upscale in -o out -s 3 -m srcnn-915").fails(1, &["out/a.png", "exists", "--force"]);
    w.picture("chelsea-64x64.png", "in/a.png");
    w.srcnn(upscale).fails(1, &["out/a.png", "exists"]);
    let forced = w.srcnn("-v upscale in -o out -s 2 -m srcnn-915 --force").ok();
    assert!(forced.err.contains("2 of 3 files were done already"), "{}", forced.err);
    assert_eq!(w.image("out/a.png").size(), (128, 128));
    // An output that was changed since is not taken as done.
    std::fs::copy(w.path("in/b/a.png"), w.path("out/b/a.png")).expect("room");
    w.srcnn(upscale).fails(1, &["out/b/a.png", "exists"]);
}

#[test]
fn the_report_names_what_failed_and_jobs_change_nothing() {
    let w = tree();
    std::fs::write(w.path("in/b/bad.png"), "no picture").expect("room");
    w.srcnn("upscale in -o one -m srcnn-915 --report one.json").fails(1, &["in/b/bad.png", "1 of 4 failed"]);
    w.srcnn("upscale in -o three -m srcnn-915 -j 3 --report three.json").fails(1, &["in/b/bad.png"]);
    for (folder, report) in [("one", "one.json"), ("three", "three.json")] {
        let text = std::fs::read_to_string(w.path(report)).expect("there");
        let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!((&report["done"], &report["failed"]), (&3.into(), &1.into()));
        let statuses: Vec<_> = report["files"].as_array().expect("files").iter().map(|f| f["status"].clone()).collect();
        assert_eq!(statuses, ["done", "done", "failed", "done"], "{text}");
        assert_eq!(report["files"][2]["input"], "in/b/bad.png");
        assert_eq!(w.image(&format!("{folder}/b/c/d.png")), w.image("one/b/c/d.png"));
    }
}

#[test]
fn a_report_is_no_input_and_no_output() {
    let w = tree();
    w.srcnn("degrade in/a.png -o b.png -s 2 --report in/a.png").fails(1, &["in/a.png", "input"]);
    w.srcnn("degrade in/a.png -o b.png -s 2 --report b.png").fails(1, &["b.png"]);
    w.srcnn("degrade in/a.png -o b.png -s 2 --report r.json --force").ok();
    assert_eq!(w.image("in/a.png").size(), (5, 3));
}

#[test]
fn a_batch_into_its_own_folder_does_not_feed_on_its_outputs() {
    let w = tree();
    for _ in 0..3 {
        w.srcnn("degrade in --flat -o in -s 2 --name {stem}-s.{ext}").ok();
    }
    assert_eq!(w.names("in").iter().filter(|name| name.ends_with("-s.png")).count(), 1);
}

#[cfg(unix)]
#[test]
fn no_link_leads_out_of_the_output_folder() {
    let w = tree();
    std::fs::create_dir_all(w.path("out")).expect("room");
    std::fs::create_dir_all(w.path("elsewhere")).expect("room");
    std::os::unix::fs::symlink(w.path("elsewhere"), w.path("out/b")).expect("a link");
    w.srcnn("upscale in -o out -m srcnn-915").fails(1, &["out/b/a.png", "link"]);
    assert!(w.names("elsewhere").is_empty());
    assert!(w.path("out/a.png").is_file());
}

#[cfg(target_os = "linux")]
#[test]
fn a_batch_that_was_killed_three_times_ends_as_if_it_never_was() {
    let w = Workspace::new();
    let count = 120;
    for i in 0..count {
        w.picture("alpha-45x35.png", &format!("in/{}/{i:03}.png", i % 7));
    }
    for bad in ["in/0/bad.png", "in/3/worse.jpg"] {
        std::fs::write(w.path(bad), "no picture").expect("room");
    }
    w.srcnn("upscale in -o clean -s 4 -j 2").fails(1, &["bad.png", "worse.jpg", "2 of 122 failed"]);
    let written =
        |w: &Workspace| (0..7).map(|i| w.path(&format!("out/{i}"))).filter_map(|f| f.read_dir().ok()).flatten().count();
    for stage in 1..=3 {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin("srcnn"))
            .args(["upscale", "in", "-o", "out", "-s", "4", "-j", "2"])
            .current_dir(w.path("."))
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let reached = (0..20_000).any(|_| {
            std::thread::sleep(Duration::from_millis(1));
            written(&w) > stage * 20 || child.try_wait().expect("a child").is_some()
        });
        assert!(reached, "it came no further");
        child.kill().expect("SIGKILL");
        child.wait().expect("it is gone");
    }
    let last = w.srcnn("-v upscale in -o out -s 4 -j 2 --report report.json").fails(1, &["bad.png", "worse.jpg"]);
    assert!(last.err.contains("were done already"), "{}", last.err);
    for i in 0..7 {
        let folder = format!("out/{i}");
        assert_eq!(w.names(&folder), w.names(&format!("clean/{i}")), "nothing half-written is left");
        for name in w.names(&folder) {
            let bytes = |top: &str| std::fs::read(w.path(&format!("{top}/{i}/{name}"))).expect("there");
            assert!(bytes("out") == bytes("clean"), "{folder}/{name}");
        }
    }
}
