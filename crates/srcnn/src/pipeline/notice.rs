//! Notices to the user, and observers.

use crate::Size;
use crate::codec::Loss;
use crate::image::Change;
use crate::inspect::Finding;
use crate::progress::{Progress, Silent};
use crate::upscale::Restorer;

/// Information about a picture that a user may want.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Notice<'a> {
    /// The picture was changed when it was read.
    Change(Change),
    /// The size asked for has a consequence that may not be expected.
    Size(SizeNotice),
    /// The picture has a defect that the restorer would amplify, or for which it was not made.
    Finding(Finding),
    /// The format of the output cannot hold everything.
    Loss(Loss),
    /// A restorer was prepared.
    Restorer(&'a dyn Restorer),
}

/// A consequence of the size that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeNotice {
    /// The picture has at least the size asked for, and stays as it is.
    LargeEnough {
        /// The picture's size.
        size: Size,
    },
    /// The picture has exactly the size asked for, and stays as it is.
    Same {
        /// The picture's size.
        size: Size,
    },
    /// The picture is reduced, by interpolation alone.
    Reduced {
        /// Size before.
        from: Size,
        /// Size after.
        to: Size,
    },
    /// One side becomes longer and the other shorter.
    Mixed {
        /// Size before.
        from: Size,
        /// Size after.
        to: Size,
    },
    /// The aspect ratio changes by more than rounding.
    Stretched {
        /// Size before.
        from: Size,
        /// Size after.
        to: Size,
    },
}

/// Observer of the processing of a picture: receives progress and notices, and may cancel.
pub trait Observer: Progress {
    /// Announces the pixels per frame by which [`Progress::advance`] will advance.
    fn expect(&self, _pixels: u64) {}

    /// Announces the number of frames, before [`Observer::expect`].
    fn expect_frames(&self, _frames: u32) {}

    /// Receives a notice; for animations, only those about the first frame.
    fn notice(&self, _notice: Notice<'_>) {}
}

impl Observer for Silent {}

/// Forwards progress, but no notices.
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
