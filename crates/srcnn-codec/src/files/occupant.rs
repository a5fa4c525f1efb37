//! Whatever is at the path of an output: a file is replaced, a device or a pipe is written into.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Links that are followed before a path is taken to lead nowhere, as on Linux.
const MOST_LINKS: usize = 40;
/// The folders of this process's open files, by number.
const DESCRIPTORS: [&str; 2] = ["/proc/self/fd", "/dev/fd"];
const STANDARD_OUTPUT: u32 = 1;
const STANDARD_ERROR: u32 = 2;

/// Whatever is at a path, links followed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Occupant {
    /// Nothing.
    Nothing,
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A device, a pipe or a socket, or an open file of this process by its number (`/dev/stdout`, `/dev/fd/3`), whatever
    /// that is. It can be written into, and must not be replaced.
    Stream,
    /// A link that leads to nothing, with the path that it names.
    BrokenLink(PathBuf),
}

impl Occupant {
    /// What is at `path`. Where the file system does not tell, there is [`Nothing`](Self::Nothing), and writing will say why.
    pub fn of(path: &Path) -> Self {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Self::Folder,
            Ok(found) if found.is_file() && descriptor(path).is_none() => Self::File,
            Ok(_) => Self::Stream,
            Err(_) => fs::read_link(path).map_or(Self::Nothing, Self::BrokenLink),
        }
    }
}

/// The folder that a file is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The number of the open file of this process that a path leads to by way of [`DESCRIPTORS`].
fn descriptor(path: &Path) -> Option<u32> {
    // Not so for most outputs.
    if !path.is_symlink() && !DESCRIPTORS.iter().any(|folder| path.starts_with(folder)) {
        return None;
    }
    let folders: Vec<PathBuf> = DESCRIPTORS.iter().filter_map(|folder| fs::canonicalize(folder).ok()).collect();
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let folder = folder_of(&path).canonicalize().ok()?;
        if folders.contains(&folder) {
            return path.file_name()?.to_str()?.parse().ok();
        }
        path = folder.join(fs::read_link(&path).ok()?);
    }
    None
}

/// Writes everything to the stream at `path`, from where it stands. This waits for a pipe's reader.
///
/// # Errors
/// Those of both sides.
pub(super) fn pour(from: &mut impl Read, path: &Path) -> io::Result<()> {
    match descriptor(path) {
        Some(STANDARD_OUTPUT) => copy(from, io::stdout().lock()),
        Some(STANDARD_ERROR) => copy(from, io::stderr().lock()),
        // Opened anew, a regular file begins at its beginning: what was written before must stay.
        Some(_) if path.is_file() => copy(from, OpenOptions::new().append(true).open(path)?),
        Some(_) | None => copy(from, File::options().write(true).open(path)?),
    }
}

fn copy(from: &mut impl Read, mut to: impl Write) -> io::Result<()> {
    io::copy(from, &mut to)?;
    to.flush()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use super::*;

    #[test]
    fn files_folders_links_and_streams_are_told_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "content").expect("room");
        fs::create_dir(at("folder")).expect("room");
        assert!(Command::new("mkfifo").arg(at("pipe")).status().expect("mkfifo").success());
        for (name, target) in
            [("to-file", "file"), ("to-folder", "folder"), ("to-pipe", "pipe"), ("broken", "gone"), ("loop", "loop")]
        {
            symlink(target, at(name)).expect("a link");
        }
        let cases = [
            ("nothing", Occupant::Nothing),
            ("file", Occupant::File),
            ("folder", Occupant::Folder),
            ("pipe", Occupant::Stream),
            ("to-file", Occupant::File),
            ("to-folder", Occupant::Folder),
            ("to-pipe", Occupant::Stream),
            ("broken", Occupant::BrokenLink("gone".into())),
            ("loop", Occupant::BrokenLink("loop".into())),
        ];
        for (name, occupant) in cases {
            assert_eq!(Occupant::of(&at(name)), occupant, "{name}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_open_file_by_its_number_is_added_to() {
        use std::os::fd::AsRawFd;
        let folder = tempfile::tempdir().expect("a folder");
        let mut file = File::create(folder.path().join("file")).expect("room");
        file.write_all(b"before ").expect("room");
        let number = file.as_raw_fd();
        symlink(format!("/dev/fd/{number}"), folder.path().join("link")).expect("a link");
        for path in
            [format!("/dev/fd/{number}").into(), format!("/proc/self/fd/{number}").into(), folder.path().join("link")]
        {
            let path: PathBuf = path;
            assert_eq!(Occupant::of(&path), Occupant::Stream, "{}", path.display());
            pour(&mut &b"after "[..], &path).expect("it is open");
        }
        assert_eq!(fs::read(folder.path().join("file")).expect("there"), b"before after after after ");
    }
}
