//! TIFF files in strips of every size and compression, whole, cut and damaged, against the crate `tiff`, which reads them
//! another way.

use std::io::Cursor;

use tiff::decoder::{Decoder, DecodingResult};
use tiff::encoder::colortype::{ColorType, Gray8, Gray16, RGB8, RGB16, RGB32Float, RGBA8, RGBA16};
use tiff::encoder::{Compression, DeflateLevel, Predictor, TiffEncoder, TiffValue};

use srcnn_codec::{DecodeError, decode, open};
use srcnn_image::image::{Image, Samples};
use srcnn_image::rows::Rows;
use srcnn_image::{Limits, Work};

const LIMITS: Limits = Limits { memory: 64 << 20, pixels: 1 << 20, work: Work::BySize };
const WIDTH: u32 = 53;
const HEIGHT: u32 = 41;

/// Samples as numbers.
fn ours(image: &Image) -> Vec<f32> {
    match image.samples() {
        Samples::U8(p) => p.as_slice().iter().map(|v| f32::from(*v)).collect(),
        Samples::U16(p) => p.as_slice().iter().map(|v| f32::from(*v)).collect(),
        Samples::F32(p) => p.as_slice().to_vec(),
    }
}

fn theirs(bytes: &[u8]) -> Option<Vec<f32>> {
    let mut limits = tiff::decoder::Limits::default();
    limits.intermediate_buffer_size = LIMITS.memory as usize;
    let mut decoder = Decoder::new(Cursor::new(bytes)).ok()?.with_limits(limits);
    Some(match decoder.read_image().ok()? {
        DecodingResult::U8(v) => v.into_iter().map(f32::from).collect(),
        DecodingResult::U16(v) => v.into_iter().map(f32::from).collect(),
        DecodingResult::F32(v) => v,
        _ => return None,
    })
}

/// A file of samples that a function gives for each index.
fn file<C: ColorType>(
    sample: impl Fn(usize) -> C::Inner,
    (compression, predictor): (Compression, Predictor),
    rows_per_strip: u32,
) -> Vec<u8>
where
    [C::Inner]: TiffValue,
{
    let samples: Vec<C::Inner> = (0..(WIDTH * HEIGHT) as usize * C::BITS_PER_SAMPLE.len()).map(sample).collect();
    let mut file = Cursor::new(Vec::new());
    let mut encoder =
        TiffEncoder::new(&mut file).expect("in memory").with_compression(compression).with_predictor(predictor);
    let mut image = encoder.new_image::<C>(WIDTH, HEIGHT).expect("in memory");
    image.rows_per_strip(rows_per_strip).expect("before any strip");
    image.write_data(&samples).expect("filled");
    file.into_inner()
}

/// Smooth, with some noise, so that strings of all lengths are there.
fn value(i: usize) -> usize {
    (i / 3 * 5 + i / 160 * 3 + if i.is_multiple_of(11) { i * i % 13 } else { 0 }) % 65536
}

fn files() -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let kinds = [
        ("none", Compression::Uncompressed),
        ("LZW", Compression::Lzw),
        ("Deflate", Compression::Deflate(DeflateLevel::Balanced)),
    ];
    for (packed, compression) in kinds {
        for predictor in [Predictor::None, Predictor::Horizontal] {
            // The crate writes and undoes differences without compression, too, which no other program does: see below.
            if (packed, predictor) == ("none", Predictor::Horizontal) {
                continue;
            }
            for rows in [1, 8, 40, 100] {
                let how = (compression, predictor);
                let (eight, sixteen) = (|i| (value(i) / 64) as u8, |i| (value(i) * 7) as u16);
                let all = [
                    ("grey", file::<Gray8>(eight, how, rows)),
                    ("RGB", file::<RGB8>(eight, how, rows)),
                    ("RGBA", file::<RGBA8>(eight, how, rows)),
                    ("grey of 16 bits", file::<Gray16>(sixteen, how, rows)),
                    ("RGB of 16 bits", file::<RGB16>(sixteen, how, rows)),
                    ("RGBA of 16 bits", file::<RGBA16>(sixteen, how, rows)),
                ];
                files.extend(all.map(|(kind, file)| (format!("{kind}, {packed}, {predictor:?}, {rows} rows"), file)));
            }
        }
        let float = file::<RGB32Float>(|i| value(i) as f32 / 65535.0, (compression, Predictor::None), 8);
        files.push((format!("floats, {packed}"), float));
    }
    files
}

#[test]
fn strips_are_as_the_tiff_crate_has_them() {
    for (name, file) in files() {
        let image = decode(&file, LIMITS).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(Some(ours(&image)) == theirs(&file), "{name}");
        for portion in [1, 5, 17] {
            let mut rows = open(Cursor::new(&file), LIMITS).expect("it was read");
            let mut samples = Vec::new();
            while let Some(part) = rows.read(portion).expect("it was read") {
                assert!(part.height() <= portion, "{name}");
                samples.extend(ours(&part));
            }
            assert!(samples == ours(&image), "{name} by {portion} rows");
        }
    }
}

/// As libtiff 4.5 and 4.7, ImageMagick, Pillow and OpenCV have it: `tiffcp`, `convert` and both others give such a file's samples as they
/// are stored.
#[test]
fn differences_without_compression_are_samples() {
    for rows in [1, 8, 100] {
        let eight = |i| (value(i) / 64) as u8;
        let file = file::<RGB8>(eight, (Compression::Uncompressed, Predictor::Horizontal), rows);
        let undone = theirs(&file).expect("the crate's own file");
        let row = 3 * WIDTH as usize;
        let stored = undone.iter().enumerate().map(|(i, v)| match i % row {
            ..3 => *v,
            _ => (v + 256.0 - undone[i - 3]) % 256.0,
        });
        let image = decode(&file, LIMITS).expect("it is sound");
        assert!(ours(&image) == stored.collect::<Vec<_>>(), "{rows} rows");
    }
}

#[test]
fn cut_and_damaged_strips_are_as_the_tiff_crate_has_them() {
    for (name, file) in files().into_iter().step_by(7) {
        let check = |case: String, bytes: &[u8]| {
            let result = decode(bytes, LIMITS);
            assert!(!matches!(result, Err(DecodeError::Crash)), "{name}, {case}");
            assert!(result.ok().map(|image| ours(&image)) == theirs(bytes), "{name}, {case}");
        };
        for cut in (0..file.len()).step_by(file.len() / 20 + 1) {
            check(format!("cut to {cut}"), &file[..cut]);
        }
        // The samples: behind the header, before the directory.
        let directory = u32::from_le_bytes([file[4], file[5], file[6], file[7]]) as usize;
        for at in (8..directory.min(file.len())).step_by(directory / 61 + 1) {
            let mut damaged = file.clone();
            damaged[at] ^= 1 << (at % 8);
            check(format!("byte {at}"), &damaged);
        }
    }
}
