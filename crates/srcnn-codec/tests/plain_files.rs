//! PNM and BMP files of every kind, whole, cut and damaged, against the crate `image`, which reads them another way.

use std::io::Cursor;
use std::panic::catch_unwind;

use image::codecs::pnm::PnmDecoder;
use image::{DynamicImage, ImageDecoder, ImageError};

use srcnn_codec::{DecodeError, decode, open};
use srcnn_image::image::{Depth, Image, Samples};
use srcnn_image::rows::{Rows, collect};
use srcnn_image::{Limits, Size};

const LIMITS: Limits = Limits { memory: 1 << 20, pixels: 1 << 18 };

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
    fn shape(&self) -> srcnn_image::rows::Shape {
        self.0.shape()
    }

    fn metadata(&self) -> &srcnn_image::image::Metadata {
        self.0.metadata()
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, srcnn_image::rows::RowsError> {
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
