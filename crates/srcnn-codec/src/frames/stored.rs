//! Frames as files store them.

use image::metadata::Orientation;

use srcnn_image::Size;
use srcnn_image::image::Metadata;

use super::timing::{Delay, Plays};
use crate::decode_error::DecodeError;

/// A frame as a file stores it: a part of the canvas.
pub(crate) struct StoredFrame {
    /// First column and row; all or some of the frame may lie outside the canvas.
    pub(crate) at: (usize, usize),
    pub(crate) size: Size,
    /// RGBA, row after row.
    pub(crate) samples: Vec<u8>,
    /// Whether what is there shows through; otherwise it is replaced, transparency included.
    pub(crate) over: bool,
    /// How its place is restored before the next frame.
    pub(crate) disposal: Disposal,
    pub(crate) delay: Delay,
}

/// What is called with the size of each frame, as its header states it; an error ends the walk.
pub(crate) type EachSize<'a> = &'a mut dyn FnMut(Size) -> Result<(), DecodeError>;

/// How a frame's place is restored once the frame was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disposal {
    /// It stays.
    Keep,
    /// It becomes transparent.
    Clear,
    /// The canvas there becomes as it was before the frame.
    Restore,
}

/// The frames of a file, in order.
pub(crate) trait StoredFrames {
    /// The canvas's.
    fn size(&self) -> Size;

    fn plays(&self) -> Plays;

    /// Whether all frames may be grey.
    fn may_be_grey(&self) -> bool;

    /// Whether samples of 16 bits become 8.
    fn is_rounded(&self) -> bool;

    /// Bytes that decoding a frame of this size takes, its samples included.
    fn frame_bytes(&self, frame: Size) -> u64;

    /// The next frame; none after the last.
    fn next(&mut self) -> Result<Option<StoredFrame>, DecodeError>;
}

/// An animation as its file stores it.
pub(crate) struct StoredAnimation {
    pub(crate) frames: Box<dyn StoredFrames + Send>,
    pub(crate) metadata: Metadata,
    /// How frames are to be turned.
    pub(crate) orientation: Orientation,
}
