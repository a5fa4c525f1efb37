//! WebP files, written without loss.

use std::io::{Seek, SeekFrom, Write};

use super::companions::Companions;
use super::{EncodeError, EncodeOptions, directory, riff};
use crate::image::{Image, Samples};
use crate::rows::Shape;

/// Pixels that a side has at most.
const SIDE: usize = 1 << 14;

/// Writes a picture of 8 bits.
pub(super) fn write(image: &Image, with: Companions, out: &mut impl Write) -> Result<(), EncodeError> {
    let exif = exif(&with);
    let mut encoder = image_webp::WebPEncoder::new(out);
    with.icc.into_iter().for_each(|icc| encoder.set_icc_profile(icc));
    exif.into_iter().for_each(|exif| encoder.set_exif_metadata(exif));
    with.xmp.into_iter().for_each(|xmp| encoder.set_xmp_metadata(xmp));
    encode(encoder, image)
}

/// The Exif block: there is no place for a density but in it.
fn exif(with: &Companions) -> Option<Vec<u8>> {
    let density = with.density.filter(|density| density.per_metre().is_some());
    with.exif.clone().or_else(|| density.as_ref().map(directory::of_density))
}

fn encode(encoder: image_webp::WebPEncoder<impl Write>, image: &Image) -> Result<(), EncodeError> {
    let Samples::U8(pixels) = image.samples() else { unreachable!("fitted to 8 bits") };
    let colour = match pixels.channels() {
        1 => image_webp::ColorType::L8,
        2 => image_webp::ColorType::La8,
        3 => image_webp::ColorType::Rgb8,
        _ => image_webp::ColorType::Rgba8,
    };
    Ok(encoder.encode(pixels.as_slice(), pixels.width() as u32, pixels.height() as u32, colour)?)
}

/// Writes the frames of an animation.
pub(super) struct AnimatedWebP<W: Write + Seek> {
    out: W,
    /// Where the file begins, and how long it is by now.
    begin: u64,
    length: u64,
    /// What comes after the frames.
    after: Vec<u8>,
}

impl<W: Write + Seek> AnimatedWebP<W> {
    /// Begins a file; `plays` is how often it is played, zero for ever.
    pub(super) fn new(
        mut out: W,
        shape: Shape,
        plays: u16,
        with: Companions,
        _options: &EncodeOptions,
    ) -> Result<Self, EncodeError> {
        if shape.width.max(shape.height) > SIDE {
            return Err(EncodeError::Sides { most: SIDE });
        }
        let exif = exif(&with);
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        let flags = riff::ANIMATION
            | flag(shape.has_alpha(), riff::ALPHA)
            | flag(with.icc.is_some(), riff::ICC)
            | flag(exif.is_some(), riff::EXIF)
            | flag(with.xmp.is_some(), riff::XMP);
        let plays = plays.to_le_bytes();
        let chunk = |kind, data: &[u8]| riff::chunk(kind, &[data]).ok_or(EncodeError::TooLarge);
        let mut head = b"RIFF\0\0\0\0WEBP".to_vec();
        head.extend(chunk(b"VP8X", &riff::extended(flags, shape.size()))?);
        if let Some(icc) = &with.icc {
            head.extend(chunk(b"ICCP", icc)?);
        }
        // A transparent background.
        head.extend(chunk(b"ANIM", &[0, 0, 0, 0, plays[0], plays[1]])?);
        let mut after = Vec::new();
        for (kind, data) in [(b"EXIF", &exif), (b"XMP ", &with.xmp)] {
            if let Some(data) = data {
                after.extend(chunk(kind, data)?);
            }
        }
        let begin = out.stream_position()?;
        out.write_all(&head)?;
        Ok(Self { out, begin, length: head.len() as u64, after })
    }

    /// Writes a frame of 8 bits, or a part of one at a place whose column and row are even, to be shown for thousandths of
    /// a second. It replaces what is there.
    pub(super) fn write(&mut self, part: &Image, at: (usize, usize), delay: u32) -> Result<(), EncodeError> {
        /// Not blended, and left where it is.
        const REPLACE: u8 = 2;
        let mut file = Vec::new();
        encode(image_webp::WebPEncoder::new(&mut file), part)?;
        let parts = riff::chunks(riff::body(&file)).filter(|(kind, _)| matches!(kind, b"ALPH" | b"VP8 " | b"VP8L"));
        let chunks = parts.filter_map(|(kind, data)| riff::chunk(&kind, &[data])).flatten().collect::<Vec<u8>>();
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
