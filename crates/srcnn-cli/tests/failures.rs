//! Full disks, folders that cannot be written to, files and folders that disappear, and limits: a failure is reported
//! in one line that names the file, leaves nothing unfinished behind, and does not stop the rest.

#![cfg(target_os = "linux")]

mod workspace;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use workspace::{Run, Workspace};

/// Limits files to some kilobytes (8 blocks of 512 or of 1024 bytes): writing more fails, as on a full disk.
const LIMITED: &str = r#"trap "" XFSZ; ulimit -f 8; exec "$@""#;
/// The system's message for that.
const TOO_LARGE: &str = "File too large";
const FORMATS: [(&str, &str); 8] = [
    ("png", "png"),
    ("jpeg", "jpg"),
    ("tiff", "tif"),
    ("webp", "webp"),
    ("bmp", "bmp"),
    ("pnm", "pnm"),
    ("pam", "pam"),
    ("qoi", "qoi"),
];

/// Two small pictures, and one between them whose outputs exceed the limit of [`LIMITED`].
fn three() -> Workspace {
    let w = Workspace::new();
    w.picture("tiny-5x3.png", "in/a.png");
    w.picture("noise-101x67.png", "in/b.png");
    w.picture("tiny-2x1.png", "in/c.png");
    w
}

/// Asserts that there are no unfinished files anywhere below a folder.
#[track_caller]
fn nothing_unfinished(folder: &Path) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(!name.starts_with(".srcnn-") || name == ".srcnn-journal", "{}", entry.path().display());
        if entry.file_type().expect("a type").is_dir() {
            nothing_unfinished(&entry.path());
        }
    }
}

fn report(w: &Workspace, name: &str) -> Value {
    let text = std::fs::read_to_string(w.path(name)).expect("a report");
    serde_json::from_str(&text).expect("JSON")
}

/// Asserts that a batch's report lists exactly the files at these indices as failed, each with `reason` in its error.
#[track_caller]
fn failed(report: &Value, places: &[usize], reason: &str) {
    let files = report["files"].as_array().expect("files");
    let failed: Vec<usize> = (0..files.len()).filter(|&i| files[i]["status"] == "failed").collect();
    assert_eq!((failed.as_slice(), &report["failed"]), (places, &places.len().into()), "{report}");
    for &i in places {
        assert!(files[i]["error"].as_str().expect("an error").contains(reason), "{report}");
    }
}

/// Whether user and mount namespaces can be created here.
fn may_mount(what: &str) -> bool {
    let unshare =
        |script: &str| Command::new("unshare").args(["-rm", "sh", "-c", script]).stderr(Stdio::null()).status();
    let may = unshare("mount -t tmpfs none /tmp").is_ok_and(|status| status.success());
    if !may {
        println!("file systems cannot be mounted here: {what} is left out");
    }
    may
}

