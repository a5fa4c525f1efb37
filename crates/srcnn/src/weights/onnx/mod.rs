//! ONNX: a graph that is one line of convolutions, read and written.
//!
//! The graph says all about the layers: paddings and activations are read from it. `Pad` by the edge before a convolution
//! is replication; `Resize` before the network says how its input was enlarged. Every operator that is not known ends
//! reading with its name.

mod fold;
mod graph;
mod resize;
mod wire;
mod write;

use std::collections::HashMap;

use super::chain::{AxisOrder, KernelTensor, fits, to_layers};
use super::{Format, WeightError, WeightFile, metadata};
use crate::model::{Activation, Facts, Padding};
use graph::{Graph, Node};
pub use write::to_onnx;

const FORMAT: Format = Format::Onnx;

/// Whether bytes begin as models do: with a small version of the format.
pub(super) fn begins(bytes: &[u8]) -> bool {
    matches!(bytes, [0x08, 1..=100, ..])
}

/// Reads the chain of layers.
pub(super) fn read(bytes: &[u8]) -> Result<WeightFile, WeightError> {
    let absent = |reason: String| WeightError::NoNetwork { format: FORMAT, reason };
    let graph = Graph::read(bytes).map_err(|reason| WeightError::Damaged { format: FORMAT, reason })?;
    let mut chain =
        Chain { graph: &graph, budget: bytes.len(), layers: Vec::new(), facts: Facts::default(), remarks: Vec::new() };
    chain.walk().map_err(absent)?;
    let Chain { layers, mut facts, remarks, .. } = chain;
    let (kernels, shapes): (Vec<_>, Vec<_>) =
        layers.into_iter().map(|l| (l.kernels, (l.padding, l.activation))).unzip();
    if !fits(&kernels, AxisOrder::Oihw) {
        let shapes: Vec<_> = kernels.iter().map(|k| k.shape).take(6).collect();
        let reason = format!("kernels of shapes {shapes:?} (output, input, row, column) are no SRCNN on luma or RGB");
        return Err(absent(reason));
    }
    facts.activation = Some(shapes.iter().map(|(_, activation)| *activation).collect());
    facts.padding = Some(paddings(&shapes));
    let mut notes = Default::default();
    let stated = graph.metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    if let Some((own, others)) = metadata::of_ours(stated)? {
        facts = agreed(own, facts, &shapes).map_err(absent)?;
        notes = others;
    }
    let layers = to_layers(kernels, AxisOrder::Oihw, false);
    Ok(WeightFile { format: FORMAT, facts, recognised: None, remarks, notes, layers })
}

/// Paddings; kernels of 1x1, whose padding has no effect, have the others'.
fn paddings(layers: &[(Option<Padding>, Activation)]) -> Vec<Padding> {
    let other = layers.iter().find_map(|(padding, _)| *padding).unwrap_or(Padding::Valid);
    layers.iter().map(|(padding, _)| padding.unwrap_or(other)).collect()
}

/// Our own metadata's facts, which must not contradict the graph.
fn agreed(own: Facts, graph: Facts, layers: &[(Option<Padding>, Activation)]) -> Result<Facts, String> {
    let padding = own.padding_of(layers.len()).is_none_or(|own| {
        own.len() == layers.len() && own.iter().zip(layers).all(|(own, (read, _))| read.is_none_or(|read| read == *own))
    });
    if !padding || own.activation.as_ref().is_some_and(|own| Some(own) != graph.activation.as_ref()) {
        return Err("its metadata contradicts its graph".to_owned());
    }
    Ok(own.or(graph))
}

/// A convolution; nothing is said of the padding of a kernel of 1x1.
struct Layer {
    kernels: KernelTensor,
    padding: Option<Padding>,
    activation: Activation,
}

struct Chain<'g, 'a> {
    graph: &'g Graph<'a>,
    budget: usize,
    layers: Vec<Layer>,
    facts: Facts,
    remarks: Vec<String>,
}

/// What a `Pad` adds on every side.
#[derive(Clone, Copy)]
struct Border {
    size: i64,
    padding: Padding,
}

