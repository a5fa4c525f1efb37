//! The graph of a model, as far as a chain of convolutions needs it.

use std::collections::{HashMap, HashSet};

use super::error::{ChainError, ModelError, WireError};
use super::external::Beside;
use super::schema::{
    ATTRIBUTE_F, ATTRIBUTE_FLOATS, ATTRIBUTE_I, ATTRIBUTE_INTS, ATTRIBUTE_NAME, ATTRIBUTE_S, ATTRIBUTE_T, DIM_VALUE,
    ENTRY_KEY, ENTRY_VALUE, GRAPH_INITIALIZER, GRAPH_INPUT, GRAPH_NODE, GRAPH_OUTPUT, MODEL_GRAPH,
    MODEL_METADATA_PROPS, MODEL_OPSET_IMPORT, NODE_ATTRIBUTE, NODE_DOMAIN, NODE_INPUT, NODE_OP_TYPE, NODE_OUTPUT,
    TENSOR_TYPE_SHAPE, TYPE_TENSOR, VALUE_NAME, VALUE_TYPE,
};
use super::tensor::{MAX_LIST, Tensor};
use super::wire::{Field, Parts, fields, singles, varints};

/// Nodes `Identity` between a constant and its use.
const MAX_NAMES: usize = 16;
/// Fields of TensorFlow's `SavedModel` (saved_model.proto): a version and a `MetaGraphDef` (meta_graph.proto), whose first
/// fields are a `MetaInfoDef` and a `GraphDef`.
const SAVED_MODEL_FIELDS: [u64; 2] = [1, 2];
const META_INFO: u64 = 1;
const GRAPH_DEF: u64 = 2;

/// A model's graph and metadata.
#[derive(Default)]
pub(super) struct Graph<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    /// Tensors that the file holds: initializers, and those of `Constant` nodes.
    pub(super) constants: HashMap<&'a str, Tensor<'a>>,
    /// Names and shapes, zero where a side is not fixed.
    pub(super) inputs: Vec<(&'a str, Vec<i64>)>,
    pub(super) outputs: Vec<&'a str>,
    pub(super) metadata: Vec<(&'a str, &'a str)>,
    /// Positions of the nodes by the names of their outputs.
    producers: HashMap<&'a str, usize>,
}

/// An operation on tensors.
#[derive(Default)]
pub(super) struct Node<'a> {
    pub(super) operator: &'a str,
    domain: &'a str,
    pub(super) inputs: Vec<&'a str>,
    pub(super) outputs: Vec<&'a str>,
    attributes: Vec<Attribute<'a>>,
}

#[derive(Default)]
struct Attribute<'a> {
    name: &'a str,
    int: i64,
    float: Option<f32>,
    text: &'a str,
    ints: Vec<i64>,
    floats: Vec<f32>,
    tensor: Option<&'a [u8]>,
}

