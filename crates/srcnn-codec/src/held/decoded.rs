//! A picture that was decoded as a whole.

use image::metadata::Orientation;

use srcnn_image::image::{Image, Metadata};

use crate::metadata::upright;
use crate::samples::orientation;

/// A picture as its file stores it.
pub(crate) struct Decoded {
    /// The samples; without metadata.
    pub(crate) picture: Image,
    /// The metadata as they are in the file.
    pub(crate) metadata: Metadata,
    /// How the picture is to be turned.
    pub(crate) orientation: Orientation,
}

impl Decoded {
    /// The picture turned upright, with metadata that agree.
    pub(crate) fn upright(self) -> Image {
        let mut image = orientation::upright(self.picture, self.orientation);
        image.metadata = upright::upright(self.metadata, self.orientation, image.is_grey());
        image
    }
}
