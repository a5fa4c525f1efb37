//! Kinds of compression in TIFF that few programs write, as libtiff has them: codes of fax machines, Zstandard, JPEG as TIFF first had
//! it. `tools/oracles/make_tiff.py` wrote the files; the pictures without loss are formulas.

use srcnn_codec::{DecodeError, UnsupportedSamples, decode};
use srcnn_image::image::{Image, Samples};
use srcnn_image::{Limits, Work};

const LIMITS: Limits = Limits { memory: 64 << 20, pixels: 1 << 20, work: Work::BySize };
const WIDTH: usize = 37;
const HEIGHT: usize = 29;

fn file(name: &str) -> Vec<u8> {
    srcnn_fixtures::bytes(&format!("tiff/{name}.tif"))
}

fn read(name: &str) -> Image {
    decode(&file(name), LIMITS).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// A value for each place.
fn each<T>(of: impl Fn(usize, usize) -> T) -> Vec<T> {
    (0..WIDTH * HEIGHT).map(|i| of(i % WIDTH, i / WIDTH)).collect()
}

fn bilevel(x: usize, y: usize) -> u8 {
    if (x * x / 3 + 5 * y + x * y / 7) % 11 < 4 { 0 } else { 255 }
}

fn grey(x: usize, y: usize) -> u8 {
    (3 * x + 5 * y) as u8
}

fn bytes(image: &Image) -> &[u8] {
    let Samples::U8(pixels) = image.samples() else { panic!("8 bits") };
    pixels.as_slice()
}

#[test]
fn codes_of_fax_machines_are_read() {
    for name in ["group-3", "group-3-2d", "group-3-filled", "group-3-tiles-reversed", "runs", "bits-in-tiles"] {
        assert!(bytes(&read(name)) == each(bilevel), "{name}");
    }
}

#[test]
fn zstandard_is_read() {
    for name in ["zstandard", "zstandard-big-endian"] {
        assert!(bytes(&read(name)) == each(grey), "{name}");
    }
    let color = each(|x, y| [grey(x, y), 255 - grey(x, y), grey(x, y) / 2]).concat();
    assert!(bytes(&read("zstandard-planes")) == color);
    let floats = read("zstandard-floats");
    let Samples::F32(pixels) = floats.samples() else { panic!("floats") };
    assert!(pixels.as_slice() == each(|x, y| f32::from(grey(x, y)) / 255.0));
}

#[test]
fn indices_in_tiles_are_read() {
    let colors = each(|x, y| grey(x, y) % 16).into_iter().flat_map(|i| [i * 3, 255 - i, i * 16]);
    assert!(bytes(&read("palette-in-tiles")) == colors.collect::<Vec<_>>());
}

#[test]
fn jpeg_as_tiff_first_had_it_is_read() {
    for name in ["old-jpeg-whole", "old-jpeg-tables", "old-jpeg-strips"] {
        let wanted = decode(&srcnn_fixtures::bytes(&format!("tiff/{name}.png")), LIMITS).expect("a PNG");
        let image = read(name);
        assert_eq!((image.width(), image.height()), (WIDTH, HEIGHT));
        // libtiff rounds once more between YCbCr and RGB.
        let off = bytes(&image).iter().zip(bytes(&wanted)).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(off <= Some(1), "{name}: off by {off:?}");
        assert_eq!(bytes(&image).len(), bytes(&wanted).len(), "{name}");
    }
}

/// The place of an entry's value in a file of the least significant byte first.
fn entry(file: &[u8], tag: u16) -> usize {
    let long = |at: usize| u32::from_le_bytes([file[at], file[at + 1], file[at + 2], file[at + 3]]) as usize;
    let directory = long(4);
    let at = (directory + 2..).step_by(12).find(|at| file[*at..*at + 2] == tag.to_le_bytes());
    at.expect("it has the entry") + 8
}

#[test]
fn cut_and_damaged_files_are_refused_or_whole() {
    let whole: Vec<_> = srcnn_fixtures::files("tiff").into_iter().filter(|(name, _)| name.ends_with(".tif")).collect();
    assert!(whole.len() > 10);
    for (name, file) in whole {
        let size = |image: Image| (image.width(), image.height());
        for cut in 0..file.len() {
            let result = decode(&file[..cut], LIMITS);
            assert!(!matches!(result, Err(DecodeError::Crash)), "{name} cut to {cut}");
        }
        for at in 0..file.len() {
            let mut damaged = file.clone();
            damaged[at] ^= 1 << (at % 8);
            let result = decode(&damaged, LIMITS);
            assert!(!matches!(result, Err(DecodeError::Crash)), "{name}, byte {at}");
            let _ = result.map(size);
        }
    }
    // Data that end early: their stated lengths.
    for name in ["group-3", "group-3-2d", "runs", "zstandard"] {
        let mut short = file(name);
        let at = entry(&short, 279);
        let count = u32::from_le_bytes([short[at - 4], short[at - 3], short[at - 2], short[at - 1]]) as usize;
        let place = match count {
            1 => at,
            _ => u32::from_le_bytes([short[at], short[at + 1], short[at + 2], short[at + 3]]) as usize,
        };
        short[place..place + 2].copy_from_slice(&[9, 0]);
        assert!(decode(&short, LIMITS).is_err(), "{name}");
    }
}

#[test]
fn what_would_pass_the_memory_is_refused_before() {
    for name in ["group-3", "runs", "zstandard"] {
        let mut large = file(name);
        for tag in [256, 257] {
            let at = entry(&large, tag);
            large[at - 6] = 4;
            large[at..at + 4].copy_from_slice(&30_000_u32.to_le_bytes());
        }
        let limits = Limits { memory: 64 << 20, pixels: 1 << 30, work: Work::BySize };
        assert!(matches!(decode(&large, limits), Err(DecodeError::TooLarge { .. })), "{name}");
    }
}

#[test]
fn rare_kinds_of_old_jpeg_are_refused_by_name() {
    let mut lossless = file("old-jpeg-whole");
    let at = entry(&lossless, 512);
    lossless[at] = 14;
    match decode(&lossless, LIMITS) {
        Err(DecodeError::Samples(UnsupportedSamples::TiffCompression { number: 6, name })) => {
            assert!(name.contains("old-style JPEG"), "{name}");
        }
        other => panic!("{other:?}"),
    }
}
