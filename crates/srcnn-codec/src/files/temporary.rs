//! Temporary files beside those that they become.
//!
//! The process that writes one holds a lock on it. Its name, `.srcnn-PROCESS-START-RANDOM.part`, tells which process that is:
//! its number, and when it was started, since numbers are given again (in containers most programs are process 1).

use std::path::Path;
use std::sync::OnceLock;
use std::{fs, io};

/// Names of temporary files: these, and the identity of the process between.
const TEMPORARY: &str = ".srcnn-";
const UNFINISHED: &str = ".part";
/// The place of a process's start among the fields of `/proc/PROCESS/stat` that follow its name, as proc(5) numbers them less
/// three.
const START: usize = 19;

/// Removes the temporary files that processes which no longer run left in a folder. Where it cannot be told whether they
/// run, nothing is removed.
pub fn remove_abandoned(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let writer = name.to_str().and_then(|name| name.strip_suffix(UNFINISHED)?.strip_prefix(TEMPORARY));
        let Some(writer) = writer.filter(|_| entry.file_type().is_ok_and(|kind| kind.is_file())) else { continue };
        // What cannot be opened or locked, because another process, perhaps on another machine, has locked it or because
        // the file system has no locks, may be in use. Right after it was made, it is not locked yet.
        let Ok(file) = fs::File::open(entry.path()) else { continue };
        if file.try_lock().is_ok() && !runs(writer) {
            // What cannot be removed does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether a process that can be seen from here is the one that a temporary file names.
fn runs(writer: &str) -> bool {
    let mut parts = writer.split('-');
    let process = parts.next().and_then(|number| number.parse().ok());
    match (process, parts.next(), parts.next()) {
        (Some(process), Some(start), Some(_)) => start_of(process).is_some_and(|own| own == start),
        // Named by another version, without the start.
        _ => false,
    }
}

/// When a process that runs was started, as text that no other process of its number has: the running system's identity,
/// shortened, and the ticks since its start. Nothing where only Linux would tell.
fn start_of(process: u32) -> Option<String> {
    let system = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let system: String = system.chars().filter(char::is_ascii_hexdigit).take(8).collect();
    let stat = fs::read(format!("/proc/{process}/stat")).ok()?;
    // The name before, in parentheses, may be anything.
    let after_name = stat.iter().rposition(|byte| *byte == b')')? + 1;
    let ticks = std::str::from_utf8(&stat[after_name..]).ok()?.split_ascii_whitespace().nth(START)?;
    Some(format!("{system}.{ticks}"))
}

/// Makes a temporary file, locked where there are locks.
pub(super) fn temporary_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    static IDENTITY: OnceLock<String> = OnceLock::new();
    let identity = IDENTITY.get_or_init(|| {
        let process = std::process::id();
        format!("{TEMPORARY}{process}-{}-", start_of(process).unwrap_or_default())
    });
    let mut builder = tempfile::Builder::new();
    builder.prefix(identity).suffix(UNFINISHED);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The process's umask takes its share, as for any file.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let made = builder.tempfile_in(folder).inspect(|file| {
        // Where there are no locks, nothing is taken to be abandoned.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_holds_is_removed_whatever_the_number() {
        let folder = tempfile::tempdir().expect("a folder");
        let own = std::process::id();
        let mut kept = vec![".srcnn-1-a.part.png".to_owned(), ".srcnn-journal".to_owned(), "1-a.part".to_owned()];
        let mut gone = vec![
            // Without a start, as versions before named them; the last one's process runs.
            ".srcnn-1-aBcDeF.part".to_owned(),
            ".srcnn-4194305-aBcDeF.part".to_owned(),
            format!(".srcnn-{own}-aBcDeF.part"),
            ".srcnn-1-0123abcd.5-aBcDeF.part".to_owned(),
            format!(".srcnn-{own}-0123abcd.5-aBcDeF.part"),
            format!(".srcnn-{own}--aBcDeF.part"),
        ];
        let unlocked = start_of(own).map(|start| format!(".srcnn-{own}-{start}-aBcDeF.part"));
        // Just made by this process, and not locked yet; only Linux tells.
        kept.extend(unlocked);
        for name in kept.iter().chain(&gone) {
            fs::write(folder.path().join(name), "unfinished").expect("room");
        }
        let locked = fs::File::create(folder.path().join(".srcnn-1-locked.part")).expect("room");
        locked.lock().expect("locks");
        kept.push(".srcnn-1-locked.part".to_owned());
        let held = temporary_in(folder.path()).expect("room");
        kept.push(held.path().file_name().expect("a name").to_string_lossy().into_owned());
        remove_abandoned(folder.path());
        let there = |name: &String| folder.path().join(name).exists();
        gone.retain(there);
        kept.retain(|name| !there(name));
        assert_eq!((gone, kept), (vec![], vec![]), "what is left, and what was lost");
    }
}
