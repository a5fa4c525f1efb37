//! Weight readers on damaged files: an error or weights, but no panic, and no memory beyond a few times the file's size.

mod fixtures;

use fixtures::bytes;
use peak_alloc::PeakAlloc;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use srcnn::weights::WeightFile;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const FILES: &[&str] = &[
    "grey-5-3-3-keras1-tf.h5",
    "grey-5-3-3-keras1-theano.h5",
    "grey-5-3-3-keras2.h5",
    "rgb-3-1-3-keras2.h5",
    "grey-5-3-3-authors.mat",
    "grey-5-3-3-authors-plain.mat",
    "grey-5-3-3.safetensors",
    "grey-5-3-3.pth",
    "grey-5-3-3-checkpoint.pth",
    "grey-5-3-3-half.pth",
    "grey-5-3-3-legacy.pth",
    "grey-5-3-3-module.pth",
    "grey-5-3-3-scripted.pth",
    "grey-5-3-3-scripted-main.pth",
    "grey-5-3-3-torch-prefix.safetensors",
    "grey-5-3-3-torch-half.safetensors",
    "grey-5-3-3-nhwc.onnx",
    "grey-5-3-3-added.onnx",
    "grey-5-3-3-clip.onnx",
    "grey-5-3-3-half.keras",
    "grey-5-3-3-bfloat16.keras",
    "grey-5-3-3-torch-replicate.onnx",
    "grey-5-3-3-same.onnx",
    "rgb-3-1-3-resize.onnx",
    "ours-replicate.onnx",
    "grey-5-3-3-functional.keras",
    "grey-5-3-3-subclass.keras",
    "grey-5-3-3-sequential.weights.h5",
    "grey-5-3-3-keras3.h5",
    // The two files of ncnn, one after the other.
    "grey-5-3-3-zero.ncnn",
    "grey-5-3-3-replicate.ncnn",
    // Graphs of operations.
    "../families/fsrcnn-x3.safetensors",
    "../families/onnx/espcn-x3.onnx",
    "../families/onnx/compact-x2.onnx",
];

/// A file's bytes and, of ncnn's pairs, where the second begins.
fn whole(name: &str) -> (Vec<u8>, Option<usize>) {
    if !name.ends_with(".ncnn") {
        return (bytes(&format!("weights/{name}")), None);
    }
    let mut both = bytes(&format!("weights/{name}.param"));
    let second = both.len();
    both.extend(bytes(&format!("weights/{name}.bin")));
    (both, Some(second))
}

/// What is unpacked and held may be six times the file, and a container's reader copies it once. The constant share is the decompressor's and,
/// for HDF5, what the library sets aside for 65,535 messages of 144 bytes when a header claims as many.
fn allowed(file: &[u8]) -> usize {
    let constant = if file.windows(4).any(|w| w == b"\x89HDF") { 65_535 * 144 + (512 << 10) } else { 512 << 10 };
    8 * file.len() + constant
}

/// Parses and, where that succeeds, builds the network. Returns whether it was accepted.
fn parse(bytes: &[u8], second: Option<usize>) -> Result<bool, String> {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let file = match second {
        Some(second) => {
            let (param, bin) = bytes.split_at(second.min(bytes.len()));
            WeightFile::parse_ncnn(param, bin)
        }
        None => WeightFile::parse(bytes),
    };
    let accepted = file.is_ok_and(|file| file.architecture().is_ok());
    let used = MEMORY.peak_usage().saturating_sub(before);
    if used > allowed(bytes) {
        return Err(format!("{used} bytes of memory for a file of {}", bytes.len()));
    }
    Ok(accepted)
}

/// An archive that is little more than a directory, whose entries have names of three bytes and no content.
fn crowded(entries: u32) -> Vec<u8> {
    let mut file = b"PK\x03\x04".to_vec();
    file.resize(30, 0);
    let directory = file.len() as u32;
    for name in 0..entries {
        file.extend(b"PK\x01\x02");
        file.extend([0; 24]);
        file.extend([3, 0]);
        file.extend([0; 16]);
        file.extend(&name.to_le_bytes()[..3]);
    }
    let size = file.len() as u32 - directory;
    let count = (entries as u16).to_le_bytes();
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend([count, count].concat());
    file.extend(size.to_le_bytes());
    file.extend(directory.to_le_bytes());
    file.extend([0, 0]);
    file
}

/// All in one test: the measure of memory is the process's.
#[test]
fn damaged_files_are_refused_without_panic_or_greed() {
    assert_eq!(parse(&crowded(60_000), None), Ok(false));
    for name in FILES {
        let (whole, second) = whole(name);
        assert_eq!(parse(&whole, second), Ok(true), "{name}");
        for length in 0..whole.len() {
            match parse(&whole[..length], second) {
                Ok(accepted) => assert!(!accepted, "{name} cut to {length} bytes was accepted"),
                Err(greed) => panic!("{name} cut to {length} bytes: {greed}"),
            }
        }
        // Damage of a few bytes anywhere, and close to the front, where the structure is.
        let size = whole.len();
        let place = prop_oneof![0..size, 0..size.min(2048)];
        let damage = proptest::collection::vec((place, any::<u8>()), 1..8);
        let mut runner = TestRunner::new(Config { cases: 4000, failure_persistence: None, ..Config::default() });
        let result = runner.run(&damage, |damage| {
            let mut broken = whole.clone();
            damage.iter().for_each(|&(at, byte)| broken[at] = byte);
            prop_assert!(parse(&broken, second).is_ok(), "{:?}", parse(&broken, second));
            Ok(())
        });
        result.unwrap_or_else(|e| panic!("{name}: {e}"));
    }
}
