//! Files are written in large pieces, whatever the format.

use std::io::{Cursor, Seek, SeekFrom, Write};

use srcnn_codec::{EncodeOptions, FileFormat, encode_rows};
use srcnn_image::Image;
use srcnn_image::image::{Density, DensityUnit, Metadata, Pixels};
use srcnn_image::rows::Held;

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

#[test]
fn no_format_is_written_a_few_bytes_at_a_time() {
    let mut few = Vec::new();
    for (width, height) in [(500, 400), (1300, 900)] {
        for channels in 1..=4 {
            let image = picture(width, height, channels);
            let mut last = None;
            for (_, format) in
                FileFormat::EXTENSIONS.into_iter().filter(|(_, format)| last.replace(*format) != Some(*format))
            {
                let mut out = Counting::default();
                encode_rows(Held::from(&image), format, &EncodeOptions::default(), &mut out).expect("it fits");
                let bytes = out.bytes.get_ref().len();
                let most = bytes / 8192 + 64;
                if out.writes > most || out.seeks > most {
                    few.push(format!(
                        "{format:?}, {width}x{height}, {channels} channels: {bytes} bytes by {} writes, {} seeks",
                        out.writes, out.seeks
                    ));
                }
            }
        }
    }
    assert!(few.is_empty(), "{few:#?}");
}