/// Runs `srcnn` where `mounts` took effect, and returns its own exit code.
fn mounted(w: &Workspace, mounts: &str, after: &str, arguments: &str) -> Run {
    let inner = format!(r#"set -e; {mounts}; set +e; "$@"; code=$?; {after}; exit $code"#);
    w.script(&format!("exec unshare -rm sh -c '{inner}' sh \"$@\""), arguments)
}

#[test]
fn a_file_that_cannot_be_written_to_its_end_is_not_there() {
    let w = three();
    for (format, extension) in FORMATS {
        let line = format!("-q upscale in -o {format} --format {format} -m srcnn-915 --report {format}.json");
        let output = format!("{format}/b.{extension}");
        let run = w.script(LIMITED, &line).fails(1, &["1 of 3 failed"]);
        let first = run.err.lines().next().expect("a line");
        assert!(first.starts_with(&format!("srcnn: {output}: {TOO_LARGE}")), "{run:?}");
        assert_eq!((run.err.lines().count(), run.err.matches(TOO_LARGE).count()), (2, 1), "the reason once: {run:?}");
        assert_eq!(w.names(format), [format!("a.{extension}"), format!("c.{extension}")]);
        failed(&report(&w, &format!("{format}.json")), &[1], &output);
        // Without the limit, the batch resumes.
        let again = w.srcnn(&format!("-v upscale in -o {format} --format {format} -m srcnn-915")).ok();
        assert!(again.err.contains("2 of 3 files were done already"), "{again:?}");
    }
    nothing_unfinished(&w.path("."));
}

#[test]
fn a_single_file_that_cannot_be_written_leaves_what_was_there() {
    let w = three();
    std::fs::write(w.path("b.png"), "before").expect("room");
    for command in ["upscale", "degrade -s 2", "restore"] {
        let run = w.script(LIMITED, &format!("-q {command} in/b.png -o b.png --force"));
        assert_eq!(run.fails(1, &["b.png: File too large"]).err.lines().count(), 1);
        assert_eq!(std::fs::read(w.path("b.png")).expect("there"), b"before");
    }
    assert_eq!(w.names("."), ["b.png", "in"]);
    // Output that fits into the buffer of standard output.
    w.script(r#"exec "$@" > /dev/full"#, "upscale in/a.png -o -").fails(1, &["standard output: No space left"]);
    w.script(r#"exec "$@" > /dev/full"#, "model list").fails(1, &["standard output: No space left"]);
}

#[test]
fn a_report_that_cannot_be_written_is_not_there() {
    let w = three();
    let missing: String = (0..200).map(|i| format!("missing-{i:03}.png\n")).collect();
    std::fs::write(w.path("list.txt"), format!("in/a.png\n{missing}")).expect("room");
    let run = w.script(LIMITED, "upscale --files-from list.txt -o out --report report.json");
    run.fails(1, &["missing-199.png", "report.json: File too large"]);
    assert_eq!(
        (w.names("."), w.names("out")),
        (["in", "list.txt", "out"].map(str::to_owned).to_vec(), vec!["a.png".into()])
    );
    nothing_unfinished(&w.path("."));
    // A report that cannot be written is refused before the work.
    w.srcnn("upscale in -o other --report list.txt/report.json").fails(1, &["list.txt"]);
    assert!(!w.path("other").exists());
}

#[test]
fn a_journal_that_cannot_grow_fails_files_and_is_no_worse_for_it() {
    let w = Workspace::new();
    let count = 90;
    for i in 0..count {
        w.picture("tiny-2x1.png", &format!("in/{i:02}.png"));
    }
    let run = w.script(LIMITED, "upscale in -o out -m srcnn-915");
    let run = run.fails(1, &["out/89.png: ", ".srcnn-journal", TOO_LARGE]);
    let done = w.names("out").len();
    assert!((10..count).contains(&done), "{run:?}");
    assert!(run.err.contains(&format!("{} of {count} failed", count - done)), "{run:?}");
    nothing_unfinished(&w.path("."));
    let again = w.srcnn("-v upscale in -o out -m srcnn-915").ok();
    assert!(again.err.contains(&format!("{done} of {count} files were done already")), "{again:?}");
    // An incomplete line in the journal would hide the next one.
    let last = w.srcnn("-v upscale in -o out -m srcnn-915").ok();
    assert!(last.err.contains(&format!("{count} of {count} files were done already")), "{last:?}");
}

#[test]
fn on_a_full_disk_what_fits_is_done() {
    if !may_mount("a full disk") {
        return;
    }
    let w = three();
    for (format, extension) in FORMATS {
        for folder in [format.to_owned(), format!("{format}-kept")] {
            std::fs::create_dir(w.path(&folder)).expect("room");
        }
        let output = format!("{format}/b.{extension}");
        let mounts = format!("mount -t tmpfs -o size=32k none {format}");
        let line = format!("-q upscale in -o {format} -s 4 --format {format} --report {format}.json");
        let run = mounted(&w, &mounts, &format!("cp -a {format}/. {format}-kept/"), &line);
        let run = run.fails(1, &[&format!("srcnn: {output}: No space left on device"), "1 of 3 failed"]);
        assert_eq!((run.err.lines().count(), run.err.matches("No space").count()), (2, 1), "{run:?}");
        assert_eq!(w.names(&format!("{format}-kept")), [format!("a.{extension}"), format!("c.{extension}")]);
        failed(&report(&w, &format!("{format}.json")), &[1], &output);
    }
    nothing_unfinished(&w.path("."));
    // A report on a full file system.
    std::fs::create_dir(w.path("full")).expect("room");
    let fill = "mount -t tmpfs -o size=16k none full; cat in/b.png > full/all 2> /dev/null || true";
    let run = mounted(&w, fill, "ls -A full >&2", "upscale in/a.png -o a.png --report full/report.json");
    assert_eq!(
        (run.code, run.err.as_str()),
        (1, "srcnn: full/report.json: No space left on device (os error 28)\nall\n")
    );
}

#[test]
fn folders_that_cannot_be_written_to_are_named() {
    if !may_mount("a read-only file system") {
        return;
    }
    let w = three();
    w.picture("tiny-2x1.png", "in/sub/d.png");
    std::fs::create_dir_all(w.path("out/sub")).expect("room");
    let read_only = |folder: &str| format!("mount --bind {folder} {folder}; mount -o remount,ro,bind {folder}");
    for line in ["upscale in -o out --report all.json", "upscale in/a.png -o out/a.png --report one.json"] {
        let run = mounted(&w, &read_only("out"), "true", line).fails(1, &["srcnn: out: ", "cannot write there: "]);
        assert_eq!(run.err.lines().count(), 1, "{run:?}");
    }
    assert_eq!((w.names("out"), w.names("out/sub")), (vec!["sub".to_owned()], Vec::new()));
    assert!(report(&w, "all.json")["problems"][0].as_str().expect("a problem").contains("out: cannot write there"));
    failed(&report(&w, "one.json"), &[0], "out: cannot write there");
    // One subfolder only.
    let run = mounted(&w, &read_only("out/sub"), "true", "upscale in -o out --report sub.json");
    run.fails(1, &["srcnn: out/sub: cannot write there: ", "1 of 4 failed"]);
    assert_eq!(
        (w.names("out"), w.names("out/sub")),
        (["a.png", "b.png", "c.png", "sub"].map(str::to_owned).to_vec(), vec![])
    );
    failed(&report(&w, "sub.json"), &[3], "out/sub: cannot write there");
    // The folder of the report.
    let run = mounted(&w, &read_only("out"), "true", "upscale in -o other --report out/report.json");
    run.fails(1, &["out: cannot write there"]);
    assert!(!w.path("other").exists(), "known before the work");
    nothing_unfinished(&w.path("."));
}

#[test]
fn what_refuses_a_whole_folder_is_told_once() {
    let w = Workspace::new();
    for i in 0..9 {
        w.picture("tiny-2x1.png", &format!("in/{i}.png"));
    }
    w.picture("tiny-2x1.png", "in/sub/9.png");
    // A folder that cannot be made: a file is in its way, and the system's own.
    for (place, jobs) in [("in/0.png/out/", ""), ("/proc/out/", ""), ("/proc/out/", "--jobs 1")] {
        let run = w.srcnn(&format!("upscale in -o {place} -m srcnn-915 --report r.json --force {jobs}"));
        let run = run.fails(1, &["cannot make this folder: ", "10 of 10 failed"]);
        assert_eq!(run.err.lines().count(), 2, "{run:?}");
        failed(&report(&w, "r.json"), &(0..10).collect::<Vec<_>>(), "cannot make this folder");
    }
    // A journal that may not grow any more, beside outputs that fit.
    w.srcnn("upscale in/0.png -o out/x.png -m srcnn-915").ok();
    std::fs::write(w.path("out/.srcnn-journal"), " ".repeat(8191) + "\n").expect("room");
    for jobs in ["", "--jobs 1"] {
        let run = w.script(LIMITED, &format!("upscale in -o out -m srcnn-915 --report r.json --force {jobs}"));
        let run = run.fails(1, &["srcnn: out/0.png to out/sub/9.png: cannot note them in out/.srcnn-journal: "]);
        assert_eq!((run.err.lines().count(), run.err.matches("10 of 10 failed").count()), (2, 1), "{run:?}");
        failed(&report(&w, "r.json"), &(0..10).collect::<Vec<_>>(), "cannot note it in out/.srcnn-journal");
        assert_eq!(w.names("out"), ["sub", "x.png"]);
    }
    nothing_unfinished(&w.path("."));
}

#[test]
fn jobs_share_the_memory() {
    let w = three();
    let line = |memory: &str, jobs: u8| {
        format!("upscale in/b.png -o b.webp -m srcnn-915 --force --max-memory {memory} -j {jobs}")
    };
    w.srcnn(&line("4M", 1)).ok();
    w.srcnn(&line("4M", 4)).fails(1, &["b.png: ", "--max-memory allows more"]);
    w.srcnn(&line("16M", 4)).ok();
}

#[test]
fn folders_that_cannot_be_made_are_named() {
    let w = three();
    let places = ["in/a.png/b.png", "in/a.png/deep/b.png"].map(|place| (place, "in/a.png"));
    let system = [("/proc/b.png", "/proc"), ("/proc/deep/b.png", "/proc/deep"), ("/proc/", "/proc")];
    for (place, named) in places.into_iter().chain(system) {
        let run = w.srcnn(&format!("-q upscale in/b.png -o {place} --report report.json --force"));
        let run = run.fails(1, &[&format!("srcnn: {named}")]);
        assert_eq!(run.err.lines().count(), 1, "{run:?}");
        assert_eq!(report(&w, "report.json")["done"], 0, "{place}");
    }
    nothing_unfinished(&w.path("."));
}

/// Starts a batch of `in/a.png`, a pipe and `in/c.png`, one at a time, and returns once it has opened the pipe. What is
/// written to the pipe then is the second picture.
fn held_at_a_pipe(w: &Workspace) -> (Child, std::fs::File) {
    assert!(Command::new("mkfifo").arg(w.path("pipe.png")).status().expect("mkfifo").success());
    std::fs::write(w.path("list.txt"), "in/a.png\npipe.png\nin/c.png\n").expect("room");
    let child = Command::new(assert_cmd::cargo::cargo_bin("srcnn"))
        .args(["-q", "upscale", "--files-from", "list.txt", "-o", "out", "--report", "report.json", "--jobs", "1"])
        .current_dir(w.path("."))
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    // Opening returns once the other end is opened.
    (child, std::fs::OpenOptions::new().write(true).open(w.path("pipe.png")).expect("a pipe"))
}

fn feed(w: &Workspace, child: Child, mut pipe: std::fs::File) -> Run {
    std::io::Write::write_all(&mut pipe, &std::fs::read(w.path("in/b.png")).expect("there")).expect("it reads");
    drop(pipe);
    Run::of(&child.wait_with_output().expect("it ends"))
}

#[test]
fn an_input_that_went_away_after_it_was_listed_is_named() {
    let w = three();
    w.picture("tiny-2x1.png", "in/d.png");
    let (child, pipe) = held_at_a_pipe(&w);
    std::fs::remove_file(w.path("in/c.png")).expect("it was there");
    let run = feed(&w, child, pipe).fails(1, &["srcnn: in/c.png: No such file", "1 of 3 failed"]);
    assert_eq!(run.err.lines().count(), 2, "{run:?}");
    assert_eq!(w.names("out"), ["a.png", "pipe.png"]);
    assert_eq!(w.image("out/pipe.png").size(), (202, 134));
    failed(&report(&w, "report.json"), &[2], "in/c.png: No such file");
    nothing_unfinished(&w.path("."));
}

#[test]
fn an_output_folder_that_was_removed_is_not_made_again() {
    let w = three();
    let (child, pipe) = held_at_a_pipe(&w);
    assert_eq!(w.names("out"), ["a.png"]);
    std::fs::remove_dir_all(w.path("out")).expect("it was there");
    let run = feed(&w, child, pipe);
    run.fails(1, &["pipe.png: out: this folder, or its journal, was removed", "in/c.png: out: ", "2 of 3 failed"]);
    assert!(!w.path("out").exists());
    failed(&report(&w, "report.json"), &[1, 2], "out: this folder");
    nothing_unfinished(&w.path("."));
}

#[test]
fn an_output_folder_that_is_removed_while_a_file_is_written_is_named() {
    let w = three();
    for output in ["out/b.png", "out"] {
        std::fs::create_dir(w.path("out")).expect("room");
        let child = Command::new(assert_cmd::cargo::cargo_bin("srcnn"))
            .args(["-q", "upscale", "in/b.png", "-o", output, "-s", "20", "--report", "report.json", "--force"])
            .current_dir(w.path("."))
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let begun = (0..20_000).any(|_| {
            std::thread::sleep(Duration::from_millis(1));
            w.names("out").iter().any(|name| name.ends_with(".part"))
        });
        assert!(begun, "the work never began");
        // The first unfinished file only probes the folder; the work, which takes seconds, begins after it.
        std::thread::sleep(Duration::from_millis(50));
        std::fs::remove_dir_all(w.path("out")).expect("it was there");
        let run = Run::of(&child.wait_with_output().expect("it ends")).fails(1, &["srcnn: ", "out"]);
        assert_eq!(run.err.lines().count(), 1, "{run:?}");
        assert!(!w.path("out").exists());
        failed(&report(&w, "report.json"), &[0], "out");
    }
    nothing_unfinished(&w.path("."));
}

#[test]
fn limits_name_the_option_that_allows_more() {
    let w = three();
    w.srcnn("upscale in/b.png -o b.tif -m srcnn-915").ok();
    w.srcnn("upscale in/b.png -o b.jpg -m srcnn-915").ok();
    w.srcnn("upscale in/b.png -o b.bmp -m srcnn-915").ok();
    let refused = [
        ("in/b.png -o out.png --max-pixels 1000", "in/b.png: 101x67 pixels", "--max-pixels"),
        ("in/b.png -o out.png --max-pixels 10K", "in/b.png: 202x134 pixels", "--max-pixels"),
        ("b.jpg -o out.png --max-pixels 1K", "b.jpg: ", "--max-pixels"),
        ("b.tif -o out.png --max-pixels 1K", "b.tif: ", "--max-pixels"),
        ("b.bmp -o out.png --max-pixels 1K", "b.bmp: ", "--max-pixels"),
        ("in/b.png -o out.png --max-memory 1K", "in/b.png: ", "--max-memory"),
        ("in/b.png -o out.png --max-memory 100K", "in/b.png: ", "--max-memory"),
        ("in/b.png -o out.webp --max-memory 300K", "in/b.png: ", "--max-memory"),
        ("in/b.png -o out.jpg --optimize --max-memory 400K", "in/b.png: ", "--max-memory"),
        ("in/b.png -o out.jpg --progressive --max-memory 400K", "in/b.png: ", "--max-memory"),
        ("b.jpg -o out.png --max-memory 1K", "b.jpg: ", "--max-memory"),
        ("b.tif -o out.png --max-memory 100", "b.tif: ", "--max-memory"),
        ("b.bmp -o out.png --max-memory 10K", "b.bmp: ", "--max-memory"),
        ("b.bmp -o out.png --max-memory 100K", "b.bmp: ", "--max-memory"),
    ];
    for (arguments, named, option) in refused {
        let run = w.srcnn(&format!("upscale {arguments} --report report.json --force"));
        let run = run.fails(1, &[&format!("srcnn: {named}"), &format!("({option} allows more)")]);
        assert_eq!(run.err.lines().count(), 1, "{run:?}");
        failed(&report(&w, "report.json"), &[0], &format!("{option} allows more"));
    }
    assert_eq!(w.names("."), ["b.bmp", "b.jpg", "b.tif", "in", "report.json"]);
}
