//! An empty folder, and the program run in it.

#![allow(dead_code, reason = "each test binary uses a part")]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use srcnn::{Image, ImageFile};
use tempfile::TempDir;

/// A folder that is removed after the test.
pub struct Workspace {
    folder: TempDir,
}

impl Workspace {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Copies a fixture picture here under another name (the content, not the name, tells the format).
    pub fn picture(&self, fixture: &str, name: &str) -> PathBuf {
        let to = self.path(name);
        std::fs::create_dir_all(to.parent().expect("a folder")).expect("room");
        std::fs::copy(fixtures().join("pictures").join(fixture), &to).expect("a fixture");
        to
    }

    /// Runs `srcnn` with arguments separated by spaces.
    pub fn srcnn(&self, arguments: &str) -> Run {
        self.srcnn_with(&arguments.split_whitespace().collect::<Vec<_>>())
    }

    pub fn srcnn_with(&self, arguments: &[&str]) -> Run {
        let mut command = Command::cargo_bin("srcnn").expect("the binary");
        Run::of(&command.current_dir(self.folder.path()).args(arguments).output().expect("it starts"))
    }

    /// Runs a shell script in which `"$@"` is `srcnn` with arguments separated by spaces.
    pub fn script(&self, script: &str, arguments: &str) -> Run {
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh"]).arg(assert_cmd::cargo::cargo_bin("srcnn"));
        let output = command.args(arguments.split_whitespace()).current_dir(self.folder.path()).output();
        Run::of(&output.expect("a shell"))
    }

    pub fn image(&self, name: &str) -> Image {
        Image::open(self.path(name)).unwrap_or_else(|e| panic!("{e}"))
    }

    /// The names in a folder, sorted, without the journal of a batch.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(folder)).expect("a folder");
        let mut names: Vec<_> =
            entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.retain(|name| name != ".srcnn-journal");
        names.sort();
        names
    }
}

/// The result of a run.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    pub fn of(output: &std::process::Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
        let code = output.status.code().expect("it exits by itself");
        Self { code, out: text(&output.stdout), err: text(&output.stderr) }
    }

    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// Asserts that the run failed with this exit code, and a message with all these parts, the first of which names
    /// the file or option.
    #[track_caller]
    pub fn fails(self, code: i32, parts: &[&str]) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        assert!(parts.iter().all(|part| self.err.contains(part)), "{parts:?} expected in {self:?}");
        assert!(!self.err.contains("panicked"), "{self:?}");
        self
    }
}

/// The library's fixtures.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../srcnn-fixtures")
}

/// A fixture's path as an argument.
pub fn fixture(name: &str) -> String {
    fixtures().join(name).to_string_lossy().into_owned()
}
