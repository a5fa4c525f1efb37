//! AVIF pictures that are put together of tiles, as Lightroom, Photoshop and paint.net write them; truth is by libavif.

#![cfg(feature = "avif")]

use srcnn_codec::{DecodeError, decode};
use srcnn_image::image::{Depth, Samples};
use srcnn_image::{Image, Limits, Work};

const LIMITS: Limits = Limits { memory: 64 << 20, pixels: 1 << 24, work: Work::BySize };

fn file(name: &str) -> Vec<u8> {
    srcnn_fixtures::bytes(&format!("avif/{name}"))
}

fn read(name: &str) -> Image {
    decode(&file(name), LIMITS).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The largest and the mean difference of two pictures of one shape, in levels of 8 bits.
fn difference(name: &str, a: &Image, b: &Image) -> (f64, f64) {
    assert_eq!((a.size(), a.channels(), a.depth()), (b.size(), b.channels(), b.depth()), "{name}");
    let values = |image: &Image| -> Vec<f64> {
        match image.samples() {
            Samples::U8(p) => p.as_slice().iter().map(|v| f64::from(*v)).collect(),
            Samples::U16(p) => p.as_slice().iter().map(|v| f64::from(*v) / 257.0).collect(),
            Samples::F32(_) => panic!("integers"),
        }
    };
    let apart: Vec<f64> = values(a).into_iter().zip(values(b)).map(|(a, b)| (a - b).abs()).collect();
    (apart.iter().copied().fold(0.0, f64::max), apart.iter().sum::<f64>() / apart.len() as f64)
}

#[test]
fn tiles_without_loss_are_the_picture() {
    assert_eq!(read("lossless.avif").samples(), read("lossless.png").samples());
}

#[test]
fn tiles_of_every_layout_are_as_libavif_joins_them() {
    for name in ["420", "422-limited", "444-10", "grey", "alpha"] {
        let (ours, truth) = (read(&format!("{name}.avif")), read(&format!("{name}.png")));
        // libavif writes grey as RGB, and computes with fewer bits: 4 levels, as for files of one picture. A tile at another place
        // would be far more.
        let truth = if ours.is_grey() { grey(&truth) } else { truth };
        let (most, mean) = difference(name, &ours, &truth);
        assert!(most <= 4.0 && mean <= 0.5, "{name}: {most} at most, {mean} on average");
        assert_eq!(ours.depth() == Depth::Sixteen, name.ends_with("-10"), "{name}");
    }
    // A quarter against the clock, which avifdec leaves to others.
    let (turned, plain) = (read("turned.avif").to_u8(), read("alpha.avif").to_u8());
    assert_eq!((turned.width(), turned.height()), (128, 192));
    for (y, x) in (0..192).flat_map(|y| (0..128).map(move |x| (y, x))) {
        assert_eq!(turned.row(y)[4 * x..4 * x + 4], plain.row(x)[4 * (191 - y)..4 * (191 - y) + 4], "{x}, {y}");
    }
}

/// One channel of grey that is stored as RGB.
fn grey(image: &Image) -> Image {
    let Samples::U8(pixels) = image.samples() else { panic!("8 bits") };
    if pixels.channels() == 1 {
        return image.clone();
    }
    Image::from_u8(pixels.map_pixels(1, |from, to| to[0] = from[0])).expect("grey")
}

/// Where bytes are in a file.
fn find(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).position(|window| window == what).expect("it is there")
}

#[test]
fn what_does_not_fit_together_is_refused_for_its_reason() {
    let whole = file("420.avif");
    let refused = |change: &dyn Fn(&mut Vec<u8>), reason: &str| {
        let mut bytes = whole.clone();
        change(&mut bytes);
        let error = decode(&bytes, LIMITS).expect_err(reason).to_string();
        assert!(error.contains(reason), "{error}");
    };
    // The grid's content: version, flags, rows and columns less one, width, height.
    let grid = find(&whole, &[0, 0, 1, 2, 0, 192, 0, 128]);
    refused(&|bytes| bytes[grid + 2] = 2, "do not fit together");
    refused(&|bytes| bytes[grid + 4..grid + 6].copy_from_slice(&193u16.to_be_bytes()), "do not fit together");
    refused(&|bytes| bytes[grid + 4..grid + 6].copy_from_slice(&128u16.to_be_bytes()), "do not fit together");
    refused(&|bytes| bytes[grid] = 1, "");
    let kind = find(&whole, b"grid");
    refused(&|bytes| bytes[kind..kind + 4].copy_from_slice(b"iovl"), "derived (iovl)");
    let primary = find(&whole, b"pitm");
    refused(&|bytes| bytes[primary..primary + 4].copy_from_slice(b"free"), "sequence without a still picture");
    let small = Limits { memory: 100_000, ..LIMITS };
    assert!(decode(&whole, small).is_err_and(|e| e.to_string().contains("bytes")));
    assert!(decode(&whole, Limits { pixels: 1000, ..LIMITS }).is_err());
}

#[test]
fn a_smaller_grid_cuts_its_last_tiles() {
    let mut bytes = file("lossless.avif");
    let grid = find(&bytes, &[0, 0, 1, 2, 0, 192, 0, 128]);
    bytes[grid + 4..grid + 8].copy_from_slice(&[0, 150, 0, 99]);
    let cut = decode(&bytes, LIMITS).expect("tiles cover it");
    let rect = srcnn_image::plane::Rect { x: 0, y: 0, width: 150, height: 99 };
    assert_eq!(cut.samples(), read("lossless.png").crop(rect).expect("inside").samples());
}

#[test]
fn damaged_grids_never_panic() {
    for name in ["420.avif", "alpha.avif"] {
        let whole = file(name);
        for length in (0..whole.len()).step_by(whole.len() / 150 + 1) {
            assert!(!matches!(decode(&whole[..length], LIMITS), Err(DecodeError::Crash)), "{name} cut to {length}");
        }
        for i in 0..whole.len().min(900) {
            let mut broken = whole.clone();
            broken[i] ^= 1 << (i % 8);
            assert!(!matches!(decode(&broken, LIMITS), Err(DecodeError::Crash)), "{name}, byte {i}");
        }
    }
}
