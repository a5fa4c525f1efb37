//! One picture of a batch, still or moving: what it was becomes the bytes of what it is to be.

use std::io::{BufRead, Seek, Write};

use anyhow::{Context, Error, Result};
use srcnn::Limits;
use srcnn::codec::animation::{Animation, AnimationHead, AnimationWriter};
use srcnn::codec::{self, DecodeError, EncodeError, EncodeOptions, FileFormat, encode_rows, losses, without_alpha};
use srcnn::image::Depth;
use srcnn::image::Metadata;
use srcnn::rows::{Held, Rows};

use super::limits;
use super::transform::{Step, Task};
use crate::args::{FileArgs, FramesArg};
use crate::finish;
use crate::terminal::{FileProgress, Terminal};

/// What is read.
pub enum Picture<'a> {
    Still(Box<dyn Rows + 'a>),
    Moving(Box<Animation>),
}

/// Columns and rows.
type Size = (usize, usize);

impl<'a> Picture<'a> {
    /// Opens a file: as an animation, if it is one, and such are wanted and held by the output's format.
    pub fn open(
        mut source: impl BufRead + Seek + 'a,
        args: &FileArgs,
        format: FileFormat,
        limits: Limits,
        progress: &FileProgress,
    ) -> Result<Self, DecodeError> {
        if args.frames == FramesArg::All
            && format.holds_animations()
            && let Some(animation) = Animation::open(&mut source, limits, progress)?
        {
            return Ok(Self::Moving(Box::new(animation)));
        }
        Ok(Self::Still(codec::open(source, limits)?))
    }

    pub fn metadata(&self) -> &Metadata {
        match self {
            Self::Still(rows) => rows.metadata(),
            Self::Moving(animation) => animation.metadata(),
        }
    }
}

/// What is made of a picture, and where it goes.
pub struct AtWork<'a> {
    pub args: &'a FileArgs,
    pub task: &'a Task<'a>,
    pub terminal: &'a Terminal,
    pub format: FileFormat,
    /// What the input is called.
    pub input: &'a dyn Fn() -> String,
    /// What the output is called.
    pub output: &'a str,
    pub progress: &'a FileProgress,
}

impl AtWork<'_> {
    /// Rows to the bytes of a file; gives the sizes before and after.
    pub fn still(
        &self,
        rows: Box<dyn Rows + '_>,
        limits: Limits,
        out: &mut (impl Write + Seek),
    ) -> Result<(Size, Size)> {
        let from = rows.shape().size();
        // Transparency that the format cannot hold is refused before the work.
        let rows = without_alpha(rows, self.format);
        let allowed = limits::on_the_way_to(self.format, limits);
        let result = self.worked(rows, allowed, self.terminal)?;
        limits::check_output(self.format, result.shape(), limits).with_context(|| self.output.to_owned())?;
        let to = result.shape();
        self.say(&losses(to, result.metadata(), self.format));
        let lost = encode_rows(result, self.format, &self.options(), out).map_err(|error| self.named(error))?;
        self.say(&lost);
        Ok((from, to.size()))
    }

    /// An animation to the bytes of a file, one frame at a time; gives the sizes before and after.
    pub fn frames(
        &self,
        mut animation: Animation,
        limits: Limits,
        out: &mut (impl Write + Seek),
    ) -> Result<(Size, Size)> {
        let frames = animation.frames();
        self.progress.expect_frames(frames);
        let allowed = limits::of_frames(animation.held_bytes(), limits);
        let first = animation.next_frame().with_context(self.input)?.ok_or(DecodeError::Empty)?;
        let from = first.image.size();
        let mut image = first.image;
        image.metadata = animation.metadata().clone();
        let result = self.worked(Box::new(Held::from(image)), allowed, self.terminal)?;
        let (shape, metadata) = (result.shape(), result.metadata());
        limits::check_frames(frames, shape, allowed).with_context(|| self.output.to_owned())?;
        self.say(&losses(shape, metadata, self.format));
        let to = shape.size();
        let head = AnimationHead { shape, frames, plays: animation.plays(), metadata };
        let writer = AnimationWriter::new(out, self.format, &head, &self.options());
        let mut writer = writer.map_err(|error| self.named(error))?;
        writer.write(result, first.delay).map_err(|error| self.named(error))?;
        // What was said of the first frame is not said again of the others.
        let silent = Terminal::new(true, false);
        while let Some(frame) = animation.next_frame().with_context(self.input)? {
            let result = self.worked(Box::new(Held::from(frame.image)), allowed, &silent)?;
            writer.write(result, frame.delay).map_err(|error| self.named(error))?;
        }
        let lost = writer.finish().map_err(|error| self.named(error))?;
        self.say(&lost);
        Ok((from, to))
    }

    /// What becomes of a picture, with what is asked of outputs.
    fn worked<'p>(
        &'p self,
        rows: Box<dyn Rows + 'p>,
        limits: Limits,
        terminal: &'p Terminal,
    ) -> Result<impl Rows + 'p> {
        let step = Step { limits, progress: self.progress, terminal };
        let float = rows.shape().depth == Depth::Float;
        let rows = if self.task.deepens { finish::deepened(self.args, self.format, rows) } else { rows };
        let rows = (self.task.work)(rows, step).with_context(self.input)?;
        let finished = finish::finished(self.args, self.format, rows);
        if float && finished.shape().depth != Depth::Float {
            terminal.note(&format!("{}: {}", self.output, codec::Loss::Float));
        }
        Ok(finished)
    }

    fn options(&self) -> EncodeOptions {
        EncodeOptions { quality: self.args.quality, lossy: self.args.lossy }
    }

    fn say(&self, lost: &[codec::Loss]) {
        lost.iter().for_each(|loss| self.terminal.note(&format!("{}: {loss}", self.output)));
    }

    /// An error with the name of the file that it is about.
    fn named(&self, error: EncodeError) -> Error {
        match error {
            EncodeError::Rows(error) => Error::from_boxed(error).context((self.input)()),
            error => Error::new(error).context(self.output.to_owned()),
        }
    }
}
