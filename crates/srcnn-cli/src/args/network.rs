//! Arguments for the network: the model, metadata that its file lacks, precision and instruction set.

use clap::builder::TypedValueParser;
use clap::{Args, ValueEnum};
use srcnn::color::LumaRange;
use srcnn::engine::{Execution, Isa, Precision};
use srcnn::model::Padding;
use srcnn::resample::Convention;

/// The model, and metadata that its file lacks.
#[derive(Debug, Args)]
pub struct ModelChoiceArgs {
    /// Built-in model, weight file or method; the best built-in model by default
    ///
    /// A built-in model (`srcnn model list`) or a weight file (.pth, .onnx, .param, .h5, .keras, .mat, .safetensors).
    /// Of a file that holds several networks, FILE#NAME is one: -m checkpoint.pth#ema_model.
    /// upscale, evaluate and compare also take bicubic and the methods that SRCNN was compared with: sc, anr, a+.
    #[arg(short, long, value_name = "MODEL")]
    pub model: Option<String>,
    #[command(flatten)]
    pub facts: FactArgs,
}

/// Precision and instruction set of networks.
#[derive(Debug, Args)]
pub struct ExecutionArgs {
    /// Precision: f32, or bf16 where the CPU has it and little is lost by it (some hundredths of a dB at most)
    #[arg(long, value_enum, default_value = "exact")]
    pub precision: PrecisionArg,
    /// Instruction set: avx512, avx2 or portable; the best of this CPU by default
    #[arg(long, value_name = "ISA", value_parser = |name: &str| Isa::named(name))]
    pub isa: Option<Isa>,
}

impl ExecutionArgs {
    /// The execution that the options describe.
    pub fn execution(&self) -> Execution {
        let precision = match self.precision {
            PrecisionArg::Exact => Precision::Exact,
            PrecisionArg::Fast => Precision::Fast,
        };
        Execution { isa: self.isa.unwrap_or_else(Isa::best), precision }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PrecisionArg {
    /// f32
    Exact,
    /// bf16 in inner layers of 3x3 and 5x5, on CPUs with AVX-512 BF16; else the same as exact
    Fast,
}

/// Heading of the options for metadata in the help.
const METADATA: &str = "Metadata that neither the weight file nor its card (FILE.toml) states";

/// Metadata of models whose weight file has neither it nor a card.
#[derive(Debug, Default, Args)]
pub struct FactArgs {
    /// Factor that the model was trained for
    #[arg(long, help_heading = METADATA, value_name = "N")]
    pub model_scale: Option<u32>,
    /// Interpolation that enlarged the model's input
    #[arg(long, help_heading = METADATA, value_name = "CONVENTION", value_parser = convention())]
    pub interpolation: Option<Convention>,
    /// Range of luma
    #[arg(long, help_heading = METADATA, value_enum)]
    pub luma: Option<Luma>,
    /// Padding of the layers: one for all, or one per layer, joined by commas
    #[arg(long, help_heading = METADATA, value_enum, value_delimiter = ',')]
    pub padding: Option<Vec<PaddingArg>>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Luma {
    /// 16 to 235 of 255: the paper's authors, MATLAB
    Studio,
    /// 0 to 255: the Keras project, OpenCV, JPEG
    Full,
}

impl From<Luma> for LumaRange {
    fn from(luma: Luma) -> Self {
        match luma {
            Luma::Studio => Self::Studio,
            Luma::Full => Self::Full,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum PaddingArg {
    /// No padding: each layer's output is smaller than its input
    Valid,
    /// Zeros
    Zero,
    /// Edge samples, repeated
    Replicate,
}

impl From<PaddingArg> for Padding {
    fn from(padding: PaddingArg) -> Self {
        match padding {
            PaddingArg::Valid => Self::Valid,
            PaddingArg::Zero => Self::Zero,
            PaddingArg::Replicate => Self::Replicate,
        }
    }
}

/// Parses the name of a convention; the help lists the names.
pub(super) fn convention() -> impl TypedValueParser<Value = Convention> {
    let names = Convention::NAMED.map(|(name, _)| name);
    clap::builder::PossibleValuesParser::new(names).try_map(|name| name.parse::<Convention>())
}
