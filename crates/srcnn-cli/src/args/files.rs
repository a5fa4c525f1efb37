//! Arguments for picture files, in and out.

use std::path::PathBuf;

use clap::builder::TypedValueParser;
use clap::{Args, ValueEnum};
use srcnn::codec::{EncodeOptions, FileFormat};
use srcnn::image::Depth;
use srcnn::pipeline::{Frames, OutputOptions};

/// Pictures in, pictures out.
#[derive(Debug, Args)]
pub struct FileArgs {
    /// Pictures, folders (with those within), or patterns such as 'photos/*.jpg'; - is standard input
    #[arg(value_name = "INPUT", required_unless_present_any = ["input", "files_from"])]
    pub inputs: Vec<PathBuf>,
    /// The same, as an option
    #[arg(short, value_name = "INPUT", hide = true)]
    pub input: Vec<PathBuf>,
    /// A file with more of them, one a line; - is standard input
    #[arg(long, value_name = "FILE")]
    pub files_from: Option<PathBuf>,
    /// A file for one picture (its extension names the format), - for standard output (PNG), else a folder, which is made
    /// if need be and gets the tree of the inputs
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
    /// How outputs in a folder are called, such as '{stem}-{model}-x{scale}.{ext}'; as their inputs unless given
    #[arg(long, value_name = "TEMPLATE")]
    pub name: Option<String>,
    /// Only the pictures of a folder, not those of the folders within
    #[arg(long)]
    pub flat: bool,
    /// Replace outputs that exist; in a folder, those that were made of the same by the same are left in any case
    #[arg(long)]
    pub force: bool,
    /// Pictures at a time; of three numbers joined by colons, as ncnn's programs have them (load:process:save), the second
    #[arg(short, long, value_name = "N", default_value_t = 1, value_parser = jobs)]
    pub jobs: u8,
    /// Write what became of each file, as JSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Write WebP with loss, at --quality
    #[arg(long)]
    pub lossy: bool,
    /// The quality of JPEG, and of WebP with --lossy
    #[arg(long, default_value_t = 95, value_parser = clap::value_parser!(u8).range(1..=100), value_name = "1-100")]
    pub quality: u8,
    /// The format, whatever the output's extension says
    #[arg(short, long, value_enum)]
    pub format: Option<PictureFormatArg>,
    /// Bits a sample, 32 being floating point, which TIFF holds; those of the input unless given, where the format holds them
    #[arg(long, value_name = "8|16|32", value_parser = clap::builder::PossibleValuesParser::new(["8", "16", "32"]).map(|bits| bits.parse::<u8>().unwrap_or(8)))]
    pub depth: Option<u8>,
    /// Memory that may be used, such as 512M or 8G, of which some 30M are the program's own. Large PNG, JPEG and TIFF files are worked on in bands of rows
    /// that fit; what has to be held as a whole, and does not fit, is refused
    #[arg(long, value_name = "BYTES", default_value = "2G", value_parser = bytes)]
    pub max_memory: u64,
    /// Pixels of a picture, before or after, such as 500M or 4G; all frames of an animation may have 16 times as many
    #[arg(long, value_name = "N", default_value = "1G", value_parser = bytes)]
    pub max_pixels: u64,
    /// Which frames of an animation (GIF, animated PNG or WebP) are taken, where the output's format holds them all
    #[arg(long, value_enum, default_value = "all")]
    pub frames: FramesArg,
    /// Leave out Exif, XMP and resolution, and the color profile if it is sRGB's (colors stay what they are)
    #[arg(long)]
    pub strip: bool,
}

impl FileArgs {
    /// The choices for outputs.
    pub fn options(&self) -> OutputOptions {
        OutputOptions {
            encode: EncodeOptions { quality: self.quality, lossy: self.lossy },
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
        }
    }
}

/// A number of pictures, or the second of three.
fn jobs(text: &str) -> Result<u8, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let number = match parts[..] {
        [number] | [_, number, _] => number.parse::<u8>().ok().filter(|n| (1..=64).contains(n)),
        _ => None,
    };
    number.ok_or_else(|| "a number from 1 to 64 is needed".to_owned())
}

/// A number with or without a suffix: K, M, G or T, of 1024.
fn bytes(text: &str) -> Result<u64, String> {
    let suffix = text.chars().last().map(|c| c.to_ascii_uppercase());
    let shift = suffix.and_then(|c| "KMGT".find(c)).map_or(0, |i| 10 * (i as u32 + 1));
    let digits = if shift > 0 { &text[..text.len() - 1] } else { text };
    let number = digits.parse::<u64>().ok().and_then(|n| n.checked_mul(1 << shift)).filter(|n| *n > 0);
    number.ok_or_else(|| "a number such as 512M, 2G or 1000000 is needed".to_owned())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FramesArg {
    /// Every one, as an animation
    All,
    /// The first, as a picture
    First,
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
    /// 256 colors a frame
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
