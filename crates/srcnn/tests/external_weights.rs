//! ONNX models whose values are in files beside them: which files are read, which are refused, and models that other programs
//! wrote in other forms than a plain chain.

mod fixtures;

use std::path::Path;

use fixtures::{bytes, model_of};
use srcnn::weights::WeightFile;

/// The model and its data, as PyTorch's exporter writes them.
const MODEL: &str = "grey-5-3-3-external.onnx";
const DATA: &str = "grey-5-3-3-external.onnx.data";

/// A folder with the model, its data's name replaced by `location` of the same length.
fn folder(location: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(MODEL), renamed(location)).expect("room");
    folder
}

fn renamed(location: &str) -> Vec<u8> {
    assert_eq!(location.len(), DATA.len());
    replaced(&bytes(&format!("weights/{MODEL}")), DATA.as_bytes(), location.as_bytes())
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut found = bytes.to_vec();
    let mut places = 0;
    for at in 0..=bytes.len() - from.len() {
        if bytes[at..].starts_with(from) {
            found[at..at + to.len()].copy_from_slice(to);
            places += 1;
        }
    }
    assert!(places > 0, "{}", String::from_utf8_lossy(from));
    found
}

fn error(folder: &Path) -> String {
    WeightFile::open(folder.join(MODEL)).expect_err("refused").to_string()
}

#[test]
fn a_missing_short_or_foreign_file_is_named() {
    let missing = folder(DATA);
    let found = error(missing.path());
    assert!(found.contains(&format!("in the file `{DATA}`, which cannot be read: No such file")), "{found}");
    let data = bytes(&format!("weights/{DATA}"));
    for length in [0, 1, data.len() - 1] {
        std::fs::write(missing.path().join(DATA), &data[..length]).expect("room");
        let found = error(missing.path());
        assert!(found.contains(&format!("`{DATA}`, which has {length} bytes and not those from")), "{found}");
    }
    std::fs::write(missing.path().join(DATA), &data).expect("room");
    assert!(WeightFile::open(missing.path().join(MODEL)).is_ok());
    std::fs::remove_file(missing.path().join(DATA)).expect("there");
    std::fs::create_dir(missing.path().join(DATA)).expect("room");
    assert!(error(missing.path()).contains("which is no regular file"));
    let bytes = bytes(&format!("weights/{MODEL}"));
    let alone = WeightFile::parse(&bytes).expect_err("no folder").to_string();
    assert!(alone.contains(&format!("`{DATA}`, which is read where the model is opened by its path")), "{alone}");
}

#[test]
fn no_other_folder_is_reached() {
    let outer = tempfile::tempdir().expect("a folder");
    let data = bytes(&format!("weights/{DATA}"));
    let inner = outer.path().join("inner");
    std::fs::create_dir_all(inner.join("further")).expect("room");
    // Files that are there, but not beside the model; names as long as the one in the model.
    let names = ["../6789012345678901234567890", "further/901234567890123456789", "./../89012345678901234567890"];
    for name in names {
        let name = &format!("{name:0<width$}", width = DATA.len())[..DATA.len()];
        std::fs::write(inner.join(name), &data).expect("room");
        std::fs::write(inner.join(MODEL), renamed(name)).expect("room");
        let found = error(&inner);
        assert!(found.contains("no name of a file beside the model"), "{name}: {found}");
    }
    for name in ["/etc/hostname", "C:/x", "..", ".", "", "\\\\server"] {
        let padded = format!("{name:/<width$}", width = DATA.len());
        std::fs::write(inner.join(MODEL), renamed(&padded)).expect("room");
        assert!(WeightFile::open(inner.join(MODEL)).is_err(), "{padded}");
    }
    #[cfg(unix)]
    {
        std::fs::write(inner.join(MODEL), bytes(&format!("weights/{MODEL}"))).expect("room");
        std::fs::write(outer.path().join("elsewhere"), &data).expect("room");
        std::os::unix::fs::symlink("../elsewhere", inner.join(DATA)).expect("a link");
        assert!(error(&inner).contains("no name of a file beside the model"));
        std::fs::remove_file(inner.join(DATA)).expect("there");
        std::fs::write(inner.join("real"), &data).expect("room");
        std::os::unix::fs::symlink("real", inner.join(DATA)).expect("a link");
        assert!(WeightFile::open(inner.join(MODEL)).is_ok(), "a link within the folder");
    }
}

#[test]
fn offsets_and_lengths_are_checked() {
    let folder = folder(DATA);
    std::fs::write(folder.path().join(DATA), bytes(&format!("weights/{DATA}"))).expect("room");
    let whole = bytes(&format!("weights/{MODEL}"));
    let model = WeightFile::open(folder.path().join(MODEL)).expect("whole");
    let cases: [(&[u8], &[u8], &str); 4] = [
        (b"length\x12\x03400", b"length\x12\x03404", "404 bytes of another file, and its shape needs 400"),
        (b"length\x12\x03400", b"length\x12\x03-40", "at `-40`, which is no number"),
        (b"offset\x12\x010", b"offset\x12\x01x", "at `x`, which is no number"),
        (b"offset\x12\x03400", b"offset\x12\x03999", "bytes and not those from 999 to"),
    ];
    for (from, to, reason) in cases {
        std::fs::write(folder.path().join(MODEL), replaced(&whole, from, to)).expect("room");
        let found = error(folder.path());
        assert!(found.contains(reason), "{found}");
    }
    for length in 0..whole.len() {
        std::fs::write(folder.path().join(MODEL), &whole[..length]).expect("room");
        assert!(WeightFile::open(folder.path().join(MODEL)).is_err(), "cut to {length}");
    }
    // Every byte changed: refused, or other weights, but no panic.
    for at in 0..whole.len() {
        for change in [1, 0x80] {
            let mut broken = whole.clone();
            broken[at] ^= change;
            std::fs::write(folder.path().join(MODEL), &broken).expect("room");
            if let Ok(file) = WeightFile::open(folder.path().join(MODEL)) {
                assert_eq!(file.format, model.format, "{at}");
            }
        }
    }
    let truth = model_of(WeightFile::parse(&bytes("weights/grey-5-3-3.safetensors")).expect("a network"), "truth");
    assert_eq!(model_of(model, "external").weights(), truth.weights());
}

#[test]
fn tensorflows_saved_model_is_refused_by_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    // saved_model_schema_version 1, and a MetaGraphDef of an empty MetaInfoDef and GraphDef.
    let saved = [8, 1, 0x12, 4, 0x0A, 0, 0x12, 0];
    let path = folder.path().join("saved_model.pb");
    std::fs::write(&path, saved).expect("room");
    for path in [folder.path(), &path] {
        let found = WeightFile::open(path).expect_err("no weights").to_string();
        assert!(found.contains("TensorFlow's") && found.contains("save the Keras model as .keras or .h5"), "{found}");
    }
    std::fs::remove_file(&path).expect("there");
    let found = WeightFile::open(folder.path()).expect_err("no weights").to_string();
    assert!(found.contains("it is a folder; name the weight file in it"), "{found}");
}
