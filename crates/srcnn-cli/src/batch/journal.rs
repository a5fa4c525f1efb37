//! The journal of an output folder, by which an interrupted batch resumes.
//!
//! The journal, `.srcnn-journal`, has a line per output: a hash of everything it was made from (input, options, model),
//! the hash of the output itself, and its path in the folder as [text](crate::names). A line is written before the output
//! gets its name, so that a kill at any moment leaves no output without a line; an output counts as done if its own hash
//! is that of its line.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::names::{named, shown};

const NAME: &str = ".srcnn-journal";

/// SHA-256 of everything that an output is made from, or of the output.
pub type Hash = [u8; 32];

/// Hash of several parts, each preceded by its length.
pub fn hash(parts: &[&[u8]]) -> Hash {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update((part.len() as u64).to_le_bytes());
        sha.update(part);
    }
    sha.finalize().into()
}

/// [`hash`] with the contents of a file as the last part. The file is read from its beginning and rewound.
pub fn hash_with(parts: &[&[u8]], file: &mut (impl Read + Seek + ?Sized)) -> io::Result<Hash> {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update((part.len() as u64).to_le_bytes());
        sha.update(part);
    }
    sha.update(file.seek(SeekFrom::End(0))?.to_le_bytes());
    file.rewind()?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            n => sha.update(&buffer[..n]),
        }
    }
    file.rewind()?;
    Ok(sha.finalize().into())
}

/// Paths of all outputs that the journal of a folder lists.
pub fn outputs(folder: &Path) -> HashSet<PathBuf> {
    let bytes = std::fs::read(folder.join(NAME)).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    text.lines().filter_map(parse).map(|(name, _)| folder.join(name)).collect()
}

/// The journal has no room for an output, as the context of the file system's reason.
#[derive(Clone, Debug)]
pub struct Unnoted {
    /// The output.
    pub output: String,
    /// The journal.
    pub journal: String,
}

impl std::fmt::Display for Unnoted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: cannot note it in {}", self.output, self.journal)
    }
}

/// The journal of one folder, locked for this process.
pub struct Journal {
    folder: PathBuf,
    file: Mutex<File>,
    made: Mutex<HashMap<PathBuf, (Hash, Hash)>>,
}

impl Journal {
    /// Opens or creates the journal of a folder, and locks it.
    ///
    /// # Errors
    /// If another process works in the folder, or the file system refuses.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(NAME);
        let at = || shown(&path);
        let opened = OpenOptions::new().read(true).append(true).create(true).open(&path);
        let mut file = opened.with_context(|| format!("{}: cannot write there", shown(folder)))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!("{}: another srcnn is at work in this folder", shown(folder)),
            // The file system has no locks: other processes cannot be detected.
            Err(TryLockError::Error(_)) => {}
        }
        let mut text = Vec::new();
        file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_end(&mut text)).with_context(at)?;
        if text.last().is_some_and(|byte| *byte != b'\n') {
            // The last line was cut short by a kill.
            file.write_all(b"\n").with_context(at)?;
        }
        let made = String::from_utf8_lossy(&text).lines().filter_map(parse).collect();
        Ok(Self { folder: folder.to_owned(), file: Mutex::new(file), made: Mutex::new(made) })
    }

    /// Whether `output` exists, was made from `of`, and has not been changed since.
    pub fn is_done(&self, output: &Path, of: &Hash) -> bool {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((made_of, own)) = made.get(&self.key(output)) else { return false };
        made_of == of && File::open(output).and_then(|mut file| hash_with(&[], &mut file)).is_ok_and(|now| now == *own)
    }

    /// Checks that the journal's file still exists where it was opened; if not, a later run could not find its outputs.
    ///
    /// # Errors
    /// If the folder was removed or replaced.
    pub fn check(&self) -> Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            let id = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
            let own = file.metadata().with_context(|| shown(&self.folder))?;
            let there = std::fs::metadata(self.folder.join(NAME)).ok().map(id);
            anyhow::ensure!(
                there == Some(id(own)),
                "{}: this folder, or its journal, was removed meanwhile",
                shown(&self.folder)
            );
        }
        Ok(())
    }

    /// Adds a line for `output`, which was made from `of`, before the finished `file` gets that name.
    ///
    /// # Errors
    /// If the file system refuses; those of [`check`](Self::check).
    pub fn note(&self, output: &Path, of: Hash, file: &mut (impl Read + Seek)) -> Result<()> {
        self.check()?;
        let own = hash_with(&[], file).with_context(|| shown(output))?;
        let key = self.key(output);
        // A line break would end the line.
        let name = shown(&key).replace('\n', "\\x0a").replace('\r', "\\x0d");
        let line = format!("{} {} {name}\n", hex(&of), hex(&own));
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let before = file.metadata().map(|metadata| metadata.len());
        let written = before.and_then(|before| {
            let written = file.write_all(line.as_bytes()).and_then(|()| file.sync_data());
            written.inspect_err(|_| {
                // An incomplete line would spoil the next one.
                let _ = file.set_len(before);
            })
        });
        written.with_context(|| self.unnoted(output))?;
        self.made.lock().unwrap_or_else(PoisonError::into_inner).insert(key, (of, own));
        Ok(())
    }

    /// Finds out whether another line would fit, before the work on `output`.
    ///
    /// # Errors
    /// If the file system refuses: with [`Unnoted`], as [`note`](Self::note) would.
    pub fn has_room(&self, output: &Path) -> Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let tried = file.metadata().and_then(|metadata| {
            let length = shown(self.key(output)).len() + 2 * 2 * size_of::<Hash>();
            let written = file.write_all(&vec![b' '; length]);
            file.set_len(metadata.len()).and(written)
        });
        tried.with_context(|| self.unnoted(output))
    }

    fn unnoted(&self, output: &Path) -> Unnoted {
        Unnoted { output: shown(output), journal: shown(self.folder.join(NAME)) }
    }

    fn key(&self, output: &Path) -> PathBuf {
        output.strip_prefix(&self.folder).unwrap_or(output).to_owned()
    }
}

fn parse(line: &str) -> Option<(PathBuf, (Hash, Hash))> {
    let mut parts = line.splitn(3, ' ');
    let (of, own, name) = (unhex(parts.next()?)?, unhex(parts.next()?)?, parts.next()?);
    Some((named(name), (of, own)))
}

/// A hash as hexadecimal digits.
pub fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, at) in hash.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn an_output_is_done_only_as_it_was_made() {
        let folder = tempfile::tempdir().expect("a folder");
        let output = folder.path().join("a b.png");
        let (of, other) = (hash(&[b"x", b"y"]), hash(&[b"xy"]));
        assert_ne!(of, other);
        Journal::open(folder.path()).expect("opened").note(&output, of, &mut Cursor::new(b"picture")).expect("noted");
        let journal = Journal::open(folder.path()).expect("opened");
        assert!(!journal.is_done(&output, &of), "it is not there yet");
        std::fs::write(&output, b"picture").expect("room");
        assert!(journal.is_done(&output, &of) && !journal.is_done(&output, &other));
        std::fs::write(&output, b"changed").expect("room");
        assert!(!journal.is_done(&output, &of));
    }

    #[test]
    fn lines_that_were_cut_short_are_passed_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, output) = (folder.path().join(NAME), folder.path().join("a.png"));
        std::fs::write(&path, "0123 45").expect("room");
        Journal::open(folder.path()).expect("opened").note(&output, [1; 32], &mut Cursor::new(b"p")).expect("noted");
        std::fs::write(&output, b"p").expect("room");
        assert!(Journal::open(folder.path()).expect("opened").is_done(&output, &[1; 32]));
    }
}
