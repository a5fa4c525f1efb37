//! Why an ONNX file is not read.

/// A message that cannot be read.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(super) enum WireError {
    #[error("it ends within a number")]
    NumberCut,
    #[error("it has a number of too many bytes")]
    NumberTooLong,
    #[error("it ends within a field")]
    FieldCut,
    #[error("it has a field of the unknown kind {0}")]
    FieldKind(u64),
    #[error("its graph has more than {0} parts")]
    TooManyParts(usize),
}

/// A model without graph or operator set.
#[derive(Debug, thiserror::Error)]
pub(super) enum ModelError {
    #[error("it names no operator set")]
    NoOperatorSet,
    #[error("it has no graph")]
    NoGraph,
    #[error(
        "it is TensorFlow's saved_model.pb, whose weights are in the folder `variables` beside it; save the Keras model as \
         .keras or .h5, or export it as ONNX (tf2onnx)"
    )]
    SavedModel,
    #[error(transparent)]
    Wire(#[from] WireError),
}

/// A tensor whose values cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum TensorError {
    #[error(
        "its values are in another file (external data), `{0}`, which is read where the model is opened by its path"
    )]
    Elsewhere(String),
    #[error(transparent)]
    External(#[from] ExternalError),
    #[error("its values are of ONNX's type {0}, no floating-point numbers")]
    Type(i64),
    #[error("it holds not as many values as its shape {0:?} says")]
    Count(Vec<i64>),
    #[error("a list has the shape {0:?}")]
    ListShape(Vec<i64>),
    #[error("a list has another length than it says")]
    ListLength,
    #[error(transparent)]
    Wire(#[from] WireError),
}

/// A part of a file beside the model that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(in crate::weights) enum BesideError {
    #[error("which is no name of a file beside the model: other folders are not read")]
    Outside,
    #[error("which is no regular file")]
    NoFile,
    #[error("which cannot be read: {0}")]
    Io(#[from] std::io::Error),
    #[error("which has {found} bytes and not those from {offset} to {end}")]
    Short { found: u64, offset: u64, end: u128 },
    #[error("of which more is asked for than it has")]
    Repeated,
}

/// Values in another file that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ExternalError {
    #[error("its values are in the file `{location}`, {reason}")]
    File { location: String, reason: BesideError },
    #[error("its values are in another file at `{0}`, which is no number")]
    Number(String),
    #[error("its values are {length} bytes of another file, and its shape needs {size}")]
    Length { length: u64, size: usize },
}

