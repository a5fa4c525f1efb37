//! Batches of files, broken files, and outputs that must not be overwritten.

mod workspace;

use workspace::Workspace;

#[test]
fn folders_patterns_and_lists_go_into_a_folder() {
    let w = Workspace::new();
    w.picture("tiny-5x3.png", "in/a.png");
    w.picture("tiny-2x1.png", "in/b.png");
    w.picture("tiny-2x1.png", "in/.hidden.png");
    std::fs::write(w.path("in/notes.txt"), "no picture").expect("room");
    w.srcnn("upscale in -o out").ok();
    assert_eq!(w.names("out"), ["a.png", "b.png"]);
    w.srcnn("degrade in/*.png -o two/deep -s 2").ok();
    assert_eq!(w.names("two/deep"), ["a.png", "b.png"]);
    w.srcnn("restore in/a.png in/b.png -o three").ok();
    assert_eq!(w.names("three"), ["a.png", "b.png"]);
    w.srcnn("restore in/a.png -o four/").ok();
    assert_eq!(w.names("four"), ["a.png"]);
    w.srcnn("upscale none*.png in/a.png -o five").fails(1, &["none*.png: no file matches", "1 of 2 failed"]);
    assert_eq!(w.names("five"), ["a.png"]);
}

#[test]
fn one_bad_file_does_not_stop_the_rest() {
    let w = Workspace::new();
    w.picture("tiny-5x3.png", "in/a.png");
    std::fs::write(w.path("in/b.png"), "no picture").expect("room");
    std::fs::write(w.path("in/c.png"), "").expect("room");
    w.picture("tiny-2x1.png", "in/d.png");
    let run = w.srcnn("upscale in absent.png -o out");
    let run = run.fails(1, &["in/b.png: not a picture", "in/c.png", "absent.png", "3 of 5 failed"]);
    assert!(run.out.is_empty());
    assert_eq!(w.names("out"), ["a.png", "d.png"]);
}

#[cfg(unix)]
#[test]
fn a_pipe_among_the_pictures_of_a_folder_is_passed_over() {
    let w = Workspace::new();
    w.picture("tiny-5x3.png", "in/a.png");
    let made = std::process::Command::new("mkfifo").arg(w.path("in/b.png")).status().expect("mkfifo");
    assert!(made.success());
    w.srcnn("upscale in -o out").ok();
    assert_eq!(w.names("out"), ["a.png"]);
}

#[test]
fn a_reason_is_given_once() {
    let w = Workspace::new();
    std::fs::write(w.path("a.png"), "no picture").expect("room");
    let err = w.srcnn("upscale a.png -o b.png").fails(1, &["a.png: not a picture"]).err;
    assert_eq!(err.matches("not a picture").count(), 1, "{err}");
    let err = w.srcnn("upscale absent.png -o b.png").fails(1, &["absent.png: "]).err;
    assert_eq!(err.matches("No such file").count(), 1, "{err}");
    w.picture("tiny-5x3.png", "t.png");
    let whole = std::fs::read(w.path("t.png")).expect("there");
    std::fs::write(w.path("t.png"), &whole[..whole.len() / 2]).expect("room");
    let err = w.srcnn("upscale t.png -o b.png").fails(1, &["t.png: "]).err;
    assert_eq!(err.lines().count(), 1, "{err}");
}

#[test]
fn what_exists_is_replaced_only_by_force() {
    let w = Workspace::new();
    w.picture("tiny-5x3.png", "a.png");
    std::fs::write(w.path("b.png"), "precious").expect("room");
    w.srcnn("upscale a.png -o b.png").fails(1, &["b.png", "--force"]);
    assert_eq!(std::fs::read(w.path("b.png")).expect("there"), b"precious");
    w.srcnn("upscale a.png -o b.png --force").ok();
    assert_eq!(w.image("b.png").size(), (10, 6));
    assert_eq!(w.names("."), ["a.png", "b.png"]);
}

