//! Animations through files: frames, delays, how often they are played, transparency; and damaged ones.

use std::io::Cursor;
use std::num::NonZeroU32;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use srcnn_codec::animation::{Animation, AnimationHead, AnimationWriter, Delay, Plays};
use srcnn_codec::{DecodeError, EncodeError, EncodeOptions, FileFormat, ImageFile, Loss, decode};
use srcnn_image::image::{Change, Metadata, Pixels};
use srcnn_image::progress::{Progress, Silent};
use srcnn_image::rows::{Held, Shape};
use srcnn_image::{Image, Limits, Work, image};

fn open(fixture: &str) -> Image {
    Image::open(srcnn_fixtures::path(fixture)).unwrap_or_else(|e| panic!("{e}"))
}

const FORMATS: [FileFormat; 3] = [FileFormat::Png, FileFormat::WebP, FileFormat::Gif];
const LIMITS: Limits = Limits { memory: 16 << 20, pixels: 1 << 20, work: Work::BySize };

/// A square of 20 colors that moves over a ground, which is transparent where there are four channels.
fn frame(at: usize, channels: usize) -> Image {
    let (width, height) = (31, 22);
    let pixel = |i: usize| {
        let (x, y) = (i % width, i / width);
        let inside = (at..at + 9).contains(&x) && (5..14).contains(&y);
        let shade = ((x + 3 * y) % 20 * 12) as u8;
        let pixel = if inside { [shade, 255 - shade, 90, 255] } else { [10, 20, 30, 255] };
        if !inside && channels == 4 { vec![0; 4] } else { pixel[..channels].to_vec() }
    };
    Image::from_u8(Pixels::new(width, height, channels, (0..width * height).flat_map(pixel).collect()).expect("filled"))
        .expect("RGB or RGBA")
}

fn write(frames: &[(Image, Delay)], plays: Plays, format: FileFormat) -> (Vec<u8>, Vec<Loss>) {
    let metadata = &frames[0].0.metadata;
    let head = AnimationHead { shape: Shape::of(&frames[0].0), frames: frames.len() as u32, plays, metadata };
    let mut bytes = Cursor::new(Vec::new());
    let writer = AnimationWriter::new(&mut bytes, format, &head, &EncodeOptions::default());
    let mut writer = writer.expect("it holds animations");
    frames.iter().for_each(|(image, delay)| writer.write(Held::from(image), *delay).expect("it fits"));
    let lost = writer.finish().expect("all were written");
    (bytes.into_inner(), lost)
}

/// Frames, how often they are played, and the metadata.
type Read = (Vec<(Image, Delay)>, Plays, Metadata);

fn read(bytes: &[u8]) -> Result<Read, DecodeError> {
    let animation = Animation::open(Cursor::new(bytes), LIMITS, &Silent)?;
    let mut animation = animation.ok_or(DecodeError::UnknownFormat)?;
    let mut frames = Vec::new();
    while let Some(frame) = animation.next_frame()? {
        frames.push((frame.image, frame.delay));
    }
    assert_eq!(frames.len(), animation.frames() as usize);
    Ok((frames, animation.plays(), animation.metadata().clone()))
}

fn hundredths(numbers: &[u32]) -> Vec<Delay> {
    numbers.iter().map(|n| Delay::milliseconds(10 * n)).collect()
}

fn times(n: u32) -> Plays {
    NonZeroU32::new(n).map_or(Plays::Forever, Plays::Times)
}

#[test]
fn frames_delays_and_plays_come_back() {
    for format in FORMATS {
        for (channels, plays) in [(3, times(0)), (4, times(1)), (3, times(2)), (4, times(700))] {
            // The fourth is like the third.
            let places = [0, 7, 13, 13, 2];
            let images = places.map(|at| frame(at, channels));
            let frames: Vec<_> = images.into_iter().zip(hundredths(&[4, 0, 250, 7, 1])).collect();
            let (bytes, lost) = write(&frames, plays, format);
            let (again, played, metadata) = read(&bytes).expect("our own file");
            let case = format!("{format:?}, {channels} channels");
            assert_eq!((played, lost, metadata), (plays, Vec::new(), Metadata::default()), "{case}");
            assert!(again == frames, "{case}");
            let first = decode(&bytes, LIMITS).expect("our own file");
            assert_eq!(first.to_rgb8(), frames[0].0.to_rgb8(), "{case}");
            assert_eq!(first.metadata.changes, [Change::First], "{case}");
        }
    }
}

