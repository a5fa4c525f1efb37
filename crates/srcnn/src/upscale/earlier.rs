//! Results of pictures that are like an earlier one in most rows, as the frames of an animation are: only rows that depend on others
//! are computed.

use std::ops::Range;

use super::bands::Upscaled;
use crate::image::{Image, Metadata, Samples};
use crate::plane::Rect;
use crate::rows::{Rows, RowsError, Shape};

/// An earlier picture's result, and where another picture of the same shape differs from it.
#[derive(Clone, Debug)]
pub struct Earlier {
    result: Image,
    differing: Range<usize>,
}

impl Earlier {
    /// The result of the picture `before`, for the picture `now`; none if they differ in shape.
    pub fn new(before: &Image, result: Image, now: &Image) -> Option<Self> {
        (Shape::of(before) == Shape::of(now)).then(|| Self { result, differing: differing(before, now) })
    }

    /// The rows outside of which both pictures are the same.
    pub fn differing(&self) -> Range<usize> {
        self.differing.clone()
    }

    /// Whether the result is of this shape.
    pub(super) fn is_of(&self, shape: Shape) -> bool {
        Shape::of(&self.result) == shape
    }

    /// The result of the earlier picture.
    pub(super) fn into_result(self) -> Image {
        self.result
    }
}

fn differing(before: &Image, now: &Image) -> Range<usize> {
    let differs = |y: &usize| match (before.samples(), now.samples()) {
        (Samples::U8(a), Samples::U8(b)) => a.row(*y) != b.row(*y),
        (Samples::U16(a), Samples::U16(b)) => a.row(*y) != b.row(*y),
        (Samples::F32(a), Samples::F32(b)) => a.row(*y) != b.row(*y),
        _ => true,
    };
    let Some(first) = (0..now.height()).find(differs) else { return 0..0 };
    first..(first..now.height()).rfind(differs).map_or(first, |last| last + 1)
}

/// A result of which some rows are computed, and the others taken from an earlier one.
pub(super) struct Resumed<'a> {
    /// Those that are computed.
    upscaled: Upscaled<'a>,
    computed: Range<usize>,
    earlier: Image,
    next: usize,
}

impl<'a> Resumed<'a> {
    /// `upscaled` where it depends on rows that differ; `earlier` must have its shape.
    pub(super) fn new(upscaled: Upscaled<'a>, earlier: Earlier) -> Self {
        let computed = upscaled.depending(&earlier.differing);
        let upscaled = upscaled.of_rows(computed.clone());
        Self { upscaled, computed, earlier: earlier.into_result(), next: 0 }
    }

    /// Rows that are not computed.
    pub(super) fn rows_spared(&self) -> usize {
        self.earlier.height() - self.computed.len()
    }
}

impl Rows for Resumed<'_> {
    fn shape(&self) -> Shape {
        self.upscaled.shape()
    }

    fn metadata(&self) -> &Metadata {
        self.upscaled.metadata()
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        let Shape { width, height, .. } = self.shape();
        if self.computed.contains(&self.next) {
            let part = self.upscaled.read(rows.min(self.computed.end - self.next))?;
            self.next += part.as_ref().map_or(0, Image::height);
            return Ok(part);
        }
        let end = if self.next < self.computed.start { self.computed.start } else { height };
        let rows = rows.max(1).min(end - self.next);
        if rows == 0 {
            return Ok(None);
        }
        let part = self.earlier.crop(Rect { x: 0, y: self.next, width, height: rows })?;
        self.next += rows;
        Ok(Some(part))
    }

    fn held_bytes(&self) -> u64 {
        self.upscaled.held_bytes()
    }
}
