//! Animations, read.

use std::io::{BufRead, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

use image::metadata::Orientation;

use srcnn_image::image::{Change, Image, Metadata, Pixels};
use srcnn_image::progress::Progress;
use srcnn_image::rows::{Held, Rows};
use srcnn_image::{Limits, Size};

use super::counted::Counted;
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

/// Bytes of a pixel of the canvas, and of a picture that is shown, at most.
const RGBA: u64 = RGBA_CHANNELS as u64;
const RGBA_CHANNELS: usize = 4;
const SHOWN: u64 = 4;

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
        if size.is_empty() {
            return Err(DecodeError::Empty);
        }
        let mut counted = Counted::new(size, bytes.len() as u64, limits);
        format.sizes(&bytes, &mut |stored| counted.count(stored))?;
        // The canvas, what was there before, the part that is drawn, and the picture that becomes of them.
        let shown = if orientation == Orientation::NoTransforms { SHOWN } else { 2 * SHOWN };
        let canvas = size.pixels().saturating_mul(RGBA + shown).saturating_add(counted.largest.pixels() * RGBA);
        let needed = canvas.saturating_add(stored.frame_bytes(counted.largest)).saturating_add(bytes.len() as u64);
        check_memory(size, needed, limits)?;
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
        animation.look_through(counted, progress)?;
        animation.metadata = upright::upright(metadata, orientation, animation.kept.len() < 3);
        if rounded {
            animation.metadata.changes.push(Change::EightBits);
        }
        Ok(animation)
    }

    /// Decodes every frame once: how many there are, and which channels they need. They were `counted` before.
    fn look_through(&mut self, mut counted: Counted, progress: &dyn Progress) -> Result<(), DecodeError> {
        let size = self.stored.size();
        let (mut grey, mut opaque) = (self.stored.may_be_grey(), true);
        // The picture before, in place of the one that is shown later.
        let mut before = Vec::new();
        while let Some(frame) = self.stored.next()? {
            if progress.cancelled() {
                return Err(DecodeError::Cancelled);
            }
            self.frames = self.frames.saturating_add(1);
            if u64::from(self.frames) > counted.frames {
                counted.count(frame.size)?;
            }
            self.canvas.draw(&frame);
            drop(frame);
            let changed = changed_rows(&before, self.canvas.samples(), size);
            counted.count_changed(changed.len())?;
            if changed.is_empty() {
                continue;
            }
            let samples = &self.canvas.samples()[changed.start * size.width * RGBA_CHANNELS..];
            let pixels = samples.as_chunks::<RGBA_CHANNELS>().0;
            let pixels = &pixels[..changed.len() * size.width];
            opaque = opaque && pixels.iter().all(|p| p[3] == 255);
            grey = grey && pixels.iter().all(|p| p[3] == 0 || p[0] == p[1] && p[1] == p[2]);
            before.clear();
            before.extend_from_slice(self.canvas.samples());
        }
        if self.frames == 0 {
            return Err(DecodeError::Empty);
        }
        self.kept = if grey { vec![0] } else { vec![0, 1, 2] };
        if !opaque {
            self.kept.push(3);
        }
        drop(before);
        // From the first frame again, without the memory of the last.
        self.canvas = Canvas::new(Size::new(0, 0));
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
        let canvas = 2 * self.canvas.samples().len() as u64;
        self.stored.frame_bytes(self.size()).saturating_add(canvas).saturating_add(self.bytes.len() as u64)
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
        let delay = frame.delay;
        drop(frame);
        let Size { width, height } = self.stored.size();
        let pixels = self.canvas.samples().as_chunks::<RGBA_CHANNELS>().0;
        let kept = self.kept.len();
        let mut samples = vec![0; pixels.len() * kept];
        for (to, from) in samples.chunks_exact_mut(kept).zip(pixels) {
            to.iter_mut().zip(&self.kept).for_each(|(to, channel)| *to = from[*channel]);
        }
        let pixels = Pixels::new(width, height, kept, samples).map_err(|_| DecodeError::Empty)?;
        let image = orientation::upright(Image::from_u8(pixels).expect("1 to 4 channels"), self.orientation);
        Ok(Some(Frame { image, delay }))
    }
}

/// The rows in which a canvas differs from what it was before; all, if there was nothing before.
fn changed_rows(before: &[u8], now: &[u8], size: Size) -> Range<usize> {
    if before.is_empty() {
        return 0..size.height;
    }
    let row = size.width * RGBA_CHANNELS;
    let differs = |(a, b): (&[u8], &[u8])| a != b;
    let mut rows = before.chunks_exact(row).zip(now.chunks_exact(row));
    let Some(first) = rows.clone().position(differs) else { return 0..0 };
    first..rows.rposition(differs).map_or(first, |last| last + 1)
}
