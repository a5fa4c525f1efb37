//! Pictures through files: every format, channel layout and depth, and metadata.

use std::io::Cursor;

use srcnn_codec::files::write_whole;
use srcnn_codec::{
    EncodeError, EncodeOptions, FileFormat, ImageFile, Loss, decode, encode, encode_rows, losses, without_alpha,
};
use srcnn_fixtures::png_chunk;
use srcnn_image::image::{Depth, Metadata, Pixels, Samples};
use srcnn_image::rows::{Held, Rows, RowsError, Shape, collect};
use srcnn_image::{Image, Limits};

fn open(fixture: &str) -> Image {
    Image::open(srcnn_fixtures::path(fixture)).unwrap_or_else(|e| panic!("{e}"))
}

fn round(image: &Image, format: FileFormat) -> Image {
    let bytes = encode(image, format, &EncodeOptions::default()).expect("it fits");
    decode(&bytes, Limits::default()).expect("our own file")
}

const DEPTHS: [Depth; 3] = [Depth::Eight, Depth::Sixteen, Depth::Float];

fn picture(channels: usize, depth: Depth) -> Image {
    let sample = |i: usize| (i * 7919 + i / 50 * 31) % 65536;
    let data = 0..23 * 17 * channels;
    let samples = match depth {
        Depth::Eight => Pixels::new(23, 17, channels, data.map(|i| (sample(i) >> 8) as u8).collect()).map(Samples::U8),
        Depth::Sixteen => Pixels::new(23, 17, channels, data.map(|i| sample(i) as u16).collect()).map(Samples::U16),
        // Some of them below black and above white.
        Depth::Float => {
            let floats = data.map(|i| if i % 11 == 5 { i as f32 - 200.0 } else { sample(i) as f32 / 65535.0 });
            Pixels::new(23, 17, channels, floats.collect()).map(Samples::F32)
        }
    };
    let samples = samples.expect("filled");
    Image::new(samples).expect("1 to 4 channels")
}

#[test]
fn formats_without_loss_give_back_every_sample() {
    for channels in 1..=4 {
        for format in
            [FileFormat::Png, FileFormat::Tiff, FileFormat::Bmp, FileFormat::WebP, FileFormat::Pam, FileFormat::Qoi]
        {
            for depth in DEPTHS {
                let image = picture(channels, depth);
                let again = round(&image, format);
                assert_eq!(again.depth(), format.nearest(depth), "{format:?}");
                let image = image.with_depth(again.depth());
                if again.channels() == channels {
                    assert_eq!(again.samples(), image.samples(), "{format:?}, {channels} channels, {depth:?}");
                }
                let case = format!("{format:?}, {channels} channels, {depth:?}");
                assert_eq!(again.to_rgb8(), image.to_rgb8(), "{case}");
                assert_eq!(again.has_alpha(), image.has_alpha(), "{case}");
                let alpha = |image: &Image| image.has_alpha().then(|| image.to_u8().channel(image.channels() - 1));
                assert_eq!(alpha(&again), alpha(&image), "{case}");
            }
        }
    }
}

#[test]
fn grey_stays_grey_where_the_format_knows_it() {
    for format in [FileFormat::Png, FileFormat::Tiff, FileFormat::Jpeg, FileFormat::Bmp] {
        assert!(round(&picture(1, Depth::Eight), format).is_grey(), "{format:?}");
        assert!(!round(&open("pictures/astronaut-61x47.png"), format).is_grey(), "{format:?}");
    }
}

#[test]
fn jpeg_takes_opaque_alpha_and_refuses_transparency() {
    let transparent = picture(4, Depth::Eight);
    let refused = encode(&transparent, FileFormat::Jpeg, &EncodeOptions::default());
    assert!(matches!(refused, Err(EncodeError::Alpha)));
    let opaque = transparent.to_u8().map_pixels(4, |from, to| to.copy_from_slice(&[from[0], from[1], from[2], 255]));
    let image = Image::from_u8(opaque).expect("RGBA");
    assert_eq!(round(&image, FileFormat::Jpeg).channels(), 3);
}

#[test]
fn jpegs_quality_matters() {
    let image = open("pictures/coffee-53x38.png");
    let size = |quality| {
        encode(&image, FileFormat::Jpeg, &EncodeOptions { quality, ..EncodeOptions::default() }).expect("it fits").len()
    };
    assert!(size(30) < size(80) && size(80) < size(95));
}

