//! Files whose frames or pixels cost them nothing: refused before anything is decoded, unless any work is allowed.

use std::io::Cursor;

use srcnn_codec::animation::{Animation, Opened, open};
use srcnn_codec::{DecodeError, FileFormat, decode};
use srcnn_fixtures::{png_chunk, riff_chunk};
use srcnn_image::image::{Change, Image};
use srcnn_image::progress::Silent;
use srcnn_image::{Limits, Size, Work};

/// Memory for a file and its canvas.
const LIMITS: Limits = Limits { memory: 1 << 30, pixels: 1 << 28, work: Work::BySize };
const ANY: Limits = Limits { work: Work::Any, ..LIMITS };

/// A GIF file whose first picture is a pixel, and the others, parts of these rows and heights, no pictures at all.
fn gif(screen: (u16, u16), others: &[(u16, u16)]) -> Vec<u8> {
    let numbers = |numbers: &[u16]| numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>();
    let mut file = [b"GIF89a", &numbers(&[screen.0, screen.1])[..], &[0x80, 0, 0, 0, 0, 0, 255, 255, 255]].concat();
    file.extend([&b","[..], &numbers(&[0, 0, 1, 1]), &[0, 2, 2, 0x44, 1, 0]].concat());
    for (top, height) in others {
        file.extend([&b","[..], &numbers(&[0, *top, 1, *height]), &[0, 2, 1, 7, 0]].concat());
    }
    file.push(b';');
    file
}

/// An APNG file of a picture and frames of so many rows, whose data are none.
fn apng(side: u32, frames: u32, height: u32) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind, data: &[u8]| file.extend(png_chunk(kind, data));
    let numbers = |numbers: &[u32]| numbers.iter().flat_map(|n| n.to_be_bytes()).collect::<Vec<u8>>();
    chunk(b"IHDR", &[&numbers(&[side, side])[..], &[8, 0, 0, 0, 0]].concat());
    chunk(b"acTL", &numbers(&[frames, 0]));
    chunk(b"IDAT", b"no data");
    for i in 0..frames {
        chunk(b"fcTL", &[&numbers(&[2 * i, side, height, 0, 0])[..], &[0, 1, 0, 20, 0, 0]].concat());
        chunk(b"fdAT", &numbers(&[2 * i + 1]));
    }
    chunk(b"IEND", &[]);
    file
}

/// A WebP file of frames of so many rows, whose data are none.
fn webp(side: u32, frames: usize, height: u32) -> Vec<u8> {
    let three = |n: u32| n.to_le_bytes()[..3].to_vec();
    let size = |height: u32| [three(side - 1), three(height - 1)].concat();
    let head = riff_chunk(b"VP8X", &[&[2, 0, 0, 0][..], &size(side)].concat());
    let samples = riff_chunk(b"VP8L", &[0; 8]);
    let frame = riff_chunk(b"ANMF", &[&[0; 6][..], &size(height), &three(40), &[0], &samples].concat());
    let body = [b"WEBP", &head[..], &riff_chunk(b"ANIM", &[0; 6]), &frame.repeat(frames)].concat();
    riff_chunk(b"RIFF", &body)
}

#[test]
fn frames_are_counted_before_they_are_decoded() {
    // 2^30 passes, 4 a pixel of whole frames, 1 a pixel of small ones.
    let files = [
        ("GIF, tall frames", gif((1024, 1024), &[(0, 1024); 1400]), true),
        ("GIF, many frames of few rows", gif((1024, 1024), &[(7, 2); 1400]), true),
        ("GIF, few frames", gif((1024, 1024), &[(0, 1024); 100]), false),
        ("GIF, frames of few rows", gif((1024, 1024), &[(7, 2); 200]), false),
        ("APNG, whole frames", apng(1024, 300, 1024), true),
        ("APNG, many frames of few rows", apng(1024, 1400, 2), true),
        ("APNG, few frames", apng(1024, 100, 1024), false),
        ("APNG, frames of few rows", apng(1024, 200, 2), false),
        ("WebP, whole frames", webp(1024, 300, 1024), true),
        ("WebP, many frames of few rows", webp(1024, 1400, 2), true),
        ("WebP, few frames", webp(1024, 100, 1024), false),
        ("WebP, frames of few rows", webp(1024, 200, 2), false),
    ];
    for (name, file, is_too_much) in files {
        let refused = |limits| Animation::open(Cursor::new(&file), limits, &Silent).map(drop).expect_err(name);
        let bytes = file.len() as u64;
        let is_work = matches!(refused(LIMITS), DecodeError::TooMuchWork { bytes: b, .. } if b == bytes);
        assert_eq!(is_work, is_too_much, "{name}: {:?}", refused(LIMITS));
        // Where they are decoded, it shows that they are none.
        assert!(!matches!(refused(ANY), DecodeError::TooMuchWork { .. }), "{name}");
    }
}

