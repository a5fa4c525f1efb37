//! WebP files, written: stills and animations, with what goes along.

use std::io::{Seek, SeekFrom, Write};

use super::companions::Companions;
use super::{EncodeError, EncodeOptions, directory, riff};
use srcnn_image::image::{Image, Samples};
use srcnn_image::rows::{Rows, Shape, collect};

/// Pixels that a side has at most.
fn longest(options: &EncodeOptions) -> usize {
    if options.lossy { (1 << 14) - 1 } else { 1 << 14 }
}

/// Writes a picture of 8 bits.
pub(super) fn write(
    rows: impl Rows,
    with: &Companions,
    options: &EncodeOptions,
    out: &mut impl Write,
) -> Result<(), EncodeError> {
    // Before the picture is computed.
    if rows.shape().width.max(rows.shape().height) > longest(options) {
        return Err(EncodeError::Sides { most: longest(options) });
    }
    let image = &collect(rows)?;
    let chunks = coded(image, options)?;
    let head = Head::of(with, image.has_alpha());
    let mut file = Vec::new();
    // Alpha beside samples with loss is a chunk of its own, which only extended files have.
    if head.flags & !riff::ALPHA != 0 || chunks.starts_with(b"ALPH") {
        file = head.before(image.size().into())?;
    }
    file.extend(chunks);
    file.extend(head.after()?);
    let length = u32::try_from(file.len() + 4).map_err(|_| EncodeError::TooLarge)?;
    out.write_all(&[&b"RIFF"[..], &length.to_le_bytes(), b"WEBP"].concat())?;
    Ok(out.write_all(&file)?)
}

/// The chunks of a coded picture of 8 bits.
fn coded(image: &Image, options: &EncodeOptions) -> Result<Vec<u8>, EncodeError> {
    if image.width().max(image.height()) > longest(options) {
        return Err(EncodeError::Sides { most: longest(options) });
    }
    let file = if options.lossy { with_loss(image, options.quality)? } else { without_loss(image)? };
    let parts = riff::chunks(riff::body(&file)).filter(|(kind, _)| matches!(kind, b"ALPH" | b"VP8 " | b"VP8L"));
    Ok(parts.filter_map(|(kind, data)| riff::chunk(&kind, &[data])).flatten().collect())
}

#[cfg(feature = "lossy-webp")]
use super::webp_lossy::encode as with_loss;

#[cfg(not(feature = "lossy-webp"))]
fn with_loss(_image: &Image, _quality: u8) -> Result<Vec<u8>, EncodeError> {
    Err(EncodeError::Lossy("this build has no encoder for it".to_owned()))
}

fn without_loss(image: &Image) -> Result<Vec<u8>, EncodeError> {
    let Samples::U8(pixels) = image.samples() else { unreachable!("fitted to 8 bits") };
    let color = match pixels.channels() {
        1 => image_webp::ColorType::L8,
        2 => image_webp::ColorType::La8,
        3 => image_webp::ColorType::Rgb8,
        _ => image_webp::ColorType::Rgba8,
    };
    let mut file = Vec::new();
    let encoder = image_webp::WebPEncoder::new(&mut file);
    encoder.encode(pixels.as_slice(), pixels.width() as u32, pixels.height() as u32, color)?;
    Ok(file)
}

/// What comes before and after the samples of an extended file.
struct Head<'a> {
    flags: u8,
    icc: Option<&'a [u8]>,
    exif: Option<Vec<u8>>,
    xmp: Option<&'a [u8]>,
}

impl<'a> Head<'a> {
    fn of(with: &'a Companions, alpha: bool) -> Self {
        // There is no place for a density but in Exif.
        let density = with.density.filter(|density| density.per_metre().is_some());
        let exif = with.exif.clone().or_else(|| density.as_ref().map(directory::of_density));
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        let flags = flag(alpha, riff::ALPHA)
            | flag(with.icc.is_some(), riff::ICC)
            | flag(exif.is_some(), riff::EXIF)
            | flag(with.xmp.is_some(), riff::XMP);
        Self { flags, icc: with.icc.as_deref(), exif, xmp: with.xmp.as_deref() }
    }

