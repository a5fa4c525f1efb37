//! Arguments for input and output files.

use std::num::NonZeroU8;
use std::path::PathBuf;

use clap::builder::TypedValueParser;
use clap::{Args, ValueEnum};
use srcnn::codec::{EncodeOptions, FileFormat, Subsampling};
use srcnn::image::Depth;
use srcnn::pipeline::{Background, Frames, OutputOptions};
use srcnn::{Limits, Work};

use super::color::color;

/// Input and output files, and options for them.
#[derive(Debug, Args)]
pub struct FileArgs {
    /// Pictures, folders (searched recursively) or patterns such as 'photos/*.jpg'; - is standard input
    #[arg(value_name = "INPUT", required_unless_present_any = ["input", "files_from"])]
    pub inputs: Vec<PathBuf>,
    /// An input, given as an option
    #[arg(short, value_name = "INPUT", hide = true)]
    pub input: Vec<PathBuf>,
    /// File that lists more inputs, one per line, or with NUL between them (find -print0); - is standard input
    ///
    /// Names are taken as they are, byte for byte, on Unix.
    #[arg(long, value_name = "FILE")]
    pub files_from: Option<PathBuf>,
    /// Output file or folder; - is standard output
    ///
    /// What is a device or a pipe (/dev/stdout, /dev/fd/3, >(command)) is written into, once the whole output is there.
    /// For one picture a file, whose extension names the format, or - for standard output (PNG unless --format says
    /// otherwise). For several inputs a folder, which is created if it does not exist, and in which the folder tree of
    /// the inputs is kept.
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
    /// Template for the names of outputs in a folder, such as '{stem}-{model}-x{scale}.{ext}'; the inputs' names by
    /// default
    #[arg(long, value_name = "TEMPLATE")]
    pub name: Option<String>,
    /// Do not search folders recursively
    #[arg(long)]
    pub flat: bool,
    /// Overwrite existing outputs; outputs in a folder that were made from the same input with the same options are
    /// skipped in any case
    #[arg(long)]
    pub force: bool,
    /// Number of pictures processed at a time, 1 to 64; by default as many small ones as keep all threads at work, and large
    /// ones one after the other
    ///
    /// They share --max-memory. Of three numbers joined by colons, as ncnn's programs take them (load:process:save), the second counts.
    #[arg(short, long, value_name = "N", value_parser = jobs)]
    pub jobs: Option<NonZeroU8>,
    /// Write the outcome of each file to this file, as JSON; - is standard output
    ///
    /// In names, a byte that is no part of UTF-8 is written as \x and two hexadecimal digits, and so is a backslash that such
    /// digits follow.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Compress WebP lossily, at --quality; lossless by default
    #[arg(long)]
    pub lossy: bool,
    /// Quality of JPEG, and of WebP with --lossy
    #[arg(long, default_value_t = 95, value_parser = clap::value_parser!(u8).range(1..=100), value_name = "1-100")]
    pub quality: u8,
    /// Resolution of JPEG's color differences: 444, the full one, or 420, half of it across and down
    #[arg(long, value_enum, default_value = "444")]
    pub subsampling: SubsamplingArg,
    /// Make JPEG smaller by Huffman tables of its own, without loss; takes memory for the whole picture
    #[arg(long)]
    pub optimize: bool,
    /// Write progressive JPEG, which is smaller still, and comes into view as it loads; takes memory for the whole picture
    #[arg(long)]
    pub progressive: bool,
    /// Output format, whatever the output's extension says
    #[arg(short, long, value_enum)]
    pub format: Option<PictureFormatArg>,
    /// Bits per sample of the output, 32 being floating point (TIFF only); by default those of the input, as far as the
    /// format holds them
    #[arg(
        long,
        value_name = "8|16|32",
        value_parser = clap::builder::PossibleValuesParser::new(["8", "16", "32"])
            .map(|bits| bits.parse::<u8>().unwrap_or(8))
    )]
    pub depth: Option<u8>,
    /// Color behind transparent pictures where the output format holds no transparency: white, black and others, or #rrggbb;
    /// without it, such pictures are refused
    ///
    /// It is laid behind before the picture is processed, and mixed in the picture's own encoding of colors, whose values the
    /// color's are taken for.
    #[arg(long, value_name = "COLOR", value_parser = color)]
    pub background: Option<Background>,
    /// Memory limit in bytes, such as 512M or 8G, of all pictures that are processed at a time together
    ///
    /// With --jobs N each picture may take an Nth of it.
    /// Some 30M of it are the program's own. Large PNG, JPEG and TIFF files are processed in bands of rows that fit; a
    /// picture that must be held as a whole, and does not fit, is refused.
    #[arg(long, value_name = "BYTES", default_value = "2G", value_parser = bytes)]
    pub max_memory: u64,
    /// Pixel limit of a picture, before and after, such as 500M or 4G; 16 times as many for all frames of an animation
    #[arg(long, value_name = "N", default_value = "1G", value_parser = bytes)]
    pub max_pixels: u64,
    /// Take files that ask for far more work than others of their size, such as thousands of frames in a few kilobytes
    #[arg(long)]
    pub any_work: bool,
    /// Frames to process of an animation (GIF, animated PNG or WebP), if the output format holds animations
    #[arg(long, value_enum, default_value = "all")]
    pub frames: FramesArg,
    /// Remove Exif, XMP and resolution, and the color profile if it is sRGB; colors do not change
    #[arg(long)]
    pub strip: bool,
}

