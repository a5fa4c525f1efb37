//! Graphs that are no chain of plain convolutions, operation by operation.

use std::collections::HashMap;

use super::error::NetworkError;
use super::fold;
use super::graph::{Graph, Node};
use super::schema::{BFLOAT16, DOUBLE, FLOAT, FLOAT16};
use crate::model::LayerWeights;
use crate::model::graph::{
    self, Convolution, Enlargement, Fill, Function, GraphBuilder, Operation, Sides, Transposed, Value,
};
use crate::resample::Convention;

/// More channels than any network has: numbers that a file states do not make more memory than it has.
const MAX_CHANNELS: usize = 1 << 14;
/// More numbers than any network has that are one for all channels.
const MAX_SPREAD: usize = 1 << 22;

/// A network and the weights of each of its operations that has any.
pub(super) struct Network {
    pub(super) graph: graph::Graph,
    pub(super) weights: Vec<LayerWeights>,
    pub(super) remarks: Vec<String>,
}

/// A tensor of the file as a value of the graph.
#[derive(Clone, Copy)]
struct Known {
    value: Value,
    channels: usize,
    /// What is begun by the operator before it, and ended by the next.
    pending: Option<Pending>,
}

#[derive(Clone, Copy)]
enum Pending {
    /// What a `Pad` adds, until a convolution takes it.
    Border(Sides, Fill),
    /// Pixels gathered as channels by `SpaceToDepth`, positions before channels, until `Gather` puts channels first.
    Gathered {
        channels: usize,
        positions: usize,
    },
    /// The first two of `Reshape`, `Transpose`, `Reshape`, by which PyTorch writes `pixel_unshuffle`; there may be several of the
    /// first, and axes of one sample beside.
    Reshaped {
        /// The factor of a shuffle, where the first `Reshape` says it.
        shuffle: Option<usize>,
    },
    Transposed,
    /// The first two of `Reshape`, `Transpose`, `Reshape`, by which older programs write `pixel_shuffle`.
    Interleaved {
        factor: usize,
    },
}

/// Axes of `pixel_shuffle`: rows of blocks before rows within a block.
const SHUFFLED: [i64; 6] = [0, 1, 4, 2, 5, 3];

/// Axes of `pixel_unshuffle`: rows and columns within a block before the rows and columns of blocks.
const UNSHUFFLED: [i64; 6] = [0, 1, 3, 5, 2, 4];

/// The graph as far as it is read.
struct Reader<'g, 'a> {
    file: &'g Graph<'a>,
    /// Values that may still be read, and made of single ones.
    budget: usize,
    spread: usize,
    builder: GraphBuilder,
    known: HashMap<&'a str, Known>,
    weights: Vec<LayerWeights>,
    remarks: Vec<String>,
}

/// Reads a graph whose other outputs have been left out. `budget` bounds the values that are read.
pub(super) fn read(file: &Graph<'_>, budget: usize) -> Result<Network, NetworkError> {
    let ([(input, shape)], [output]) = (file.inputs.as_slice(), file.outputs.as_slice()) else {
        return Err(NetworkError::Ends { inputs: file.inputs.len(), outputs: file.outputs.len() });
    };
    let stated = shape.get(1).copied().filter(|n| *n > 0).and_then(|n| usize::try_from(n).ok());
    let channels = stated.or_else(|| first_channels(file)).filter(|channels| *channels <= MAX_CHANNELS);
    let channels = channels.ok_or(NetworkError::Channels)?;
    let mut reader = Reader {
        file,
        budget,
        spread: MAX_SPREAD,
        builder: GraphBuilder::new(channels),
        known: HashMap::new(),
        weights: Vec::new(),
        remarks: Vec::new(),
    };
    reader.known.insert(input, Known { value: Value::INPUT, channels, pending: None });
    for node in &file.nodes {
        if !node.standard() {
            return Err(NetworkError::Operator(node.operator_name()));
        }
        reader.node(node)?;
    }
    let last = reader.known.get(output).filter(|known| known.pending.is_none()).ok_or(NetworkError::NoOutput)?;
    let Reader { builder, weights, remarks, .. } = reader;
    let (nodes, weights) = builder.up_to(last.value, weights);
    Ok(Network { graph: graph::Graph::new(channels, nodes)?, weights, remarks })
}

