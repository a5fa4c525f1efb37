//! Files in the folder of a model, of which it names parts. Names are of an untrusted file: no other folder is reached.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};

use super::onnx::BesideError;

/// Reads parts of files in a folder.
pub(super) struct Folder {
    path: PathBuf,
    /// Bytes that may still be read, by the name of the file: as many as it has, and some that are read twice.
    rest: RefCell<HashMap<String, u64>>,
}

/// Bytes of a file that may be read again, such as those of equal biases.
const SPARE: u64 = 64 << 10;

impl Folder {
    /// The folder of a file.
    pub(super) fn of(file: &Path) -> Self {
        let path = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Self { path: path.to_owned(), rest: RefCell::default() }
    }

    /// Reads `size` bytes of the file `name`, from `offset` on.
    ///
    /// # Errors
    /// [`BesideError`] for a name with a folder, a link out of the folder, what is no regular file, one that is too short,
    /// and more bytes, all calls together, than the file has.
    pub(super) fn read(&self, name: &str, offset: u64, size: usize) -> Result<Vec<u8>, BesideError> {
        let mut parts = Path::new(name).components().filter(|part| *part != Component::CurDir);
        let (Some(Component::Normal(own)), None) = (parts.next(), parts.next()) else {
            return Err(BesideError::Outside);
        };
        if name.ends_with(['/', '\\']) || name.contains(['\\', ':']) {
            return Err(BesideError::Outside);
        }
        let path = self.path.join(own).canonicalize()?;
        if path.parent() != Some(self.path.canonicalize()?.as_path()) {
            return Err(BesideError::Outside);
        }
        // Before it is opened: a pipe would wait for a writer.
        if !path.metadata()?.is_file() {
            return Err(BesideError::NoFile);
        }
        let mut file = File::open(path)?;
        let found = file.metadata()?.len();
        let end = u128::from(offset) + size as u128;
        if end > u128::from(found) {
            return Err(BesideError::Short { found, offset, end });
        }
        let mut rest = self.rest.borrow_mut();
        let rest = rest.entry(name.to_owned()).or_insert_with(|| found.saturating_add(SPARE));
        *rest = rest.checked_sub(size as u64).ok_or(BesideError::Repeated)?;
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = vec![0; size];
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}
