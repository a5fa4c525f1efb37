//! What is asked of outputs beside the picture itself: metadata, depth, format.

use std::path::Path;

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

/// The extension of the format that is asked for; an input's own that names that format already stays as it is.
pub fn extension(args: &FileArgs, input: &Path) -> Option<&'static str> {
    let format = args.format.map(FileFormat::from)?;
    (FileFormat::of_path(input) != Some(format)).then_some(format.extension())
}

/// All that is asked for here, for telling whether an output is what it would become.
pub fn identity(args: &FileArgs) -> [u8; 4] {
    let format = args.format.map_or(0, |format| format as u8 + 1);
    [args.quality, format, args.depth.unwrap_or(0), u8::from(args.strip)]
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
