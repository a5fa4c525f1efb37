//! What is asked of outputs beside the picture itself: metadata, depth, format.

use std::path::Path;

use anyhow::Result;
use srcnn::Image;
use srcnn::codec::FileFormat;
use srcnn::image::{Depth, Metadata};
use srcnn::rows::{Rows, RowsError, Shape};

use crate::args::FileArgs;
use crate::outputs::format_of;
use crate::terminal::stopped;

/// The format of an output: the one asked for, else the one that its extension names.
pub fn format(args: &FileArgs, output: &Path) -> Result<FileFormat> {
    args.format.map_or_else(|| format_of(output), |format| Ok(format.into()))
}

/// The extension of the format that is asked for; an input's own that names that format already stays as it is.
pub fn extension(args: &FileArgs, input: &Path) -> Option<&'static str> {
    let format = args.format.map(FileFormat::from)?;
    (FileFormat::of_path(input) != Some(format)).then_some(format.extension())
}

/// All that is asked for here, for telling whether an output is what it would become.
pub fn identity(args: &FileArgs) -> [u8; 6] {
    let format = args.format.map_or(0, |format| format as u8 + 1);
    [args.quality, format, args.depth.unwrap_or(0), u8::from(args.strip), args.frames as u8, u8::from(args.lossy)]
}

/// The rows with the depth and without the metadata that are asked for; they end when the program is told to.
pub fn finished<'a>(args: &FileArgs, rows: Box<dyn Rows + 'a>) -> impl Rows + 'a {
    let depth = match args.depth {
        Some(32) => Depth::Float,
        Some(16) => Depth::Sixteen,
        Some(_) => Depth::Eight,
        None => rows.shape().depth,
    };
    let metadata = if args.strip { rows.metadata().stripped() } else { rows.metadata().clone() };
    Finished { rows, depth, metadata }
}

struct Finished<'a> {
    rows: Box<dyn Rows + 'a>,
    depth: Depth,
    metadata: Metadata,
}

impl Rows for Finished<'_> {
    fn shape(&self) -> Shape {
        Shape { depth: self.depth, ..self.rows.shape() }
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        if stopped() {
            return Err("interrupted".into());
        }
        Ok(self.rows.read(rows)?.map(|part| part.with_depth(self.depth)))
    }

    fn held_bytes(&self) -> u64 {
        self.rows.held_bytes()
    }
}
