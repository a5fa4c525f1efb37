//! PNM and BMP files of every kind, whole, cut and damaged, against the crate `image`, which reads them another way.

use std::io::Cursor;
use std::panic::catch_unwind;

use image::codecs::bmp::{BmpDecoder, BmpEncoder};
use image::codecs::pnm::PnmDecoder;
use image::{DynamicImage, ExtendedColorType, ImageDecoder, ImageError};

use srcnn_codec::{DecodeError, EncodeOptions, FileFormat, decode, encode_rows, open};
use srcnn_image::image::{Density, DensityUnit, Depth, Image, Metadata, Pixels, Samples};
use srcnn_image::rows::{Held, Rows, RowsError, Shape, collect};
use srcnn_image::{Limits, Size, Work};

const LIMITS: Limits = Limits { memory: 1 << 20, pixels: 1 << 18, work: Work::BySize };

/// Size, channels and samples, as numbers of 16 bits.
type Picture = (Size, usize, Depth, Vec<u16>);

fn ours(image: &Image) -> Picture {
    let samples = match image.samples() {
        Samples::U8(p) => p.as_slice().iter().map(|v| u16::from(*v)).collect(),
        Samples::U16(p) => p.as_slice().to_vec(),
        Samples::F32(_) => panic!("integers"),
    };
    (image.size(), image.channels(), image.depth(), samples)
}

/// The picture that a decoder of the crate gives; none for an error, and beyond the limits.
fn theirs(decoder: Result<impl ImageDecoder, ImageError>) -> Option<Picture> {
    let decoder = decoder.ok()?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || pixels > LIMITS.pixels || decoder.total_bytes() > LIMITS.memory {
        return None;
    }
    let picture = DynamicImage::from_decoder(decoder).ok()?;
    let (depth, samples) = match picture.color().bytes_per_pixel() / picture.color().channel_count() {
        1 => (Depth::Eight, picture.as_bytes().iter().map(|v| u16::from(*v)).collect()),
        _ => {
            let pairs = picture.as_bytes().as_chunks().0.iter();
            (Depth::Sixteen, pairs.map(|pair| u16::from_ne_bytes(*pair)).collect())
        }
    };
    Some((Size::new(width as usize, height as usize), picture.color().channel_count().into(), depth, samples))
}

/// The file as a whole, cut everywhere, and with each byte among the first `head` replaced by others.
fn compare(
    name: &str,
    file: &[u8],
    head: usize,
    theirs: impl Fn(&[u8]) -> Option<Picture> + std::panic::RefUnwindSafe,
) {
    let check = |case: &str, bytes: &[u8]| {
        // That a decoder panics says nothing of ours.
        let expected = catch_unwind(|| theirs(bytes)).unwrap_or_default();
        let result = decode(bytes, LIMITS);
        assert!(!matches!(result, Err(DecodeError::Crash)), "{name}, {case}");
        let result = result.map(|image| ours(&image));
        let agree = match (&result, &expected) {
            (Ok(ours), Some(theirs)) => ours == theirs,
            (Err(_), None) => true,
            // Runs that are too long are cut here and refused there.
            (Ok(_), None) => bytes.starts_with(b"BM") && [1, 2].contains(&bytes[30]),
            _ => false,
        };
        assert!(agree, "{name}, {case}: {result:?}, {expected:?}");
    };
    check("whole", file);
    assert!(decode(file, LIMITS).is_ok(), "{name}");
    for length in 0..file.len() {
        check(&format!("cut to {length}"), &file[..length]);
    }
    for at in 2..head.min(file.len()) {
        for value in
            [0, 1, 2, 9, 10, 13, b' ', b'#', b'0', b'1', b'4', b'9', 0x7F, 0x80, 0xFF, file[at] ^ 1, file[at] ^ 8]
        {
            let mut damaged = file.to_vec();
            damaged[at] = value;
            check(&format!("byte {at} is {value}"), &damaged);
        }
    }
    for portion in [1, 2, 3, 100] {
        let rows = Portions(open(Cursor::new(file), LIMITS).expect("it was read"), portion);
        assert_eq!(Some(ours(&collect(rows).expect("it was read"))), theirs(file), "{name} by {portion} rows");
    }
}

/// Rows in portions of another size than is asked for.
struct Portions<R>(R, usize);

impl<R: Rows> Rows for Portions<R> {
    fn shape(&self) -> Shape {
        self.0.shape()
    }

    fn metadata(&self) -> &Metadata {
        self.0.metadata()
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        self.0.read(rows.min(self.1))
    }
}

/// Bytes of every value, in no order.
fn noise(count: usize) -> Vec<u8> {
    (0..count).map(|i| (i * i * 31 + i * 7919 + i / 256) as u8).collect()
}

