//! Temporary files beside those that they become.

use std::path::Path;
use std::{fs, io};

/// Names of temporary files: these, and the process's number between.
const TEMPORARY: &str = ".srcnn-";
const UNFINISHED: &str = ".part";

/// Removes the temporary files that processes which no longer run left in a folder. Where it cannot be told whether they
/// run, nothing is removed.
pub fn remove_abandoned(folder: &Path) {
    // Only Linux tells by the file system which processes there are.
    if !Path::new("/proc/self").exists() {
        return;
    }
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let process = name.to_str().and_then(|name| {
            let (process, _) = name.strip_suffix(UNFINISHED)?.strip_prefix(TEMPORARY)?.split_once('-')?;
            process.parse::<u32>().ok()
        });
        let runs = |process: u32| Path::new(&format!("/proc/{process}")).exists();
        // Of a process that cannot be seen from here, on another machine say, the file may be in use: what cannot be locked
        // is.
        let in_use = || fs::File::open(entry.path()).is_ok_and(|file| file.try_lock().is_err());
        if process.is_some_and(|process| !runs(process) && !in_use()) {
            // What cannot be removed does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Makes a temporary file, locked where there are locks.
pub(super) fn temporary_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    let prefix = format!("{TEMPORARY}{}-", std::process::id());
    builder.prefix(&prefix).suffix(UNFINISHED);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The process's umask takes its share, as for any file.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let made = builder.tempfile_in(folder).inspect(|file| {
        // Where there are no locks, the process's number must do.
        let _ = file.as_file().try_lock();
    });
    made.map_err(|e| match e.kind() {
        // The kind says it all, without the temporary name.
        kind @ (io::ErrorKind::NotFound
        | io::ErrorKind::PermissionDenied
        | io::ErrorKind::ReadOnlyFilesystem
        | io::ErrorKind::StorageFull
        | io::ErrorKind::NotADirectory) => kind.into(),
        _ => e,
    })
}
