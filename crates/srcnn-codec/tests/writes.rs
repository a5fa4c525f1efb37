//! Files are written in large pieces, whatever the format.

use std::io::{Cursor, Seek, SeekFrom, Write};
use std::num::NonZeroU32;

use srcnn_codec::animation::{AnimationHead, AnimationWriter, Delay, Plays};
use srcnn_codec::{EncodeError, EncodeOptions, FileFormat, encode_rows};
use srcnn_image::Image;
use srcnn_image::image::{Density, DensityUnit, Metadata, Pixels, Samples};
use srcnn_image::plane::Rect;
use srcnn_image::rows::{Held, Shape};

/// Bytes in memory, and how often they were written or sought.
#[derive(Default)]
struct Counting {
    bytes: Cursor<Vec<u8>>,
    writes: usize,
    seeks: usize,
}

impl Write for Counting {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.writes += 1;
        self.bytes.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Seek for Counting {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.seeks += 1;
        self.bytes.seek(to)
    }
}

/// Smooth colors with some noise, as photographs have.
fn picture(width: usize, height: usize, channels: usize) -> Image {
    let sample = |i: usize| {
        let (x, y) = (i / channels % width, i / channels / width);
        (x / 5 + y / 3 + i % channels * 40 + i * i * 7919 % 8191 % 5) as u8
    };
    let opaque = |i: usize| channels.is_multiple_of(2) && i % channels == channels - 1;
    let samples = (0..width * height * channels).map(|i| if opaque(i) { 255 } else { sample(i) }).collect();
    let mut image =
        Image::from_u8(Pixels::new(width, height, channels, samples).expect("filled")).expect("1 to 4 channels");
    image.metadata = Metadata {
        xmp: Some(b"<x:xmpmeta/>".to_vec()),
        density: Some(Density { x: 300.0, y: 300.0, unit: DensityUnit::Inch }),
        ..Metadata::default()
    };
    image
}

/// The samples in 16 bits, or in floating point.
fn deep(image: &Image, float: bool) -> Image {
    let pixels = image.to_u8();
    let (width, height, channels) = (pixels.width(), pixels.height(), pixels.channels());
    // White, and so what is opaque, stays as it is.
    let sixteen = |v: &u8| (u16::from(*v) * 257) ^ if *v == 255 { 0 } else { u16::from(*v & 31) };
    let samples = pixels.as_slice().iter();
    let samples = match float {
        true => Samples::F32(
            Pixels::new(width, height, channels, samples.map(|v| f32::from(*v) / 255.0).collect()).expect("filled"),
        ),
        false => Samples::U16(Pixels::new(width, height, channels, samples.map(sixteen).collect()).expect("filled")),
    };
    let mut deep = Image::new(samples).expect("1 to 4 channels");
    deep.metadata = image.metadata.clone();
    deep
}

/// What is wrong with how a file was written.
fn fault(out: &Counting, name: &str) -> Option<String> {
    let bytes = out.bytes.get_ref().len();
    let most = bytes / 8192 + 64;
    let few = out.writes > most || out.seeks > most;
    few.then(|| format!("{name}: {bytes} bytes by {} writes, {} seeks", out.writes, out.seeks))
}

/// The formats, each with the options that it has.
fn kinds() -> Vec<(FileFormat, EncodeOptions)> {
    let plain = EncodeOptions::default();
    let mut kinds: Vec<(FileFormat, EncodeOptions)> = Vec::new();
    for (_, format) in FileFormat::EXTENSIONS {
        if kinds.last().is_none_or(|(last, _)| *last != format) {
            kinds.push((format, plain));
        }
    }
    kinds.push((FileFormat::Jpeg, EncodeOptions { optimize: true, ..plain }));
    kinds.push((FileFormat::Jpeg, EncodeOptions { progressive: true, ..plain }));
    if cfg!(feature = "lossy-webp") {
        kinds.push((FileFormat::WebP, EncodeOptions { lossy: true, ..plain }));
    }
    kinds
}

#[test]
fn no_format_is_written_a_few_bytes_at_a_time() {
    let mut faults = Vec::new();
    for (width, height) in [(500, 400), (1300, 900)] {
        for channels in 1..=4 {
            let image = picture(width, height, channels);
            for (bits, image) in [(16, deep(&image, false)), (32, deep(&image, true)), (8, image)] {
                for (format, options) in kinds() {
                    let mut out = Counting::default();
                    encode_rows(Held::from(&image), format, &options, &mut out).expect("it fits");
                    let name = format!("{format:?}, {width}x{height}, {channels} channels of {bits} bits, {options:?}");
                    faults.extend(fault(&out, &name));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// The formats that hold animations, each with the options that it has.
fn moving() -> impl Iterator<Item = (FileFormat, EncodeOptions)> {
    kinds().into_iter().filter(|(format, _)| matches!(format, FileFormat::Png | FileFormat::WebP | FileFormat::Gif))
}

/// An animation of the pictures, each for a tenth of a second.
fn animate(
    frames: &[Image],
    format: FileFormat,
    options: &EncodeOptions,
    out: impl Write + Seek,
) -> Result<(), EncodeError> {
    let count = frames.len() as u32;
    let head = AnimationHead {
        shape: Shape::of(&frames[0]),
        frames: count,
        plays: Plays::Forever,
        metadata: &frames[0].metadata,
    };
    let mut writer = AnimationWriter::new(out, format, &head, options)?;
    let delay = Delay::new(1, NonZeroU32::new(10).expect("not zero"));
    frames.iter().try_for_each(|frame| writer.write(Held::from(frame), delay))?;
    writer.finish().map(drop)
}

#[test]
fn no_animation_is_written_a_few_bytes_at_a_time() {
    let mut faults = Vec::new();
    for channels in [3, 4] {
        for float in [None, Some(false), Some(true)] {
            let frames = [0, 1, 2].map(|i| {
                let image = picture(400, 300 + i, channels);
                let image = image.crop(Rect { x: 0, y: i, width: 400, height: 300 }).expect("inside");
                float.map_or(image.clone(), |float| deep(&image, float))
            });
            for (format, options) in moving() {
                let mut out = Counting::default();
                animate(&frames, format, &options, &mut out).expect("it fits");
                faults.extend(fault(&out, &format!("{format:?}, {channels} channels, {float:?}, {options:?}")));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Nothing can be written here.
struct Full;

impl Write for Full {
    fn write(&mut self, _bytes: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Seek for Full {
    fn seek(&mut self, _to: SeekFrom) -> std::io::Result<u64> {
        Ok(0)
    }
}

#[test]
fn an_animation_that_was_not_written_is_an_error() {
    // It fits into the buffer, so that only the end finds out.
    let frames = [picture(20, 10, 3)];
    for (format, options) in moving() {
        let error = animate(&frames, format, &options, Full).expect_err("there is no room");
        assert!(error.to_string().contains(&std::io::ErrorKind::StorageFull.to_string()), "{format:?}: {error}");
    }
}