impl<'a> Chain<'_, 'a> {
    fn walk(&mut self) -> Result<(), String> {
        let graph = self.graph;
        let ([(input, shape)], [output]) = (graph.inputs.as_slice(), graph.outputs.as_slice()) else {
            let inputs: Vec<_> = graph.inputs.iter().map(|(name, _)| name).take(6).collect();
            return Err(format!(
                "its graph has the inputs {inputs:?} and {} outputs, not one of each",
                graph.outputs.len()
            ));
        };
        let mut consumers: HashMap<&str, Vec<&Node<'a>>> = HashMap::new();
        for node in &graph.nodes {
            node.inputs.iter().for_each(|name| consumers.entry(name).or_default().push(node));
        }
        let mut at: &str = input;
        let mut border: Option<Border> = None;
        for _ in 0..=graph.nodes.len() {
            let next = consumers.get(at).map(Vec::as_slice).unwrap_or_default();
            let node = match next {
                [] if at == *output && border.is_none() => return Ok(()),
                [] => return Err(format!("its graph does not lead from its input to its output: it ends at `{at}`")),
                [node] if at != *output => node,
                nodes => {
                    let names: Vec<_> = nodes.iter().map(|n| n.operator).take(6).collect();
                    return Err(format!("its graph branches at `{at}` ({})", names.join(", ")));
                }
            };
            if node.input(0) != Some(at) || !node.standard() {
                return Err(format!("its graph has the operator {}: not supported", node.operator_name()));
            }
            match node.operator {
                "Conv" => self.convolution(node, border.take())?,
                "Pad" if border.is_none() => border = Some(self.border(node)?),
                "Relu" if border.is_none() => match self.layers.last_mut() {
                    Some(layer) => layer.activation = Activation::Relu,
                    None => return Err("its graph has a Relu before the first convolution".to_owned()),
                },
                "Resize" | "Upsample" if border.is_none() && self.layers.is_empty() && self.facts.scale.is_none() => {
                    let (facts, remark) = resize::facts(self.graph, node, shape);
                    self.facts = facts;
                    self.remarks.push(remark);
                }
                "Identity" | "Dropout" => {}
                "Cast" if matches!(node.int("to"), Some(1 | 10 | 11 | 16)) => {}
                operator => return Err(unsupported(operator)),
            }
            at = node.outputs.first().copied().unwrap_or_default();
        }
        Err("its graph runs in a circle".to_owned())
    }

    fn convolution(&mut self, node: &Node<'a>, border: Option<Border>) -> Result<(), String> {
        let number = self.layers.len() + 1;
        let constant = |at: usize| -> Result<_, String> {
            let name = node.input(at).ok_or_else(|| format!("Conv {number} has no weights"))?;
            let tensor = self.graph.constants.get(name);
            Ok((name, tensor.ok_or_else(|| format!("Conv {number}: `{name}` is no tensor that the file holds"))?))
        };
        let (name, weight) = constant(1)?;
        let dims: Option<Vec<usize>> = weight.shape.iter().map(|&n| usize::try_from(n).ok()).collect();
        let shape = dims.and_then(|d| <[usize; 4]>::try_from(d).ok());
        let shape = shape.ok_or_else(|| format!("`{name}` has the shape {:?}, not four axes", weight.shape))?;
        for (attribute, ones) in [("strides", true), ("dilations", true), ("kernel_shape", false)] {
            let found = node.ints(attribute).unwrap_or_default();
            let right =
                |at: usize, n: i64| if ones { n == 1 } else { shape.get(at + 2).is_some_and(|&k| k as i64 == n) };
            if !found.iter().enumerate().all(|(at, &n)| right(at, n)) {
                return Err(format!("Conv {number} has {attribute} {found:?}: not supported"));
            }
        }
        if let Some(group) = node.int("group").filter(|&g| g != 1) {
            return Err(format!("Conv {number} has {group} groups: not supported"));
        }
        let padding = padding(node, shape[2], border).map_err(|e| format!("Conv {number} {e}"))?;
        let mut remarks = Vec::new();
        let mut values = |count: Option<usize>, name: &str, tensor: &graph::Tensor<'_>| -> Result<Vec<f32>, String> {
            let count =
                count.filter(|&c| c <= self.budget).ok_or_else(|| format!("`{name}` claims {:?}", tensor.shape))?;
            self.budget -= count;
            let (values, float) = tensor.values(count).map_err(|e| format!("`{name}`: {e}"))?;
            remarks.extend(float.remark());
            Ok(values)
        };
        let count = shape.iter().try_fold(1usize, |product, &n| product.checked_mul(n));
        let kernels = values(count, name, weight)?;
        let biases = match node.input(2) {
            Some(_) => {
                let (name, bias) = constant(2)?;
                if bias.shape != [shape[0] as i64] {
                    return Err(format!("`{name}` has the shape {:?} for {} filters", bias.shape, shape[0]));
                }
                values(Some(shape[0]), name, bias)?
            }
            None => vec![0.0; shape[0].min(kernels.len())],
        };
        for remark in remarks {
            if !self.remarks.iter().any(|r| r == remark) {
                self.remarks.push(remark.to_owned());
            }
        }
        let kernels = KernelTensor { shape, kernels, biases };
        self.layers.push(Layer { kernels, padding, activation: Activation::None });
        Ok(())
    }

    /// What a `Pad` adds to rows and columns.
    fn border(&self, node: &Node<'a>) -> Result<Border, String> {
        let list = |at: usize| node.input(at).and_then(|name| fold::list(self.graph, name));
        let amounts: Vec<f64> = match (node.ints("pads"), list(1)) {
            (Some(pads), _) => pads.iter().map(|&p| p as f64).collect(),
            (None, Some(list)) => list?,
            (None, None) => return Err("its graph has a Pad whose sizes are not in the file".to_owned()),
        };
        let axes = match (node.input(3), list(3).transpose()?) {
            (_, Some(axes)) => axes,
            (Some(_), None) => return Err("its graph has a Pad whose axes are not in the file".to_owned()),
            (None, None) => (0..amounts.len() / 2).map(|n| n as f64).collect(),
        };
        let mut sides = [0.0; 8];
        for (n, axis) in axes.iter().enumerate() {
            let axis = if *axis < 0.0 { axis + 4.0 } else { *axis };
            let (Some(&before), Some(&after), 0.0..4.0) = (amounts.get(n), amounts.get(n + axes.len()), axis) else {
                return Err(format!("its graph has a Pad of {amounts:?}: not supported"));
            };
            sides[axis as usize] = before;
            sides[axis as usize + 4] = after;
        }
        let size = sides[2];
        if sides != [0.0, 0.0, size, size, 0.0, 0.0, size, size] || size < 0.0 {
            return Err(format!("its graph has a Pad of {amounts:?}: not supported"));
        }
        let value = node.float("value").map_or_else(|| list(2), |v| Some(Ok(vec![f64::from(v)]))).transpose()?;
        let padding = match node.text("mode").unwrap_or("constant") {
            "edge" => Padding::Replicate,
            "constant" if value.is_none_or(|v| v.iter().all(|&v| v == 0.0)) => Padding::Zero,
            mode => return Err(format!("its graph has a Pad of mode `{mode}`: not supported")),
        };
        Ok(Border { size: size as i64, padding })
    }
}