    fn before(&self, size: (usize, usize)) -> Result<Vec<u8>, EncodeError> {
        let mut chunks = chunk(b"VP8X", &riff::extended(self.flags, size))?;
        if let Some(icc) = self.icc {
            chunks.extend(chunk(b"ICCP", icc)?);
        }
        Ok(chunks)
    }

    fn after(&self) -> Result<Vec<u8>, EncodeError> {
        let mut chunks = Vec::new();
        for (kind, data) in [(b"EXIF", self.exif.as_deref()), (b"XMP ", self.xmp)] {
            if let Some(data) = data {
                chunks.extend(chunk(kind, data)?);
            }
        }
        Ok(chunks)
    }
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Result<Vec<u8>, EncodeError> {
    riff::chunk(kind, &[data]).ok_or(EncodeError::TooLarge)
}

/// Writes the frames of an animation.
pub(super) struct AnimatedWebP<W: Write + Seek> {
    out: W,
    /// Where the file begins, and how long it is by now.
    begin: u64,
    length: u64,
    /// What comes after the frames.
    after: Vec<u8>,
    options: EncodeOptions,
}

impl<W: Write + Seek> AnimatedWebP<W> {
    /// Begins a file; `plays` is how often it is played, zero for ever.
    pub(super) fn new(
        mut out: W,
        shape: Shape,
        plays: u16,
        with: Companions,
        options: &EncodeOptions,
    ) -> Result<Self, EncodeError> {
        if shape.width.max(shape.height) > longest(options) {
            return Err(EncodeError::Sides { most: longest(options) });
        }
        let mut head = Head::of(&with, shape.has_alpha());
        head.flags |= riff::ANIMATION;
        let mut begun = b"RIFF\0\0\0\0WEBP".to_vec();
        begun.extend(head.before(shape.size().into())?);
        // A transparent background.
        let [low, high] = plays.to_le_bytes();
        begun.extend(chunk(b"ANIM", &[0, 0, 0, 0, low, high])?);
        let after = head.after()?;
        let begin = out.stream_position()?;
        out.write_all(&begun)?;
        Ok(Self { out, begin, length: begun.len() as u64, after, options: *options })
    }

    /// Writes a frame of 8 bits, or a part of one at a place whose column and row are even, to be shown for thousandths of
    /// a second. It replaces what is there.
    pub(super) fn write(&mut self, part: &Image, at: (usize, usize), delay: u32) -> Result<(), EncodeError> {
        /// Not blended, and left where it is.
        const REPLACE: u8 = 2;
        let chunks = coded(part, &self.options)?;
        let numbers = [at.0 / 2, at.1 / 2, part.width() - 1, part.height() - 1, delay as usize];
        let mut head: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes().into_iter().take(3)).collect();
        head.push(REPLACE);
        let frame = riff::chunk(b"ANMF", &[&head, &chunks]).ok_or(EncodeError::TooLarge)?;
        self.put(&frame)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.length += bytes.len() as u64;
        if self.length > u64::from(u32::MAX) {
            return Err(EncodeError::TooLarge);
        }
        Ok(self.out.write_all(bytes)?)
    }

    /// Ends the file, and says at its beginning how long it is.
    pub(super) fn finish(mut self) -> Result<(), EncodeError> {
        let after = std::mem::take(&mut self.after);
        self.put(&after)?;
        self.out.seek(SeekFrom::Start(self.begin + 4))?;
        self.out.write_all(&(self.length as u32 - 8).to_le_bytes())?;
        self.out.seek(SeekFrom::Start(self.begin + self.length))?;
        Ok(self.out.flush()?)
    }
}
