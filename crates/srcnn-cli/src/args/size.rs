//! Arguments for the size of results and for the restorer.

use std::str::FromStr;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use srcnn::Edge;
use srcnn::upscale::Target;

use crate::outcome::Usage;

/// One wish for the size, or none.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct SizeArgs {
    /// The factor, any number above 1; the model's own unless given
    #[arg(short, long, value_name = "N")]
    pub scale: Option<f64>,
    /// The very size; with one side left out (3840x or x2160) the other follows
    #[arg(long, value_name = "WxH")]
    pub size: Option<Sides>,
    /// The longer side, in pixels; the other follows
    #[arg(long, value_name = "N", value_parser = side)]
    pub long_side: Option<usize>,
    /// The shorter side, in pixels; the other follows
    #[arg(long, value_name = "N", value_parser = side)]
    pub short_side: Option<usize>,
    /// Enlarge what is smaller until both sides are at least this; leave the rest as it is
    #[arg(long, value_name = "WxH", value_parser = both)]
    pub min_size: Option<(usize, usize)>,
    /// The largest size that fits into this box
    #[arg(long, value_name = "WxH", value_parser = both)]
    pub fit: Option<(usize, usize)>,
}

impl SizeArgs {
    /// What was asked for; none for the model's own factor.
    pub fn target(&self) -> Option<Target> {
        let size = self.size.map(|sides| match sides {
            Sides::Both(width, height) => Target::Exact(width, height),
            Sides::Width(width) => Target::Width(width),
            Sides::Height(height) => Target::Height(height),
        });
        self.scale
            .map(Target::Factor)
            .or(size)
            .or(self.long_side.map(Target::LongSide))
            .or(self.short_side.map(Target::ShortSide))
            .or(self.min_size.map(|(w, h)| Target::AtLeast(w, h)))
            .or(self.fit.map(|(w, h)| Target::Fit(w, h)))
    }
}

/// Columns, rows, or both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sides {
    Width(usize),
    Height(usize),
    Both(usize, usize),
}

impl FromStr for Sides {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (width, height) = text.split_once(['x', 'X', '×']).ok_or("write WxH, such as 3840x2160, 3840x or x2160")?;
        match (width, height) {
            ("", "") => Err("at least one side is needed, such as 3840x or x2160".to_owned()),
            (width, "") => Ok(Self::Width(side(width)?)),
            ("", height) => Ok(Self::Height(side(height)?)),
            (width, height) => Ok(Self::Both(side(width)?, side(height)?)),
        }
    }
}

fn side(text: &str) -> Result<usize, String> {
    match text.parse::<u32>() {
        Ok(0) => Err("a side has at least one pixel".to_owned()),
        Ok(side) => Ok(side as usize),
        Err(_) => Err(format!("`{text}` is no number of pixels")),
    }
}

fn both(text: &str) -> Result<(usize, usize), String> {
    match text.parse()? {
        Sides::Both(width, height) => Ok((width, height)),
        Sides::Width(_) | Sides::Height(_) => Err("both sides are needed, such as 1920x1080".to_owned()),
    }
}

/// Choices for the restorer.
#[derive(Debug, Args)]
pub struct SettingArgs {
    /// Take the mean over the picture turned and mirrored in all eight ways: a little better, eight times the work
    #[arg(short = 'x', long)]
    pub ensemble: bool,
    /// The network's share of the result; the rest is bicubic
    #[arg(long, value_name = "0-1", default_value_t = 1.0, value_parser = strength)]
    pub strength: f32,
    /// The rule for samples beyond the picture's edges
    #[arg(long, default_value = "replicate", value_parser = edge())]
    pub edge: Edge,
}

impl SettingArgs {
    /// Refuses an ensemble without a network.
    pub fn check(&self) -> anyhow::Result<()> {
        if self.ensemble && self.strength == 0.0 {
            let message = "--ensemble is of the network, which --strength 0 leaves out";
            return Err(Usage(message.to_owned()).into());
        }
        Ok(())
    }
}

/// The edges by name, shown in the help.
fn edge() -> impl TypedValueParser<Value = Edge> {
    let names = [
        PossibleValue::new("replicate").help("The edge repeated"),
        PossibleValue::new("mirror").help("The picture mirrored"),
        PossibleValue::new("wrap").help("The picture repeated: for textures without seams"),
    ];
    PossibleValuesParser::new(names).map(|name| match &*name {
        "mirror" => Edge::Mirror,
        "wrap" => Edge::Wrap,
        _ => Edge::Replicate,
    })
}

fn strength(text: &str) -> Result<f32, String> {
    let number = text.parse::<f32>().ok().filter(|n| (0.0..=1.0).contains(n));
    number.ok_or_else(|| "a number from 0 (bicubic) to 1 (the network alone) is needed".to_owned())
}
