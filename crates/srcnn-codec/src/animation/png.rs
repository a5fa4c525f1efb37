//! Frames of PNG files.

use std::io::{Cursor, Read, Seek, SeekFrom};
use std::num::NonZeroU32;
use std::sync::Arc;

use png::{BitDepth, BlendOp, ColorType, DisposeOp, Transformations};

use super::canvas::{Disposal, Patch};
use super::timing::{Delay, Plays};
use super::{DecodeError, Patches};
use srcnn_image::Limits;

pub(super) struct PngPatches {
    reader: png::Reader<Cursor<Arc<[u8]>>>,
    plays: Plays,
    /// Frames that are to come.
    left: u32,
    /// Whether the next picture is one for programs that know no animation, and no frame.
    skip: bool,
    buffer: Vec<u8>,
}

impl PngPatches {
    pub(super) fn open(bytes: Arc<[u8]>, limits: Limits) -> Result<Self, DecodeError> {
        let most = usize::try_from(limits.memory).unwrap_or(usize::MAX);
        let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: most });
        decoder.set_transformations(Transformations::EXPAND);
        let reader = decoder.read_info()?;
        let control = reader.info().animation_control.ok_or(DecodeError::Truncated)?;
        let skip = reader.info().frame_control.is_none();
        Ok(Self { plays: Plays::of(control.num_plays), left: control.num_frames, skip, buffer: Vec::new(), reader })
    }

    /// Whether samples are of grey, and whether they have 16 bits.
    pub(super) fn kind(&self) -> (bool, bool) {
        let (color, bits) = self.reader.output_color_type();
        (matches!(color, ColorType::Grayscale | ColorType::GrayscaleAlpha), bits == BitDepth::Sixteen)
    }

    fn read(&mut self) -> Result<png::OutputInfo, DecodeError> {
        let length = self.reader.output_buffer_size().ok_or(DecodeError::Empty)?;
        self.buffer.resize(length, 0);
        Ok(self.reader.next_frame(&mut self.buffer)?)
    }
}

impl Patches for PngPatches {
    fn size(&self) -> (usize, usize) {
        let (width, height) = self.reader.info().size();
        (width as usize, height as usize)
    }

    fn plays(&self) -> Plays {
        self.plays
    }

    fn next(&mut self) -> Result<Option<Patch>, DecodeError> {
        if self.left == 0 {
            return Ok(None);
        }
        if std::mem::take(&mut self.skip) {
            self.read()?;
        }
        self.left -= 1;
        let frame = self.read()?;
        let control = self.reader.info().frame_control.ok_or(DecodeError::Truncated)?;
        let size = (control.width as usize, control.height as usize);
        // Rows of interlaced frames lie as far apart as those of the whole picture.
        let info = self.reader.info();
        let row = match info.interlaced {
            true => self.reader.output_line_size(info.width).ok_or(DecodeError::Empty)?,
            false => frame.line_size,
        };
        let mut samples = vec![0; size.0 * size.1 * 4];
        for (to, from) in samples.chunks_exact_mut((size.0 * 4).max(1)).zip(self.buffer.chunks_exact(row.max(1))) {
            to_rgba(from, frame.color_type, frame.bit_depth, to)?;
        }
        // A denominator of zero stands for 100.
        let denominator = NonZeroU32::new(match control.delay_den {
            0 => 100,
            other => u32::from(other),
        });
        Ok(Some(Patch {
            at: (control.x_offset as usize, control.y_offset as usize),
            size,
            samples,
            over: control.blend_op == BlendOp::Over,
            disposal: match control.dispose_op {
                DisposeOp::None => Disposal::Keep,
                DisposeOp::Background => Disposal::Clear,
                DisposeOp::Previous => Disposal::Restore,
            },
            delay: Delay::new(u32::from(control.delay_num), denominator.unwrap_or(NonZeroU32::MIN)),
        }))
    }
}

/// A row as RGBA of 8 bits.
fn to_rgba(row: &[u8], color: ColorType, depth: BitDepth, to: &mut [u8]) -> Result<(), DecodeError> {
    let eight = |v: &[u8; 2]| ((u32::from(u16::from_be_bytes(*v)) + 128) / 257) as u8;
    let rounded: Vec<u8>;
    let row = match depth {
        BitDepth::Eight => row,
        BitDepth::Sixteen => {
            rounded = row.as_chunks().0.iter().map(eight).collect();
            &rounded
        }
        other => return Err(DecodeError::Samples(format!("PNG of {other:?} bits"))),
    };
    let pixels = to.as_chunks_mut::<4>().0.iter_mut();
    match color {
        ColorType::Grayscale => pixels.zip(row).for_each(|(to, v)| *to = [*v, *v, *v, 255]),
        ColorType::GrayscaleAlpha => pixels.zip(row.as_chunks().0).for_each(|(to, [v, a])| *to = [*v, *v, *v, *a]),
        ColorType::Rgb => pixels.zip(row.as_chunks().0).for_each(|(to, [r, g, b])| *to = [*r, *g, *b, 255]),
        ColorType::Rgba => pixels.zip(row.as_chunks().0).for_each(|(to, from)| *to = *from),
        ColorType::Indexed => return Err(DecodeError::Samples("PNG with a palette".to_owned())),
    }
    Ok(())
}

/// Whether a PNG file says before its first picture that it is an animation.
pub(super) fn is_animated(source: &mut (impl Read + Seek)) -> std::io::Result<bool> {
    let mut at = 8;
    loop {
        source.seek(SeekFrom::Start(at))?;
        let mut head = [0; 8];
        match source.read_exact(&mut head) {
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(false),
            read => read?,
        }
        let [a, b, c, d, kind @ ..] = head;
        match &kind {
            b"acTL" => return Ok(true),
            b"IDAT" | b"IEND" => return Ok(false),
            _ => at += 12 + u64::from(u32::from_be_bytes([a, b, c, d])),
        }
    }
}
