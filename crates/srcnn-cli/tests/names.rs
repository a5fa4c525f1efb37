//! Names that are not UTF-8, that a terminal would obey, and whose extensions are less usual.

#![cfg(target_os = "linux")]

mod workspace;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use serde_json::Value;
use workspace::{Workspace, fixtures};

fn picture(w: &Workspace, folder: &str, name: &[u8]) {
    let folder = w.path(folder);
    std::fs::create_dir_all(&folder).expect("room");
    std::fs::copy(fixtures().join("pictures/chelsea-64x64.png"), folder.join(OsStr::from_bytes(name))).expect("room");
}

/// The names in a folder as bytes, sorted, without the journal.
fn names(w: &Workspace, folder: &str) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(w.path(folder)).expect("a folder");
    let mut names: Vec<_> = entries.map(|entry| entry.expect("an entry").file_name().into_vec()).collect();
    names.retain(|name| name != b".srcnn-journal");
    names.sort();
    names
}

/// Undoes the escape of reports, as README says.
fn undone(text: &str) -> OsString {
    let (mut bytes, mut rest) = (Vec::new(), text);
    while let Some(at) = rest.find('\\') {
        bytes.extend(rest[..at].bytes());
        let byte = rest.get(at + 2..at + 4).filter(|_| rest[at..].starts_with("\\x"));
        match byte.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &rest[at + 4..];
            }
            None => {
                bytes.push(b'\\');
                rest = &rest[at + 1..];
            }
        }
    }
    bytes.extend(rest.bytes());
    OsString::from_vec(bytes)
}

const NAMES: [&[u8]; 5] = [b"a\nb\r.png", b"f\\xe9te.png", b"f\xe9te.png", b"plain.png", b"x\x1b]0;t\x07.png"];

#[test]
fn names_of_any_bytes_are_read_reported_and_resumed() {
    let w = Workspace::new();
    NAMES.iter().for_each(|name| picture(&w, "in", name));
    let run = w.srcnn("-v upscale in -o out -s 2 -m srcnn-915 --report r.json").ok();
    assert!(run.err.contains("in/f\\xe9te.png (64x64)") && !run.err.contains(['\u{1b}', '\u{7}', '\r']), "{run:?}");
    assert!(run.err.contains("in/x\\x1b]0;t\\x07.png (64x64) -> out/x\\x1b]0;t\\x07.png"), "{run:?}");
    assert_eq!(names(&w, "out"), NAMES);
    let report: Value = serde_json::from_slice(&std::fs::read(w.path("r.json")).expect("there")).expect("JSON");
    for side in ["input", "output"] {
        let files = report["files"].as_array().expect("files").iter();
        let files: Vec<_> = files.map(|file| undone(file[side].as_str().expect("text")).into_vec()).collect();
        let folder = if side == "input" { "in/" } else { "out/" };
        assert_eq!(files, NAMES.map(|name| [folder.as_bytes(), name].concat()));
    }
    let again = w.srcnn("-v upscale in -o out -s 2 -m srcnn-915").ok();
    assert!(again.err.contains("5 of 5 files were done already"), "{again:?}");
    // By a template, too.
    w.srcnn("upscale in -o named -s 2 -m srcnn-915 --name {stem}-x{scale}.{ext}").ok();
    assert!(names(&w, "named").contains(&b"f\xe9te-x2.png".to_vec()), "{:?}", names(&w, "named"));
    // In the reports of other commands.
    for line in
        ["evaluate in -s 2 -m none --protocol paper --format json", "compare in in --protocol keras --format json"]
    {
        let run = w.srcnn(line).ok();
        serde_json::from_str::<Value>(&run.out).expect("JSON");
        assert!(run.out.contains("f\\\\xe9te.png") && run.out.contains("f\\\\x5cxe9te.png"), "{run:?}");
    }
    let run = w.srcnn("compare in in --protocol keras --format text").ok();
    assert!(run.out.contains("x\\x1b]0;t") && !run.out.contains('\u{1b}'), "{run:?}");
}

