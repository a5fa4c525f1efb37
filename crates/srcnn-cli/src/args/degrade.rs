//! Arguments of `srcnn degrade`.

use clap::Args;
use srcnn::resample::Convention;

use super::files::FileArgs;
use super::network::convention;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    srcnn degrade photo.png -o blurred.png -s 2\n  \
    srcnn degrade set5/ -o low/ -s 3 --low-res\n  \
    srcnn degrade flowers.bmp -o degraded.bmp -s 2 --kernel opencv-linear\n\n\
    Samples are computed in the integers of the named program, bit for bit. With --low-res sides become \
    ceil(side / N) by MATLAB's rule, floor(side / N) by the others'.")]
pub struct DegradeArgs {
    #[command(flatten)]
    pub files: FileArgs,
    /// The factor, any number above 1
    #[arg(short, long, value_name = "N")]
    pub scale: f64,
    /// Whose resampling
    #[arg(long, value_name = "CONVENTION", default_value = "matlab-bicubic", value_parser = convention())]
    pub kernel: Convention,
    /// Write the small pictures: do not enlarge again
    #[arg(long)]
    pub low_res: bool,
}
