//! The one line of convolutions that a graph must be: followed from its input to its output.

use std::collections::HashMap;

use super::error::ChainError;
use super::graph::{Graph, Node};
use super::order::{self, Order};
use super::schema::{BFLOAT16, DOUBLE, FLOAT, FLOAT16};
use super::tensor::Tensor;
use super::{fold, resize};
use crate::model::{Activation, Facts, Padding};
use crate::weights::chain::KernelTensor;

/// Inputs or operators named in a message.
const MAX_NAMED: usize = 6;

/// A convolution.
pub(super) struct Layer {
    pub(super) kernels: KernelTensor,
    /// Unknown for kernels of 1x1.
    pub(super) padding: Option<Padding>,
    pub(super) activation: Activation,
}

/// The chain as far as it is read.
pub(super) struct Chain<'g, 'a> {
    graph: &'g Graph<'a>,
    /// Values that may still be read.
    budget: usize,
    pub(super) layers: Vec<Layer>,
    /// Facts that a `Resize` before the network states.
    pub(super) facts: Facts,
    pub(super) remarks: Vec<String>,
    /// Order of the data's axes, and that of the data which the operators on pictures take; unknown before the first.
    order: Order,
    inner: Option<Order>,
    /// Whether a `Clip` has ended the network.
    clipped: bool,
}

/// Rows and columns that a `Pad` adds on every side.
#[derive(Clone, Copy)]
struct Border {
    size: i64,
    padding: Padding,
}

impl<'g, 'a> Chain<'g, 'a> {
    /// An empty chain; `budget` bounds the values that are read.
    pub(super) fn new(graph: &'g Graph<'a>, budget: usize) -> Self {
        Self {
            graph,
            budget,
            layers: Vec::new(),
            facts: Facts::default(),
            remarks: Vec::new(),
            order: order::INPUT,
            inner: None,
            clipped: false,
        }
    }

