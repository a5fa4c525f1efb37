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

/// All in one test: the measure of memory is the process's.
#[test]
fn damaged_files_are_refused_without_panic_or_greed() {
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

#[test]
fn a_compressed_file_that_grows_beyond_all_measure_is_refused() {
    use std::io::Write;
    let mut file = vec![b' '; 128];
    file[..18].copy_from_slice(b"MATLAB 5.0 MAT-fil");
    file[18] = b'e';
    file[124..128].copy_from_slice(&[0, 1, b'I', b'M']);
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        encoder.write_all(&vec![0; 1 << 20]).expect("memory");
    }
    let bomb = encoder.finish().expect("memory");
    file.extend(15u32.to_le_bytes());
    file.extend((bomb.len() as u32).to_le_bytes());
    file.extend(bomb);
    let error = WeightFile::parse(&file).expect_err("64 MiB of zeros");
    assert!(error.to_string().contains("beyond all measure"), "{error}");
}

/// An archive of one entry, deflated.
fn archive(name: &str, plain: &[u8], claimed: u32) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(plain).expect("memory");
    let packed = encoder.finish().expect("memory");
    let head = |signature: &[u8], versions: usize| {
        let mut head = signature.to_vec();
        head.extend(vec![0; versions]);
        head.extend([0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        head.extend((packed.len() as u32).to_le_bytes());
        head.extend(claimed.to_le_bytes());
        head.extend((name.len() as u16).to_le_bytes());
        head.extend([0, 0]);
        head
    };
    let mut file = head(b"PK\x03\x04", 2);
    file.extend(name.as_bytes());
    file.extend(&packed);
    let directory = file.len() as u32;
    file.extend(head(b"PK\x01\x02", 4));
    file.extend([0; 14]);
    file.extend(name.as_bytes());
    file.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0\0\0\0\0");
    file.extend(directory.to_le_bytes());
    file.extend([0, 0]);
    file
}

#[test]
fn archives_pickles_and_graphs_that_grow_are_refused() {
    let whole = archive("x/data.pkl", b"\x80\x02}.", 4);
    let error = WeightFile::parse(&whole).expect_err("an empty dictionary").to_string();
    assert!(error.contains("no tensors"), "{error}");
    let bomb = archive("x/data.pkl", &vec![b'N'; 64 << 20], 64 << 20);
    let error = WeightFile::parse(&bomb).expect_err("64 MiB").to_string();
    assert!(error.contains("claims"), "{error}");
    let liar = archive("x/data.pkl", &vec![b'N'; 64 << 20], 100);
    assert!(WeightFile::parse(&liar).is_err());
    // A graph of empty nodes, two bytes each.
    let nodes = [0x0A, 0].repeat(1 << 20);
    let mut graph = vec![0x08, 7, 0x3A, 0x80, 0x80, 0x80, 1];
    graph.extend(&nodes);
    let error = WeightFile::parse(&graph).expect_err("a million nodes").to_string();
    assert!(error.contains("parts"), "{error}");
}
