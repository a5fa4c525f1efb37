//! Rows of pixels, some rows of MCUs at a time, however many rows come at once.

use srcnn_image::image::{Image, Samples};
use srcnn_image::rows::{Rows, RowsError};

/// Consecutive rows of a picture of 8 bits.
pub(super) struct Band {
    parts: Vec<Image>,
}

impl Band {
    /// The next `count` rows, fewer at the picture's end.
    ///
    /// # Errors
    /// That of the rows, or that there are too few.
    pub(super) fn read(rows: &mut impl Rows, count: usize) -> Result<Self, RowsError> {
        let mut parts = Vec::new();
        let mut left = count;
        while left > 0 {
            let part = rows.read(left)?.ok_or("a row is missing")?;
            left = left.saturating_sub(part.height());
            parts.push(part);
        }
        Ok(Self { parts })
    }

    /// The rows' samples.
    pub(super) fn rows(&self) -> Vec<&[u8]> {
        let samples = |part| match Image::samples(part) {
            Samples::U8(pixels) => pixels.as_slice().chunks_exact(pixels.width() * pixels.channels()),
            _ => unreachable!("converted to 8 bits"),
        };
        self.parts.iter().flat_map(samples).collect()
    }
}
