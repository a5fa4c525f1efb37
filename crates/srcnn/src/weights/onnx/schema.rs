//! Field numbers and enum values of the messages in onnx.proto (IR versions 3 to 13).

// ModelProto
pub(super) const MODEL_IR_VERSION: u64 = 1;
pub(super) const MODEL_PRODUCER_NAME: u64 = 2;
pub(super) const MODEL_GRAPH: u64 = 7;
pub(super) const MODEL_OPSET_IMPORT: u64 = 8;
pub(super) const MODEL_METADATA_PROPS: u64 = 14;

// OperatorSetIdProto
pub(super) const OPSET_DOMAIN: u64 = 1;
pub(super) const OPSET_VERSION: u64 = 2;

// StringStringEntryProto
pub(super) const ENTRY_KEY: u64 = 1;
pub(super) const ENTRY_VALUE: u64 = 2;

// GraphProto
pub(super) const GRAPH_NODE: u64 = 1;
pub(super) const GRAPH_NAME: u64 = 2;
pub(super) const GRAPH_INITIALIZER: u64 = 5;
pub(super) const GRAPH_INPUT: u64 = 11;
pub(super) const GRAPH_OUTPUT: u64 = 12;

// NodeProto
pub(super) const NODE_INPUT: u64 = 1;
pub(super) const NODE_OUTPUT: u64 = 2;
pub(super) const NODE_NAME: u64 = 3;
pub(super) const NODE_OP_TYPE: u64 = 4;
pub(super) const NODE_ATTRIBUTE: u64 = 5;
pub(super) const NODE_DOMAIN: u64 = 7;

// AttributeProto
pub(super) const ATTRIBUTE_NAME: u64 = 1;
pub(super) const ATTRIBUTE_F: u64 = 2;
pub(super) const ATTRIBUTE_I: u64 = 3;
pub(super) const ATTRIBUTE_S: u64 = 4;
pub(super) const ATTRIBUTE_T: u64 = 5;
pub(super) const ATTRIBUTE_FLOATS: u64 = 7;
pub(super) const ATTRIBUTE_INTS: u64 = 8;
pub(super) const ATTRIBUTE_TYPE: u64 = 20;

// AttributeProto.AttributeType
pub(super) const TYPE_FLOAT: i64 = 1;
pub(super) const TYPE_INT: i64 = 2;
pub(super) const TYPE_STRING: i64 = 3;
pub(super) const TYPE_INTS: i64 = 7;

// TensorProto
pub(super) const TENSOR_DIMS: u64 = 1;
pub(super) const TENSOR_DATA_TYPE: u64 = 2;
pub(super) const TENSOR_FLOAT_DATA: u64 = 4;
pub(super) const TENSOR_INT32_DATA: u64 = 5;
pub(super) const TENSOR_INT64_DATA: u64 = 7;
pub(super) const TENSOR_NAME: u64 = 8;
pub(super) const TENSOR_RAW_DATA: u64 = 9;
pub(super) const TENSOR_DOUBLE_DATA: u64 = 10;
pub(super) const TENSOR_EXTERNAL_DATA: u64 = 13;
pub(super) const TENSOR_DATA_LOCATION: u64 = 14;

// TensorProto.DataType
pub(super) const FLOAT: i64 = 1;
pub(super) const INT64: i64 = 7;
pub(super) const FLOAT16: i64 = 10;
pub(super) const DOUBLE: i64 = 11;
pub(super) const BFLOAT16: i64 = 16;

// TensorProto.DataLocation
pub(super) const EXTERNAL: i64 = 1;

// ValueInfoProto
pub(super) const VALUE_NAME: u64 = 1;
pub(super) const VALUE_TYPE: u64 = 2;

// TypeProto and TypeProto.Tensor
pub(super) const TYPE_TENSOR: u64 = 1;
pub(super) const TENSOR_TYPE_ELEM: u64 = 1;
pub(super) const TENSOR_TYPE_SHAPE: u64 = 2;

// TensorShapeProto and TensorShapeProto.Dimension
pub(super) const SHAPE_DIM: u64 = 1;
pub(super) const DIM_VALUE: u64 = 1;
pub(super) const DIM_PARAM: u64 = 2;