/// Channels that the first convolution takes.
fn first_channels(file: &Graph<'_>) -> Option<usize> {
    let node = file.nodes.iter().find(|node| node.operator == "Conv")?;
    let shape = &file.constant(node.input(1)?)?.shape;
    usize::try_from(shape.get(1)?.checked_mul(node.int("group").unwrap_or(1))?).ok()
}

impl<'a> Reader<'_, 'a> {
    fn node(&mut self, node: &Node<'a>) -> Result<(), NetworkError> {
        let refused = || NetworkError::Operator(node.operator_name());
        let Some(first) = node.inputs.iter().find_map(|name| self.known.get(name)).copied() else {
            // Of constants and of sizes alone: read where it is used, or not needed.
            return Ok(());
        };
        let value = first.value;
        match (first.pending, node.operator) {
            (None, _)
            | (Some(Pending::Border(..)), "Conv")
            | (Some(Pending::Gathered { .. }), "Gather")
            | (Some(Pending::Reshaped { .. }), "Transpose" | "Reshape")
            | (Some(Pending::Transposed | Pending::Interleaved { .. }), "Reshape") => {}
            (Some(Pending::Border(..)), _) => {
                return Err(NetworkError::Unread { operator: node.operator_name(), what: "behind a Pad" });
            }
            (Some(_), _) => return Err(refused()),
        }
        let known = match node.operator {
            "Identity" | "Dropout" => first,
            "Cast" if matches!(node.int("to"), Some(FLOAT | FLOAT16 | DOUBLE | BFLOAT16)) => first,
            // Sizes, for what is told by factors.
            "Shape" => return Ok(()),
            "Conv" => self.convolution(node, first)?,
            "ConvTranspose" => self.transposed(node, first)?,
            "Pad" => {
                let (sides, fill) = self.border(node)?;
                Known { pending: Some(Pending::Border(sides, fill)), ..first }
            }
            "Unsqueeze" | "Reshape" if matches!(first.pending, None | Some(Pending::Reshaped { .. })) => {
                let shuffle = self.list(node, "shape", 1).ok().flatten().and_then(|shape| match shape[..] {
                    [_, channels, rows, columns, _, _] if rows == columns => {
                        let factor = usize::try_from(rows).ok().filter(|factor| (1..=16).contains(factor))?;
                        let all = usize::try_from(channels).ok()?.checked_mul(factor * factor);
                        (all == Some(first.channels)).then_some(factor)
                    }
                    _ => None,
                });
                Known { pending: Some(Pending::Reshaped { shuffle }), ..first }
            }
            "Squeeze" if self.file.producer(node.inputs[0]).is_some_and(|before| before.operator == "Reshape") => first,
            "Transpose" if node.ints("perm") == Some(&UNSHUFFLED) && first.pending.is_some() => {
                Known { pending: Some(Pending::Transposed), ..first }
            }
            "Transpose" if node.ints("perm") == Some(&SHUFFLED) => {
                let Some(Pending::Reshaped { shuffle: Some(factor) }) = first.pending else { return Err(refused()) };
                Known { pending: Some(Pending::Interleaved { factor }), ..first }
            }
            "Reshape" if matches!(first.pending, Some(Pending::Interleaved { .. })) => {
                let Some(Pending::Interleaved { factor }) = first.pending else { return Err(refused()) };
                let value = self.builder.add(Operation::Shuffle { factor }, &[value]);
                Known { value, channels: first.channels / (factor * factor), pending: None }
            }
            "Reshape" => {
                // The factor is told by the convolution that takes the result.
                let output = node.outputs.first().copied().ok_or_else(refused)?;
                let channels = self.taken_channels(output).ok_or_else(refused)?;
                let factor = (1..=16).find(|factor| first.channels * factor * factor == channels);
                let factor = factor.ok_or_else(refused)?;
                let value = self.builder.add(Operation::Unshuffle { factor }, &[value]);
                Known { value, channels, pending: None }
            }
            "Relu" => self.function(first, Function::Relu),
            "Tanh" => self.function(first, Function::Tanh),
            "Sigmoid" => self.function(first, Function::Sigmoid),
            "LeakyRelu" => self.function(first, Function::Leaky { slope: node.float("alpha").unwrap_or(0.01) }),
            "Clip" => {
                let bound = |at: usize, name: &str, open: f32| match (node.float(name), node.input(at)) {
                    (Some(bound), _) => Ok(bound),
                    (None, None) => Ok(open),
                    (None, Some(_)) => self.number(node, at),
                };
                let (low, high) = (bound(1, "min", f32::MIN)?, bound(2, "max", f32::MAX)?);
                self.function(first, Function::Clip { low, high })
            }
            "PRelu" => {
                let slopes = self.per_channel(node, 1, first.channels)?;
                self.weighted(slopes, Vec::new());
                self.function(first, Function::Prelu { channels: first.channels })
            }
            "BatchNormalization" => self.normalisation(node, first)?,
            "Add" | "Sub" | "Mul" | "Div" => self.arithmetic(node)?,
            "Concat" if node.int("axis") == Some(1) || node.int("axis") == Some(-3) => {
                let parts = self.all(node)?;
                let values: Vec<Value> = parts.iter().map(|part| part.value).collect();
                let channels = parts.iter().map(|part| part.channels).sum();
                Known { value: self.builder.add(Operation::Concatenate, &values), channels, pending: None }
            }
            "Slice" => self.slice(node, first)?,
            "Split" => return self.split(node, first),
            "DepthToSpace" => {
                let factor = self.block(node)?;
                let channels = first.channels / (factor * factor);
                if node.text("mode") != Some("CRD") && channels != 1 {
                    return Err(NetworkError::Unread { operator: node.operator_name(), what: "of mode DCR" });
                }
                Known { value: self.builder.add(Operation::Shuffle { factor }, &[value]), channels, pending: None }
            }
            "SpaceToDepth" => {
                let factor = self.block(node)?;
                let (channels, positions) = (first.channels, factor * factor);
                let value = self.builder.add(Operation::Unshuffle { factor }, &[value]);
                let pending = (channels > 1).then_some(Pending::Gathered { channels, positions });
                Known { value, channels: channels * positions, pending }
            }
            "Gather" => {
                let Some(Pending::Gathered { channels, positions }) = first.pending else { return Err(refused()) };
                let order = (0..channels).flat_map(|c| (0..positions).map(move |p| (p * channels + c) as f64));
                let indices =
                    node.input(1).and_then(|name| self.file.constant(name)).and_then(|t| t.numbers(MAX_CHANNELS).ok());
                if node.int("axis") != Some(1) || !indices.is_some_and(|indices| indices.into_iter().eq(order)) {
                    return Err(NetworkError::Unread { operator: node.operator_name(), what: "of other channels" });
                }
                Known { pending: None, ..first }
            }
            "Resize" | "Upsample" => self.enlarged(node, first)?,
            "GlobalAveragePool" => Known { value: self.builder.add(Operation::Mean, &[value]), ..first },
            "ReduceMean" if self.is_mean(node) => Known { value: self.builder.add(Operation::Mean, &[value]), ..first },
            _ => return Err(refused()),
        };
        let output = node.outputs.first().copied().ok_or_else(refused)?;
        if known.channels > MAX_CHANNELS {
            return Err(NetworkError::Channels);
        }
        self.known.insert(output, known);
        Ok(())
    }

    /// Channels that the convolution behind a tensor takes.
    fn taken_channels(&self, name: &str) -> Option<usize> {
        let taker = |name: &str| self.file.nodes.iter().find(|node| node.input(0) == Some(name));
        let node = taker(name).and_then(|node| match node.operator {
            "Squeeze" => taker(node.outputs.first()?),
            _ => Some(node),
        })?;
        let shape = &self.file.constant(node.input(1).filter(|_| node.operator == "Conv")?)?.shape;
        usize::try_from(shape.get(1)?.checked_mul(node.int("group").unwrap_or(1))?).ok()
    }

    /// All inputs, none of which is a constant.
    fn all(&self, node: &Node<'a>) -> Result<Vec<Known>, NetworkError> {
        let unread = || NetworkError::Unread { operator: node.operator_name(), what: "of a constant" };
        let whole = |name: &str| self.known.get(name).copied().filter(|known| known.pending.is_none());
        node.inputs.iter().map(|name| whole(name).ok_or_else(unread)).collect()
    }

    fn function(&mut self, taken: Known, function: Function) -> Known {
        Known { value: self.builder.add(Operation::Function(function), &[taken.value]), ..taken }
    }

    fn weighted(&mut self, kernels: Vec<f32>, biases: Vec<f32>) {
        self.weights.push(LayerWeights { kernels, biases });
    }

    /// The values of a constant, and its shape.
    fn constant(&mut self, node: &Node<'a>, at: usize) -> Result<(Vec<f32>, Vec<usize>), NetworkError> {
        let name = node.input(at).unwrap_or_default();
        let named = || NetworkError::NoTensor { operator: node.operator_name(), name: name.to_owned() };
        let tensor = self.file.constant(name).ok_or_else(named)?;
        let shape: Option<Vec<usize>> = tensor.shape.iter().map(|n| usize::try_from(*n).ok()).collect();
        let shape = shape.ok_or_else(named)?;
        let count = shape.iter().try_fold(1usize, |product, n| product.checked_mul(*n));
        let count = count.filter(|count| *count <= self.budget).ok_or_else(named)?;
        self.budget -= count;
        let values = tensor.values(count);
        let (values, float) = values.map_err(|reason| NetworkError::Values { name: name.to_owned(), reason })?;
        if let Some(remark) = float.remark().filter(|remark| !self.remarks.iter().any(|other| other == remark)) {
            self.remarks.push(remark.to_owned());
        }
        Ok((values, shape))
    }

    /// A single number.
    fn number(&self, node: &Node<'a>, at: usize) -> Result<f32, NetworkError> {
        let list = node.input(at).and_then(|name| fold::list(self.file, name));
        match list.and_then(Result::ok).as_deref() {
            Some([number]) => Ok(*number as f32),
            _ => Err(NetworkError::Unread { operator: node.operator_name(), what: "of computed numbers" }),
        }
    }

    /// A short list of whole numbers: an attribute, or a constant input.
    fn list(&self, node: &Node<'a>, attribute: &str, at: usize) -> Result<Option<Vec<i64>>, NetworkError> {
        if let Some(list) = node.ints(attribute) {
            return Ok(Some(list.to_vec()));
        }
        let Some(name) = node.input(at) else { return Ok(None) };
        match fold::list(self.file, name) {
            Some(Ok(list)) => Ok(Some(list.into_iter().map(|v| v as i64).collect())),
            _ => Err(NetworkError::Unread { operator: node.operator_name(), what: "of computed numbers" }),
        }
    }

    /// A constant that is one number a channel, or one for all.
    fn per_channel(&mut self, node: &Node<'a>, at: usize, channels: usize) -> Result<Vec<f32>, NetworkError> {
        let (values, shape) = self.constant(node, at)?;
        // Shapes are aligned at their ends: rows and columns are the last axes.
        let axis = |n: usize| shape.len() - n;
        let is_spread = shape.len() == 1 && channels > 1 && shape[0] == channels;
        let fits = shape.iter().enumerate().all(|(n, side)| *side == 1 || axis(n) == 3 && *side == channels);
        match (fits, values.as_slice()) {
            (_, [one]) => {
                self.spread = self.spread.checked_sub(channels).ok_or(NetworkError::Channels)?;
                Ok(vec![*one; channels])
            }
            (true, _) => Ok(values),
            // These may be a list.
            (false, _) if is_spread && matches!(node.operator, "PRelu" | "BatchNormalization") => Ok(values),
            _ => Err(NetworkError::Shape { operator: node.operator_name(), shape }),
        }
    }

    /// Kernels of a convolution: values, and sides of their four axes.
    fn kernels(&mut self, node: &Node<'a>) -> Result<(Vec<f32>, [usize; 4]), NetworkError> {
        let (values, shape) = self.constant(node, 1)?;
        let four = <[usize; 4]>::try_from(shape.as_slice());
        let four = four.ok().filter(|sides| sides.iter().all(|side| *side > 0));
        Ok((values, four.ok_or_else(|| NetworkError::Shape { operator: node.operator_name(), shape })?))
    }

    fn biases(&mut self, node: &Node<'a>, count: usize) -> Result<Vec<f32>, NetworkError> {
        if node.input(2).is_none() {
            return Ok(vec![0.0; count]);
        }
        let (values, shape) = self.constant(node, 2)?;
        if values.len() == count {
            Ok(values)
        } else {
            Err(NetworkError::Shape { operator: node.operator_name(), shape })
        }
    }

    fn pads(node: &Node<'a>) -> Result<Sides, NetworkError> {
        match node.ints("pads") {
            None | Some([]) => Ok(Sides::all(0)),
            Some(pads) => sides(pads).ok_or_else(|| attribute(node, "pads", pads)),
        }
    }

    fn convolution(&mut self, node: &Node<'a>, taken: Known) -> Result<Known, NetworkError> {
        let (kernels, [outputs, each, rows, columns]) = self.kernels(node)?;
        let biases = self.biases(node, outputs)?;
        let groups = whole(node, "group")?;
        let (stride, dilation) = (square(node, "strides")?, square(node, "dilations")?);
        let own = match node.text("auto_pad").unwrap_or("NOTSET") {
            "NOTSET" | "" => Self::pads(node)?,
            "VALID" => Sides::all(0),
            mode @ ("SAME_UPPER" | "SAME_LOWER") if stride == 1 => {
                let [rows, columns] = [rows, columns].map(|side| (side - 1).saturating_mul(dilation));
                let less = |total: usize| if mode == "SAME_UPPER" { total / 2 } else { total.div_ceil(2) };
                let (top, left) = (less(rows), less(columns));
                Sides { top, left, bottom: rows - top, right: columns - left }
            }
            _ => return Err(NetworkError::Unread { operator: node.operator_name(), what: "of this auto_pad" }),
        };
        let (padding, fill) = match taken.pending {
            None => (own, Fill::Zero),
            Some(Pending::Border(sides, Fill::Zero)) => (sum(sides, own), Fill::Zero),
            Some(Pending::Border(sides, fill)) if own == Sides::all(0) => (sides, fill),
            Some(_) => return Err(NetworkError::Unread { operator: node.operator_name(), what: "padded twice" }),
        };
        let inputs = each.checked_mul(groups).ok_or_else(|| attribute(node, "group", &[groups as i64]))?;
        let kernel = [rows, columns];
        let convolution = Convolution { inputs, outputs, kernel, stride, dilation, groups, padding, fill };
        self.weighted(kernels, biases);
        let value = self.builder.add(Operation::Convolution(convolution), &[taken.value]);
        Ok(Known { value, channels: outputs, pending: None })
    }

    fn transposed(&mut self, node: &Node<'a>, taken: Known) -> Result<Known, NetworkError> {
        let (values, [inputs, each, rows, columns]) = self.kernels(node)?;
        let groups = whole(node, "group")?;
        if !inputs.is_multiple_of(groups) {
            return Err(attribute(node, "group", &[groups as i64]));
        }
        let outputs = each * groups;
        let biases = self.biases(node, outputs)?;
        let (stride, dilation) = (square(node, "strides")?, square(node, "dilations")?);
        let computed = !matches!(node.text("auto_pad"), None | Some("NOTSET" | ""));
        if dilation != 1 || computed || node.ints("output_shape").is_some() {
            return Err(NetworkError::Unread { operator: node.operator_name(), what: "of these attributes" });
        }
        let mut cut = Self::pads(node)?;
        if let Some(extra) = node.ints("output_padding").filter(|extra| !extra.is_empty()) {
            let less = |side: usize, at: usize| side.checked_sub(usize::try_from(*extra.get(at)?).ok()?);
            let (bottom, right) =
                less(cut.bottom, 0).zip(less(cut.right, 1)).ok_or_else(|| attribute(node, "output_padding", extra))?;
            cut = Sides { bottom, right, ..cut };
        }
        // From input, output of the group to output, input of the group.
        let (positions, inner) = (rows * columns, inputs / groups);
        let from = |output: usize, input: usize| {
            let (group, o) = (output / each, output % each);
            &values[((group * inner + input) * each + o) * positions..][..positions]
        };
        let pairs = (0..outputs).flat_map(|output| (0..inner).map(move |input| (output, input)));
        let kernels = pairs.flat_map(|(output, input)| from(output, input)).copied().collect();
        self.weighted(kernels, biases);
        let transposed = Transposed { inputs, outputs, kernel: [rows, columns], stride, groups, cut };
        let value = self.builder.add(Operation::Transposed(transposed), &[taken.value]);
        Ok(Known { value, channels: outputs, pending: None })
    }

    /// What a `Pad` adds.
    fn border(&self, node: &Node<'a>) -> Result<(Sides, Fill), NetworkError> {
        let unread = |what| NetworkError::Unread { operator: node.operator_name(), what };
        let pads = self.list(node, "pads", 1)?.ok_or_else(|| unread("without sizes"))?;
        let axes = self.list(node, "axes", 3)?;
        let count = pads.len() / 2;
        let axes = axes.unwrap_or_else(|| (0..count as i64).collect());
        let mut all = [0i64; 8];
        for (n, axis) in axes.iter().enumerate() {
            let axis = usize::try_from(if *axis < 0 { axis + 4 } else { *axis }).ok().filter(|axis| *axis < 4);
            let pair = axis.zip(pads.get(n).zip(pads.get(n + axes.len())));
            let Some((axis, (before, after))) = pair else { return Err(attribute(node, "pads", &pads)) };
            (all[axis], all[axis + 4]) = (*before, *after);
        }
        let [0, 0, top, left, 0, 0, bottom, right] = all else { return Err(attribute(node, "pads", &pads)) };
        let sides = sides(&[top, left, bottom, right]).ok_or_else(|| attribute(node, "pads", &pads))?;
        let value = match (node.float("value"), node.input(2)) {
            (Some(value), _) => value,
            (None, Some(_)) => self.number(node, 2)?,
            (None, None) => 0.0,
        };
        let fill = match node.text("mode").unwrap_or("constant") {
            "constant" if value == 0.0 => Fill::Zero,
            "edge" => Fill::Replicate,
            "reflect" => Fill::Reflect,
            _ => return Err(unread("of this mode")),
        };
        Ok((sides, fill))
    }

    /// Normalisation by stored means and variances: a factor and a summand for each channel.
    fn normalisation(&mut self, node: &Node<'a>, taken: Known) -> Result<Known, NetworkError> {
        let epsilon = node.float("epsilon").unwrap_or(1e-5);
        let mut list = |at| self.per_channel(node, at, taken.channels);
        let one = |list: Vec<f32>| if list.len() == taken.channels { Some(list) } else { None };
        let lists = [one(list(1)?), one(list(2)?), one(list(3)?), one(list(4)?)];
        let [Some(scales), Some(shifts), Some(means), Some(variances)] = lists else {
            return Err(NetworkError::Unread { operator: node.operator_name(), what: "of other shapes" });
        };
        let factors: Vec<f64> = scales
            .iter()
            .zip(&variances)
            .map(|(scale, variance)| f64::from(*scale) / (f64::from(*variance) + f64::from(epsilon)).sqrt())
            .collect();
        let summands = factors.iter().zip(&shifts).zip(&means);
        let summands = summands.map(|((factor, shift), mean)| (f64::from(*shift) - factor * f64::from(*mean)) as f32);
        Ok(self.affine(taken, factors.iter().map(|factor| *factor as f32).collect(), summands.collect()))
    }

    fn affine(&mut self, taken: Known, factors: Vec<f32>, summands: Vec<f32>) -> Known {
        let channels = taken.channels;
        self.weighted(factors, summands);
        Known { value: self.builder.add(Operation::Affine { channels }, &[taken.value]), ..taken }
    }

    /// A sum, difference, product or quotient of values, or of a value and constants.
    fn arithmetic(&mut self, node: &Node<'a>) -> Result<Known, NetworkError> {
        let sides = [0, 1].map(|at| node.input(at).and_then(|name| self.known.get(name)).copied());
        if sides.iter().flatten().any(|known| known.pending.is_some()) {
            return Err(NetworkError::Operator(node.operator_name()));
        }
        let (taken, constant) = match sides {
            [Some(a), Some(b)] => return self.of_two(node, a, b),
            [Some(a), None] => (a, 1),
            [None, Some(b)] => (b, 0),
            [None, None] => return Err(NetworkError::Operator(node.operator_name())),
        };
        let channels = taken.channels;
        let numbers = self.per_channel(node, constant, channels)?;
        let (ones, zeros) = (vec![1.0; channels], vec![0.0; channels]);
        let negative = |numbers: Vec<f32>| numbers.into_iter().map(|v| -v).collect();
        Ok(match (node.operator, constant) {
            ("Add", _) => self.affine(taken, ones, numbers),
            ("Sub", 1) => self.affine(taken, ones, negative(numbers)),
            ("Sub", _) => self.affine(taken, negative(ones), numbers),
            ("Mul", _) => self.affine(taken, numbers, zeros),
            ("Div", 1) => self.affine(taken, numbers.into_iter().map(|v| 1.0 / v).collect(), zeros),
            _ => return Err(NetworkError::Unread { operator: node.operator_name(), what: "by a value" }),
        })
    }

    fn of_two(&mut self, node: &Node<'a>, a: Known, b: Known) -> Result<Known, NetworkError> {
        let operation = match node.operator {
            "Add" | "Sub" => Operation::Add,
            "Mul" => Operation::Multiply,
            _ => return Err(NetworkError::Unread { operator: node.operator_name(), what: "by a value" }),
        };
        let b = match node.operator {
            "Sub" => self.affine(b, vec![-1.0; b.channels], vec![0.0; b.channels]),
            _ => b,
        };
        Ok(Known { value: self.builder.add(operation, &[a.value, b.value]), ..a })
    }

    /// Channels, or a border cut off.
    fn slice(&mut self, node: &Node<'a>, taken: Known) -> Result<Known, NetworkError> {
        let unread = || NetworkError::Unread { operator: node.operator_name(), what: "of this part" };
        let starts = self.list(node, "starts", 1)?.ok_or_else(unread)?;
        let ends = self.list(node, "ends", 2)?.ok_or_else(unread)?;
        let axes = self.list(node, "axes", 3)?.unwrap_or_else(|| (0..starts.len() as i64).collect());
        let steps = self.list(node, "steps", 4)?.unwrap_or_else(|| vec![1; starts.len()]);
        let lengths = [ends.len(), axes.len(), steps.len()];
        if lengths != [starts.len(); 3] || steps.iter().any(|step| *step != 1) {
            return Err(unread());
        }
        let mut cut = Sides::all(0);
        let (mut first, mut end) = (0, taken.channels);
        for ((&from, &to), &axis) in starts.iter().zip(&ends).zip(&axes) {
            match axis {
                1 | -3 => {
                    let place = |at: i64| {
                        let channels = taken.channels as i64;
                        (if at < 0 { at.saturating_add(channels) } else { at }).clamp(0, channels) as usize
                    };
                    (first, end) = (place(from), place(to));
                }
                2 | 3 | -1 | -2 => {
                    // From the beginning, and to a distance from the end: what is there is not known.
                    let before = usize::try_from(from).map_err(|_| unread())?;
                    let after = match to {
                        ..0 => usize::try_from(to.unsigned_abs()).map_err(|_| unread())?,
                        _ if to > 1 << 30 => 0,
                        _ => return Err(unread()),
                    };
                    match axis {
                        2 | -2 => (cut.top, cut.bottom) = (before, after),
                        _ => (cut.left, cut.right) = (before, after),
                    }
                }
                _ => return Err(unread()),
            }
        }
        let mut known = taken;
        if (first, end) != (0, taken.channels) {
            let count = end.checked_sub(first).filter(|count| *count > 0).ok_or_else(unread)?;
            let value = self.builder.add(Operation::Slice { first, count }, &[known.value]);
            known = Known { value, channels: count, pending: None };
        }
        if cut != Sides::all(0) {
            known.value = self.builder.add(Operation::Crop(cut), &[known.value]);
        }
        Ok(known)
    }

    fn split(&mut self, node: &Node<'a>, taken: Known) -> Result<(), NetworkError> {
        let unread = || NetworkError::Unread { operator: node.operator_name(), what: "of these parts" };
        if !matches!(node.int("axis"), Some(1 | -3)) {
            return Err(unread());
        }
        let count = node.outputs.len();
        let parts = match self.list(node, "split", 1)? {
            Some(parts) => parts,
            None => {
                let each = taken.channels.div_ceil(count.max(1));
                let last = taken.channels.checked_sub(each * count.saturating_sub(1)).ok_or_else(unread)?;
                let mut parts = vec![each as i64; count];
                parts.iter_mut().next_back().into_iter().for_each(|part| *part = last as i64);
                parts
            }
        };
        if parts.len() != count {
            return Err(unread());
        }
        let mut first = 0;
        for (output, part) in node.outputs.iter().zip(parts) {
            let count = usize::try_from(part).ok().filter(|count| *count > 0 && *count <= taken.channels);
            let count = count.ok_or_else(unread)?;
            let value = self.builder.add(Operation::Slice { first, count }, &[taken.value]);
            self.known.insert(output, Known { value, channels: count, pending: None });
            first += count;
        }
        Ok(())
    }

    fn block(&self, node: &Node<'a>) -> Result<usize, NetworkError> {
        let size = node.int("blocksize").and_then(|size| usize::try_from(size).ok());
        let unread = || NetworkError::Unread { operator: node.operator_name(), what: "of this block size" };
        size.filter(|size| (1..=16).contains(size)).ok_or_else(unread)
    }

    fn enlarged(&mut self, node: &Node<'a>, taken: Known) -> Result<Known, NetworkError> {
        let unread = |what| NetworkError::Unread { operator: node.operator_name(), what };
        let scales = match node.floats("scales") {
            Some(scales) => Some(scales.iter().map(|scale| f64::from(*scale)).collect()),
            None => {
                let at = if node.operator == "Upsample" { 1 } else { 2 };
                node.input(at).and_then(|name| fold::list(self.file, name)).and_then(Result::ok)
            }
        };
        let scales: Vec<f64> =
            scales.filter(|scales: &Vec<f64>| !scales.is_empty()).ok_or_else(|| unread("to a size"))?;
        let [1.0, 1.0, rows, columns] = scales[..] else { return Err(unread("of other axes")) };
        let factor = (1..=16)
            .find(|factor| rows == f64::from(*factor) && columns == rows)
            .ok_or_else(|| unread("by this factor"))?;
        let position = node.text("coordinate_transformation_mode").unwrap_or("half_pixel");
        let whole = node.int("exclude_outside").unwrap_or(0) == 0 && node.operator == "Resize";
        let centred = matches!(position, "half_pixel" | "pytorch_half_pixel") && whole;
        let rounding = node.text("nearest_mode").unwrap_or("round_prefer_floor");
        let by = match node.text("mode").unwrap_or("nearest") {
            "nearest" if position == "asymmetric" && rounding == "floor" || node.operator == "Upsample" => {
                Enlargement::Nearest
            }
            "nearest" if centred && rounding.starts_with("round") => Enlargement::Nearest,
            "linear" if centred => Enlargement::By(Convention::OpencvLinear),
            "cubic" if centred && node.float("cubic_coeff_a").unwrap_or(-0.75) == -0.75 => {
                Enlargement::By(Convention::OpencvCubic)
            }
            _ => return Err(unread("of this kind")),
        };
        let factor = factor as usize;
        Ok(Known { value: self.builder.add(Operation::Enlarge { factor, by }, &[taken.value]), ..taken })
    }

    /// Whether a `ReduceMean` is over rows and columns, which it keeps.
    fn is_mean(&self, node: &Node<'a>) -> bool {
        let axes = self.list(node, "axes", 1).ok().flatten().unwrap_or_default();
        let mut axes: Vec<i64> = axes.iter().map(|axis| if *axis < 0 { axis + 4 } else { *axis }).collect();
        axes.sort_unstable();
        axes == [2, 3] && node.int("keepdims").unwrap_or(1) == 1
    }
}

