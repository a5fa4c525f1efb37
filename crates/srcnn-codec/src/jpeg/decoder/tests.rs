//! Small files, against what libjpeg-turbo makes of them (`make_jpegs.py`).

use std::fs::File;
use std::io::{self, Cursor};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use srcnn_image::{Limits, Work};

use super::{JpegError, JpegRows, Opened};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../srcnn-fixtures/jpeg");
const ROOM: u64 = 64 << 20;
const LIMITS: Limits = Limits { memory: ROOM, pixels: 1 << 24, work: Work::BySize };

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(FOLDER).join(name)).expect("a fixture")
}

/// Names, sizes, samples of a pixel and hashes.
fn expected() -> Vec<(String, (usize, usize), usize, u64)> {
    let text = String::from_utf8(fixture("expected.txt")).expect("text");
    let line = |line: &str| match line.split(' ').collect::<Vec<_>>()[..] {
        [name, width, height, channels, hash] => {
            let [width, height, channels] = [width, height, channels].map(|n| n.parse().expect("a number"));
            (format!("{name}.jpg"), (width, height), channels, u64::from_str_radix(hash, 16).expect("a hash"))
        }
        _ => panic!("a wrong line: {line}"),
    };
    text.lines().map(line).collect()
}

fn known<R>(opened: Opened<R>) -> Box<JpegRows<R>> {
    match opened {
        Opened::Rows(rows) => rows,
        Opened::Foreign(_) => panic!("of a kind that is not read"),
    }
}

fn fnv(data: &[u8]) -> u64 {
    data.iter().fold(0xCBF2_9CE4_8422_2325, |value, byte| (value ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3))
}

/// Everything, `rows` rows at a time; none if the file is of a kind that is not read.
fn decode(
    bytes: &[u8],
    memory: u64,
    rows: usize,
    spool: &dyn Fn() -> io::Result<File>,
) -> Result<Option<Vec<u8>>, JpegError> {
    let Opened::Rows(mut picture) = JpegRows::open(Cursor::new(bytes), Limits { memory, ..LIMITS }, spool)? else {
        return Ok(None);
    };
    let line = picture.size().width * picture.channels();
    let (mut buffer, mut all) = (vec![0; rows * line], Vec::new());
    loop {
        match picture.read(&mut buffer)? {
            0 => return Ok(Some(all)),
            n => all.extend(&buffer[..n * line]),
        }
    }
}

fn no_file() -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

#[test]
fn samples_are_those_of_libjpeg() {
    for (name, size, channels, hash) in expected() {
        let bytes = fixture(&name);
        let picture = known(JpegRows::open(Cursor::new(&bytes), LIMITS, &no_file).expect("headers"));
        assert_eq!((picture.size(), picture.channels()), (size.into(), channels), "{name}");
        for rows in [1, 5, 1000] {
            let samples = decode(&bytes, ROOM, rows, &no_file).expect("samples").expect("a known kind");
            assert_eq!(samples.len(), size.0 * size.1 * channels, "{name}");
            assert_eq!(fnv(&samples), hash, "{name} by {rows}");
        }
    }
}

#[test]
fn coefficients_go_to_a_file_if_memory_is_short() {
    let files = AtomicUsize::new(0);
    let spool = || {
        files.fetch_add(1, Ordering::Relaxed);
        tempfile::tempfile()
    };
    for (name, .., hash) in expected() {
        let bytes = fixture(&name);
        let mut result = decode(&bytes, 0, 3, &spool);
        // The error says what is needed: first for the samples, then also for the coefficients beside the file.
        for _ in 0..2 {
            if let Err(JpegError::TooLarge { bytes: needed, .. }) = result {
                assert!(matches!(decode(&bytes, needed - 1, 3, &spool), Err(JpegError::TooLarge { .. })));
                result = decode(&bytes, needed, 3, &spool);
            }
        }
        assert_eq!(result.expect("samples").map(|samples| fnv(&samples)), Some(hash), "{name}");
    }
    assert!(files.into_inner() >= 3);
}

