//! Animated WebP files, written.

use std::io::{Seek, SeekFrom, Write};

use srcnn_image::image::{Image, Metadata};
use srcnn_image::rows::Shape;

use super::extended::{Extended, chunk};
use super::riff::{self, ANIMATION, ANIMATION_FLAG, FRAME, REPLACE_FLAG, header};
use super::stills::{coded, longest};
use super::traits::TRAITS;
use crate::encode_error::EncodeError;
use crate::frames::timing::{Clock, Delay, Plays};
use crate::metadata::written::WrittenMetadata;
use crate::options::EncodeOptions;

/// Delays are counted in thousandths of a second, in 24 bits.
const MILLISECONDS: u32 = 1000;
const LONGEST_DELAY: u32 = (1 << 24) - 1;

/// Writes the frames of an animation.
pub(crate) struct WebPFrameWriter<W: Write + Seek> {
    out: W,
    /// Where the file begins, and how long it is by now.
    begin: u64,
    length: u64,
    /// The chunks after the frames.
    after: Vec<u8>,
    options: EncodeOptions,
    clock: Clock,
}

impl<W: Write + Seek> WebPFrameWriter<W> {
    /// Begins a file.
    pub(crate) fn new(
        mut out: W,
        shape: Shape,
        plays: Plays,
        metadata: &Metadata,
        options: &EncodeOptions,
    ) -> Result<Self, EncodeError> {
        let metadata = WrittenMetadata::new(shape, metadata, &TRAITS);
        if shape.width.max(shape.height) > longest(options) {
            return Err(EncodeError::Sides { most: longest(options) });
        }
        let mut extended = Extended::new(&metadata, shape.has_alpha());
        extended.flags |= ANIMATION_FLAG;
        let mut begun = header(0).to_vec();
        begun.extend(extended.before(shape.size())?);
        // A transparent background; how often it is played, zero for ever.
        let [low, high] = (plays.number(u16::MAX.into()) as u16).to_le_bytes();
        begun.extend(chunk(ANIMATION, &[0, 0, 0, 0, low, high])?);
        let after = extended.after()?;
        let begin = out.stream_position()?;
        out.write_all(&begun)?;
        Ok(Self { out, begin, length: begun.len() as u64, after, options: *options, clock: Clock::default() })
    }

    /// Writes a frame of 8 bits, or the part of it at column and row `at`, which are even, that replaces what is there.
    pub(crate) fn write(&mut self, part: &Image, at: (usize, usize), delay: Delay) -> Result<(), EncodeError> {
        let delay = self.clock.ticks(delay, MILLISECONDS, LONGEST_DELAY);
        let chunks = coded(part, &self.options)?;
        let numbers = [at.0 / 2, at.1 / 2, part.width() - 1, part.height() - 1, delay as usize];
        let mut head: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes().into_iter().take(3)).collect();
        head.push(REPLACE_FLAG);
        let frame = riff::chunk(FRAME, &[&head, &chunks]).ok_or(EncodeError::TooLarge)?;
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
    pub(crate) fn finish(mut self) -> Result<(), EncodeError> {
        let after = std::mem::take(&mut self.after);
        self.put(&after)?;
        self.out.seek(SeekFrom::Start(self.begin + 4))?;
        self.out.write_all(&(self.length as u32 - 8).to_le_bytes())?;
        self.out.seek(SeekFrom::Start(self.begin + self.length))?;
        Ok(self.out.flush()?)
    }
}
