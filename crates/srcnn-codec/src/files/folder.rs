//! Folders of pictures.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::temporary::temporary_in;
use crate::format::FileFormat;

/// The files of a folder that look like pictures by their extension, in the order of names; hidden ones are left out.
///
/// # Errors
/// Those of the file system.
pub fn pictures_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    Ok(list(folder)?.pictures)
}

/// The contents of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The files that look like pictures by their extension, in the order of names.
    pub pictures: Vec<PathBuf>,
    /// The other files.
    pub passed_over: PassedOver,
}

/// Files of folders that are not taken, by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PassedOver {
    /// Numbers of files by their extension in lower case, which names no format that is read; it is empty for those without.
    pub extensions: BTreeMap<String, usize>,
    /// Files with a picture's extension whose names begin with a dot.
    pub hidden: usize,
    /// Devices, pipes and sockets with a picture's extension, which might never end.
    pub streams: usize,
    /// Links that lead to nothing.
    pub broken_links: usize,
}

impl PassedOver {
    /// Number of files.
    pub fn count(&self) -> usize {
        self.extensions.values().sum::<usize>() + self.hidden + self.streams + self.broken_links
    }

    /// Adds the numbers of another folder.
    pub fn add(&mut self, other: Self) {
        for (extension, files) in other.extensions {
            *self.extensions.entry(extension).or_default() += files;
        }
        self.hidden += other.hidden;
        self.streams += other.streams;
        self.broken_links += other.broken_links;
    }
}

/// Lists a folder: its pictures, and the numbers of other files. Folders, and hidden files that are no pictures by their
/// extension, are in neither.
///
/// # Errors
/// Those of the file system.
pub fn list(folder: &Path) -> io::Result<Listing> {
    let mut listing = Listing::default();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        let (found, is_read) = (fs::metadata(&path), FileFormat::is_read(&path));
        let passed_over = &mut listing.passed_over;
        match found {
            Ok(found) if found.is_dir() => {}
            _ if hidden => passed_over.hidden += usize::from(is_read),
            _ if !is_read => {
                let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
                *passed_over.extensions.entry(extension.unwrap_or_default()).or_default() += 1;
            }
            Ok(found) if found.is_file() => listing.pictures.push(path),
            Ok(_) => passed_over.streams += 1,
            Err(_) if path.is_symlink() => passed_over.broken_links += 1,
            // It was removed meanwhile.
            Err(_) => {}
        }
    }
    listing.pictures.sort();
    Ok(listing)
}

/// Makes sure that files can be made in a folder, by making one and removing it.
///
/// # Errors
/// Those of the file system.
pub fn can_write_into(folder: &Path) -> io::Result<()> {
    temporary_in(folder)?.close()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_picture_is_counted_by_its_reason() {
        let folder = tempfile::tempdir().expect("a folder");
        let files =
            ["b.JFIF", "a.png", "c.jpe", "d.dib", "e.mpo", "n.txt", "o.TXT", "p", ".q.png", ".r", ".s.txt", "t.u.heic"];
        for file in files {
            fs::write(folder.path().join(file), "").expect("room");
        }
        fs::create_dir(folder.path().join("v.png")).expect("room");
        for link in ["w.png", "x.txt", ".y.png"] {
            std::os::unix::fs::symlink("nowhere", folder.path().join(link)).expect("a link");
        }
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("z.png")).expect("a socket");
        let Listing { pictures, passed_over } = list(folder.path()).expect("a folder");
        let names: Vec<_> = pictures.iter().map(|path| path.file_name().expect("a name").to_os_string()).collect();
        assert_eq!(names, ["a.png", "b.JFIF", "c.jpe", "d.dib", "e.mpo"]);
        let extensions = [("", 1), ("heic", 1), ("txt", 3)].map(|(name, files)| (name.to_owned(), files)).into();
        assert_eq!(passed_over, PassedOver { extensions, hidden: 2, streams: 1, broken_links: 1 });
        let mut twice = passed_over.clone();
        twice.add(passed_over);
        assert_eq!((twice.count(), twice.extensions["txt"]), (18, 6));
    }
}
