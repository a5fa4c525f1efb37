//! Arguments of `srcnn upscale` and `srcnn restore`.

use clap::Args;

use super::files::FileArgs;
use super::network::{ExecutionArgs, ModelChoiceArgs};
use super::size::{SettingArgs, SizeArgs};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    srcnn upscale photo.jpg -o large.png\n  \
    srcnn upscale photos/ -o large/ -s 3\n  \
    srcnn upscale 'scans/*.png' cover.tif -o out/ -s 1.5 -m srcnn-915\n  \
    srcnn upscale photos/ -o out/ --size 3840x        (or --fit 3840x2160, --min-size 1000x1000)\n  \
    srcnn upscale brick.png -o brick-large.png --edge wrap\n  \
    srcnn upscale a.png -o b.png -s 3 -m x3.mat\n\n\
    With -s each side becomes round(N x side). What is asked to become smaller is reduced by bicubic, without the network. \
    Built-in models are picked for the factor that each picture needs. Luma goes through the network after the model's own interpolation, chroma and \
    alpha are enlarged by MATLAB's bicubic. A scale beyond the model's is reached in steps; what is past it is reduced \
    by bicubic. Formats: PNG, JPEG, TIFF, WebP (without loss unless --lossy), GIF, BMP, PNM, PAM, QOI; JPEG XL \
    and AVIF are only read. Animations (GIF, PNG, WebP) stay what they are, frame by frame, if written to one of these.")]
pub struct UpscaleArgs {
    #[command(flatten)]
    pub files: FileArgs,
    #[command(flatten)]
    pub size: SizeArgs,
    #[command(flatten)]
    pub settings: SettingArgs,
    #[command(flatten)]
    pub model: ModelChoiceArgs,
    #[command(flatten)]
    pub execution: ExecutionArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    srcnn restore blurred.png -o sharp.png\n  \
    srcnn restore degraded/ -o restored/ -m 3051crop_weight_200.h5\n\n\
    The network runs on the picture as it is; the size stays.")]
pub struct RestoreArgs {
    #[command(flatten)]
    pub files: FileArgs,
    /// The factor by which the pictures were shrunk before they were enlarged
    #[arg(short, long, value_name = "N", default_value_t = 2.0)]
    pub scale: f64,
    #[command(flatten)]
    pub settings: SettingArgs,
    #[command(flatten)]
    pub model: ModelChoiceArgs,
    #[command(flatten)]
    pub execution: ExecutionArgs,
}