#[test]
fn netpbm_files_are_as_the_image_crate_has_them() {
    let mut files = Vec::new();
    for width in [1, 7, 8, 9, 17] {
        files.push((format!("P4 of width {width}"), format!("P4\n{width} 3\n"), usize::div_ceil(width, 8) * 3));
    }
    for (magic, channels) in [("P5", 1), ("P6", 3)] {
        for largest in [1, 7, 200, 254, 255, 256, 1000, 65534, 65535] {
            let bytes = 5 * 4 * channels * if largest > 255 { 2 } else { 1 };
            files.push((format!("{magic} up to {largest}"), format!("{magic}\n5 4\n{largest}\n"), bytes));
        }
        let header = format!("{magic}# a 1 2\n#\r\n\t 005#b\n \x0b\x0c4 255 ");
        files.push((format!("{magic} with comments"), header, 20 * channels));
    }
    let kinds = [
        ("TUPLTYPE GRAYSCALE\n", 1, [255, 9, 300, 65535]),
        ("TUPLTYPE GRAYSCALE_ALPHA\n", 2, [255, 9, 300, 65535]),
        ("TUPLTYPE RGB\n", 3, [255, 9, 300, 65535]),
        ("# a comment\nTUPLTYPE RGB_ALPHA\n", 4, [255, 9, 300, 65535]),
        ("", 1, [255, 9, 100, 254]),
        ("", 2, [255, 9, 100, 254]),
        ("", 3, [255, 9, 100, 254]),
        ("", 4, [255, 9, 100, 254]),
    ];
    for (kind, depth, all_largest) in kinds {
        for largest in all_largest {
            let header = format!("P7\nHEIGHT 4\nWIDTH 3\nDEPTH {depth}\nMAXVAL {largest}\n{kind}ENDHDR\n");
            files.push((header.clone(), header, 12 * depth * if largest > 255 { 2 } else { 1 }));
        }
    }
    for (name, header, bytes) in files {
        let file = [header.as_bytes(), &noise(bytes)].concat();
        compare(&name, &file, header.len(), |bytes| theirs(PnmDecoder::new(Cursor::new(bytes))));
    }
    let bits: Vec<u8> = noise(12).iter().map(|v| v & 1).collect();
    for kind in ["BLACKANDWHITE", "BLACKANDWHITE_ALPHA"] {
        let depth = if kind.ends_with("ALPHA") { 2 } else { 1 };
        let header = format!("P7\nWIDTH {}\nHEIGHT 3\nDEPTH {depth}\nMAXVAL 1\nTUPLTYPE {kind}\nENDHDR\n", 4 / depth);
        compare(kind, &[header.as_bytes(), &bits].concat(), header.len(), |bytes| {
            theirs(PnmDecoder::new(Cursor::new(bytes)))
        });
    }
    for file in ["P1\n# c\n3 2\n1 0 1\n011\n", "P2\n3 2\n200\n1 2 3\n40 5 200\n", "P3 1 2 1000 1 2 3 4 5 1000\n"] {
        compare(file, file.as_bytes(), 8, |bytes| theirs(PnmDecoder::new(Cursor::new(bytes))));
    }
}

/// A comment that is longer than the part of a file that a header is looked for in.
#[test]
fn long_comments_of_netpbm_files_are_passed_over() {
    let comment = "c".repeat(100_000);
    for file in [
        format!("P5\n#{comment}\n2 1\n255\nab"),
        format!("P7\n#{comment}\nWIDTH 2\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nENDHDR\nab"),
    ] {
        let image = decode(file.as_bytes(), LIMITS).expect("a sound file");
        assert_eq!(ours(&image).3, [97, 98], "{}", &file[..2]);
    }
}

#[test]
fn a_header_that_claims_more_than_there_is_takes_no_memory() {
    let file = format!("P6\n60000 60000\n255\n{}", "x".repeat(1000));
    let result = open(Cursor::new(&file), Limits::default()).map(|_| ());
    assert!(matches!(result, Err(DecodeError::TooManyPixels { .. })), "{result:?}");
    let file = format!("P6\n30000 30000\n255\n{}", "x".repeat(1000));
    let result = open(Cursor::new(&file), Limits::default()).map(|_| ());
    assert!(matches!(result, Err(DecodeError::Truncated)), "{result:?}");
    let result = open(Cursor::new(&file), Limits { memory: 1 << 16, ..Limits::default() }).map(|_| ());
    assert!(matches!(result, Err(DecodeError::TooLarge { .. })), "{result:?}");
}

/// A bitmap with the second header's size, width, height, bits, compression and colors used, what follows the first 40 bytes of
/// that header, and the pixels.
fn bitmap(
    header: u32,
    size: (i32, i32),
    bits: u16,
    compression: u32,
    colors: u32,
    more: &[u8],
    pixels: &[u8],
) -> Vec<u8> {
    let before = 14 + 40 + more.len() as u32;
    let numbers = |numbers: &[u32]| numbers.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let first = [&b"BM"[..], &numbers(&[before + pixels.len() as u32, 0, before])].concat();
    let second = [&numbers(&[header, size.0 as u32, size.1 as u32])[..], &[1, 0], &bits.to_le_bytes()].concat();
    let third = numbers(&[compression, 0, 2835, 2835, colors, 0]);
    [&first, &second, &third, more, pixels].concat()
}

