//! What is asked of outputs beside the picture itself: metadata, depth, format.

use std::path::{Path, PathBuf};

use anyhow::Result;
use srcnn::Image;
use srcnn::codec::FileFormat;
use srcnn::image::Depth;

use crate::args::FileArgs;
use crate::outputs::format_of;

/// The format of an output: the one asked for, else the one that its extension names.
pub fn format(args: &FileArgs, output: &Path) -> Result<FileFormat> {
    args.format.map_or_else(|| format_of(output), |format| Ok(format.into()))
}

/// The place of an output in a folder, with the extension of the format that is asked for.
pub fn renamed(args: &FileArgs, output: PathBuf) -> PathBuf {
    let Some(format) = args.format.map(FileFormat::from) else { return output };
    // An extension that names the format already stays as it is.
    if FileFormat::of_path(&output) == Some(format) { output } else { output.with_extension(format.extension()) }
}

/// The picture with the depth and without the metadata that are asked for.
pub fn finished(args: &FileArgs, image: Image) -> Image {
    let mut image = match args.depth {
        Some(16) => image.with_depth(Depth::Sixteen),
        Some(_) => image.with_depth(Depth::Eight),
        None => image,
    };
    if args.strip {
        image.metadata = image.metadata.stripped();
    }
    image
}
