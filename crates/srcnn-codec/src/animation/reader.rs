//! Animations, read.

use std::io::{BufRead, Seek, SeekFrom};
use std::sync::Arc;

use image::metadata::Orientation;

use srcnn_image::image::{Change, Image, Metadata, Pixels};
use srcnn_image::progress::Progress;
use srcnn_image::rows::{Held, Rows};
use srcnn_image::{Limits, Size};

use super::find::{AnimatedFormat, Found, find};
use crate::decode::open_as;
use crate::decode_error::DecodeError;
use crate::frames::canvas::Canvas;
use crate::frames::stored::{StoredAnimation, StoredFrames};
use crate::frames::timing::{Delay, Plays};
use crate::gif;
use crate::guard::guarded;
use crate::held::file;
use crate::limits::{check_memory, check_pixels};
use crate::metadata::upright;
use crate::samples::orientation;
use crate::work::{FRAME_PASSES, WorkCounter};

/// An animation, whose frames are decoded one at a time. The file itself is held.
pub struct Animation {
    bytes: Arc<[u8]>,
    format: AnimatedFormat,
    stored: Box<dyn StoredFrames + Send>,
    canvas: Canvas,
    orientation: Orientation,
    kept: Vec<usize>,
    frames: u32,
    done: u32,
    plays: Plays,
    metadata: Metadata,
    limits: Limits,
}

/// A whole picture of an animation, as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// The picture, without metadata.
    pub image: Image,
    /// How long it is shown.
    pub delay: Delay,
}

/// A file that was opened: one picture, or an animation.
pub enum Opened<'a> {
    /// The rows of a picture.
    Picture(Box<dyn Rows + 'a>),
    /// An animation.
    Animation(Box<Animation>),
}

/// Opens a file, the format told by content, from a source that stands at its beginning: as an animation, if it is one.
/// `progress` is only asked whether to stop.
///
/// # Errors
/// [`DecodeError`]; see [`Animation::open`].
pub fn open<'a>(
    mut source: impl BufRead + Seek + Send + 'a,
    limits: Limits,
    progress: &dyn Progress,
) -> Result<Opened<'a>, DecodeError> {
    Ok(Opened::Picture(match guarded(|| find(&mut source, limits))?? {
        Found::Animation(format, bytes) => {
            let animation = guarded(|| Animation::new(format, bytes, limits, progress))??;
            return Ok(Opened::Animation(Box::new(animation)));
        }
        Found::StillGif(bytes) => {
            let image = guarded(|| gif::decode(&bytes, file::limits_beside(&bytes, limits)))??;
            Box::new(Held::from(image))
        }
        Found::Still(format) => open_as(format, source, limits)?,
        Found::Unknown => return Err(DecodeError::UnknownFormat),
    }))
}

impl Animation {
    /// Opens an animation; none if the file, told by its content, is something else, or a GIF of one picture.
    ///
    /// All frames are looked through once: what is broken at the end is known before the work on the first, and frames have
    /// no channel that none of them needs (alpha where all are opaque; colors where a GIF or PNG is all grey).
    /// `progress` is only asked whether to stop.
    ///
    /// # Errors
    /// [`DecodeError`]: also if the file or the canvas do not fit into `limits.memory`, or all frames together have more
    /// pixels than [`Limits::animation_pixels`], or are more work than `limits.work` allows.
    pub fn open(
        mut source: impl BufRead + Seek,
        limits: Limits,
        progress: &dyn Progress,
    ) -> Result<Option<Self>, DecodeError> {
        let found = guarded(|| find(&mut source, limits))??;
        let Found::Animation(format, bytes) = found else {
            source.seek(SeekFrom::Start(0))?;
            return Ok(None);
        };
        guarded(|| Self::new(format, bytes, limits, progress))?.map(Some)
    }

