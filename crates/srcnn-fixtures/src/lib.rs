//! Fixtures of the tests: pictures, weight files, and what other programs make of them. `tools/oracles` writes them.

use std::path::{Path, PathBuf};

/// The path of a fixture, or of a folder of fixtures.
pub fn path(name: impl AsRef<Path>) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The bytes of a fixture.
///
/// # Panics
/// If there is no such file.
pub fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The name and the bytes of every file of a folder of fixtures, ordered by name.
///
/// # Panics
/// If there is no such folder.
pub fn files(folder: &str) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(path(folder)).unwrap_or_else(|e| panic!("{folder}: {e}"));
    let mut names: Vec<_> = entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), bytes(&format!("{folder}/{name}")))).collect()
}

/// A fixture in JSON.
///
/// # Panics
/// If there is no such file, or it is no JSON.
pub fn json(name: &str) -> serde_json::Value {
    serde_json::from_slice(&bytes(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The CRC-32 by which the oracles name long results.
pub fn crc(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

/// The folder of reference data, which is not part of the project, from `SRCNN_REFERENCE_DATA`. Prints that `test` is skipped
/// if that is not set.
pub fn reference_data(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("SRCNN_REFERENCE_DATA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("{test}: skipped, SRCNN_REFERENCE_DATA is not set");
    }
    folder
}