#[test]
fn soft_transparency_is_kept_but_in_gif() {
    let soft = |shift: u8| {
        let pixels = frame(5, 3).to_u8().map_pixels(4, |from, to: &mut [u8]| {
            to[..3].copy_from_slice(from);
            to[3] = from[0].wrapping_add(shift).max(1);
        });
        Image::from_u8(pixels).expect("RGBA")
    };
    let frames: Vec<_> = [0, 90, 180].map(soft).into_iter().zip(hundredths(&[3, 3, 3])).collect();
    for format in [FileFormat::Png, FileFormat::WebP] {
        let (bytes, lost) = write(&frames, Plays::Forever, format);
        assert!(lost.is_empty() && read(&bytes).expect("our own file").0 == frames, "{format:?}");
    }
    let (bytes, lost) = write(&frames, Plays::Forever, FileFormat::Gif);
    assert_eq!(lost, [Loss::SoftAlpha]);
    for ((again, _), (image, _)) in read(&bytes).expect("our own file").0.iter().zip(&frames) {
        let (again, image) = (again.to_u8(), image.to_u8());
        for (a, b) in again.as_slice().chunks_exact(4).zip(image.as_slice().chunks_exact(4)) {
            assert_eq!(a[3], if b[3] < 128 { 0 } else { 255 });
            assert!(a[3] == 0 || a[..3] == b[..3]);
        }
    }
}

#[test]
fn many_colors_become_256_near_ones() {
    let image = open("pictures/astronaut-61x47.png");
    let frames = [(image.clone(), Delay::milliseconds(40)), (image.clone(), Delay::milliseconds(40))];
    let (bytes, lost) = write(&frames, Plays::Forever, FileFormat::Gif);
    assert_eq!(lost, [Loss::Colors]);
    let (again, ..) = read(&bytes).expect("our own file");
    for (again, _) in again {
        let (again, image) = (again.to_rgb8(), image.to_rgb8());
        let squares = again.as_slice().iter().zip(image.as_slice()).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2));
        let psnr = 10.0 * (255.0 * 255.0 * image.as_slice().len() as f64 / squares.sum::<f64>()).log10();
        assert!(psnr > 34.0, "{psnr} dB");
    }
}

#[test]
fn rounded_delays_do_not_add_up() {
    let third = Delay::new(1, NonZeroU32::new(30).expect("not zero"));
    let frames: Vec<_> = (0..60).map(|i| (frame(i % 20, 3), third)).collect();
    for (format, allowed) in [(FileFormat::Png, 0.0), (FileFormat::WebP, 0.0005), (FileFormat::Gif, 0.005)] {
        let (bytes, _) = write(&frames, Plays::Forever, format);
        let (again, ..) = read(&bytes).expect("our own file");
        let mut passed = 0.0;
        for (i, (_, delay)) in again.iter().enumerate() {
            passed += delay.seconds();
            assert!((passed - (i + 1) as f64 / 30.0).abs() <= allowed + 1e-9, "{format:?}, frame {i}: {passed}");
        }
    }
}

#[test]
fn what_goes_along_does() {
    let mut first = frame(0, 3);
    let icc = [&[0; 16][..], b"RGB ", &[0; 108]].concat();
    first.metadata = Metadata {
        xmp: Some(b"<x:xmpmeta/>".to_vec()),
        density: Some(image::Density::from_per_metre(3000, 3000)),
        icc: Some(icc.clone()),
        ..Metadata::default()
    };
    let frames = [(first, Delay::milliseconds(10)), (frame(9, 3), Delay::milliseconds(10))];
    for format in [FileFormat::Png, FileFormat::WebP] {
        let (_, _, metadata) = read(&write(&frames, Plays::Forever, format).0).expect("our own file");
        assert_eq!((metadata.icc, metadata.xmp), (Some(icc.clone()), frames[0].0.metadata.xmp.clone()), "{format:?}");
        assert!(metadata.density.is_some_and(|d| (d.x - 30.0).abs() < 1e-6), "{format:?}");
    }
}

#[test]
fn what_is_not_as_announced_is_refused() {
    let metadata = Metadata::default();
    let head = |frames, shape| AnimationHead { shape, frames, plays: Plays::Forever, metadata: &metadata };
    let shape = Shape::of(&frame(0, 3));
    let begin = |format, head: &AnimationHead<'_>| {
        AnimationWriter::new(Cursor::new(Vec::new()), format, head, &EncodeOptions::default())
    };
    assert!(matches!(begin(FileFormat::Jpeg, &head(2, shape)), Err(EncodeError::Animation)));
    for format in FORMATS {
        assert!(matches!(begin(format, &head(0, shape)), Err(EncodeError::Animation)), "{format:?}");
        let mut writer = begin(format, &head(1, shape)).expect("it holds animations");
        let other = writer.write(Held::from(frame(0, 4)), Delay::milliseconds(1));
        assert!(matches!(other, Err(EncodeError::Animation)), "{format:?}");
        writer.write(Held::from(frame(0, 3)), Delay::milliseconds(1)).expect("as announced");
        let more = writer.write(Held::from(frame(0, 3)), Delay::milliseconds(1));
        assert!(matches!(more, Err(EncodeError::Animation)), "{format:?}");
        let writer = begin(format, &head(1, shape)).expect("it holds animations");
        assert!(matches!(writer.finish(), Err(EncodeError::Animation)), "{format:?}");
    }
    let wide = Shape { width: 70_000, ..shape };
    for format in [FileFormat::Gif, FileFormat::WebP] {
        assert!(matches!(begin(format, &head(1, wide)), Err(EncodeError::Sides { .. })), "{format:?}");
    }
}

