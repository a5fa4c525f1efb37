//! JPEG pictures of many scans, alone and as strips of TIFF files, and pictures of inks: counted as work, and refused where data are
//! missing.

use srcnn_codec::{DecodeError, decode};
use srcnn_image::image::Change;
use srcnn_image::{Limits, Work};

const LIMITS: Limits = Limits { memory: 256 << 20, pixels: 1 << 28, work: Work::BySize };
const ANY: Limits = Limits { work: Work::Any, ..LIMITS };
/// Blocks in a run without coefficients: the symbol 0xE0 and 14 bits of zeros.
const RUN: usize = 1 << 14;

fn segment(code: u8, data: &[u8]) -> Vec<u8> {
    [&[0xFF, code][..], &(data.len() as u16 + 2).to_be_bytes(), data].concat()
}

/// A Huffman table of one symbol, whose code is a zero.
fn table(kind: u8, symbol: u8) -> Vec<u8> {
    segment(0xC4, &[&[kind, 1][..], &[0; 15], &[symbol]].concat())
}

fn scan(components: u8, band: [u8; 2], bits: u8, data: &[u8]) -> Vec<u8> {
    let named = (1..=components).flat_map(|id| [id, 0]);
    let head: Vec<u8> = [components].into_iter().chain(named).chain([band[0], band[1], bits]).collect();
    [segment(0xDA, &head), data.to_vec()].concat()
}

/// Everything before the first scan. `coding`: 0xC0 for one scan, 0xC2 for progressive ones.
fn head(coding: u8, side: u16, components: u8, ac: u8) -> Vec<u8> {
    let [high, low] = side.to_be_bytes();
    let specified = (1..=components).flat_map(|id| [id, 0x11, 0]);
    let frame: Vec<u8> = [8, high, low, high, low, components].into_iter().chain(specified).collect();
    let steps = segment(0xDB, &[&[0][..], &[1; 64]].concat());
    [vec![0xFF, 0xD8], steps, table(0, 0), table(0x10, ac), segment(coding, &frame)].concat()
}

const END: [u8; 2] = [0xFF, 0xD9];

/// A grey picture of many scans: one coefficient and one bit each.
fn scans(side: u16, count: usize) -> Vec<u8> {
    let blocks = usize::from(side).div_ceil(8).pow(2);
    let runs = vec![0; (blocks.div_ceil(RUN) * 15).div_ceil(8)];
    let mut file = [head(0xC2, side, 1, 0xE0), scan(1, [0, 0], 0, &vec![0; blocks.div_ceil(8)])].concat();
    for i in 0..count - 1 {
        let (coefficient, low) = (1 + i / 14, 13 - i % 14);
        let high = if low == 13 { 0 } else { low + 1 };
        file.extend(scan(1, [coefficient as u8; 2], (high << 4 | low) as u8, &runs));
    }
    file.extend(END);
    file
}

#[test]
fn scans_are_counted_as_work() {
    let file = scans(4096, 100);
    let refused = decode(&file, LIMITS);
    assert!(matches!(refused, Err(DecodeError::TooMuchWork { .. })), "{refused:?}");
    let picture = decode(&file, ANY).expect("a picture");
    assert_eq!((picture.width(), picture.height()), (4096, 4096));
    assert!(decode(&scans(64, 800), LIMITS).is_ok(), "a small picture");
}

/// A TIFF file of strips that all lie at the same place.
fn strips(stream: &[u8], width: u32, rows: u32, count: u32) -> Vec<u8> {
    let mut file = [b"II*\0\0\0\0\0", stream].concat();
    file.resize(file.len().next_multiple_of(4), 0);
    let places = file.len() as u32;
    (0..count).for_each(|_| file.extend(8_u32.to_le_bytes()));
    let lengths = file.len() as u32;
    (0..count).for_each(|_| file.extend((stream.len() as u32).to_le_bytes()));
    let at = file.len() as u32;
    file[4..8].copy_from_slice(&at.to_le_bytes());
    let fields = [
        (256, 1, width),
        (257, 1, rows * count),
        (258, 1, 8),
        (259, 1, 7),
        (262, 1, 1),
        (273, count, places),
        (277, 1, 1),
        (278, 1, rows),
        (279, count, lengths),
    ];
    file.extend((fields.len() as u16).to_le_bytes());
    for (tag, count, value) in fields {
        file.extend(([tag, 4_u16]).map(u16::to_le_bytes).concat());
        file.extend([count, value].map(u32::to_le_bytes).concat());
    }
    file.extend([0; 4]);
    file
}

#[test]
fn scans_of_strips_are_counted_as_work() {
    let picture = decode(&strips(&scans(64, 3), 64, 64, 2), LIMITS).expect("a picture");
    assert_eq!((picture.width(), picture.height()), (64, 128));
    let refused = decode(&strips(&scans(1024, 90), 1024, 1024, 20), LIMITS);
    assert!(matches!(refused, Err(DecodeError::TooMuchWork { .. })), "{refused:?}");
    // A strip whose own picture is far larger than it, and is not there.
    let large = [head(0xC0, 16_000, 1, 0), scan(1, [0, 63], 0, &[0; 100]), END.to_vec()].concat();
    let refused = decode(&strips(&large, 64, 64, 2), LIMITS);
    assert!(matches!(refused, Err(DecodeError::Truncated)), "{refused:?}");
}

#[test]
fn inks_are_read_in_rows_and_refused_where_data_are_missing() {
    let inks = |coding: u8, side: u16, bytes: usize| {
        let last = if coding == 0xC0 { 63 } else { 0 };
        [head(coding, side, 4, 0), scan(4, [0, last], 0, &vec![0; bytes]), END.to_vec()].concat()
    };
    let blocks = 4 * 32 * 32;
    for (coding, bits) in [(0xC0, 2), (0xC2, 1)] {
        let whole = decode(&inks(coding, 256, blocks * bits / 8), LIMITS).expect("a picture");
        assert_eq!((whole.width(), whole.height(), whole.channels()), (256, 256, 3));
        assert_eq!(whole.metadata.changes, [Change::CmykByFormula]);
        for bytes in [0, 10, blocks * bits / 8 - 1] {
            assert!(decode(&inks(coding, 256, bytes), LIMITS).is_err(), "{bytes} bytes");
        }
        let refused = decode(&inks(coding, 16_000, 500), LIMITS);
        assert!(matches!(refused, Err(DecodeError::Truncated)), "{refused:?}");
    }
    // Far beyond the memory as a whole.
    let limits = Limits { memory: 8 << 20, ..LIMITS };
    let rows = srcnn_codec::open(std::io::Cursor::new(inks(0xC0, 4096, 4 * 512 * 512 / 4)), limits).expect("headers");
    assert_eq!(rows.shape().channels, 3);
    assert!(rows.held_bytes() < 1 << 20);
}