impl FileArgs {
    /// The limits of all pictures that are processed at a time together.
    pub fn limits(&self) -> Limits {
        let work = if self.any_work { Work::Any } else { Work::BySize };
        Limits { memory: self.max_memory, pixels: self.max_pixels, work }
    }

    /// The output options of the pipeline.
    pub fn options(&self) -> OutputOptions {
        OutputOptions {
            encode: EncodeOptions {
                quality: self.quality,
                lossy: self.lossy,
                subsampling: match self.subsampling {
                    SubsamplingArg::S444 => Subsampling::S444,
                    SubsamplingArg::S420 => Subsampling::S420,
                },
                optimize: self.optimize,
                progressive: self.progressive,
            },
            depth: self.depth.map(|bits| match bits {
                32 => Depth::Float,
                16 => Depth::Sixteen,
                _ => Depth::Eight,
            }),
            strip: self.strip,
            frames: match self.frames {
                FramesArg::All => Frames::All,
                FramesArg::First => Frames::First,
            },
            background: self.background,
        }
    }
}

/// Parses a number of pictures from 1 to 64, alone or as the second of three fields (`load:process:save`).
fn jobs(text: &str) -> Result<NonZeroU8, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let number = match parts[..] {
        [number] | [_, number, _] => number.parse::<NonZeroU8>().ok().filter(|n| n.get() <= 64),
        _ => None,
    };
    number.ok_or_else(|| "a number from 1 to 64 is needed".to_owned())
}

/// Parses a number above 0, with or without a suffix K, M, G or T (powers of 1024).
fn bytes(text: &str) -> Result<u64, String> {
    let suffix = text.chars().last().map(|c| c.to_ascii_uppercase());
    let shift = suffix.and_then(|c| "KMGT".find(c)).map_or(0, |i| 10 * (i as u32 + 1));
    let digits = if shift > 0 { &text[..text.len() - 1] } else { text };
    let number = digits.parse::<u64>().ok().and_then(|n| n.checked_mul(1 << shift)).filter(|n| *n > 0);
    number.ok_or_else(|| "a number such as 512M, 2G or 1000000 is needed".to_owned())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FramesArg {
    /// All frames, as an animation
    All,
    /// The first frame, as a still picture
    First,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SubsamplingArg {
    #[value(name = "444")]
    S444,
    #[value(name = "420")]
    S420,
}

/// A format that can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PictureFormatArg {
    Png,
    #[value(alias = "jpg")]
    Jpeg,
    #[value(alias = "tif")]
    Tiff,
    Webp,
    Bmp,
    /// PGM or PPM
    Pnm,
    Pam,
    Qoi,
    /// At most 256 colors per frame
    Gif,
}

impl From<PictureFormatArg> for FileFormat {
    fn from(format: PictureFormatArg) -> Self {
        match format {
            PictureFormatArg::Png => Self::Png,
            PictureFormatArg::Jpeg => Self::Jpeg,
            PictureFormatArg::Tiff => Self::Tiff,
            PictureFormatArg::Webp => Self::WebP,
            PictureFormatArg::Bmp => Self::Bmp,
            PictureFormatArg::Pnm => Self::Pnm,
            PictureFormatArg::Pam => Self::Pam,
            PictureFormatArg::Qoi => Self::Qoi,
            PictureFormatArg::Gif => Self::Gif,
        }
    }
}