    /// Follows the graph from its input to its output.
    pub(super) fn walk(&mut self) -> Result<(), ChainError> {
        let graph = self.graph;
        let ([(input, shape)], [output]) = (graph.inputs.as_slice(), graph.outputs.as_slice()) else {
            let inputs = graph.inputs.iter().map(|(name, _)| (*name).to_owned()).take(MAX_NAMED).collect();
            return Err(ChainError::Ends { inputs, outputs: graph.outputs.len() });
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
                [] if at == *output && border.is_none() => return self.end(),
                [] => return Err(ChainError::DeadEnd { at: at.to_owned() }),
                [node] if at != *output => node,
                nodes => {
                    let names: Vec<_> = nodes.iter().map(|n| n.operator).take(MAX_NAMED).collect();
                    return Err(ChainError::Branch { at: at.to_owned(), operators: names.join(", ") });
                }
            };
            let added = node.operator == "Add" && node.input(1) == Some(at);
            if !(node.input(0) == Some(at) || added) || !node.standard() {
                return Err(ChainError::ForeignOperator(node.operator_name()));
            }
            let operator = node.operator;
            if self.clipped && !matches!(operator, "Identity" | "Dropout" | "Cast" | "Transpose" | "Clip") {
                return Err(ChainError::BehindClip(operator.to_owned()));
            }
            if matches!(operator, "Conv" | "Pad" | "Resize" | "Upsample") {
                self.on_pictures(operator)?;
            }
            match operator {
                "Conv" => self.convolution(node, border.take())?,
                "Pad" if border.is_none() => border = Some(self.border(node)?),
                "Add" if border.is_none() => self.add(node, usize::from(!added))?,
                "Clip" if border.is_none() && !self.layers.is_empty() => self.clip(node)?,
                "Transpose" if border.is_none() => self.order = order::transposed(self.order, node)?,
                "Relu" if border.is_none() => match self.layers.last_mut() {
                    Some(layer) => layer.activation = Activation::Relu,
                    None => return Err(ChainError::EarlyRelu),
                },
                "Resize" | "Upsample" if border.is_none() && self.layers.is_empty() && self.facts.scale.is_none() => {
                    // Sides of the input in the order of the data.
                    let sides: Vec<i64> = self.order.iter().filter_map(|&axis| shape.get(axis).copied()).collect();
                    let (facts, remark) = resize::facts(self.graph, node, &sides);
                    self.facts = facts;
                    self.remarks.push(remark);
                }
                "Identity" | "Dropout" => {}
                "Cast" if matches!(node.int("to"), Some(FLOAT | FLOAT16 | DOUBLE | BFLOAT16)) => {}
                operator => return Err(ChainError::Operator { operator: operator.to_owned() }),
            }
            at = node.outputs.first().copied().unwrap_or_default();
        }
        Err(ChainError::Circle)
    }

    /// Ends the network, in an order of axes that gives its result.
    fn end(&self) -> Result<(), ChainError> {
        match self.inner {
            Some(inner) if !order::ends(self.order, inner) => Err(ChainError::Ending(self.order)),
            _ => Ok(()),
        }
    }

    /// Sees to it that all operators on pictures take them in the same order.
    fn on_pictures(&mut self, operator: &str) -> Result<(), ChainError> {
        order::check(self.order, operator)?;
        let inner = *self.inner.get_or_insert(self.order);
        if inner != self.order {
            return Err(ChainError::Order { operator: operator.to_owned(), order: self.order });
        }
        Ok(())
    }

    /// A `Clip`: the last one to 0..1, which the rounding of the result does as well.
    fn clip(&mut self, node: &Node<'a>) -> Result<(), ChainError> {
        let bound = |attribute: &str, at: usize| -> Result<Option<f64>, ChainError> {
            let list = node.input(at).and_then(|name| fold::list(self.graph, name)).transpose()?;
            Ok(match (node.float(attribute), node.input(at), list.as_deref()) {
                (Some(value), ..) => Some(f64::from(value)),
                (None, Some(_), Some([value])) => Some(*value),
                // A bound that is computed is none that is known.
                (None, Some(_), _) => Some(f64::NAN),
                (None, None, _) => None,
            })
        };
        match (bound("min", 1)?, bound("max", 2)?) {
            (Some(0.0), Some(1.0)) => {
                self.clipped = true;
                self.remark("its last Clip to 0..1 is left to the rounding of the result");
                Ok(())
            }
            (low, high) => {
                let text = |bound: Option<f64>| bound.map(|b| b.to_string()).unwrap_or_default();
                Err(ChainError::Clip(format!("{}..{}", text(low), text(high))))
            }
        }
    }

    /// An `Add` of constants to the sums of a convolution: biases. `at` is the input that holds them.
    fn add(&mut self, node: &Node<'a>, at: usize) -> Result<(), ChainError> {
        let name = node.input(at).unwrap_or_default();
        let operator = || ChainError::Operator { operator: node.operator.to_owned() };
        let tensor = self.graph.constant(name).ok_or_else(operator)?;
        let error = || ChainError::NoBias { name: name.to_owned(), shape: tensor.shape.clone() };
        let (Some(inner), Some(layer)) = (self.inner, self.layers.last_mut()) else { return Err(error()) };
        let filters = layer.kernels.biases.len();
        let channel = order::channel(self.order, inner).ok_or_else(error)?;
        // Shapes are aligned at their ends.
        let axis = |n: usize| (n + order::AXES).checked_sub(tensor.shape.len());
        let along = |n: usize, side: i64| side == 1 || axis(n) == Some(channel) && side == filters as i64;
        let biases = layer.activation == Activation::None
            && tensor.shape.len() <= order::AXES
            && tensor.shape.iter().enumerate().all(|(n, &side)| along(n, side));
        let count = tensor.shape.iter().product::<i64>() as usize;
        if !biases || count > self.budget {
            return Err(error());
        }
        self.budget -= count;
        let values = tensor.values(count).map_err(|reason| ChainError::Values { name: name.to_owned(), reason })?.0;
        for (n, bias) in layer.kernels.biases.iter_mut().enumerate() {
            *bias += values[n.min(count - 1)];
        }
        Ok(())
    }

    fn remark(&mut self, remark: &str) {
        if !self.remarks.iter().any(|r| r == remark) {
            self.remarks.push(remark.to_owned());
        }
    }

    fn convolution(&mut self, node: &Node<'a>, border: Option<Border>) -> Result<(), ChainError> {
        let conv = self.layers.len() + 1;
        let constant = |at: usize| -> Result<_, ChainError> {
            let name = node.input(at).ok_or(ChainError::NoWeights { conv })?;
            let tensor = self.graph.constant(name);
            Ok((name, tensor.ok_or_else(|| ChainError::NoTensor { conv, name: name.to_owned() })?))
        };
        let (name, weight) = constant(1)?;
        let dims: Option<Vec<usize>> = weight.shape.iter().map(|&n| usize::try_from(n).ok()).collect();
        let shape = dims.and_then(|d| <[usize; 4]>::try_from(d).ok());
        let shape = shape.ok_or_else(|| ChainError::Axes { name: name.to_owned(), shape: weight.shape.clone() })?;
        for (attribute, ones) in [("strides", true), ("dilations", true), ("kernel_shape", false)] {
            let found = node.ints(attribute).unwrap_or_default();
            let right =
                |at: usize, n: i64| if ones { n == 1 } else { shape.get(at + 2).is_some_and(|&k| k as i64 == n) };
            if !found.iter().enumerate().all(|(at, &n)| right(at, n)) {
                return Err(ChainError::Attribute { conv, attribute, found: found.to_vec() });
            }
        }
        if let Some(groups) = node.int("group").filter(|&g| g != 1) {
            return Err(ChainError::Groups { conv, groups });
        }
        let padding = padding(node, conv, shape[2], border)?;
        let mut remarks = Vec::new();
        let mut values = |count: Option<usize>, name: &str, tensor: &Tensor<'_>| -> Result<Vec<f32>, ChainError> {
            let name = name.to_owned();
            let Some(count) = count.filter(|&c| c <= self.budget) else {
                return Err(ChainError::TooLarge { name, shape: tensor.shape.clone() });
            };
            self.budget -= count;
            let (values, float) = tensor.values(count).map_err(|reason| ChainError::Values { name, reason })?;
            remarks.extend(float.remark());
            Ok(values)
        };
        let count = shape.iter().try_fold(1usize, |product, &n| product.checked_mul(n));
        let kernels = values(count, name, weight)?;
        let biases = match node.input(2) {
            Some(_) => {
                let (name, bias) = constant(2)?;
                if bias.shape != [shape[0] as i64] {
                    let (name, shape, filters) = (name.to_owned(), bias.shape.clone(), shape[0]);
                    return Err(ChainError::Biases { name, shape, filters });
                }
                values(Some(shape[0]), name, bias)?
            }
            None => vec![0.0; shape[0].min(kernels.len())],
        };
        remarks.into_iter().for_each(|remark| self.remark(remark));
        let kernels = KernelTensor { shape, kernels, biases };
        self.layers.push(Layer { kernels, padding, activation: Activation::None });
        Ok(())
    }

    /// Rows and columns that a `Pad` adds.
    fn border(&self, node: &Node<'a>) -> Result<Border, ChainError> {
        let list = |at: usize| node.input(at).and_then(|name| fold::list(self.graph, name));
        let amounts: Vec<f64> = match (node.ints("pads"), list(1)) {
            (Some(pads), _) => pads.iter().map(|&p| p as f64).collect(),
            (None, Some(list)) => list?,
            (None, None) => return Err(ChainError::UnknownPad("sizes")),
        };
        let axes = match (node.input(3), list(3).transpose()?) {
            (_, Some(axes)) => axes,
            (Some(_), None) => return Err(ChainError::UnknownPad("axes")),
            (None, None) => (0..amounts.len() / 2).map(|n| n as f64).collect(),
        };
        let mut sides = [0.0; 8];
        for (n, axis) in axes.iter().enumerate() {
            let axis = if *axis < 0.0 { axis + 4.0 } else { *axis };
            let (Some(&before), Some(&after), 0.0..4.0) = (amounts.get(n), amounts.get(n + axes.len()), axis) else {
                return Err(ChainError::Pad(amounts));
            };
            sides[axis as usize] = before;
            sides[axis as usize + 4] = after;
        }
        let size = sides[2];
        if sides != [0.0, 0.0, size, size, 0.0, 0.0, size, size] || size < 0.0 {
            return Err(ChainError::Pad(amounts));
        }
        let value = node.float("value").map_or_else(|| list(2), |v| Some(Ok(vec![f64::from(v)]))).transpose()?;
        let padding = match node.text("mode").unwrap_or("constant") {
            "edge" => Padding::Replicate,
            "constant" if value.is_none_or(|v| v.iter().all(|&v| v == 0.0)) => Padding::Zero,
            mode => return Err(ChainError::PadMode(mode.to_owned())),
        };
        Ok(Border { size: size as i64, padding })
    }
}

/// Padding of a convolution together with a `Pad` before it; unknown for 1x1.
fn padding(node: &Node<'_>, conv: usize, kernel: usize, border: Option<Border>) -> Result<Option<Padding>, ChainError> {
    let half = kernel as i64 / 2;
    let own = match node.text("auto_pad").unwrap_or("NOTSET") {
        "SAME_UPPER" | "SAME_LOWER" => half,
        "VALID" => 0,
        _ => {
            let pads = node.ints("pads").unwrap_or_default();
            let first = pads.first().copied().unwrap_or(0);
            if pads.iter().any(|&p| p != first) {
                return Err(ChainError::Pads { conv, pads: pads.to_vec() });
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
            Err(ChainError::PaddingSize { conv, kernel, own, before })
        }
    }
}
