//! Processing of one picture or animation, from opened file to encoded bytes.

use std::io::{BufRead, Seek, Write};
use std::thread;

use super::ahead::{ahead, reserved};
use super::background::over;
use super::error::PipelineError;
use super::memory;
use super::notice::{Notice, Observer, WithoutNotices};
use super::output::{Frames, OutputOptions};
use super::staged::{Decoded, Written};
use super::transform::Transform;
use crate::codec::animation::{self, Animation, AnimationHead, AnimationWriter, Opened};
use crate::codec::{self, DecodeError, FileFormat, Loss, encode_rows, losses, without_alpha};
use crate::image::{Depth, Metadata};
use crate::rows::{Held, Rows, collect};
use crate::stage::{Stage, measured};
use crate::upscale::Earlier;
use crate::{Limits, Size};

/// A picture that is opened and ready for processing.
pub struct OpenedPicture<'a> {
    content: Content<'a>,
    limits: Limits,
    work: Work<'a>,
}

enum Content<'a> {
    Still(Box<dyn Rows + 'a>),
    Moving(Box<Animation>),
}

/// Sizes of a picture, or of every frame of an animation, before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Size before.
    pub from: Size,
    /// Size after.
    pub to: Size,
}

impl<'a> OpenedPicture<'a> {
    /// Opens a file, as an animation if it is one, animations are wanted, and the output format holds them.
    pub(super) fn open(
        source: impl BufRead + Seek + Send + 'a,
        transform: &'a dyn Transform,
        options: OutputOptions,
        format: FileFormat,
        limits: Limits,
        observer: &'a dyn Observer,
    ) -> Result<Self, PipelineError> {
        let content = measured(Stage::Decode, || match options.frames == Frames::All && format.holds_animations() {
            true => Ok(match animation::open(source, limits, observer)? {
                Opened::Animation(animation) => Content::Moving(animation),
                Opened::Picture(rows) => Content::Still(rows),
            }),
            false => codec::open(source, limits).map(Content::Still),
        })?;
        Ok(Self { content, limits, work: Work { transform, options, format, observer } })
    }

    /// Metadata of the input.
    pub fn metadata(&self) -> &Metadata {
        match &self.content {
            Content::Still(rows) => rows.metadata(),
            Content::Moving(animation) => animation.metadata(),
        }
    }

    /// Pixels of the picture, or of all frames of an animation.
    pub fn pixels(&self) -> u64 {
        match &self.content {
            Content::Still(rows) => rows.shape().size().pixels(),
            Content::Moving(animation) => animation.pixels(),
        }
    }

    /// Pixels of the result, or of all its frames.
    pub fn result_pixels(&self) -> u64 {
        let (size, frames) = match &self.content {
            Content::Still(rows) => (rows.shape().size(), 1),
            Content::Moving(animation) => (animation.size(), animation.frames().into()),
        };
        self.work.transform.size(size).pixels().saturating_mul(frames)
    }

    /// Processes the picture and writes the output. After an error, the bytes written so far are useless.
    ///
    /// # Errors
    /// [`PipelineError`] if the picture cannot be read, processed or written, exceeds the limits, or the observer
    /// cancels.
    pub fn write(self, out: &mut (impl Write + Seek)) -> Result<Sizes, PipelineError> {
        let out = &mut Written(out);
        let changes = &self.metadata().changes;
        changes.iter().for_each(|change| self.work.observer.notice(Notice::Change(*change)));
        let Self { content, limits, work } = self;
        match content {
            Content::Still(rows) => work.still(rows, limits, out),
            Content::Moving(animation) => work.frames(*animation, limits, out),
        }
    }
}

struct Work<'a> {
    transform: &'a dyn Transform,
    options: OutputOptions,
    format: FileFormat,
    observer: &'a dyn Observer,
}

