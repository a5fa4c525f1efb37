//! The parts of ONNX's messages that a chain of convolutions needs (onnx.proto, IR versions 3 to 13).

use std::collections::HashMap;

use super::super::floats::Float;
use super::wire::{Field, fields, varints};

/// A model's graph and what is said beside it.
#[derive(Default)]
pub(super) struct Graph<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    /// Tensors that the file holds: initialisers, and what `Constant` gives.
    pub(super) constants: HashMap<&'a str, Tensor<'a>>,
    pub(super) inputs: Vec<(&'a str, Vec<i64>)>,
    pub(super) outputs: Vec<&'a str>,
    pub(super) metadata: Vec<(&'a str, &'a str)>,
    /// Which node gives a tensor.
    producers: HashMap<&'a str, usize>,
}

/// An operation.
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

/// A tensor; its values are read when they are needed.
#[derive(Clone, Default)]
pub(super) struct Tensor<'a> {
    message: &'a [u8],
    pub(super) shape: Vec<i64>,
    kind: i64,
    elsewhere: bool,
}

/// Nodes, names, attributes and tensors of a file together; a chain of convolutions has some hundred.
const MAX_PARTS: usize = 1 << 16;
/// Numbers of a list that is looked at: paddings, scales, axes.
const MAX_LIST: usize = 32;

impl<'a> Graph<'a> {
    /// Reads a `ModelProto`.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, String> {
        let mut graph = Self::default();
        let mut parts = Parts(0);
        let (mut whole, mut versioned) = (false, false);
        for field in fields(bytes) {
            match field? {
                (7, Field::Bytes(message)) => {
                    graph.graph(message, &mut parts)?;
                    whole = true;
                }
                (8, Field::Bytes(_)) => versioned = true,
                (14, Field::Bytes(message)) => graph.metadata.push(entry(message, &mut parts)?),
                _ => {}
            }
        }
        let outputs = graph.nodes.iter().enumerate().flat_map(|(at, node)| node.outputs.iter().map(move |o| (*o, at)));
        graph.producers = outputs.collect();
        match (whole, versioned) {
            (true, true) => Ok(graph),
            (true, false) => Err("it names no operator set".to_owned()),
            (false, _) => Err("it has no graph".to_owned()),
        }
    }

    /// The node that gives a tensor.
    pub(super) fn producer(&self, name: &str) -> Option<&Node<'a>> {
        self.producers.get(name).map(|&at| &self.nodes[at])
    }

    fn graph(&mut self, message: &'a [u8], parts: &mut Parts) -> Result<(), String> {
        for field in fields(message) {
            match field? {
                (1, Field::Bytes(message)) => {
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
                (5, Field::Bytes(message)) => {
                    let (name, tensor) = Tensor::read(message, parts)?;
                    self.constants.insert(name, tensor);
                }
                (11, Field::Bytes(message)) => self.inputs.push(value_info(message, parts)?),
                (12, Field::Bytes(message)) => self.outputs.push(value_info(message, parts)?.0),
                _ => {}
            }
        }
        // Older files list initialisers among the inputs.
        let constants = &self.constants;
        self.inputs.retain(|(name, _)| !constants.contains_key(name));
        Ok(())
    }
}