#[test]
fn lists_name_files_by_bytes() {
    let w = Workspace::new();
    NAMES.iter().for_each(|name| picture(&w, "in", name));
    let in_folder = |name: &&[u8]| [b"in/", *name].concat();
    let nul: Vec<u8> = NAMES.iter().flat_map(|name| [&*in_folder(name), b"\0"].concat()).collect();
    std::fs::write(w.path("nul"), nul).expect("room");
    w.srcnn("upscale --files-from nul -o out -m srcnn-915").ok();
    assert_eq!(names(&w, "out"), NAMES);
    let lines = [&b"\xef\xbb\xbf"[..], &in_folder(&NAMES[3]), b"\r\n", &in_folder(&NAMES[2]), b"\n"].concat();
    std::fs::write(w.path("lines"), lines).expect("room");
    w.srcnn("upscale --files-from lines -o two -m srcnn-915").ok();
    assert_eq!(names(&w, "two"), NAMES[2..4]);
    let run = w.script(r#"find in -print0 | "$@""#, "upscale --files-from - -o three -m srcnn-915");
    // The folder itself is in find's list.
    run.fails(1, &["in: ", "1 of 6 failed"]);
    assert_eq!(names(&w, "three"), NAMES);
}

#[test]
fn control_characters_are_shown_escaped() {
    let w = Workspace::new();
    for name in ["x\u{1b}]0;t\u{7}.png", "two\nlines.png", "c1\u{9b}2J.png", "right\u{202e}gnp.png"] {
        let run = w.srcnn_with(&["upscale", name, "-o", "o.png"]).fails(1, &["\\x"]);
        assert_eq!(run.err.lines().count(), 1, "{run:?}");
        assert!(!run.err.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}']), "{run:?}");
    }
}

#[test]
fn less_usual_extensions_are_taken_and_the_rest_is_counted() {
    let w = Workspace::new();
    w.picture("tiny-5x3.png", "t.png");
    for name in ["a.jfif", "b.JPE", "c.dib", "d.jif"] {
        w.srcnn(&format!("upscale t.png -o in/{name} -m srcnn-915")).ok();
    }
    std::fs::copy(w.path("in/a.jfif"), w.path("in/e.mpo")).expect("room");
    let run = w.srcnn("upscale in -o out -m srcnn-915").ok();
    assert_eq!(
        (w.names("out"), &*run.err),
        (["a.jfif", "b.JPE", "c.dib", "d.jif", "e.png"].map(str::to_owned).into(), "")
    );
    std::fs::create_dir(w.path("in/sub")).expect("room");
    for name in ["in/n.heic", "in/sub/n.txt", "in/sub/m.TXT", "in/none", "in/.f.png", "in/.DS_Store"] {
        std::fs::write(w.path(name), "").expect("room");
    }
    std::os::unix::fs::symlink("nowhere", w.path("in/g.png")).expect("a link");
    assert!(std::process::Command::new("mkfifo").arg(w.path("in/h.png")).status().expect("mkfifo").success());
    let run = w.srcnn("upscale in -o other -m srcnn-915 --report r.json").ok();
    let line = "srcnn: 7 files passed over: 4 of other extensions (none, .heic, .txt), 1 hidden, 1 of devices or pipes, \
                1 of links that lead nowhere\n";
    assert_eq!(run.err, line);
    let report: Value = serde_json::from_slice(&std::fs::read(w.path("r.json")).expect("there")).expect("JSON");
    assert_eq!((&report["passed_over"]["extensions"]["txt"], &report["passed_over"]["hidden"]), (&2.into(), &1.into()));
    assert_eq!(w.srcnn("-q upscale in -o quiet -m srcnn-915").ok().err, "");
    let run = w.srcnn("upscale in/sub -o sub -m srcnn-915").fails(1, &["in/sub: no pictures", "2 files passed over"]);
    assert_eq!(run.err.lines().count(), 2, "{run:?}");
}