/// As [`theirs`], grey where a picture with a palette is.
fn bitmap_as_theirs(bytes: &[u8]) -> Option<Picture> {
    let (size, channels, depth, samples) = theirs(BmpDecoder::new(Cursor::new(bytes)))?;
    let has_palette = bytes[14] >= 40 && u16::from_le_bytes([bytes[28], bytes[29]]) <= 8;
    if has_palette && channels == 3 && samples.as_chunks::<3>().0.iter().all(|p| *p == [p[0]; 3]) {
        return Some((size, 1, depth, samples.into_iter().step_by(3).collect()));
    }
    Some((size, channels, depth, samples))
}

#[test]
fn bitmaps_are_as_the_image_crate_has_them() {
    let masks = |masks: &[u32]| masks.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let usual = [0x00FF_0000, 0x0000_FF00, 0x0000_00FF, 0xFF00_0000];
    let greys: Vec<u8> = (0..=255).flat_map(|v| [255 - v, 255 - v, 255 - v, v]).collect();
    let colors: Vec<u8> = (0..=255).flat_map(|v| [v, 255 - v, 7, 0]).collect();
    for (width, height) in [(1usize, 3), (2, -3), (3, 2), (4, -1), (5, 4), (300, 1i32)] {
        let size = (width as i32, height);
        let rows = |bits: usize| noise((bits * width).div_ceil(32) * 4 * height.unsigned_abs() as usize);
        let more = |header: usize, masks: &[u8]| [masks, &vec![0; header - 40 - masks.len()]].concat();
        let rgba = more(108, &masks(&usual));
        let files = [
            ("24 bits", bitmap(40, size, 24, 0, 0, &[], &rows(24))),
            ("24 bits, fifth header", bitmap(124, size, 24, 0, 0, &[0; 84], &rows(24))),
            ("32 bits", bitmap(40, size, 32, 0, 0, &[], &rows(32))),
            ("32 bits with masks", bitmap(40, size, 32, 3, 0, &masks(&usual[..3]), &rows(32))),
            ("32 bits with masks, second header", bitmap(52, size, 32, 3, 0, &masks(&usual[..3]), &rows(32))),
            ("32 bits with alpha, third header", bitmap(56, size, 32, 3, 0, &masks(&usual), &rows(32))),
            ("32 bits with alpha", bitmap(108, size, 32, 3, 0, &rgba, &rows(32))),
            ("32 bits with other masks", bitmap(40, size, 32, 3, 0, &masks(&[0xFF, 0xFF00, 0xFF_0000]), &rows(32))),
            ("16 bits", bitmap(40, size, 16, 0, 0, &[], &rows(16))),
            ("greys", bitmap(40, size, 8, 0, 256, &greys, &rows(8))),
            ("greys of number 0", bitmap(40, size, 8, 0, 0, &greys, &rows(8))),
            ("few greys", bitmap(40, size, 8, 0, 9, &greys[..36], &rows(8))),
            ("colors", bitmap(40, size, 8, 0, 0, &colors, &rows(8))),
            ("bits", bitmap(40, size, 1, 0, 2, &colors[..8], &rows(1))),
        ];
        for (name, file) in files {
            // Every byte of the headers, and some of the palette.
            compare(&format!("{name}, {width}x{height}"), &file, 14 + 56, bitmap_as_theirs);
        }
    }
    // The oldest header has sides of 16 bits.
    let header = [&[12, 0, 0, 0][..], &[3, 0, 2, 0, 1, 0, 24, 0]].concat();
    let old = [&b"BM"[..], &50u32.to_le_bytes(), &[0; 4], &26u32.to_le_bytes(), &header, &noise(24)].concat();
    compare("the oldest header", &old, 26, bitmap_as_theirs);
}

#[test]
fn bitmaps_are_written_as_the_image_crate_does() {
    for (channels, color) in [(1, ExtendedColorType::L8), (3, ExtendedColorType::Rgb8), (4, ExtendedColorType::Rgba8)] {
        for (width, height) in [(1, 1), (2, 3), (3, 2), (5, 4), (700, 1100)] {
            let samples = noise(width * height * channels);
            let mut expected = Vec::new();
            BmpEncoder::new(&mut expected).encode(&samples, width as u32, height as u32, color).expect("it fits");
            expected[38..46].copy_from_slice(&[0xC4, 0x0E, 0, 0, 0x89, 0x1D, 0, 0]); // 3780 and 7561 a metre
            let mut image = Image::from_u8(Pixels::new(width, height, channels, samples).expect("filled"))
                .expect("1 to 4 channels");
            image.metadata.density = Some(Density { x: 37.8, y: 75.61, unit: DensityUnit::Centimetre });
            // Behind what is there already.
            let mut out = Cursor::new(b"before".to_vec());
            out.set_position(6);
            for portion in [1, 7, usize::MAX] {
                out.set_position(6);
                let rows = Portions(Held::from(&image), portion);
                encode_rows(rows, FileFormat::Bmp, &EncodeOptions::default(), &mut out).expect("it fits");
                assert_eq!(out.position() as usize, out.get_ref().len());
                assert!(out.get_ref()[6..] == expected, "{width}x{height}, {channels} channels");
            }
        }
    }
}