impl<'a> Graph<'a> {
    /// Reads a `ModelProto`.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, ModelError> {
        let mut graph = Self::default();
        let mut parts = Parts::default();
        let (mut whole, mut versioned) = (false, false);
        for field in fields(bytes) {
            match field? {
                (MODEL_GRAPH, Field::Bytes(message)) => {
                    graph.graph(message, &mut parts)?;
                    whole = true;
                }
                (MODEL_OPSET_IMPORT, Field::Bytes(_)) => versioned = true,
                (MODEL_METADATA_PROPS, Field::Bytes(message)) => graph.metadata.push(entry(message, &mut parts)?),
                _ => {}
            }
        }
        let outputs = graph.nodes.iter().enumerate().flat_map(|(at, node)| node.outputs.iter().map(move |o| (*o, at)));
        graph.producers = outputs.collect();
        match (whole, versioned) {
            (true, true) => Ok(graph),
            (true, false) => Err(ModelError::NoOperatorSet),
            (false, _) if saved_model(bytes) => Err(ModelError::SavedModel),
            (false, _) => Err(ModelError::NoGraph),
        }
    }

    /// Reads the values of constants that are in files beside the model.
    pub(super) fn load(&mut self, beside: &Beside<'_>) -> Result<(), ChainError> {
        // By name, so that the same file gives the same error.
        let mut names: Vec<_> = self.constants.keys().copied().collect();
        names.sort_unstable();
        for name in names {
            let Some(tensor) = self.constants.get_mut(name) else { continue };
            tensor.load(beside).map_err(|reason| ChainError::Values { name: name.to_owned(), reason })?;
        }
        Ok(())
    }

    /// Bytes of the model, `own`, and of its values in other files.
    pub(super) fn size(&self, own: usize) -> usize {
        self.constants.values().fold(own, |sum, tensor| sum.saturating_add(tensor.loaded()))
    }

    /// The constant of this name, also where nodes `Identity` give it another one.
    pub(super) fn constant(&self, name: &str) -> Option<&Tensor<'a>> {
        let mut name = name;
        for _ in 0..=MAX_NAMES {
            if let Some(tensor) = self.constants.get(name) {
                return Some(tensor);
            }
            let node = self.producer(name).filter(|n| n.standard() && n.operator == "Identity")?;
            name = node.input(0)?;
        }
        None
    }

    /// Keeps of a graph with several outputs what leads to one of them.
    pub(super) fn keep(&mut self, output: &'a str) {
        let mut wanted: Vec<&str> = vec![output];
        let mut kept: HashSet<usize> = HashSet::new();
        let mut needed: HashSet<&str> = HashSet::new();
        while let Some(name) = wanted.pop() {
            if !needed.insert(name) {
                continue;
            }
            if let Some(&at) = self.producers.get(name).filter(|&&at| kept.insert(at)) {
                wanted.extend(&self.nodes[at].inputs);
            }
        }
        let mut at = 0;
        self.nodes.retain(|_| {
            at += 1;
            kept.contains(&(at - 1))
        });
        self.inputs.retain(|(name, _)| needed.contains(name));
        self.outputs = vec![output];
        let outputs = self.nodes.iter().enumerate().flat_map(|(at, node)| node.outputs.iter().map(move |o| (*o, at)));
        self.producers = outputs.collect();
    }

    /// The node whose output a tensor is.
    pub(super) fn producer(&self, name: &str) -> Option<&Node<'a>> {
        self.producers.get(name).map(|&at| &self.nodes[at])
    }

    fn graph(&mut self, message: &'a [u8], parts: &mut Parts) -> Result<(), WireError> {
        for field in fields(message) {
            match field? {
                (GRAPH_NODE, Field::Bytes(message)) => {
                    parts.one()?;
                    let node = Node::read(message, parts)?;
                    let value = node.attributes.iter().find(|a| a.name == "value").and_then(|a| a.tensor);
                    match (node.operator, node.outputs.first(), value) {
                        ("Constant", Some(output), Some(value)) => {
                            self.constants.insert(output, Tensor::read(value, parts)?.1);
                        }
                        _ => self.nodes.push(node),
                    }
                }
                (GRAPH_INITIALIZER, Field::Bytes(message)) => {
                    let (name, tensor) = Tensor::read(message, parts)?;
                    self.constants.insert(name, tensor);
                }
                (GRAPH_INPUT, Field::Bytes(message)) => self.inputs.push(value_info(message, parts)?),
                (GRAPH_OUTPUT, Field::Bytes(message)) => self.outputs.push(value_info(message, parts)?.0),
                _ => {}
            }
        }
        // Older files list initializers among the inputs.
        let constants = &self.constants;
        self.inputs.retain(|(name, _)| !constants.contains_key(name));
        Ok(())
    }
}

impl<'a> Node<'a> {
    fn read(message: &'a [u8], parts: &mut Parts) -> Result<Self, WireError> {
        let mut node = Self::default();
        for field in fields(message) {
            parts.one()?;
            match field? {
                (NODE_INPUT, name) => node.inputs.push(name.text()),
                (NODE_OUTPUT, name) => node.outputs.push(name.text()),
                (NODE_OP_TYPE, operator) => node.operator = operator.text(),
                (NODE_ATTRIBUTE, Field::Bytes(message)) => node.attributes.push(Attribute::read(message)?),
                (NODE_DOMAIN, domain) => node.domain = domain.text(),
                _ => {}
            }
        }
        Ok(node)
    }

    /// The operator, with its domain unless that is ONNX's own.
    pub(super) fn operator_name(&self) -> String {
        match self.domain {
            "" | "ai.onnx" => self.operator.to_owned(),
            domain => format!("{domain}.{}", self.operator),
        }
    }

    /// Whether it is one of ONNX's own operators.
    pub(super) fn standard(&self) -> bool {
        matches!(self.domain, "" | "ai.onnx")
    }

