//! PNG files, read row by row.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use image::metadata::Orientation;
use png::{BitDepth, ColorType, Transformations, Unit};

use super::decode_error::{DecodeError, check_pixels};
use super::decode_held::settle;
use srcnn_image::Limits;
use srcnn_image::image::{Change, ColorChunk, Density, DensityUnit, Depth, Image, Metadata, Pixels, Samples};
use srcnn_image::rows::{Rows, RowsError, Shape};

const XMP: &str = "XML:com.adobe.xmp";

/// Rows of a PNG file; palettes and fewer bits become 8 bits a sample.
pub(super) struct PngRows<R: BufRead + Seek> {
    reader: png::Reader<R>,
    shape: Shape,
    metadata: Metadata,
    next: usize,
}

impl<R: BufRead + Seek> PngRows<R> {
    /// None if its rows do not come in order: it is interlaced, or to be turned.
    pub(super) fn open(mut source: R, limits: Limits) -> Result<Option<Self>, DecodeError> {
        let begin = source.stream_position()?;
        let chunks = walk(&mut source)?.ok_or(DecodeError::Truncated)?;
        source.seek(SeekFrom::Start(begin))?;
        let bytes = usize::try_from(limits.memory).unwrap_or(usize::MAX);
        let mut decoder = png::Decoder::new_with_limits(source, png::Limits { bytes });
        decoder.set_transformations(Transformations::EXPAND);
        let header = decoder.read_header_info()?;
        let (width, height) = (header.width as usize, header.height as usize);
        check_pixels(width, height, limits)?;
        let reader = decoder.read_info()?;
        let info = reader.info();
        let (color, bits) = reader.output_color_type();
        let depth = if bits == BitDepth::Sixteen { Depth::Sixteen } else { Depth::Eight };
        let channels = color.samples();
        if color == ColorType::Indexed || !matches!(bits, BitDepth::Eight | BitDepth::Sixteen) {
            return Err(DecodeError::Samples(format!("PNG with {color:?} of {bits:?} bits")));
        }
        let shape = Shape { width, height, channels, depth };
        // A row before and after filtering, and the one above it.
        let needed = 4 * shape.row_bytes();
        if needed > limits.memory {
            return Err(DecodeError::TooLarge {
                width: info.width,
                height: info.height,
                bytes: needed,
                limit: limits.memory,
            });
        }
        let exif = info.exif_metadata.as_deref().map(<[u8]>::to_vec).or(chunks.exif);
        let orientation = exif.as_deref().and_then(Orientation::from_exif_chunk);
        if info.interlaced || orientation.is_some_and(|orientation| orientation != Orientation::NoTransforms) {
            return Ok(None);
        }
        let xmp = info.utf8_text.iter().find(|chunk| chunk.keyword == XMP).and_then(|chunk| {
            // A packet that cannot be read is no reason to refuse the picture.
            let mut chunk = chunk.clone();
            chunk.decompress_text().ok()?;
            chunk.get_text().ok().map(String::into_bytes)
        });
        let metadata = Metadata {
            icc: info.icc_profile.as_deref().map(<[u8]>::to_vec),
            exif,
            xmp: xmp.or(chunks.xmp),
            density: info.pixel_dims.and_then(|d| density(d.xppu, d.yppu, d.unit == Unit::Meter)),
            color_chunks: chunks.colors,
            changes: if info.animation_control.is_some() { vec![Change::First] } else { Vec::new() },
        };
        let metadata = settle(metadata, Orientation::NoTransforms, shape.is_grey());
        Ok(Some(Self { reader, shape, metadata, next: 0 }))
    }
}

impl<R: BufRead + Seek> Rows for PngRows<R> {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        let Shape { width, height, channels, depth } = self.shape;
        let rows = rows.max(1).min(height - self.next);
        if rows == 0 {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(rows * self.shape.row_bytes() as usize);
        for _ in 0..rows {
            let row = self.reader.next_row().map_err(DecodeError::from)?.ok_or(DecodeError::Truncated)?;
            bytes.extend_from_slice(row.data());
        }
        self.next += rows;
        if self.next == height {
            // The last checksums: pixels that differ from what was written must not pass.
            self.reader.finish().map_err(DecodeError::from)?;
        }
        let samples = match depth {
            Depth::Float => unreachable!("PNG has integers"),
            Depth::Eight => Pixels::new(width, rows, channels, bytes).map(Samples::U8),
            Depth::Sixteen => {
                let samples = bytes.as_chunks().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
                Pixels::new(width, rows, channels, samples).map(Samples::U16)
            }
        };
        Ok(Some(Image::new(samples?)?))
    }
}

/// Pixels a metre, or the shape of a pixel; nothing of squares of no size.
pub(super) fn density(x: u32, y: u32, metres: bool) -> Option<Density> {
    let density = match metres {
        true => Density::from_per_metre(x, y),
        false => Density { x: f64::from(x), y: f64::from(y), unit: DensityUnit::Aspect },
    };
    (x > 0 && y > 0 && (metres || x != y)).then_some(density)
}

/// Chunks that say what the colors are; none of them is long.
const COLORS: [&[u8; 4]; 4] = [b"cICP", b"cHRM", b"gAMA", b"sRGB"];
const LONGEST_COLOR: u32 = 64;
/// What is longer is no metadata.
const LONGEST: u32 = 16 << 20;

/// What chunks say that may stand behind the pixels, or that the decoder passes over.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    pub(super) colors: Vec<ColorChunk>,
    pub(super) exif: Option<Vec<u8>>,
    /// Of a packet that is not compressed.
    pub(super) xmp: Option<Vec<u8>>,
}

/// Walks from chunk to chunk (length, type, data, checksum) to the last one. None if the file ends before.
pub(super) fn walk(source: &mut (impl Read + Seek)) -> io::Result<Option<Chunks>> {
    let begin = source.stream_position()?;
    let end = source.seek(SeekFrom::End(0))?;
    let (mut at, mut chunks, mut pixels) = (begin + 8, Chunks::default(), false);
    while at + 12 <= end {
        source.seek(SeekFrom::Start(at))?;
        let mut head = [0; 8];
        source.read_exact(&mut head)?;
        let [a, b, c, d, kind @ ..] = head;
        let length = u32::from_be_bytes([a, b, c, d]);
        at += 12 + u64::from(length);
        if kind == *b"IEND" {
            return Ok((at <= end).then_some(chunks));
        }
        if at > end {
            break;
        }
        let mut data = |longest: u32| -> io::Result<Vec<u8>> {
            let mut data = vec![0; if length <= longest { length as usize } else { 0 }];
            source.read_exact(&mut data)?;
            Ok(data)
        };
        match &kind {
            b"IDAT" => pixels = true,
            b"eXIf" if chunks.exif.is_none() => chunks.exif = Some(data(LONGEST)?).filter(|data| !data.is_empty()),
            b"iTXt" if chunks.xmp.is_none() => {
                // Not compressed, of any language, with any translation of the keyword.
                let data = data(LONGEST)?;
                let rest = data.strip_prefix(XMP.as_bytes()).and_then(|rest| rest.strip_prefix(b"\0\0\0"));
                chunks.xmp = rest.and_then(|rest| rest.splitn(3, |byte| *byte == 0).nth(2)).map(<[u8]>::to_vec);
            }
            // Behind the pixels they do not count.
            kind if !pixels && COLORS.contains(&kind) && length <= LONGEST_COLOR => {
                chunks.colors.push((*kind, data(LONGEST_COLOR)?));
            }
            _ => {}
        }
    }
    Ok(None)
}