#[test]
fn profile_and_exif_go_along_and_orientation_is_applied_once() {
    // An Exif block of a maker "abc" and an orientation of 6 (turn right), little-endian.
    let exif = [
        &b"II*\0\x08\0\0\0"[..], // header, first directory at 8
        &[2, 0],                 // two entries
        &[0x0F, 1, 2, 0, 4, 0, 0, 0, b'a', b'b', b'c', 0],
        &[0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0],
        &[0, 0, 0, 0],
    ]
    .concat();
    let mut icc = vec![0; 9000];
    icc[16..20].copy_from_slice(b"RGB ");
    let mut image = open("pictures/astronaut-61x47.png");
    let (width, height) = image.size().into();
    image.metadata = Metadata { icc: Some(icc.clone()), exif: Some(exif), ..Metadata::default() };
    for format in [FileFormat::Png, FileFormat::Jpeg, FileFormat::WebP, FileFormat::Tiff] {
        let turned = round(&image, format);
        assert_eq!(turned.size(), (height, width), "{format:?}: not turned");
        assert_eq!(turned.metadata.icc.as_ref(), Some(&icc), "{format:?}");
        let again = round(&turned, format);
        assert_eq!(again.size(), (height, width), "{format:?}: turned twice");
        assert!(again.metadata.exif.is_some(), "{format:?}");
    }
}

#[test]
fn png_with_a_wrong_sample_is_refused() {
    let image = picture(3, Depth::Eight);
    let whole = encode(&image, FileFormat::Png, &EncodeOptions::default()).expect("it fits");
    // One byte in turn between the header and the end: the checksums of chunks, or of the compressed data, tell.
    for at in (41..whole.len() - 12).step_by(7) {
        let mut broken = whole.clone();
        broken[at] ^= 1;
        assert!(decode(&broken, Limits::default()).is_err(), "byte {at} of {}", whole.len());
    }
}

#[test]
fn what_stands_behind_the_pixels_of_png_counts() {
    let image = picture(3, Depth::Eight);
    let plain = encode(&image, FileFormat::Png, &EncodeOptions::default()).expect("it fits");
    // Orientation 6: a quarter turn to the right.
    let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let xmp = png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0en\0\0<x:xmpmeta/>");
    let end = plain.len() - 12;
    let late = [&plain[..end], &png_chunk(b"eXIf", exif), &xmp, &plain[end..]].concat();
    let read = decode(&late, Limits::default()).expect("a picture");
    assert_eq!(read.size(), (image.height(), image.width()));
    assert!(read.metadata.exif.is_some());
    assert_eq!(read.metadata.xmp.as_deref(), Some(&b"<x:xmpmeta/>"[..]));
}

#[test]
fn what_png_says_of_colors_stays_in_png() {
    let image = picture(3, Depth::Eight);
    let plain = encode(&image, FileFormat::Png, &EncodeOptions::default()).expect("it fits");
    // The header ends at byte 33. A gamma of 1 / 1.8; BT.2020, perceptual quantisation, RGB, full range.
    let with = |chunks: &[Vec<u8>]| [&plain[..33], &chunks.concat(), &plain[33..]].concat();
    let gamma = png_chunk(b"gAMA", &55_556u32.to_be_bytes());
    let cicp = png_chunk(b"cICP", &[9, 16, 0, 1]);
    let file = with(&[cicp.clone(), gamma.clone()]);
    let read = decode(&file, Limits::default()).expect("a picture");
    assert_eq!(read.metadata.color_chunks.len(), 2);
    let again = round(&read, FileFormat::Png);
    assert_eq!(again.metadata.color_chunks, read.metadata.color_chunks);
    assert_eq!(lost(&read, FileFormat::Png), []);
    assert_eq!(lost(&read, FileFormat::Jpeg), [Loss::ColorChunks]);
    assert_eq!(read.metadata.stripped().color_chunks, read.metadata.color_chunks, "the look depends on it");
    let srgb = with(&[gamma, png_chunk(b"sRGB", &[0])]);
    let read = decode(&srgb, Limits::default()).expect("a picture");
    assert_eq!(lost(&read, FileFormat::Jpeg), [], "sRGB is what is assumed");
    assert_eq!(read.metadata.stripped().color_chunks, []);
}

fn lost(image: &Image, format: FileFormat) -> Vec<Loss> {
    losses(Shape::of(image), &image.metadata, format)
}