/// A graph that is no chain of convolutions.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChainError {
    #[error("its graph has the inputs {inputs:?} and {outputs} outputs, not one of each")]
    Ends { inputs: Vec<String>, outputs: usize },
    #[error("its graph does not lead from its input to its output: it ends at `{at}`")]
    DeadEnd { at: String },
    #[error("its graph branches at `{at}` ({operators})")]
    Branch { at: String, operators: String },
    #[error("its graph runs in a circle")]
    Circle,
    #[error("its graph has the operator {0}: not supported")]
    ForeignOperator(String),
    #[error("its graph has the operator {operator}{}", why(operator))]
    Operator { operator: String },
    #[error("its graph has a Relu before the first convolution")]
    EarlyRelu,
    #[error("its graph has a Clip to {0}: only a last one to 0..1 is read")]
    Clip(String),
    #[error("its graph has {0} behind its Clip")]
    BehindClip(String),
    #[error(
        "its graph has a Transpose by {0:?}: only between channels first (NCHW) and channels last (NHWC) are they read"
    )]
    Transpose(Vec<i64>),
    #[error("its graph has {operator} on data in the order {order:?}: export it with channels first (NCHW)")]
    Order { operator: String, order: [usize; 4] },
    #[error(
        "its graph ends with the axes of its input in the order {0:?}: only channels first (NCHW) or last (NHWC) are read"
    )]
    Ending([usize; 4]),
    #[error("its graph adds `{name}` of shape {shape:?}, which are no biases of a convolution: not supported")]
    NoBias { name: String, shape: Vec<i64> },
    #[error("Conv {conv} has no weights")]
    NoWeights { conv: usize },
    #[error("Conv {conv}: `{name}` is no tensor that the file holds")]
    NoTensor { conv: usize, name: String },
    #[error("`{name}` has the shape {shape:?}, not four axes")]
    Axes { name: String, shape: Vec<i64> },
    #[error("Conv {conv} has {attribute} {found:?}: not supported")]
    Attribute { conv: usize, attribute: &'static str, found: Vec<i64> },
    #[error("Conv {conv} has {groups} groups: not supported")]
    Groups { conv: usize, groups: i64 },
    #[error("Conv {conv} pads {pads:?}: not supported")]
    Pads { conv: usize, pads: Vec<i64> },
    #[error("Conv {conv} is {kernel}x{kernel} and padded by {own} and, before it, by {before}: not supported")]
    PaddingSize { conv: usize, kernel: usize, own: i64, before: i64 },
    #[error("`{name}` claims {shape:?}")]
    TooLarge { name: String, shape: Vec<i64> },
    #[error("`{name}` has the shape {shape:?} for {filters} filters")]
    Biases { name: String, shape: Vec<i64>, filters: usize },
    #[error("`{name}`: {reason}")]
    Values { name: String, reason: TensorError },
    #[error(transparent)]
    List(#[from] TensorError),
    #[error("its graph has a Pad whose {0} are not in the file")]
    UnknownPad(&'static str),
    #[error("its graph has a Pad of {0:?}: not supported")]
    Pad(Vec<f64>),
    #[error("its graph has a Pad of mode `{0}`: not supported")]
    PadMode(String),
    #[error("kernels of shapes {0:?} (output, input, row, column) are no SRCNN on luma or RGB")]
    Shapes(Vec<[usize; 4]>),
    #[error("its metadata contradicts its graph")]
    Contradiction,
}

/// Why an operator is not supported.
fn why(operator: &str) -> &'static str {
    match operator {
        "PRelu" | "LeakyRelu" | "Clip" | "Tanh" | "Sigmoid" | "Elu" | "Selu" | "Gelu" => {
            ": the engine has no such activation"
        }
        "DepthToSpace" | "Reshape" => ", as of a sub-pixel layer (ESPCN): not supported yet",
        "ConvTranspose" => ", as of FSRCNN: not supported yet",
        "Relu" | "Pad" | "Resize" | "Upsample" | "Transpose" => " where none can be: not supported",
        _ => ": not supported",
    }
}

/// A graph that this crate cannot compute.
#[derive(Debug, thiserror::Error)]
pub(super) enum NetworkError {
    #[error("its graph has {inputs} inputs and {outputs} outputs, not one of each")]
    Ends { inputs: usize, outputs: usize },
    #[error("its graph does not say how many channels it takes, or has too many")]
    Channels,
    #[error("its graph does not lead from its input to its output")]
    NoOutput,
    #[error("its graph has the operator {0}: not supported")]
    Operator(String),
    #[error("its graph has the operator {operator} {what}: not supported")]
    Unread { operator: String, what: &'static str },
    #[error("its graph has the operator {operator} with {name} {found:?}: not supported")]
    Attribute { operator: String, name: &'static str, found: Vec<i64> },
    #[error("its graph has the operator {operator}, whose `{name}` is no tensor that the file holds")]
    NoTensor { operator: String, name: String },
    #[error("its graph has the operator {operator} with numbers of shape {shape:?}: not supported")]
    Shape { operator: String, shape: Vec<usize> },
    #[error("`{name}`: {reason}")]
    Values { name: String, reason: TensorError },
    #[error(transparent)]
    Graph(#[from] crate::model::graph::GraphError),
}
