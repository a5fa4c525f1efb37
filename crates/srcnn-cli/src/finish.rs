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

/// The depth that is asked for.
fn depth(args: &FileArgs) -> Option<Depth> {
    args.depth.map(|bits| match bits {
        32 => Depth::Float,
        16 => Depth::Sixteen,
        _ => Depth::Eight,
    })
}

/// The rows of an input, deeper if that is asked for and held by the format: results are rounded to the depth of what they are
/// made of.
pub fn deepened<'a>(args: &FileArgs, format: FileFormat, rows: Box<dyn Rows + 'a>) -> Box<dyn Rows + 'a> {
    let wanted = depth(args).map(|depth| format.nearest(depth)).filter(|depth| *depth > rows.shape().depth);
    match wanted {
        Some(depth) => Box::new(Finished { metadata: rows.metadata().clone(), rows, depth }),
        None => rows,
    }
}

/// The rows with the depth and without the metadata that are asked for; they end when the program is told to.
pub fn finished<'a>(args: &FileArgs, format: FileFormat, rows: Box<dyn Rows + 'a>) -> impl Rows + 'a {
    let there = rows.shape().depth;
    // No deeper than the format holds: nothing is lost by that.
    let depth = depth(args).map_or(there, |depth| depth.min(format.nearest(depth).max(there)));
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
