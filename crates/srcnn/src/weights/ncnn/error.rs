//! Why a pair of ncnn files is not read.

/// A damaged pair.
#[derive(Debug, thiserror::Error)]
pub(super) enum PairError {
    #[error("the .param is not text (a binary .param.bin is not read)")]
    Binary,
    #[error("the .param is not text")]
    NotText,
    #[error("the .bin holds more than the .param says; do they belong together?")]
    Longer,
}

/// Layers that are no chain of convolutions, or weights that do not fit them.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChainError {
    #[error("the .param ends before its layers")]
    NoLayers,
    #[error("the .param does not say how many layers it has")]
    NoCount,
    #[error("the .param has fewer layers than it says")]
    FewerLayers,
    #[error("the .param has more layers than it says")]
    MoreLayers,
    #[error("the .param does not end with a convolution")]
    NoConvolutionLast,
    #[error("the line {0:?} is cut")]
    LineCut(String),
    #[error("the line {0:?} is damaged")]
    LineDamaged(String),
    #[error("{0:?} is no parameter")]
    NoParameter(String),
    #[error("{0:?} is no number")]
    NoNumber(String),
    #[error("a layer has too many parameters")]
    TooManyParameters,
    #[error("it has several inputs")]
    SeveralInputs,
    #[error("its layers are not in one line: `{name}` takes `{input}`")]
    Branch { name: String, input: String },
    #[error("it has the layer {kind} (`{name}`): {}", why(kind))]
    Layer { kind: String, name: String },
    #[error("`{name}` is a ReLU before the first convolution")]
    EarlyRelu { name: String },
    #[error("`{name}` has {what} of {found:?}: not supported")]
    Sides { name: String, what: &'static str, found: (i64, i64) },
    #[error("`{name}` has {what}: not supported")]
    Feature { name: String, what: &'static str },
    #[error("`{name}`: {total} weights for {filters} kernels of {kernel}x{kernel}")]
    WeightCount { name: String, total: usize, filters: usize, kernel: usize },
    #[error("`{name}` takes {inputs} channels, and others come in")]
    Channels { name: String, inputs: usize },
    #[error("`{name}` pads {sides:?}: not supported")]
    PaddingSides { name: String, sides: [i64; 4] },
    #[error("`{name}` pads neither by zeros nor by the edge: not supported")]
    PaddingMode { name: String },
    #[error("`{name}` is {kernel}x{kernel} and padded by {own} and, before it, by {before}: not supported")]
    PaddingSize { name: String, kernel: usize, own: i64, before: i64 },
    #[error("`{name}` has the activation {activation}: the engine has no such activation")]
    Activation { name: String, activation: &'static str },
    #[error(transparent)]
    Binary(#[from] BinaryError),
    #[error("kernels of shapes {0:?} (output, input, row, column) are no SRCNN on luma or RGB")]
    Shapes(Vec<[usize; 4]>),
}

/// Why a kind of layer is not supported.
fn why(kind: &str) -> &'static str {
    match kind {
        "PReLU" | "Clip" | "ReLU" | "TanH" | "Sigmoid" => "the engine has no such activation",
        "PixelShuffle" => "sub-pixel layers (ESPCN) are not supported yet",
        "Deconvolution" => "transposed convolutions (FSRCNN) are not supported yet",
        _ => "not supported",
    }
}

/// Weights that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum BinaryError {
    #[error("`{name}` has weights stored as {tag:#010x}: f32 and half are read")]
    Storage { name: String, tag: u32 },
    #[error("the .bin ends within the weights of `{name}`")]
    Cut { name: String },
}

/// Layers that this crate cannot compute.
#[derive(Debug, thiserror::Error)]
pub(super) enum NetworkError {
    #[error("it does not say how many channels it takes, or has too many")]
    Channels,
    #[error("its layers do not lead to one result")]
    NoOutput,
    #[error("it has the layer {kind} (`{name}`): not supported as it is")]
    Layer { kind: String, name: String },
    #[error("there is no blob `{name}`")]
    NoBlob { name: String },
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error(transparent)]
    Binary(#[from] BinaryError),
    #[error(transparent)]
    Graph(#[from] crate::model::graph::GraphError),
}