#[test]
fn frames_are_counted_by_the_rows_that_they_change() {
    // Whole frames, flat but for one color that each has a few rows of.
    let file = |frames: u16, rows: usize| {
        let mut file = gif((1024, 1024), &[]);
        file.pop();
        for i in 0..usize::from(frames) {
            let mut indices = vec![0; 1024 * 1024];
            indices[i * 2048..][..rows * 1024].fill(1);
            file.extend([b',', 0, 0, 0, 0, 0, 4, 0, 4, 0, 2]);
            let mut encoder = weezl::encode::Encoder::new(weezl::BitOrder::Lsb, 2);
            let codes = encoder.encode(&indices).expect("memory");
            codes.chunks(255).for_each(|part| file.extend([&[part.len() as u8][..], part].concat()));
            file.push(0);
        }
        file.push(b';');
        file
    };
    let frames = |file: &[u8]| {
        let animation = Animation::open(Cursor::new(file), LIMITS, &Silent)?;
        Ok::<_, DecodeError>(animation.expect("an animation").frames())
    };
    assert_eq!(frames(&file(60, 1)).expect("few rows"), 61);
    assert_eq!(frames(&file(60, 0)).expect("nothing"), 61);
    let refused = frames(&file(60, 700));
    assert!(matches!(refused, Err(DecodeError::TooMuchWork { .. })), "{refused:?}");
}

#[test]
fn the_first_frame_is_not_refused_for_others() {
    let first = |file: &[u8]| decode(file, LIMITS);
    let picture = first(&gif((1024, 1024), &[(0, 1024); 2000])).expect("one picture");
    assert_eq!((picture.size(), &picture.metadata.changes[..]), (Size::new(1024, 1024), &[Change::First][..]));
    // A sound picture before frames that are none.
    let image = Image::from_u8(srcnn_image::image::Pixels::new(512, 512, 1, vec![9; 512 * 512]).expect("filled"));
    let sound = srcnn_codec::encode(&image.expect("grey"), FileFormat::Png, &Default::default()).expect("it fits");
    let at = sound.windows(4).position(|kind| kind == b"IDAT").expect("samples") - 4;
    let others = apng(512, 1400, 512);
    let control = others.windows(4).position(|kind| kind == b"acTL").expect("frames") - 4;
    let behind = others.windows(4).position(|kind| kind == b"fcTL").expect("frames") - 4;
    let file = [&sound[..at], &others[control..control + 20], &sound[at..sound.len() - 12], &others[behind..]].concat();
    assert_eq!(first(&file).expect("one picture").size(), (512, 512));
    let opened = open(Cursor::new(&file), LIMITS, &Silent).map(|opened| matches!(opened, Opened::Animation(_)));
    assert!(matches!(opened, Err(DecodeError::TooMuchWork { .. })), "{opened:?}");
}

#[test]
fn pixels_that_cost_nothing_are_refused() {
    /// 16 megapixels in a row are as many as cost nothing.
    fn bmp(width: u32, height: u32) -> Vec<u8> {
        let numbers = [14 + 40 + 4, 40, width, height, 1 | 8 << 16, 1, 2, 0, 0, 1, 0];
        let head = numbers.into_iter().flat_map(u32::to_le_bytes).collect::<Vec<u8>>();
        [&b"BM\0\0\0\0\0\0\0\0"[..], &head, &[1, 2, 3, 0, 0, 1]].concat()
    }
    for (name, file, is_too_much) in [
        ("a screen of a pixel", gif((5000, 4000), &[]), true),
        ("a smaller one", gif((4000, 4000), &[]), false),
        ("a bitmap without runs", bmp(5000, 4000), true),
        ("a smaller one", bmp(4000, 4000), false),
    ] {
        let refused = decode(&file, LIMITS).err();
        assert_eq!(matches!(refused, Some(DecodeError::TooMuchWork { .. })), is_too_much, "{name}: {refused:?}");
        let size = decode(&file, ANY).map(|picture| picture.width());
        assert_eq!(size.ok(), Some(if is_too_much { 5000 } else { 4000 }), "{name}");
    }
}

#[cfg(feature = "avif")]
#[test]
fn frames_that_are_not_shown_are_counted() {
    // 40 frames of 4 megapixels, made by tools/bombs/av1.py.
    let file = srcnn_fixtures::bytes("avif/hidden-frames.avif");
    let refused = decode(&file, LIMITS).err();
    assert!(matches!(refused, Some(DecodeError::TooMuchWork { .. })), "{refused:?}");
}