/// As they come from files, and go into them.
#[test]
fn rows_give_the_same_as_pictures_in_one_piece() {
    for channels in 1..=4 {
        for format in [FileFormat::Png, FileFormat::Tiff, FileFormat::Pam, FileFormat::Jpeg, FileFormat::Pnm] {
            for depth in DEPTHS {
                let image = picture(channels, depth);
                if image.has_alpha() && !format.holds_alpha() {
                    continue;
                }
                let options = EncodeOptions::default();
                let whole = encode(&image, format, &options).expect("it fits");
                for portion in [1, 3, 100] {
                    let mut bytes = Cursor::new(Vec::new());
                    encode_rows(Portions(Held::from(&image), portion), format, &options, &mut bytes).expect("it fits");
                    assert!(bytes.into_inner() == whole, "{format:?}, {channels} channels, {depth:?}, {portion} rows");
                    let rows = srcnn_codec::open(Cursor::new(&whole), Limits::default()).expect("our own file");
                    let joined = collect(Portions(rows, portion)).expect("our own file");
                    assert!(joined == decode(&whole, Limits::default()).expect("our own file"), "{format:?}");
                }
            }
        }
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

#[test]
fn rows_that_do_not_come_are_an_error_of_the_encoder() {
    struct Broken(Held<'static>);
    impl Rows for Broken {
        fn shape(&self) -> Shape {
            self.0.shape()
        }

        fn metadata(&self) -> &Metadata {
            self.0.metadata()
        }

        fn read(&mut self, _rows: usize) -> Result<Option<Image>, RowsError> {
            self.0.read(9)?.map(Some).ok_or_else(|| "no more".into()).and_then(|part| match part {
                Some(part) if part.height() == 9 => Ok(Some(part)),
                _ => Err("no more".into()),
            })
        }
    }
    for (_, format) in FileFormat::EXTENSIONS {
        let rows = Broken(Held::from(picture(3, Depth::Eight)));
        let result = encode_rows(rows, format, &EncodeOptions::default(), &mut Cursor::new(Vec::new()));
        assert!(matches!(&result, Err(EncodeError::Rows(e)) if e.to_string() == "no more"), "{format:?}: {result:?}");
    }
}

#[test]
fn what_a_format_cannot_hold_is_told_and_left_out() {
    let profile = |space: &[u8; 4]| [&[0; 16][..], space, &[0; 112]].concat();
    let mut grey = picture(2, Depth::Sixteen);
    grey.metadata = Metadata { icc: Some(profile(b"GRAY")), exif: Some(vec![0; 70_000]), ..Metadata::default() };
    assert_eq!(lost(&grey, FileFormat::Png), []);
    // TIFF takes only blocks that can be read, WebP knows no grey.
    assert_eq!(lost(&grey, FileFormat::Tiff), [Loss::Exif]);
    assert_eq!(lost(&grey, FileFormat::WebP), [Loss::Depth, Loss::Profile]);
    assert_eq!(lost(&grey, FileFormat::Bmp), [Loss::Depth, Loss::Profile, Loss::Exif]);
    let refused = without_alpha(Held::from(&grey), FileFormat::Jpeg).read(1).expect_err("it is transparent");
    assert!(matches!(refused.downcast_ref(), Some(EncodeError::Alpha)), "{refused}");
    let float = picture(3, Depth::Float);
    assert_eq!(lost(&float, FileFormat::Tiff), []);
    assert_eq!(lost(&float, FileFormat::Png), [Loss::Float]);
    assert_eq!(lost(&float, FileFormat::Jpeg), [Loss::Float]);
    let mut color = picture(3, Depth::Eight);
    color.metadata = Metadata { icc: Some(profile(b"RGB ")), exif: Some(vec![0; 70_000]), ..Metadata::default() };
    assert_eq!(lost(&color, FileFormat::Jpeg), [Loss::Exif]);
    let again = round(&color, FileFormat::Jpeg);
    assert!(again.metadata.exif.is_none() && again.metadata.icc.is_some());
}

#[test]
fn a_file_appears_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.png");
    write_whole(&path, b"first", false).expect("room");
    assert!(write_whole(&path, b"second", false).is_err());
    assert_eq!(std::fs::read(&path).expect("there"), b"first");
    write_whole(&path, b"second", true).expect("room");
    assert_eq!(std::fs::read(&path).expect("there"), b"second");
    assert!(write_whole(&folder.path().join("absent/out.png"), b"x", true).is_err());
    assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 1, "no temporary file is left");
}

#[test]
fn errors_name_the_file() {
    let error = Image::open("no/such/picture.png").expect_err("absent");
    assert!(error.to_string().starts_with("no/such/picture.png: "), "{error}");
    let error = picture(3, Depth::Eight).save("out.xyz").expect_err("no format");
    assert!(error.to_string().starts_with("out.xyz: "), "{error}");
}
