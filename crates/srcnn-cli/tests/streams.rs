//! Outputs that are pipes, open files by their number, and links: what is no file is written into, and never replaced.

#![cfg(target_os = "linux")]

mod workspace;

use std::os::unix::fs::{FileTypeExt, symlink};
use std::process::Command;
use std::thread::{JoinHandle, spawn};

use workspace::Workspace;

const FORMATS: [&str; 9] = ["png", "jpg", "tif", "webp", "bmp", "pnm", "pam", "qoi", "gif"];

fn fifo(w: &Workspace, name: &str) {
    assert!(Command::new("mkfifo").arg(w.path(name)).status().expect("mkfifo").success());
}

/// Everything that comes through a pipe, once its writers have closed it.
fn reader(w: &Workspace, name: &str) -> JoinHandle<Vec<u8>> {
    let path = w.path(name);
    spawn(move || std::fs::read(path).expect("a pipe"))
}

fn is_fifo(w: &Workspace, name: &str) -> bool {
    std::fs::symlink_metadata(w.path(name)).expect("there").file_type().is_fifo()
}

#[test]
fn a_pipe_gets_the_same_bytes_as_a_file() {
    let w = Workspace::new();
    w.picture("tiny-5x3.png", "a.png");
    for format in FORMATS {
        w.srcnn(&format!("upscale a.png -o file.{format} -m srcnn-915")).ok();
        let file = std::fs::read(w.path(&format!("file.{format}"))).expect("there");
        let pipe = format!("pipe.{format}");
        fifo(&w, &pipe);
        for force in ["", "--force"] {
            let read = reader(&w, &pipe);
            w.srcnn(&format!("upscale a.png -o {pipe} -m srcnn-915 {force}")).ok();
            assert!(read.join().expect("it ends") == file, "{pipe} {force}");
            assert!(is_fifo(&w, &pipe), "{pipe} {force}");
        }
    }
    // Through a link, and without an extension: PNG, as on standard output.
    symlink("pipe.png", w.path("link")).expect("a link");
    let read = reader(&w, "pipe.png");
    w.srcnn("upscale a.png -o link -m srcnn-915 --force").ok();
    assert!(read.join().expect("it ends") == std::fs::read(w.path("file.png")).expect("there"));
    assert!(w.path("link").is_symlink() && is_fifo(&w, "pipe.png"));
}

#[test]
fn an_open_file_by_its_number_is_written_into() {
    let w = Workspace::new();
    w.picture("tiny-5x3.png", "a.png");
    w.srcnn("upscale a.png -o file.png -m srcnn-915").ok();
    let file = std::fs::read(w.path("file.png")).expect("there");
    // A link to standard output, as /dev/stdout is one.
    symlink("/proc/self/fd/1", w.path("stdout")).expect("a link");
    let cases = [
        (r#""$@" > got"#, "stdout", false),
        (r#""$@" >> got"#, "stdout", true),
        (r#""$@" | cat > got"#, "stdout", false),
        (r#""$@" 3> got"#, "/dev/fd/3", false),
        (r#""$@" 3>> got"#, "/proc/self/fd/3", true),
        (r#"{ "$@" 3>&1 >&2; } | cat > got"#, "/dev/fd/3", false),
    ];
    for (script, output, added) in cases {
        for force in ["", "--force"] {
            std::fs::write(w.path("got"), "before").expect("room");
            w.script(script, &format!("upscale a.png -o {output} -m srcnn-915 {force}")).ok();
            let got = std::fs::read(w.path("got")).expect("there");
            let expected = if added { [b"before", &*file].concat() } else { file.clone() };
            assert!(got == expected, "{script} {output} {force}");
            assert!(w.path("stdout").is_symlink());
        }
    }
    assert_eq!(w.names("."), ["a.png", "file.png", "got", "stdout"]);
}

#[test]
fn a_pipe_in_an_output_folder_stays_one() {
    let w = Workspace::new();
    w.picture("tiny-5x3.png", "in/a.png");
    w.picture("tiny-2x1.png", "in/b.png");
    std::fs::create_dir(w.path("out")).expect("room");
    fifo(&w, "out/a.png");
    for _ in 0..2 {
        let read = reader(&w, "out/a.png");
        w.srcnn("upscale in -o out -m srcnn-915").ok();
        assert!(read.join().expect("it ends").starts_with(b"\x89PNG"));
        assert!(is_fifo(&w, "out/a.png"));
    }
    assert_eq!(w.names("out"), ["a.png", "b.png"]);
    // No link leads out.
    fifo(&w, "pipe");
    std::fs::create_dir(w.path("other")).expect("room");
    symlink("../pipe", w.path("other/a.png")).expect("a link");
    w.srcnn("upscale in -o other -m srcnn-915 --force").fails(1, &["other/a.png: a link leads out", "1 of 2 failed"]);
    w.srcnn("upscale in -o pipe").fails(2, &["pipe: several inputs need a folder"]);
    assert!(is_fifo(&w, "pipe"));
}

#[test]
fn reports_go_to_standard_output_and_pipes() {
    let w = Workspace::new();
    w.picture("tiny-5x3.png", "in/a.png");
    let done = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).expect("JSON")["done"].clone();
    let run = w.srcnn("upscale in -o out -m srcnn-915 --report -").ok();
    assert_eq!(done(run.out.as_bytes()), 1);
    fifo(&w, "pipe");
    let read = reader(&w, "pipe");
    w.srcnn("upscale in -o other -m srcnn-915 --report pipe").ok();
    assert_eq!(done(&read.join().expect("it ends")), 1);
    assert!(is_fifo(&w, "pipe"));
    // Other commands' outputs.
    let read = reader(&w, "pipe");
    symlink("pipe", w.path("scores.json")).expect("a link");
    w.picture("chelsea-64x64.png", "in/a.png");
    w.srcnn("evaluate in/a.png -s 2 -m none --protocol paper -o scores.json --force").ok();
    assert!(read.join().expect("it ends").starts_with(b"{"));
    assert!(is_fifo(&w, "pipe") && w.path("scores.json").is_symlink());
    w.srcnn("upscale in/a.png -o - --report -").fails(2, &["--report -"]);
    assert_eq!(w.names("."), ["in", "other", "out", "pipe", "scores.json"]);
}

#[test]
fn a_link_that_leads_nowhere_says_so() {
    let w = Workspace::new();
    w.picture("tiny-5x3.png", "in/a.png");
    std::fs::create_dir(w.path("out")).expect("room");
    for (link, line) in [("b.png", "upscale in/a.png -o b.png"), ("out/a.png", "upscale in -o out")] {
        symlink("nowhere/c.png", w.path(link)).expect("a link");
        w.srcnn(line).fails(1, &[&format!("{link}: is a link to nowhere/c.png, which does not exist"), "--force"]);
        assert!(w.path(link).is_symlink());
        w.srcnn(&format!("{line} --force")).ok();
        assert!(!w.path(link).is_symlink());
        assert_eq!(w.image(link).size(), (10, 6));
    }
    assert!(!w.path("nowhere").exists());
}