#[test]
fn stills_are_none_and_limits_hold() {
    let still = srcnn_fixtures::bytes("traits/interlaced.png");
    assert!(matches!(read(&still), Err(DecodeError::UnknownFormat)));
    struct Stop;
    impl Progress for Stop {
        fn advance(&self, _pixels: u64) {}
        fn cancelled(&self) -> bool {
            true
        }
    }
    for format in FORMATS {
        let frames: Vec<_> = (0..40).map(|i| (frame(i % 20, 3), Delay::milliseconds(10))).collect();
        let (bytes, _) = write(&frames, Plays::Forever, format);
        let open = |limits, progress: &dyn Progress| Animation::open(Cursor::new(&bytes), limits, progress).map(drop);
        let few = Limits { pixels: 31 * 22, ..LIMITS };
        assert!(matches!(open(few, &Silent), Err(DecodeError::TooManyFrames { frames: 17, .. })), "{format:?}");
        let fewer = Limits { pixels: 31 * 21, ..LIMITS };
        assert!(matches!(open(fewer, &Silent), Err(DecodeError::TooManyPixels { .. })), "{format:?}");
        let (two, _) = write(&frames[..2], Plays::Forever, format);
        // The file is held twice for a moment.
        let little = Limits { memory: 2 * two.len() as u64 + 1000, ..LIMITS };
        let refused = Animation::open(Cursor::new(&two), little, &Silent).map(drop);
        assert!(matches!(refused, Err(DecodeError::TooLarge { .. })), "{format:?}");
        let less = Limits { memory: 1000, ..LIMITS };
        assert!(matches!(open(less, &Silent), Err(DecodeError::LargeFile { .. })), "{format:?}");
        assert!(matches!(open(LIMITS, &Stop), Err(DecodeError::Cancelled)), "{format:?}");
    }
}

#[test]
fn cut_or_damaged_animations_never_panic() {
    let own = FORMATS.map(|format| {
        let frames: Vec<_> = [0, 7, 13].map(|at| frame(at, 4)).into_iter().zip(hundredths(&[1, 2, 3])).collect();
        (format!("{format:?}"), write(&frames, Plays::Forever, format).0)
    });
    let foreign = srcnn_fixtures::files("traits").into_iter().filter(|(_, file)| read(file).is_ok());
    let files: Vec<_> = own.into_iter().chain(foreign).collect();
    assert!(files.len() > 10);
    for (format, whole) in files {
        let (frames, plays, metadata) = read(&whole).unwrap_or_else(|e| panic!("{format:?}: {e}"));
        // PNG says how many frames there are; GIF may end behind any of them.
        let note = match &whole[..4] {
            b"GIF8" => Some(Change::LastFramesMissing),
            b"\x89PNG" => Some(Change::EndMissing),
            _ => None,
        };
        for length in 0..whole.len() {
            let case = format!("{format:?} cut to {length} of {} bytes", whole.len());
            match (read(&whole[..length]), note) {
                (Ok((there, times, said)), Some(note)) => {
                    let all = note == Change::EndMissing || length + 2 >= whole.len();
                    assert!(there.len() == frames.len() || !all && (2..frames.len()).contains(&there.len()), "{case}");
                    assert!(there[..] == frames[..there.len()] && times == plays, "{case}");
                    assert_eq!(said.changes, [vec![note], metadata.changes.clone()].concat(), "{case}");
                }
                (Ok(_), None) => panic!("{case} was accepted"),
                (Err(error), _) => assert!(!matches!(error, DecodeError::Crash), "{case}: {error}"),
            }
        }
        if note.is_some() {
            assert!(read(&whole[..whole.len() - 1]).is_ok(), "{format:?} without its last byte");
        }
        let damage = proptest::collection::vec((0..whole.len(), any::<u8>()), 1..8);
        let mut runner = TestRunner::new(Config { cases: 3000, failure_persistence: None, ..Config::default() });
        let result = runner.run(&damage, |damage| {
            let mut broken = whole.clone();
            damage.iter().for_each(|&(at, byte)| broken[at] = byte);
            prop_assert!(!matches!(read(&broken), Err(DecodeError::Crash)));
            Ok(())
        });
        result.unwrap_or_else(|e| panic!("{format:?}: {e}"));
    }
}
