//! Animations, frame by frame: GIF, animated PNG and WebP.

mod canvas;
mod gif;
mod png;
mod timing;
mod webp;
mod write;

use std::io::{BufRead, Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;

use image::metadata::Orientation;
use image::{ImageFormat, ImageReader};

use self::canvas::{Canvas, Patch};
use super::container::has_more;
use super::decode::guarded;
use super::decode_error::{DecodeError, check_pixels, too_large};
use super::decode_held;
use super::turn::turned;
use super::{FileFormat, whole};
use srcnn_image::Limits;
use srcnn_image::image::{Change, Image, Metadata, Pixels};
use srcnn_image::progress::Progress;
pub use timing::{Delay, Plays};
pub use write::{AnimationHead, AnimationWriter};

/// An animation, whose frames are decoded one at a time. The file itself is held.
pub struct Animation {
    bytes: Arc<[u8]>,
    format: FileFormat,
    patches: Box<dyn Patches + Send>,
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

/// What a file draws one after the other.
trait Patches {
    /// Columns and rows of the canvas.
    fn size(&self) -> (usize, usize);

    fn plays(&self) -> Plays;

    fn next(&mut self) -> Result<Option<Patch>, DecodeError>;
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
    /// pixels than [`Limits::animation_pixels`].
    pub fn open(
        mut source: impl BufRead + Seek,
        limits: Limits,
        progress: &dyn Progress,
    ) -> Result<Option<Self>, DecodeError> {
        let Some((format, bytes)) = animated(&mut source, limits)? else { return Ok(None) };
        guarded(|| Self::of(format, bytes, limits, progress))?
    }

    fn of(
        format: FileFormat,
        bytes: Arc<[u8]>,
        limits: Limits,
        progress: &dyn Progress,
    ) -> Result<Option<Self>, DecodeError> {
        let stored = stored_as(format);
        let mut reader = ImageReader::with_format(Cursor::new(&*bytes), stored);
        let mut allowed = image::Limits::no_limits();
        allowed.max_alloc = Some(limits.memory);
        reader.limits(allowed);
        let (metadata, orientation) = decode_held::what_goes_along(&mut reader.into_decoder()?, &bytes, stored);
        let mut found = Metadata::default();
        let patches = patches(format, &bytes, limits, &mut found)?;
        let size = patches.size();
        check_pixels(size.0, size.1, limits)?;
        // The canvas, what was there before, the part that is drawn, and the picture that becomes of them.
        let needed = (size.0 as u64 * size.1 as u64 * 16).saturating_add(bytes.len() as u64);
        if needed > limits.memory {
            return Err(too_large(size.0 as u32, size.1 as u32, needed, limits));
        }
        if size.0 == 0 || size.1 == 0 {
            return Err(DecodeError::Empty);
        }
        let mut animation = Self {
            format,
            canvas: Canvas::new(size.0, size.1),
            plays: patches.plays(),
            patches,
            orientation,
            kept: Vec::new(),
            frames: 0,
            done: 0,
            metadata,
            limits,
            bytes,
        };
        animation.look_through(progress)?;
        let grey = animation.kept.len() < 3;
        let metadata = std::mem::take(&mut animation.metadata);
        animation.metadata = decode_held::settle(metadata, orientation, grey);
        animation.metadata.changes.extend(found.changes);
        Ok(Some(animation))
    }

    /// Decodes every frame once: how many there are, and which channels they need.
    fn look_through(&mut self, progress: &dyn Progress) -> Result<(), DecodeError> {
        let (width, height) = self.patches.size();
        let limit = self.limits.animation_pixels();
        let (mut grey, mut opaque) = (self.may_be_grey()?, true);
        while let Some(patch) = self.patches.next()? {
            if progress.cancelled() {
                return Err(DecodeError::Cancelled);
            }
            self.canvas.draw(&patch);
            let pixels = self.canvas.samples().as_chunks::<4>().0;
            opaque = opaque && pixels.iter().all(|p| p[3] == 255);
            grey = grey && pixels.iter().all(|p| p[3] == 0 || p[0] == p[1] && p[1] == p[2]);
            self.frames = self.frames.saturating_add(1);
            let frames = u64::from(self.frames);
            if frames.saturating_mul(width as u64 * height as u64) > limit {
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
        self.patches = patches(self.format, &self.bytes, self.limits, &mut Metadata::default())?;
        self.canvas = Canvas::new(width, height);
        Ok(())
    }

    /// GIF says nothing of it; WebP knows no grey.
    fn may_be_grey(&self) -> Result<bool, DecodeError> {
        Ok(match self.format {
            FileFormat::Png => png::PngPatches::open(Arc::clone(&self.bytes), self.limits)?.kind().0,
            format => format == FileFormat::Gif,
        })
    }

    /// Frames in all.
    pub fn frames(&self) -> u32 {
        self.frames
    }

    /// How often they are played.
    pub fn plays(&self) -> Plays {
        self.plays
    }

    /// What goes along.
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
        let patch = self.patches.next()?.ok_or(DecodeError::Truncated)?;
        self.canvas.draw(&patch);
        self.done += 1;
        let (width, height) = self.patches.size();
        let samples = self.canvas.samples().to_vec();
        let pixels = Pixels::new(width, height, 4, samples).map_err(|_| DecodeError::Empty)?;
        let mut image = turned(Image::from_u8(pixels).expect("RGBA"), self.orientation);
        if self.kept.len() < 4 {
            let pixels = image.to_u8().map_pixels(self.kept.len(), |from, to: &mut [u8]| {
                to.iter_mut().zip(&self.kept).for_each(|(to, channel)| *to = from[*channel]);
            });
            image = Image::from_u8(pixels).map_err(|_| DecodeError::Empty)?;
        }
        Ok(Some(Frame { image, delay: patch.delay }))
    }
}

fn stored_as(format: FileFormat) -> ImageFormat {
    match format {
        FileFormat::Png => ImageFormat::Png,
        FileFormat::WebP => ImageFormat::WebP,
        _ => ImageFormat::Gif,
    }
}

fn patches(
    format: FileFormat,
    bytes: &Arc<[u8]>,
    limits: Limits,
    found: &mut Metadata,
) -> Result<Box<dyn Patches + Send>, DecodeError> {
    let bytes = Arc::clone(bytes);
    Ok(match format {
        FileFormat::Png => {
            let patches = png::PngPatches::open(bytes, limits)?;
            if patches.kind().1 {
                found.changes.push(Change::EightBits);
            }
            Box::new(patches)
        }
        FileFormat::WebP => Box::new(webp::WebPPatches::open(bytes, limits)?),
        _ => Box::new(gif::GifPatches::open(bytes, limits)?),
    })
}

/// A file in memory, and what it is.
type Whole = (FileFormat, Arc<[u8]>);

/// The whole of an animated file; otherwise the source stands at its beginning again.
fn animated(source: &mut (impl BufRead + Seek), limits: Limits) -> Result<Option<Whole>, DecodeError> {
    /// A WebP file has its flags at byte 20.
    const HEAD: u64 = 32;
    let mut head = Vec::new();
    source.by_ref().take(HEAD).read_to_end(&mut head)?;
    let format = if head.starts_with(b"\x89PNG\r\n\x1a\n") {
        png::is_animated(source)?.then_some(FileFormat::Png)
    } else if head.starts_with(b"GIF8") {
        Some(FileFormat::Gif)
    } else {
        (head.starts_with(b"RIFF") && has_more(&head, ImageFormat::WebP)).then_some(FileFormat::WebP)
    };
    source.seek(SeekFrom::Start(0))?;
    let Some(format) = format else { return Ok(None) };
    let length = source.seek(SeekFrom::End(0))?;
    source.seek(SeekFrom::Start(0))?;
    if length > limits.memory {
        return Err(DecodeError::LargeFile { bytes: length, limit: limits.memory });
    }
    let mut bytes = Vec::with_capacity(length as usize);
    source.read_to_end(&mut bytes)?;
    source.seek(SeekFrom::Start(0))?;
    let is_whole = match format {
        FileFormat::Png => super::png_read::walk(&mut Cursor::new(&bytes))?.is_some(),
        format => whole::is_whole(&bytes, stored_as(format)),
    };
    if !is_whole {
        return Err(DecodeError::Truncated);
    }
    Ok(has_more(&bytes, stored_as(format)).then(|| (format, bytes.into())))
}
