//! Frames of APNG files, written.

use std::io::Write;

use png::{BlendOp, DisposeOp};

use srcnn_image::image::{Image, Metadata, Samples};
use srcnn_image::rows::Shape;

use super::error::not_written;
use super::traits::TRAITS;
use super::write::{encoder, write_chunks};
use crate::encode_error::EncodeError;
use crate::frames::timing::{Clock, Delay, Plays};
use crate::metadata::written::WrittenMetadata;
use crate::samples::bytes::to_big_endian;

/// Writes the frames of one file.
pub(crate) struct PngFrameWriter<W: Write> {
    writer: png::Writer<W>,
    clock: Clock,
}

impl<W: Write> PngFrameWriter<W> {
    /// Begins a file of so many frames.
    pub(crate) fn new(
        out: W,
        shape: Shape,
        frames: u32,
        plays: Plays,
        metadata: &Metadata,
    ) -> Result<Self, EncodeError> {
        let metadata = WrittenMetadata::new(shape, metadata, &TRAITS);
        let shape = Shape { depth: TRAITS.nearest(shape.depth), ..shape };
        let mut encoder = encoder(shape, &metadata, out)?;
        encoder.set_animated(frames, plays.number(u32::MAX)).map_err(not_written)?;
        encoder.set_blend_op(BlendOp::Source).map_err(not_written)?;
        encoder.set_dispose_op(DisposeOp::None).map_err(not_written)?;
        let mut writer = encoder.write_header().map_err(not_written)?;
        write_chunks(&mut writer, &metadata)?;
        Ok(Self { writer, clock: Clock::default() })
    }

    /// Writes a frame, or the part of it at column and row `at` that replaces what is there.
    pub(crate) fn write(&mut self, part: &Image, at: (usize, usize), delay: Delay) -> Result<(), EncodeError> {
        let (numerator, denominator) = self.clock.fraction(delay);
        let writer = &mut self.writer;
        writer.set_frame_delay(numerator, denominator).map_err(not_written)?;
        // Growing again before it is moved, so that it never lies outside.
        writer.reset_frame_position().map_err(not_written)?;
        writer.set_frame_dimension(part.width() as u32, part.height() as u32).map_err(not_written)?;
        writer.set_frame_position(at.0 as u32, at.1 as u32).map_err(not_written)?;
        let written = match part.samples() {
            Samples::F32(_) => unreachable!("converted to integers"),
            Samples::U8(p) => writer.write_image_data(p.as_slice()),
            Samples::U16(p) => writer.write_image_data(&to_big_endian(p.as_slice())),
        };
        written.map_err(not_written)
    }

    /// Ends the file.
    pub(crate) fn finish(self) -> Result<(), EncodeError> {
        self.writer.finish().map_err(not_written)
    }
}
