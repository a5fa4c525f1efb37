//! Operations of a graph, each as one or a few of ONNX's operators.

use super::message::{INPUT, OUTPUT, Parts, float, floats, int, ints, node, tensor, text};
use super::unwritable::Unwritable;
use crate::model::graph::{Convolution, Enlargement, Fill, Function, Operation, Sides, Transposed};
use crate::model::{LayerWeights, Model};
use crate::resample::Convention;
use crate::weights::onnx::schema::{FLOAT, INT64};
use crate::weights::onnx::wire::Message;

/// Adds the nodes and tensors of a model's graph.
pub(super) fn write(model: &Model, parts: &mut Parts) -> Result<(), Unwritable> {
    let graph = model.graph();
    let mut weights = model.weights().iter();
    let count = graph.nodes().len();
    let name = |value: usize| match value {
        0 => INPUT.to_owned(),
        last if last == count => OUTPUT.to_owned(),
        value => format!("value{value}"),
    };
    for (i, step) in graph.nodes().iter().enumerate() {
        let own = if step.operation.weights().total() > 0 { weights.next().cloned() } else { None };
        let inputs: Vec<String> = step.inputs.iter().map(|value| name(value.index())).collect();
        let channels = graph.extents()[step.inputs[0].index()].channels;
        let mut writer = Writer { parts, name: format!("operation{}", i + 1), output: name(i + 1), channels };
        writer.operation(&step.operation, &inputs, &own.unwrap_or_default())?;
    }
    Ok(())
}

/// One operation being written.
struct Writer<'p> {
    parts: &'p mut Parts,
    name: String,
    output: String,
    /// Channels that it takes.
    channels: usize,
}