#[test]
fn an_input_is_never_written_to_by_whatever_path() {
    let w = Workspace::new();
    let a = w.picture("tiny-5x3.png", "a.png");
    let before = std::fs::read(&a).expect("there");
    std::fs::create_dir(w.path("sub")).expect("room");
    std::fs::hard_link(&a, w.path("hard.png")).expect("the same disk");
    let mut outputs = vec!["a.png", "./a.png", "sub/../a.png", "hard.png"];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&a, w.path("soft.png")).expect("room");
        outputs.push("soft.png");
    }
    for output in outputs {
        w.srcnn(&format!("upscale a.png -o {output} --force")).fails(1, &["the output is an input"]);
        assert_eq!(std::fs::read(&a).expect("there"), before, "{output}");
    }
    w.picture("tiny-2x1.png", "b.png");
    // The folder of the inputs as output folder.
    w.srcnn("upscale a.png b.png -o . --force").fails(1, &["2 of 2 failed"]);
    assert_eq!(std::fs::read(&a).expect("there"), before);
}

#[test]
fn two_inputs_of_one_name_do_not_overwrite_each_other() {
    let w = Workspace::new();
    w.picture("tiny-5x3.png", "one/a.png");
    w.picture("tiny-2x1.png", "two/a.png");
    w.srcnn("upscale one/a.png two/a.png -o out --force").fails(1, &["out/a.png: is already", "one/a.png"]);
    assert_eq!(w.image("out/a.png").size(), (10, 6));
}

#[test]
fn outputs_that_cannot_be_are_refused_before_the_work() {
    let w = Workspace::new();
    w.picture("tiny-5x3.png", "a.png");
    w.picture("tiny-2x1.png", "b.png");
    std::fs::write(w.path("file"), "").expect("room");
    w.srcnn("upscale a.png -o b.xyz").fails(2, &["b.xyz"]);
    w.srcnn("upscale a.png -o noextension").fails(2, &["noextension"]);
    w.srcnn("upscale a.png b.png -o file").fails(2, &["file"]);
    w.srcnn("upscale a.png -o file/b.png").fails(1, &["file"]);
    w.srcnn("upscale a.png -o c.png -s 1").fails(2, &["-s 1"]);
    w.srcnn("upscale a.png -o c.png -s NaN").fails(2, &["-s NaN"]);
    w.srcnn("upscale a.png -o c.png -s 100000").fails(1, &["a.png"]);
    w.srcnn("degrade a.png -o c.png -s 100 --kernel opencv-linear").fails(1, &["a.png"]);
    w.srcnn("degrade a.png -o c.png -s 1e9 --low-res").fails(1, &["a.png", "1000000000"]);
    w.srcnn("upscale").fails(2, &["INPUT"]);
    w.srcnn("upscale a.png -o c.jpg --quality 0").fails(2, &["--quality"]);
    assert_eq!(w.names("."), ["a.png", "b.png", "file"]);
}

#[test]
fn transparency_is_not_thrown_away_for_jpeg() {
    let w = Workspace::new();
    w.picture("alpha-45x35.png", "a.png");
    w.srcnn("upscale a.png -o a.jpg").fails(1, &["a.jpg", "transparent"]);
    w.srcnn("upscale a.png -o b.webp").ok();
    assert!(w.image("b.webp").has_alpha());
}

#[test]
fn quiet_says_nothing_and_verbose_says_the_model() {
    let w = Workspace::new();
    w.picture("tiny-5x3.png", "a.png");
    assert_eq!(w.srcnn("upscale a.png -o b.png").ok().err, "");
    let verbose = w.srcnn("-v upscale a.png -o c.png").ok().err;
    assert!(verbose.contains("model srcnn-") && verbose.contains("c.png"), "{verbose}");
    assert_eq!(w.srcnn("upscale -q a.png -o d.png").ok().err, "");
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_no_part_of_a_file() {
    use std::process::{Command, Stdio};
    let w = Workspace::new();
    w.picture("noise-101x67.png", "a.png");
    // Long enough to be interrupted: some 100 megapixels.
    let binary = assert_cmd::cargo::cargo_bin("srcnn");
    let mut child = Command::new(binary)
        .args(["upscale", "a.png", "-o", "out/b.png", "-s", "120"])
        .current_dir(w.path("."))
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    // The folder appears when the work begins.
    let waited = (0..600).find(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        w.path("out").is_dir()
    });
    assert!(waited.is_some(), "the work never began");
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(killed.success());
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    assert!(w.names("out").is_empty());
}
