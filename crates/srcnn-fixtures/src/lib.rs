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

/// A chunk of PNG: length, kind, data and checksum.
pub fn png_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let checked = [kind, data].concat();
    [&(data.len() as u32).to_be_bytes()[..], &checked, &crc(&checked).to_be_bytes()].concat()
}

/// A chunk of RIFF: kind, length and data, filled up to an even length.
pub fn riff_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut chunk = [&kind[..], &(data.len() as u32).to_le_bytes(), data].concat();
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    chunk
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