fn attribute(node: &Node<'_>, name: &'static str, found: &[i64]) -> NetworkError {
    NetworkError::Attribute { operator: node.operator_name(), name, found: found.to_vec() }
}

/// Sides from four numbers: top, left, bottom, right.
fn sides(numbers: &[i64]) -> Option<Sides> {
    let [top, left, bottom, right] = *numbers else { return None };
    let [top, left, bottom, right] = [top, left, bottom, right].map(|side| usize::try_from(side).ok());
    Some(Sides { top: top?, left: left?, bottom: bottom?, right: right? })
}

fn sum(a: Sides, b: Sides) -> Sides {
    let added = |a: usize, b: usize| a.saturating_add(b);
    let (top, left) = (added(a.top, b.top), added(a.left, b.left));
    Sides { top, left, bottom: added(a.bottom, b.bottom), right: added(a.right, b.right) }
}

/// A number that is 1 unless it is stated.
fn whole(node: &Node<'_>, name: &'static str) -> Result<usize, NetworkError> {
    let number = node.int(name).unwrap_or(1);
    usize::try_from(number).ok().filter(|number| *number > 0).ok_or_else(|| attribute(node, name, &[number]))
}

/// The same number for rows and columns, 1 unless it is stated.
fn square(node: &Node<'_>, name: &'static str) -> Result<usize, NetworkError> {
    match node.ints(name) {
        None | Some([]) => Ok(1),
        Some(numbers @ [rows, columns]) if rows == columns => {
            usize::try_from(*rows).ok().filter(|number| *number > 0).ok_or_else(|| attribute(node, name, numbers))
        }
        Some(numbers) => Err(attribute(node, name, numbers)),
    }
}