impl Writer<'_> {
    fn operation(
        &mut self,
        operation: &Operation,
        inputs: &[String],
        weights: &LayerWeights,
    ) -> Result<(), Unwritable> {
        let first = inputs[0].clone();
        let all: Vec<&str> = inputs.iter().map(String::as_str).collect();
        match operation {
            Operation::Convolution(convolution) => self.convolution(convolution, first, weights),
            Operation::Transposed(transposed) => self.transposed(transposed, &first, weights),
            Operation::Function(function) => self.function(*function, &first, weights),
            Operation::Affine { .. } => {
                let shape = [1, self.channels as i64, 1, 1];
                let factors = self.numbers("factors", &shape, &weights.kernels);
                let summands = self.numbers("summands", &shape, &weights.biases);
                let product = format!("{}.product", self.name);
                self.step("Mul", &[&first, &factors], &product, []);
                self.last("Add", &[&product, &summands], []);
            }
            Operation::Add | Operation::Multiply => {
                let operator = if *operation == Operation::Add { "Add" } else { "Mul" };
                let mut sum = first;
                for (i, other) in all[1..].iter().enumerate() {
                    let is_last = i + 2 == all.len();
                    let to = if is_last { self.output.clone() } else { format!("{}.{i}", self.name) };
                    self.step(operator, &[&sum, other], &to, []);
                    sum = to;
                }
            }
            Operation::Concatenate => self.last("Concat", &all, [int("axis", 1)]),
            Operation::Slice { first: from, count } => {
                self.part(&first, &[(1, *from as i64, (from + count) as i64)]);
            }
            Operation::Shuffle { factor } => {
                self.last("DepthToSpace", &[&first], [int("blocksize", *factor as i64), text("mode", "CRD")]);
            }
            Operation::Unshuffle { factor } => {
                // ONNX puts positions before channels.
                let gathered = format!("{}.gathered", self.name);
                self.step("SpaceToDepth", &[&first], &gathered, [int("blocksize", *factor as i64)]);
                let (positions, channels) = (factor * factor, self.channels);
                let order = (0..channels).flat_map(|c| (0..positions).map(move |p| (p * channels + c) as i64));
                let order = self.integers("order", &order.collect::<Vec<_>>());
                self.last("Gather", &[&gathered, &order], [int("axis", 1)]);
            }
            Operation::Enlarge { factor, by } => return self.enlarge(*factor, *by, &first),
            Operation::Mean => self.last("GlobalAveragePool", &[&first], []),
            Operation::Crop(Sides { top, left, bottom, right }) => {
                let end = |side: usize| if side == 0 { i64::MAX } else { -(side as i64) };
                self.part(&first, &[(2, *top as i64, end(*bottom)), (3, *left as i64, end(*right))]);
            }
        }
        Ok(())
    }

    fn convolution(&mut self, convolution: &Convolution, mut input: String, weights: &LayerWeights) {
        let Convolution { inputs, outputs, kernel, stride, dilation, groups, padding, fill } = *convolution;
        let Sides { top, left, bottom, right } = padding;
        let sides = [top, left, bottom, right].map(|side| side as i64);
        let mut pads = sides;
        if fill != Fill::Zero && sides != [0; 4] {
            let [top, left, bottom, right] = sides;
            let sizes = self.integers("pads", &[0, 0, top, left, 0, 0, bottom, right]);
            let padded = format!("{}.padded", self.name);
            let mode = if fill == Fill::Replicate { "edge" } else { "reflect" };
            self.step("Pad", &[&input, &sizes], &padded, [text("mode", mode)]);
            (input, pads) = (padded, [0; 4]);
        }
        let shape = [outputs, inputs / groups, kernel[0], kernel[1]].map(|n| n as i64);
        let kernels = self.numbers("weight", &shape, &weights.kernels);
        let biases = self.numbers("bias", &shape[..1], &weights.biases);
        let twice = |n: usize| [n as i64; 2];
        let attributes = [
            ints("kernel_shape", &shape[2..]),
            ints("pads", &pads),
            ints("strides", &twice(stride)),
            ints("dilations", &twice(dilation)),
            int("group", groups as i64),
        ];
        self.last("Conv", &[&input, &kernels, &biases], attributes);
    }

    fn transposed(&mut self, transposed: &Transposed, input: &str, weights: &LayerWeights) {
        let Transposed { inputs, outputs, kernel, stride, groups, cut } = *transposed;
        let (each, inner, positions) = (outputs / groups, inputs / groups, kernel[0] * kernel[1]);
        // From output, input of the group to input, output of the group.
        let from = |input: usize, o: usize| {
            let (group, i) = (input / inner, input % inner);
            &weights.kernels[((group * each + o) * inner + i) * positions..][..positions]
        };
        let pairs = (0..inputs).flat_map(|input| (0..each).map(move |o| (input, o)));
        let values: Vec<f32> = pairs.flat_map(|(input, o)| from(input, o)).copied().collect();
        let shape = [inputs, each, kernel[0], kernel[1]].map(|n| n as i64);
        let kernels = self.numbers("weight", &shape, &values);
        let biases = self.numbers("bias", &[outputs as i64], &weights.biases);
        let pads = [cut.top, cut.left, cut.bottom, cut.right].map(|side| side as i64);
        let attributes = [
            ints("kernel_shape", &shape[2..]),
            ints("pads", &pads),
            ints("strides", &[stride as i64; 2]),
            int("group", groups as i64),
        ];
        self.last("ConvTranspose", &[input, &kernels, &biases], attributes);
    }

    fn function(&mut self, function: Function, input: &str, weights: &LayerWeights) {
        match function {
            Function::Relu => self.last("Relu", &[input], []),
            Function::Leaky { slope } => self.last("LeakyRelu", &[input], [float("alpha", slope)]),
            Function::Prelu { channels } => {
                let slopes = self.numbers("slopes", &[channels as i64, 1, 1], &weights.kernels);
                self.last("PRelu", &[input, &slopes], []);
            }
            Function::Clip { low, high } => {
                let low = self.numbers("low", &[], &[low]);
                let high = self.numbers("high", &[], &[high]);
                self.last("Clip", &[input, &low, &high], []);
            }
            Function::Tanh => self.last("Tanh", &[input], []),
            Function::Sigmoid => self.last("Sigmoid", &[input], []),
            Function::Silu => {
                let share = format!("{}.share", self.name);
                self.step("Sigmoid", &[input], &share, []);
                self.last("Mul", &[input, &share], []);
            }
        }
    }

    fn enlarge(&mut self, factor: usize, by: Enlargement, input: &str) -> Result<(), Unwritable> {
        let scales = self.numbers("scales", &[4], &[1.0, 1.0, factor as f32, factor as f32]);
        let attributes = match by {
            Enlargement::Nearest => vec![
                text("mode", "nearest"),
                text("coordinate_transformation_mode", "asymmetric"),
                text("nearest_mode", "floor"),
            ],
            Enlargement::By(Convention::OpencvLinear) => vec![text("mode", "linear")],
            Enlargement::By(Convention::OpencvCubic) => vec![text("mode", "cubic")],
            Enlargement::By(other) => return Err(Unwritable { what: format!("enlarging by {other}") }),
        };
        self.last("Resize", &[input, "", &scales], attributes);
        Ok(())
    }

    /// Of some axes, what lies from a place to another.
    fn part(&mut self, input: &str, parts: &[(i64, i64, i64)]) {
        let list = |of: fn(&(i64, i64, i64)) -> i64| parts.iter().map(of).collect::<Vec<_>>();
        let starts = self.integers("starts", &list(|part| part.1));
        let ends = self.integers("ends", &list(|part| part.2));
        let axes = self.integers("axes", &list(|part| part.0));
        self.last("Slice", &[input, &starts, &ends, &axes], []);
    }

    /// Adds a tensor of floats; gives its name.
    fn numbers(&mut self, part: &str, shape: &[i64], values: &[f32]) -> String {
        let name = format!("{}.{part}", self.name);
        self.parts.tensors.push(tensor(&name, FLOAT, shape, &floats(values)));
        name
    }

    fn integers(&mut self, part: &str, values: &[i64]) -> String {
        let name = format!("{}.{part}", self.name);
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.parts.tensors.push(tensor(&name, INT64, &[values.len() as i64], &bytes));
        name
    }

    /// Adds the node that gives the operation's result.
    fn last(&mut self, operator: &str, inputs: &[&str], attributes: impl IntoIterator<Item = Message>) {
        let output = self.output.clone();
        self.step(operator, inputs, &output, attributes);
    }

    fn step(&mut self, operator: &str, inputs: &[&str], output: &str, attributes: impl IntoIterator<Item = Message>) {
        let name = format!("{}.{}", self.name, operator.to_lowercase());
        self.parts.nodes.push(node(operator, &name, inputs, output, attributes));
    }
}
