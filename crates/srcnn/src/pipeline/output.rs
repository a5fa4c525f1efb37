//! Options for outputs: depth, metadata, encoding and frames.

use super::background::Background;
use super::error::PipelineError;
use super::notice::Observer;
use crate::codec::{EncodeOptions, FileFormat};
use crate::image::{Depth, Image, Metadata};
use crate::rows::{Rows, RowsError, Shape};

/// Frames of an animation to process, if the output format holds animations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Frames {
    /// All frames, as an animation.
    #[default]
    All,
    /// The first frame, as a still picture.
    First,
}

/// Options for outputs, apart from the format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutputOptions {
    /// Options of the encoder.
    pub encode: EncodeOptions,
    /// Depth of samples, as far as the format holds it; the input's unless set.
    pub depth: Option<Depth>,
    /// Whether to remove all metadata that the colors do not depend on.
    pub strip: bool,
    /// Frames of animations to process.
    pub frames: Frames,
    /// Color behind transparent pictures, before they are processed, if the format holds no transparency; without one, such
    /// pictures are refused.
    pub background: Option<Background>,
}

impl OutputOptions {
    /// The rows of an input, converted to a greater depth if one is asked for and the format holds it: results are
    /// rounded to the depth of the rows that they are computed from.
    pub(super) fn deepened<'a>(&self, format: FileFormat, rows: Box<dyn Rows + 'a>) -> Box<dyn Rows + 'a> {
        let wanted = self.depth.map(|depth| format.nearest(depth)).filter(|depth| *depth > rows.shape().depth);
        match wanted {
            Some(depth) => Box::new(Converted { metadata: rows.metadata().clone(), rows, depth, observer: None }),
            None => rows,
        }
    }

    /// The rows in the depth asked for, without the metadata to be removed. They fail with [`PipelineError::Cancelled`]
    /// once `observer` is cancelled.
    pub(super) fn finished<'a>(
        &self,
        format: FileFormat,
        rows: Box<dyn Rows + 'a>,
        observer: &'a dyn Observer,
    ) -> Box<dyn Rows + 'a> {
        let own = rows.shape().depth;
        // No deeper than the format holds, which loses nothing.
        let depth = self.depth.map_or(own, |depth| depth.min(format.nearest(depth).max(own)));
        let metadata = if self.strip { rows.metadata().stripped() } else { rows.metadata().clone() };
        Box::new(Converted { rows, depth, metadata, observer: Some(observer) })
    }
}

/// Rows converted to another depth, with other metadata.
struct Converted<'a> {
    rows: Box<dyn Rows + 'a>,
    depth: Depth,
    metadata: Metadata,
    observer: Option<&'a dyn Observer>,
}

impl Rows for Converted<'_> {
    fn shape(&self) -> Shape {
        Shape { depth: self.depth, ..self.rows.shape() }
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        if self.observer.is_some_and(|observer| observer.cancelled()) {
            return Err(PipelineError::Cancelled.into());
        }
        Ok(self.rows.read(rows)?.map(|part| part.with_depth(self.depth)))
    }

    fn held_bytes(&self) -> u64 {
        self.rows.held_bytes()
    }
}