    fn new(
        format: AnimatedFormat,
        bytes: Arc<[u8]>,
        limits: Limits,
        progress: &dyn Progress,
    ) -> Result<Self, DecodeError> {
        let StoredAnimation { frames: stored, metadata, orientation } = format.animation(Arc::clone(&bytes), limits)?;
        let size = stored.size();
        check_pixels(size, limits)?;
        // The canvas, what was there before, the part that is drawn, and the picture that becomes of them.
        let needed = size.pixels().saturating_mul(16).saturating_add(bytes.len() as u64);
        check_memory(size, needed, limits)?;
        if size.is_empty() {
            return Err(DecodeError::Empty);
        }
        let rounded = stored.is_rounded();
        let mut animation = Self {
            format,
            canvas: Canvas::new(size),
            plays: stored.plays(),
            stored,
            orientation,
            kept: Vec::new(),
            frames: 0,
            done: 0,
            metadata: Metadata::default(),
            limits,
            bytes,
        };
        animation.look_through(progress)?;
        animation.metadata = upright::upright(metadata, orientation, animation.kept.len() < 3);
        if rounded {
            animation.metadata.changes.push(Change::EightBits);
        }
        Ok(animation)
    }

    /// Decodes every frame once: how many there are, and which channels they need.
    fn look_through(&mut self, progress: &dyn Progress) -> Result<(), DecodeError> {
        let size @ Size { width, height } = self.stored.size();
        let limit = self.limits.animation_pixels();
        let mut work = WorkCounter::new(self.bytes.len() as u64, self.limits);
        let (mut grey, mut opaque) = (self.stored.may_be_grey(), true);
        while let Some(frame) = self.stored.next()? {
            if progress.cancelled() {
                return Err(DecodeError::Cancelled);
            }
            work.count(size, FRAME_PASSES)?;
            self.canvas.draw(&frame);
            let pixels = self.canvas.samples().as_chunks::<4>().0;
            opaque = opaque && pixels.iter().all(|p| p[3] == 255);
            grey = grey && pixels.iter().all(|p| p[3] == 0 || p[0] == p[1] && p[1] == p[2]);
            self.frames = self.frames.saturating_add(1);
            let frames = u64::from(self.frames);
            if frames.saturating_mul(size.pixels()) > limit {
                return Err(DecodeError::TooManyFrames { frames, width, height, limit });
            }
        }
        if self.frames == 0 {
            return Err(DecodeError::Empty);
        }
        self.kept = if grey { vec![0] } else { vec![0, 1, 2] };
        if !opaque {
            self.kept.push(3);
        }
        // From the first frame again.
        self.stored = self.format.frames(Arc::clone(&self.bytes), self.limits)?;
        self.canvas = Canvas::new(size);
        Ok(())
    }

    /// Frames in all.
    pub fn frames(&self) -> u32 {
        self.frames
    }

    /// Size of each frame.
    pub fn size(&self) -> Size {
        self.canvas.size()
    }

    /// Pixels of all frames.
    pub fn pixels(&self) -> u64 {
        self.size().pixels().saturating_mul(self.frames.into())
    }

    /// How often they are played.
    pub fn plays(&self) -> Plays {
        self.plays
    }

    /// The metadata of the animation.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Bytes that are held between frames.
    pub fn held_bytes(&self) -> u64 {
        (self.bytes.len() + 2 * self.canvas.samples().len()) as u64
    }

    /// The next frame, none after the last; all are alike in size and channels.
    ///
    /// # Errors
    /// [`DecodeError`]; not for a file that stays as it was.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, DecodeError> {
        guarded(|| self.next_unguarded())?
    }

    fn next_unguarded(&mut self) -> Result<Option<Frame>, DecodeError> {
        if self.done == self.frames {
            return Ok(None);
        }
        let frame = self.stored.next()?.ok_or(DecodeError::Truncated)?;
        self.canvas.draw(&frame);
        self.done += 1;
        let Size { width, height } = self.stored.size();
        let samples = self.canvas.samples().to_vec();
        let pixels = Pixels::new(width, height, 4, samples).map_err(|_| DecodeError::Empty)?;
        let image = Image::from_u8(pixels).expect("RGBA");
        let mut image = orientation::upright(image, self.orientation);
        if self.kept.len() < 4 {
            let pixels = image.to_u8().map_pixels(self.kept.len(), |from, to: &mut [u8]| {
                to.iter_mut().zip(&self.kept).for_each(|(to, channel)| *to = from[*channel]);
            });
            image = Image::from_u8(pixels).map_err(|_| DecodeError::Empty)?;
        }
        Ok(Some(Frame { image, delay: frame.delay }))
    }
}
