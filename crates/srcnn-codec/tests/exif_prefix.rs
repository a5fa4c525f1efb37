//! Exif that begins with JPEG's mark in formats that have none: Android phones and old libraries write it.

use srcnn_codec::{EncodeOptions, FileFormat, decode, encode};
use srcnn_image::image::{Change, Pixels};
use srcnn_image::{Image, Limits};

/// A block that names a maker, and says how the picture is to be turned: by a quarter, clockwise.
const TURNED: &[u8] = b"II*\0\x08\0\0\0\x02\0\x0F\x01\x02\0\x04\0\0\0abc\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
const MARK: &[u8] = b"Exif\0\0";

/// A picture of 7x5 with this Exif block, as it is.
fn file(format: FileFormat, exif: &[u8]) -> Vec<u8> {
    let pixels = Pixels::new(7, 5, 3, (0..105).map(|v| v as u8).collect()).expect("filled");
    let mut image = Image::from_u8(pixels).expect("RGB");
    image.metadata.exif = Some(exif.to_vec());
    encode(&image, format, &EncodeOptions::default()).expect("it fits")
}

#[test]
fn the_mark_is_taken_away_and_the_picture_turned() {
    for format in [FileFormat::Png, FileFormat::WebP, FileFormat::Jpeg] {
        let plain = decode(&file(format, TURNED), Limits::default()).expect("a picture");
        for exif in [[MARK, TURNED].concat(), [MARK, MARK, TURNED].concat()] {
            let image = decode(&file(format, &exif), Limits::default()).expect("a picture");
            assert_eq!((image.width(), image.height()), (5, 7), "{format:?}");
            assert_eq!(image, plain, "{format:?}");
            for to in [FileFormat::Png, FileFormat::WebP, FileFormat::Jpeg, FileFormat::Tiff] {
                let again = encode(&image, to, &EncodeOptions::default()).expect("it fits");
                let again = decode(&again, Limits::default()).expect("a picture");
                let exif = again.metadata.exif.as_ref().expect("it is kept");
                assert!(exif.starts_with(b"II*\0") && !exif.windows(4).any(|w| w == b"Exif"), "{format:?} to {to:?}");
                assert_eq!((again.width(), again.height()), (5, 7), "turned once");
            }
        }
    }
}

#[test]
fn exif_that_cannot_be_read_is_left_out_and_said() {
    for format in [FileFormat::Png, FileFormat::WebP, FileFormat::Jpeg] {
        for exif in [&b"no TIFF structure"[..], MARK, b"II*\0\xFF\xFF\0\0"] {
            let image = decode(&file(format, exif), Limits::default()).expect("a picture");
            assert_eq!((image.width(), image.metadata.exif), (7, None), "{format:?}");
            assert_eq!(image.metadata.changes, [Change::UnreadableExif], "{format:?} {exif:?}");
        }
    }
}
