//! Time of writing JPEG from rows in memory: `encode_jpeg PICTURE QUALITY TIMES [420] [optimize] [progressive]`.

use std::io::Cursor;
use std::time::Instant;

use srcnn_codec::{EncodeOptions, FileFormat, ImageFile, Subsampling, encode_rows};
use srcnn_image::image::{Image, Metadata, Pixels};
use srcnn_image::rows::{Rows, RowsError, Shape};

/// Rows of pixels, copied a band at a time.
struct Copied<'a> {
    pixels: &'a Pixels<u8>,
    metadata: Metadata,
    next: usize,
}

impl Rows for Copied<'_> {
    fn shape(&self) -> Shape {
        Shape {
            width: self.pixels.width(),
            height: self.pixels.height(),
            channels: self.pixels.channels(),
            depth: srcnn_image::image::Depth::Eight,
        }
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        let Shape { width, height, channels, .. } = self.shape();
        let rows = rows.min(height - self.next);
        if rows == 0 {
            return Ok(None);
        }
        let samples = &self.pixels.as_slice()[self.next * width * channels..][..rows * width * channels];
        self.next += rows;
        Ok(Some(Image::from_u8(Pixels::new(width, rows, channels, samples.to_vec())?)?))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let args: Vec<String> = std::env::args().collect();
    let has = |name: &str| args.iter().any(|arg| arg == name);
    let pixels = Image::open(&args[1])?.to_u8();
    let options = EncodeOptions {
        quality: args[2].parse()?,
        subsampling: if has("420") { Subsampling::S420 } else { Subsampling::S444 },
        optimize: has("optimize"),
        progressive: has("progressive"),
        ..EncodeOptions::default()
    };
    let mut times = Vec::new();
    let mut bytes = Vec::new();
    for _ in 0..args[3].parse()? {
        let mut out = Cursor::new(std::mem::take(&mut bytes));
        let rows = Copied { pixels: &pixels, metadata: Metadata::default(), next: 0 };
        let start = Instant::now();
        encode_rows(rows, FileFormat::Jpeg, &options, &mut out)?;
        times.push(start.elapsed().as_secs_f64() * 1e9 / (pixels.width() * pixels.height()) as f64);
        bytes = out.into_inner();
    }
    times.sort_by(f64::total_cmp);
    let (median, least) = (times[times.len() / 2], times[0]);
    println!("{} bytes; ms a megapixel: median {median:.2}, least {least:.2}", bytes.len());
    Ok(())
}
