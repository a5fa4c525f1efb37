//! Tests on synthetic pictures, and on originals that must pass.

use super::*;
use crate::Limits;
use crate::codec::{EncodeOptions, FileFormat, ImageFile, decode, encode};
use crate::random::SplitMix64;
use crate::resample::{Convention, Edge, resize_u8};

/// Texture with a spectrum like a photograph's: noise at several sizes, stronger at coarser ones.
fn texture(width: usize, height: usize) -> Image {
    let mut sum = vec![0.0f32; width * height];
    for octave in 0..5usize {
        let size = ((width >> octave).max(4), (height >> octave).max(4));
        let mut random = SplitMix64::of(&[7, octave as u64]);
        let noise = (0..size.0 * size.1).map(|_| (random.next_u64() >> 56) as u8).collect();
        let noise = Pixels::new(size.0, size.1, 1, noise).expect("filled");
        let large = resize_u8(&noise, (width, height), Convention::MatlabBicubic(Edge::Mirror)).expect("a size");
        let strength = 0.1 * 1.3f32.powi(octave as i32);
        sum.iter_mut().zip(large.as_slice()).for_each(|(s, &v)| *s += strength * (f32::from(v) - 128.0));
    }
    let data = sum.iter().flat_map(|v| [(128.0 + v) as u8, (120.0 + v) as u8, (100.0 + 0.8 * v) as u8]).collect();
    Image::from_u8(Pixels::new(width, height, 3, data).expect("filled")).expect("RGB")
}

fn enlarged(image: &Image, size: (usize, usize)) -> Image {
    let large = resize_u8(&image.to_u8(), size, Convention::MatlabBicubic(Edge::Mirror)).expect("a size");
    Image::from_u8(large).expect("RGB")
}

fn compressed(image: &Image, quality: u8) -> Image {
    let bytes =
        encode(image, FileFormat::Jpeg, &EncodeOptions { quality, ..EncodeOptions::default() }).expect("encodes");
    decode(&bytes, Limits::default()).expect("decodes")
}

#[test]
fn texture_passes_and_what_became_of_it_does_not() {
    let original = texture(320, 256);
    let found = |image: &Image| Inspection::of(image).findings();
    assert_eq!(found(&original), [], "{:?}", Inspection::of(&original));
    let hard = compressed(&original, 15);
    assert_eq!(found(&hard), [Finding::Blocks], "{:?}", Inspection::of(&hard));
    // The grid is found at any offset.
    let moved = hard.crop(crate::plane::Rect { x: 3, y: 5, width: 300, height: 240 }).expect("inside");
    assert_eq!(found(&moved), [Finding::Blocks], "{:?}", Inspection::of(&moved));
    for factor in [2, 3, 4] {
        let large = enlarged(&original, (320 * factor, 256 * factor));
        assert_eq!(found(&large), [Finding::Soft], "x{factor}: {:?}", Inspection::of(&large));
    }
}

#[test]
fn what_was_shrunk_without_a_filter_is_harsh() {
    let mut random = SplitMix64::new(3);
    let noise = (0..192 * 192).map(|_| (random.next_u64() >> 56) as u8).collect();
    let noise = Image::from_u8(Pixels::new(192, 192, 1, noise).expect("filled")).expect("grey");
    assert_eq!(Inspection::of(&noise).findings(), [Finding::Harsh], "{:?}", Inspection::of(&noise));
    // Every sixteenth pixel, the width of the coarsest noise.
    let original = texture(2560, 2048).to_u8();
    let shrunk = |filtered: bool| {
        let data = (0..128 * 160).flat_map(|i| {
            let (x, y) = (i % 160 * 16, i / 160 * 16);
            original.row(y)[3 * x..3 * x + 3].to_vec()
        });
        let pixels = match filtered {
            true => resize_u8(&original, (160, 128), Convention::PillowBicubic).expect("a size"),
            false => Pixels::new(160, 128, 3, data.collect()).expect("filled"),
        };
        Inspection::of(&Image::from_u8(pixels).expect("RGB"))
    };
    assert_eq!(shrunk(false).findings(), [Finding::Harsh], "{:?}", shrunk(false));
    assert_eq!(shrunk(true).findings(), [], "{:?}", shrunk(true));
}

/// A level for every column and row.
type Drawing = fn(usize, usize) -> u8;

#[test]
fn what_is_drawn_is_not_judged() {
    let drawn = |f: Drawing| {
        let data = (0..192 * 192).map(|i| f(i % 192, i / 192)).collect();
        Image::from_u8(Pixels::new(192, 192, 1, data).expect("filled")).expect("grey")
    };
    let cases: [(&str, Drawing); 6] = [
        ("flat", |_, _| 77),
        ("a ramp", |x, y| (x / 2 + y / 2) as u8),
        ("a checkerboard of 8", |x, y| if (x / 8 + y / 8) % 2 == 0 { 0 } else { 255 }),
        ("a checkerboard of 1", |x, y| if (x + y) % 2 == 0 { 0 } else { 255 }),
        ("stripes of 4", |x, _| if x / 4 % 2 == 0 { 30 } else { 200 }),
        ("an edge", |x, y| if x + 2 * y < 200 { 10 } else { 240 }),
    ];
    for (name, f) in cases {
        let found = Inspection::of(&drawn(f));
        assert_eq!(found.findings(), [], "{name}: {found:?}");
    }
}

#[test]
fn small_and_transparent_pictures_are_not_judged() {
    assert_eq!(Inspection::of(&texture(63, 400)), Inspection::default());
    let large = enlarged(&texture(128, 128), (256, 256)).to_u8();
    let hidden = large.map_pixels(4, |from, to| to[..3].copy_from_slice(from));
    assert_eq!(Inspection::of(&Image::from_u8(hidden).expect("RGBA")), Inspection::default());
}

#[test]
fn sixteen_bits_look_like_eight() {
    let eight = compressed(&texture(192, 192), 30);
    let deep =
        eight.to_u8().map_pixels(3, |from, to| to.iter_mut().zip(from).for_each(|(t, &f)| *t = 257 * u16::from(f)));
    let (eight, deep) = (Inspection::of(&eight), Inspection::of(&Image::new(Samples::U16(deep)).expect("RGB")));
    // Equal differences of neighbours may differ after the division.
    assert!((eight.blocking / deep.blocking - 1.0).abs() < 0.1, "{eight:?} {deep:?}");
    assert_eq!(eight.findings(), deep.findings());
}

#[test]
fn originals_pass_and_enlarged_ones_do_not() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut originals = vec![root.join("samples/chelsea.png")];
    match std::env::var_os("SRCNN_REFERENCE_DATA") {
        Some(data) => {
            originals
                .extend(crate::codec::files::pictures_in(&std::path::Path::new(&data).join("set5")).expect("a folder"));
        }
        None => println!("skipped Set5: SRCNN_REFERENCE_DATA is not set"),
    }
    for path in originals {
        let image = Image::open(&path).expect("a picture");
        let found = Inspection::of(&image);
        println!("{}: {found:?}", path.display());
        assert_eq!(found.findings(), [], "{}: {found:?}", path.display());
        let large = enlarged(&image, (2 * image.width(), 2 * image.height()));
        let found = Inspection::of(&large);
        assert!(found.findings().contains(&Finding::Soft), "{} x2: {found:?}", path.display());
    }
}
