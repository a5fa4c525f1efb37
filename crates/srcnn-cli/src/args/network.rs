//! Arguments for the network: which, what its file does not say, and how it is computed.

use clap::builder::TypedValueParser;
use clap::{Args, ValueEnum};
use srcnn::color::LumaRange;
use srcnn::engine::{Execution, Isa, Precision};
use srcnn::model::Padding;
use srcnn::resample::Convention;

/// The model, and what its file does not say.
#[derive(Debug, Args)]
pub struct ModelChoiceArgs {
    /// A built-in model (`srcnn model list`) or a weight file (.pth, .onnx, .param, .h5, .keras, .mat, .safetensors);
    /// the best built-in one unless given. upscale and evaluate also take bicubic, and what SRCNN was published against:
    /// sc, anr, a+
    #[arg(short, long, value_name = "MODEL")]
    pub model: Option<String>,
    #[command(flatten)]
    pub facts: FactArgs,
}

/// How networks are computed.
#[derive(Debug, Args)]
pub struct ExecutionArgs {
    /// exact computes in f32; fast in bf16 where the CPU has it and little is lost by it (some hundredths of a dB at most)
    #[arg(long, value_enum, default_value = "exact")]
    pub precision: PrecisionArg,
    /// The instruction set: avx512, avx2 or portable; the best of this CPU unless given
    #[arg(long, value_name = "ISA", value_parser = |name: &str| Isa::named(name))]
    pub isa: Option<Isa>,
}

impl ExecutionArgs {
    /// What was asked for.
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
    /// bf16 for the inner layers of 3x3 and 5x5, on CPUs with AVX-512 BF16; else the same as exact
    Fast,
}

/// What a weight file does not say, for files without a card.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "What a weight file does not say (a card beside it can: FILE.toml)")]
pub struct FactArgs {
    /// The factor that the model was trained for
    #[arg(long, value_name = "N")]
    pub model_scale: Option<u32>,
    /// How its input was enlarged
    #[arg(long, value_name = "CONVENTION", value_parser = convention())]
    pub interpolation: Option<Convention>,
    /// Where luma lies
    #[arg(long, value_enum)]
    pub luma: Option<Luma>,
    /// Its padding: one for all layers, or one a layer, joined by commas
    #[arg(long, value_enum, value_delimiter = ',')]
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
    /// None: each layer's output is smaller
    Valid,
    /// Zeros
    Zero,
    /// The edge repeated
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

/// The names of conventions, shown in the help.
pub(super) fn convention() -> impl TypedValueParser<Value = Convention> {
    let names = Convention::NAMED.map(|(name, _)| name);
    clap::builder::PossibleValuesParser::new(names).try_map(|name| name.parse::<Convention>())
}