    /// Name of an input; nothing for an optional one that is left out, whose name is empty.
    pub(super) fn input(&self, at: usize) -> Option<&'a str> {
        self.inputs.get(at).copied().filter(|name| !name.is_empty())
    }

    fn attribute(&self, name: &str) -> Option<&Attribute<'a>> {
        self.attributes.iter().find(|a| a.name == name)
    }

    pub(super) fn int(&self, name: &str) -> Option<i64> {
        self.attribute(name).map(|a| a.int)
    }

    pub(super) fn float(&self, name: &str) -> Option<f32> {
        self.attribute(name).and_then(|a| a.float)
    }

    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.attribute(name).map(|a| a.text)
    }

    pub(super) fn tensor(&self, name: &str) -> Option<Tensor<'a>> {
        let message = self.attribute(name)?.tensor?;
        Tensor::read(message, &mut Parts::default()).ok().map(|(_, tensor)| tensor)
    }

    pub(super) fn ints(&self, name: &str) -> Option<&[i64]> {
        self.attribute(name).map(|a| a.ints.as_slice())
    }

    pub(super) fn floats(&self, name: &str) -> Option<&[f32]> {
        self.attribute(name).map(|a| a.floats.as_slice())
    }
}

impl<'a> Attribute<'a> {
    fn read(message: &'a [u8]) -> Result<Self, WireError> {
        let mut attribute = Self::default();
        for field in fields(message) {
            match field? {
                (ATTRIBUTE_NAME, name) => attribute.name = name.text(),
                (ATTRIBUTE_F, Field::Fixed32(bytes)) => attribute.float = Some(f32::from_le_bytes(bytes)),
                (ATTRIBUTE_I, value) => attribute.int = value.int(),
                (ATTRIBUTE_S, value) => attribute.text = value.text(),
                (ATTRIBUTE_T, Field::Bytes(message)) => attribute.tensor = Some(message),
                (ATTRIBUTE_FLOATS, value) => attribute.floats.extend(singles(value).take(MAX_LIST)),
                (ATTRIBUTE_INTS, value) => {
                    for value in varints(value).take(MAX_LIST) {
                        attribute.ints.push(value?);
                    }
                }
                _ => {}
            }
            attribute.ints.truncate(MAX_LIST);
            attribute.floats.truncate(MAX_LIST);
        }
        Ok(attribute)
    }
}

/// Whether a message is TensorFlow's `SavedModel`, which begins as ONNX does.
fn saved_model(bytes: &[u8]) -> bool {
    let known = fields(bytes).all(|f| f.is_ok_and(|(number, _)| SAVED_MODEL_FIELDS.contains(&number)));
    let graphs = fields(bytes).flatten().find(|(number, _)| *number == SAVED_MODEL_FIELDS[1]);
    let numbers = |message| fields(message).map(|f| f.ok().map(|(number, _)| number)).collect::<Option<Vec<_>>>();
    let graph = graphs.and_then(|(_, meta)| numbers(meta.bytes()));
    known && graph.is_some_and(|numbers| [META_INFO, GRAPH_DEF].iter().all(|n| numbers.contains(n)))
}

/// Key and value of a `StringStringEntryProto`.
fn entry<'a>(message: &'a [u8], parts: &mut Parts) -> Result<(&'a str, &'a str), WireError> {
    parts.one()?;
    let mut entry = ("", "");
    for field in fields(message) {
        match field? {
            (ENTRY_KEY, key) => entry.0 = key.text(),
            (ENTRY_VALUE, value) => entry.1 = value.text(),
            _ => {}
        }
    }
    Ok(entry)
}

/// Name of a `ValueInfoProto`, and its shape, zero where a side is not fixed.
fn value_info<'a>(message: &'a [u8], parts: &mut Parts) -> Result<(&'a str, Vec<i64>), WireError> {
    parts.one()?;
    let (mut name, mut shape) = ("", Vec::new());
    for field in fields(message) {
        match field? {
            (VALUE_NAME, value) => name = value.text(),
            (VALUE_TYPE, value) => {
                let tensor = nested(value.bytes(), TYPE_TENSOR)?;
                for dimension in fields(nested(tensor, TENSOR_TYPE_SHAPE)?).take(MAX_LIST) {
                    let known = fields(dimension?.1.bytes()).find_map(|f| f.ok().filter(|(n, _)| *n == DIM_VALUE));
                    shape.push(known.map_or(0, |(_, value)| value.int()));
                }
            }
            _ => {}
        }
    }
    Ok((name, shape))
}

/// The message in a field; empty if there is none.
fn nested(message: &[u8], number: u64) -> Result<&[u8], WireError> {
    for field in fields(message) {
        let (found, field) = field?;
        if found == number {
            return Ok(field.bytes());
        }
    }
    Ok(&[])
}
