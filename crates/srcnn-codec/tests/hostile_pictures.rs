//! The picture path on damaged files: an error or a picture, but no panic, and nothing beyond the limits.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use srcnn_codec::{DecodeError, EncodeOptions, FileFormat, ImageFile, decode, encode};
use srcnn_image::image::Change;
use srcnn_image::{Image, Limits, Work};

fn open(fixture: &str) -> Image {
    Image::open(srcnn_fixtures::path(fixture)).unwrap_or_else(|e| panic!("{e}"))
}

const LIMITS: Limits = Limits { memory: 16 << 20, pixels: 1 << 24, work: Work::BySize };

fn files() -> Vec<(FileFormat, Vec<u8>)> {
    let image = open("pictures/astronaut-61x47.png");
    let formats = [
        FileFormat::Png,
        FileFormat::Jpeg,
        FileFormat::Bmp,
        FileFormat::Tiff,
        FileFormat::WebP,
        FileFormat::Pnm,
        FileFormat::Pam,
        FileFormat::Qoi,
        FileFormat::Gif,
    ];
    formats.map(|f| (f, encode(&image, f, &EncodeOptions::default()).expect("it fits"))).to_vec()
}

/// Bytes at the end of our files without which every sample is there.
fn behind_samples(format: FileFormat) -> usize {
    match format {
        // The checksum of the last chunk with samples, a chunk of 21 bytes with the end of the compressed data, and the last chunk.
        FileFormat::Png => 4 + 21 + 12,
        // The end mark.
        FileFormat::Jpeg => 2,
        // The mark at the end of the picture, and of the file.
        FileFormat::Gif => 2,
        _ => 0,
    }
}

#[test]
fn cut_or_damaged_pictures_never_panic() {
    for (format, whole) in files() {
        let picture = decode(&whole, LIMITS).unwrap_or_else(|e| panic!("{format:?}: {e}"));
        for length in 0..whole.len() {
            let result = decode(&whole[..length], LIMITS);
            assert!(!matches!(result, Err(DecodeError::Crash)), "{format:?} cut to {length} bytes");
            match result {
                Ok(image) => {
                    let case = format!("{format:?} cut to {length} of {} bytes", whole.len());
                    assert!(length + behind_samples(format) >= whole.len(), "{case} was accepted");
                    assert_eq!(image.metadata.changes, [Change::EndMissing], "{case}");
                    assert!(image.samples() == picture.samples(), "{case}");
                }
                Err(error) => {
                    let case = format!("{format:?} cut to {length} of {} bytes", whole.len());
                    assert!(length + behind_samples(format) < whole.len(), "{case}: {error}");
                }
            }
        }
        let size = whole.len();
        let place = prop_oneof![0..size, 0..size.min(256)];
        let damage = proptest::collection::vec((place, any::<u8>()), 1..8);
        let mut runner = TestRunner::new(Config { cases: 2000, failure_persistence: None, ..Config::default() });
        let result = runner.run(&damage, |damage| {
            let mut broken = whole.clone();
            damage.iter().for_each(|&(at, byte)| broken[at] = byte);
            prop_assert!(!matches!(decode(&broken, LIMITS), Err(DecodeError::Crash)));
            Ok(())
        });
        result.unwrap_or_else(|e| panic!("{format:?}: {e}"));
    }
}

/// One of each kind of file that there is: palettes, floats, CMYK, Exif, several pictures.
#[test]
fn damaged_pictures_of_every_kind_never_panic() {
    for (name, whole) in srcnn_fixtures::files("traits") {
        let decoded = decode(&whole, LIMITS);
        assert!(!matches!(decoded, Err(DecodeError::Crash)), "{name}");
        for length in (0..whole.len()).step_by(whole.len() / 200 + 1) {
            assert!(
                !matches!(decode(&whole[..length], LIMITS), Err(DecodeError::Crash)),
                "{name} cut to {length} bytes"
            );
        }
        if whole.is_empty() {
            continue;
        }
        let size = whole.len();
        let place = prop_oneof![0..size, 0..size.min(256), size - size.min(256)..size];
        let damage = proptest::collection::vec((place, any::<u8>()), 1..8);
        let mut runner = TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
        let result = runner.run(&damage, |damage| {
            let mut broken = whole.clone();
            damage.iter().for_each(|&(at, byte)| broken[at] = byte);
            let decoded = decode(&broken, LIMITS);
            prop_assert!(!matches!(decoded, Err(DecodeError::Crash)));
            // What was read can be written, whatever its metadata are.
            for format in [FileFormat::Png, FileFormat::Tiff, FileFormat::WebP] {
                let _ = decoded.as_ref().map(|image| encode(image, format, &EncodeOptions::default()));
            }
            Ok(())
        });
        result.unwrap_or_else(|e| panic!("{name}: {e}"));
    }
}

#[test]
fn a_header_that_claims_too_many_pixels_is_refused_at_once() {
    let (_, mut png) = files().swap_remove(0);
    png[16..20].copy_from_slice(&60_000u32.to_be_bytes());
    png[20..24].copy_from_slice(&60_000u32.to_be_bytes());
    let crc = srcnn_fixtures::crc(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    assert!(matches!(decode(&png, Limits::default()), Err(DecodeError::TooManyPixels { .. })));
}

#[test]
fn text_and_nothing_are_no_pictures() {
    for bytes in [&b""[..], b"hello", b"\x89PN", &[0; 4096]] {
        assert!(decode(bytes, LIMITS).is_err());
    }
}