/// The padding of a convolution, with what a `Pad` before it adds; nothing for 1x1.
fn padding(node: &Node<'_>, kernel: usize, border: Option<Border>) -> Result<Option<Padding>, String> {
    let half = kernel as i64 / 2;
    let own = match node.text("auto_pad").unwrap_or("NOTSET") {
        "SAME_UPPER" | "SAME_LOWER" => half,
        "VALID" => 0,
        _ => {
            let pads = node.ints("pads").unwrap_or_default();
            let first = pads.first().copied().unwrap_or(0);
            if pads.iter().any(|&p| p != first) {
                return Err(format!("pads {pads:?}: not supported"));
            }
            first
        }
    };
    match (own, border) {
        (0, None) if kernel == 1 => Ok(None),
        (0, None) => Ok(Some(Padding::Valid)),
        (own, None) if own == half => Ok(Some(Padding::Zero)),
        (0, Some(Border { size: 0, .. })) => Ok(if kernel == 1 { None } else { Some(Padding::Valid) }),
        (0, Some(Border { size, padding })) if size == half => Ok(Some(padding)),
        (own, border) => {
            let before = border.map_or(0, |b| b.size);
            Err(format!("is {kernel}x{kernel} and padded by {own} and, before it, by {before}: not supported"))
        }
    }
}

/// Why an operator ends reading.
fn unsupported(operator: &str) -> String {
    let why = match operator {
        "PRelu" | "LeakyRelu" | "Clip" | "Tanh" | "Sigmoid" | "Elu" | "Selu" | "Gelu" => {
            ": the engine has no such activation"
        }
        "DepthToSpace" | "Reshape" | "Transpose" => ", as of a sub-pixel layer (ESPCN): not supported yet",
        "ConvTranspose" => ", as of FSRCNN: not supported yet",
        "Relu" | "Pad" | "Resize" | "Upsample" => " where none can be: not supported",
        _ => ": not supported",
    };
    format!("its graph has the operator {operator}{why}")
}