impl Work<'_> {
    fn still(
        &self,
        rows: Box<dyn Rows + '_>,
        limits: Limits,
        out: &mut (impl Write + Seek),
    ) -> Result<Sizes, PipelineError> {
        let from = rows.shape().size();
        // Transparency that the format cannot hold gets its background, or is refused, before the work.
        let rows = without_alpha(over(rows, self.options.background, self.format), self.format);
        let allowed = memory::before_output(self.format, &self.options.encode, limits);
        thread::scope(|scope| {
            let rows = ahead(scope, Box::new(Decoded(rows)), limits);
            let memory = allowed.memory - reserved(allowed);
            let result = self.transformed(rows, Limits { memory, ..allowed }, self.observer)?;
            let shape = result.shape();
            memory::check_output(self.format, &self.options.encode, shape, limits)
                .map_err(|error| PipelineError::Output(Box::new(error)))?;
            self.tell(&losses(shape, result.metadata(), self.format));
            let result = ahead(scope, result, allowed);
            let lost = measured(Stage::Encode, || encode_rows(result, self.format, &self.options.encode, out))?;
            self.tell(&lost);
            Ok(Sizes { from, to: shape.size() })
        })
    }

    /// Processes an animation frame by frame. A frame takes from the result of the one before it what is the same there.
    fn frames(
        &self,
        mut animation: Animation,
        limits: Limits,
        out: &mut (impl Write + Seek),
    ) -> Result<Sizes, PipelineError> {
        let frames = animation.frames();
        self.observer.expect_frames(frames);
        // The frame before, too.
        let held = animation.held_bytes().saturating_add(animation.size().pixels().saturating_mul(4));
        let (allowed, for_results) = memory::of_frame(held, limits);
        let first = measured(Stage::Decode, || animation.next_frame())?.ok_or(DecodeError::Empty)?;
        let from = first.image.size();
        let mut image = first.image;
        image.metadata = animation.metadata().clone();
        let result = self.computed(Box::new(Held::from(&image)), None, allowed, self.observer)?;
        memory::check_frames(frames, result.shape(), self.format, for_results)
            .map_err(|error| PipelineError::Output(Box::new(error)))?;
        let mut result = collect(result).map_err(PipelineError::of_rows)?;
        let finished = self.options.finished(self.format, Box::new(Held::from(&result)), self.observer);
        let (shape, metadata) = (finished.shape(), finished.metadata());
        self.tell(&losses(shape, metadata, self.format));
        let head = AnimationHead { shape, frames, plays: animation.plays(), metadata };
        let mut writer = AnimationWriter::new(out, self.format, &head, &self.options.encode)?;
        measured(Stage::Encode, || writer.write(finished, first.delay))?;
        let without_notices = WithoutNotices(self.observer);
        while let Some(frame) = measured(Stage::Decode, || animation.next_frame())? {
            let earlier = Earlier::new(&image, result, &frame.image);
            let rows = Box::new(Held::from(&frame.image));
            result =
                collect(self.computed(rows, earlier, allowed, &without_notices)?).map_err(PipelineError::of_rows)?;
            let finished = self.options.finished(self.format, Box::new(Held::from(&result)), &without_notices);
            measured(Stage::Encode, || writer.write(finished, frame.delay))?;
            image = frame.image;
        }
        let lost = measured(Stage::Encode, || writer.finish())?;
        self.tell(&lost);
        Ok(Sizes { from, to: shape.size() })
    }

    /// The result of the transform, of a depth asked for as far as it is a greater one.
    fn computed<'p>(
        &'p self,
        rows: Box<dyn Rows + 'p>,
        earlier: Option<Earlier>,
        limits: Limits,
        observer: &'p dyn Observer,
    ) -> Result<Box<dyn Rows + 'p>, PipelineError> {
        let rows = if self.transform.deepens() { self.options.deepened(self.format, rows) } else { rows };
        self.transform.rows(rows, earlier, limits, observer)
    }

    /// The result of the transform, with the depth and the metadata asked for.
    fn transformed<'p>(
        &'p self,
        rows: Box<dyn Rows + 'p>,
        limits: Limits,
        observer: &'p dyn Observer,
    ) -> Result<Box<dyn Rows + 'p>, PipelineError> {
        let float = rows.shape().depth == Depth::Float;
        let rows = self.computed(rows, None, limits, observer)?;
        let finished = self.options.finished(self.format, rows, observer);
        if float && finished.shape().depth != Depth::Float {
            observer.notice(Notice::Loss(Loss::Float));
        }
        Ok(finished)
    }

    fn tell(&self, lost: &[Loss]) {
        lost.iter().for_each(|loss| self.observer.notice(Notice::Loss(*loss)));
    }
}