#[test]
fn truncated_files_are_refused() {
    for (name, .., hash) in expected() {
        let bytes = fixture(&name);
        for length in 0..bytes.len() {
            let result = decode(&bytes[..length], ROOM, 8, &no_file);
            // Without the end mark every sample is still there.
            if length + 2 >= bytes.len() {
                assert_eq!(result.expect("samples").map(|samples| fnv(&samples)), Some(hash), "{name}");
            } else {
                assert!(matches!(result, Err(JpegError::Truncated)), "{name} of {length} bytes");
            }
        }
    }
}

#[test]
fn no_rows_come_after_an_error() {
    let bytes = fixture("420.jpg");
    let short = &bytes[..bytes.len() - 8];
    let mut picture = known(JpegRows::open(Cursor::new(short), LIMITS, &no_file).expect("headers"));
    let mut row = vec![0; 45 * 3];
    while picture.read(&mut row).is_ok() {}
    assert!(picture.read(&mut row).is_err());
}

#[test]
fn damaged_files_do_no_harm() {
    let mut state = 1_u32;
    let mut random = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    for (name, ..) in expected() {
        let whole = fixture(&name);
        for _ in 0..300 {
            let mut bytes = whole.clone();
            for _ in 0..=random(3) {
                let at = random(bytes.len());
                bytes[at] = [random(256) as u8, 0, 0xFF, bytes[at] ^ (1 << random(8))][random(4)];
            }
            // Whatever comes, it comes without a panic.
            drop(decode(&bytes, 2 << 20, 8, &tempfile::tempfile));
        }
    }
}

#[test]
fn other_kinds_are_left_to_others() {
    let mut bytes = fixture("444.jpg");
    let frame = bytes.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("a frame");
    // Lossless, differential, arithmetic coding.
    for code in [0xC3, 0xC5, 0xC9, 0xCA] {
        bytes[frame + 1] = code;
        assert!(matches!(decode(&bytes, ROOM, 1, &no_file), Ok(None)));
    }
    // 12 bits.
    bytes[frame + 1] = 0xC1;
    bytes[frame + 4] = 12;
    assert!(matches!(decode(&bytes, ROOM, 1, &no_file), Ok(None)));
    // Factors of 3 and 2.
    bytes[frame + 4] = 8;
    (bytes[frame + 11], bytes[frame + 14]) = (0x31, 0x21);
    assert!(matches!(decode(&bytes, ROOM, 1, &no_file), Ok(None)));
}

#[test]
fn what_does_not_matter_is_passed_over() {
    let (bytes, hash) = (fixture("420_restart.jpg"), |samples: Vec<u8>| fnv(&samples));
    let plain = decode(&bytes, ROOM, 8, &no_file).expect("samples").map(hash);
    let mut odd = vec![0xFF, 0xD8];
    // Bytes between segments, a comment that looks like markers, fill bytes.
    odd.extend([0, 1, 2, 0xFF, 0xFF, 0xFF, 0xFE, 0, 6, 0xFF, 0xDA, 0xFF, 0xD9]);
    odd.extend(&bytes[2..bytes.len() - 2]);
    odd.extend([0xFF, 0xD7, 0, 0xFF, 0xFF, 0xD9, 1, 2, 3]);
    assert_eq!(decode(&odd, ROOM, 8, &no_file).expect("samples").map(hash), plain);
}

#[test]
fn errors_of_the_source_come_through() {
    struct Failing<'a>(Cursor<&'a [u8]>);
    impl io::Read for Failing<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::ErrorKind::TimedOut.into()),
                n => Ok(n),
            }
        }
    }
    impl io::Seek for Failing<'_> {
        fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }
    let bytes = fixture("444.jpg");
    for length in 2..bytes.len() {
        let source = Failing(Cursor::new(&bytes[..length]));
        let rows = JpegRows::open(source, LIMITS, &no_file).map(known);
        let error = rows.and_then(|mut picture| picture.read(&mut [0; 21 * 13 * 3])).err();
        assert!(matches!(error, Some(JpegError::Io(_) | JpegError::Truncated)), "{length}: {error:?}");
    }
}