impl<'a> Node<'a> {
    fn read(message: &'a [u8], parts: &mut Parts) -> Result<Self, String> {
        let mut node = Self::default();
        for field in fields(message) {
            parts.one()?;
            match field? {
                (1, name) => node.inputs.push(name.text()),
                (2, name) => node.outputs.push(name.text()),
                (4, operator) => node.operator = operator.text(),
                (5, Field::Bytes(message)) => node.attributes.push(Attribute::read(message)?),
                (7, domain) => node.domain = domain.text(),
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

    /// An input that is there; optional ones may have an empty name.
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
        Tensor::read(message, &mut Parts(0)).ok().map(|(_, tensor)| tensor)
    }

    pub(super) fn ints(&self, name: &str) -> Option<&[i64]> {
        self.attribute(name).map(|a| a.ints.as_slice())
    }

    pub(super) fn floats(&self, name: &str) -> Option<&[f32]> {
        self.attribute(name).map(|a| a.floats.as_slice())
    }
}

impl<'a> Attribute<'a> {
    fn read(message: &'a [u8]) -> Result<Self, String> {
        let mut attribute = Self::default();
        for field in fields(message) {
            match field? {
                (1, name) => attribute.name = name.text(),
                (2, Field::Fixed32(bytes)) => attribute.float = Some(f32::from_le_bytes(bytes)),
                (3, value) => attribute.int = value.int(),
                (4, value) => attribute.text = value.text(),
                (5, Field::Bytes(message)) => attribute.tensor = Some(message),
                (7, value) => attribute.floats.extend(singles(value).take(MAX_LIST)),
                (8, value) => {
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

impl<'a> Tensor<'a> {
    fn read(message: &'a [u8], parts: &mut Parts) -> Result<(&'a str, Self), String> {
        parts.one()?;
        let mut tensor = Self { message, ..Self::default() };
        let mut name = "";
        for field in fields(message) {
            match field? {
                (1, value) => {
                    for value in varints(value).take(MAX_LIST) {
                        tensor.shape.push(value?);
                    }
                }
                (2, value) => tensor.kind = value.int(),
                (8, value) => name = value.text(),
                (13, _) => tensor.elsewhere = true,
                (14, value) => tensor.elsewhere |= value.int() == 1,
                _ => {}
            }
            tensor.shape.truncate(MAX_LIST);
        }
        Ok((name, tensor))
    }

    fn here(&self) -> Result<(), String> {
        if self.elsewhere {
            return Err("its values are in another file (external data); save the model in one file".to_owned());
        }
        Ok(())
    }

    /// The values of a tensor of `count` floats, and how they are stored.
    pub(super) fn values(&self, count: usize) -> Result<(Vec<f32>, Float), String> {
        self.here()?;
        let (float, own) = match self.kind {
            1 => (Float::Single, 4),
            10 => (Float::Half, 5),
            11 => (Float::Double, 10),
            16 => (Float::Brain, 5),
            kind => return Err(format!("its values are of ONNX's type {kind}, no floating-point numbers")),
        };
        let mut values = Vec::with_capacity(count.min(self.message.len()));
        for field in fields(self.message) {
            let (number, field) = field?;
            match (number, field) {
                (9, Field::Bytes(bytes)) => values.extend(float.read_all(bytes).into_iter().take(count + 1)),
                (number, _) if number != own => {}
                (4, field) => values.extend(singles(field)),
                (10, Field::Bytes(bytes)) => values.extend(Float::Double.read_all(bytes)),
                (10, Field::Fixed64(bytes)) => values.push(f64::from_le_bytes(bytes) as f32),
                (5, field) => {
                    for bits in varints(field).take(count + 1) {
                        values.push(float.read(&(bits? as u16).to_le_bytes()));
                    }
                }
                _ => {}
            }
            if values.len() > count {
                break;
            }
        }
        if values.len() != count {
            return Err(format!("it holds not as many values as its shape {:?} says", self.shape));
        }
        Ok((values, float))
    }

    /// A short list of numbers, whole or not.
    pub(super) fn list(&self) -> Result<Vec<f64>, String> {
        self.here()?;
        let count = self.shape.iter().try_fold(1i64, |product, &n| product.checked_mul(n));
        let count = count.and_then(|c| usize::try_from(c).ok()).filter(|&c| c <= MAX_LIST);
        let count = count.ok_or_else(|| format!("a list has the shape {:?}", self.shape))?;
        if self.kind != 7 {
            return Ok(self.values(count)?.0.into_iter().map(f64::from).collect());
        }
        let mut list = Vec::new();
        for field in fields(self.message) {
            match field? {
                (9, Field::Bytes(bytes)) => {
                    let words = bytes.as_chunks::<8>().0.iter().take(MAX_LIST);
                    list.extend(words.map(|b| i64::from_le_bytes(*b) as f64));
                }
                (7, field) => {
                    for value in varints(field).take(MAX_LIST) {
                        list.push(value? as f64);
                    }
                }
                _ => {}
            }
            list.truncate(MAX_LIST + 1);
        }
        if list.len() == count { Ok(list) } else { Err("a list has another length than it says".to_owned()) }
    }
}

/// Counts what is read.
struct Parts(usize);

impl Parts {
    fn one(&mut self) -> Result<(), String> {
        self.0 += 1;
        if self.0 > MAX_PARTS { Err(format!("its graph has more than {MAX_PARTS} parts")) } else { Ok(()) }
    }
}

fn singles(field: Field<'_>) -> impl Iterator<Item = f32> {
    let (single, packed): (_, &[u8]) = match field {
        Field::Fixed32(bytes) => (Some(f32::from_le_bytes(bytes)), &[]),
        Field::Bytes(bytes) => (None, bytes),
        Field::Varint(_) | Field::Fixed64(_) => (None, &[]),
    };
    single.into_iter().chain(packed.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)))
}

/// A `StringStringEntryProto`.
fn entry<'a>(message: &'a [u8], parts: &mut Parts) -> Result<(&'a str, &'a str), String> {
    parts.one()?;
    let mut entry = ("", "");
    for field in fields(message) {
        match field? {
            (1, key) => entry.0 = key.text(),
            (2, value) => entry.1 = value.text(),
            _ => {}
        }
    }
    Ok(entry)
}

/// The name of a `ValueInfoProto`, and its shape, zero where it is not fixed.
fn value_info<'a>(message: &'a [u8], parts: &mut Parts) -> Result<(&'a str, Vec<i64>), String> {
    parts.one()?;
    let (mut name, mut shape) = ("", Vec::new());
    for field in fields(message) {
        match field? {
            (1, value) => name = value.text(),
            (2, value) => {
                let tensor = nested(value.bytes(), 1)?;
                for dimension in fields(nested(tensor, 2)?).take(MAX_LIST) {
                    let known = fields(dimension?.1.bytes()).find_map(|f| f.ok().filter(|(n, _)| *n == 1));
                    shape.push(known.map_or(0, |(_, value)| value.int()));
                }
            }
            _ => {}
        }
    }
    Ok((name, shape))
}

/// The message in a field, empty if there is none.
fn nested(message: &[u8], number: u64) -> Result<&[u8], String> {
    for field in fields(message) {
        let (found, field) = field?;
        if found == number {
            return Ok(field.bytes());
        }
    }
    Ok(&[])
}
