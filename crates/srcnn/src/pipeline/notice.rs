//! Notices to whoever asked for a picture.

use crate::Size;
use crate::codec::Loss;
use crate::image::Change;
use crate::inspect::Finding;
use crate::progress::Progress;
use crate::upscale::Restorer;

/// Something that a user may want to know of a picture.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Notice<'a> {
    /// The picture was changed when it was read.
    Change(Change),
    /// The size asked for has a consequence that may not be expected.
    Size(SizeNotice),
    /// The picture is of a kind that the restorer was not made for.
    Finding(Finding),
    /// The format of the output cannot hold all of the picture.
    Loss(Loss),
    /// A restorer was prepared.
    Restorer(&'a dyn Restorer),
}

/// A consequence of the size that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeNotice {
    /// The picture has at least the size asked for, and is left as it is.
    LargeEnough {
        /// The picture's size.
        size: Size,
    },
    /// The picture has exactly the size asked for, and is left as it is.
    Same {
        /// The picture's size.
        size: Size,
    },
    /// The picture is reduced, by interpolation alone.
    Reduced {
        /// Before.
        from: Size,
        /// After.
        to: Size,
    },
    /// One side becomes longer and the other shorter.
    Mixed {
        /// Before.
        from: Size,
        /// After.
        to: Size,
    },
    /// The picture's aspect changes by more than rounding explains.
    Stretched {
        /// Before.
        from: Size,
        /// After.
        to: Size,
    },
}

/// Told how a picture gets on, and asked whether to go on.
pub trait Observer: Progress {
    /// The pixels that [`Progress::advance`] will be told of, for one frame.
    fn expect(&self, _pixels: u64) {}

    /// The number of frames, before [`Observer::expect`].
    fn expect_frames(&self, _frames: u32) {}

    /// Something that a user may want to know; of the frames of an animation, only what is noticed of the first.
    fn notice(&self, _notice: Notice<'_>) {}
}

/// An observer that does nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn advance(&self, _pixels: u64) {}
}

impl Observer for Silent {}

/// Progress without notices.
pub(super) struct WithoutNotices<'a>(pub(super) &'a dyn Observer);

impl Progress for WithoutNotices<'_> {
    fn advance(&self, pixels: u64) {
        self.0.advance(pixels);
    }

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

impl Observer for WithoutNotices<'_> {
    fn expect(&self, pixels: u64) {
        self.0.expect(pixels);
    }

    fn expect_frames(&self, frames: u32) {
        self.0.expect_frames(frames);
    }
}
