//! Graphs as chains of layers that the kernels know, with what is done at their end.

use crate::model::graph::{Convolution, Enlargement, Fill, Function, Graph, Operation, Sides, Transposed, Value};
use crate::model::{LayerWeights, Padding};
use crate::resample::Convention;

/// A convolution with its weights and what is done to its result.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    /// Rows and columns; odd.
    pub(super) kernel: usize,
    pub(super) padding: Padding,
    pub(super) weights: LayerWeights,
    pub(super) bend: Bend,
}

/// What is done to negative results.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Bend {
    None,
    Relu,
    /// A slope for each channel.
    Slopes(Vec<f32>),
}

/// A chain of layers. Each `gathered` times `gathered` pixels that go in become channels of one, each `factor` times `factor` channels
/// of the last layer pixels, to which `base` is added.
#[derive(Clone, Debug)]
pub(super) struct Lowered {
    pub(super) gathered: usize,
    pub(super) layers: Vec<Layer>,
    pub(super) factor: usize,
    pub(super) base: Base,
}

/// What is added to the result of a chain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Base {
    None,
    /// What went in, of the result's size.
    Input,
    /// What went in, each pixel repeated.
    Repeated,
    /// What went in, enlarged by a convention.
    Enlarged(Convention),
}

impl Lowered {
    /// The chain that a graph is; none if it is no chain of such layers.
    pub(super) fn of(graph: &Graph, weights: &[LayerWeights]) -> Option<Self> {
        let mut walk = Walk { graph, weights: weights.iter(), at: 0 };
        let mut layers = Vec::new();
        let (mut factor, mut gathered_by) = (1, 1);
        if let Some(Operation::Unshuffle { factor }) = walk.next(Value::INPUT) {
            (gathered_by, walk.at) = (*factor, 1);
        }
        while let Some(layer) = walk.layer()? {
            layers.push(layer);
        }
        let taken = Value::of_node(walk.at.checked_sub(1)?);
        if let Some(Operation::Transposed(transposed)) = walk.next(taken) {
            let weights = walk.weights.next()?;
            (factor, walk.at) = (transposed.stride, walk.at + 1);
            layers.push(gathered(transposed, weights)?);
        } else if let Some(Operation::Shuffle { factor: by }) = walk.next(taken) {
            (factor, walk.at) = (*by, walk.at + 1);
        }
        let result = Value::of_node(walk.at - 1);
        let base = walk.base(result, graph.scale())?;
        if layers.is_empty() {
            return None;
        }
        Some(Self { gathered: gathered_by, layers, factor, base })
    }
}

/// A walk along the nodes.
struct Walk<'a> {
    graph: &'a Graph,
    weights: std::slice::Iter<'a, LayerWeights>,
    /// The next node.
    at: usize,
}

impl<'a> Walk<'a> {
    /// The next node's operation, if it takes only this value.
    fn next(&self, taken: Value) -> Option<&'a Operation> {
        let node = self.graph.nodes().get(self.at)?;
        (node.inputs == [taken]).then_some(&node.operation)
    }

    /// The next layer; none where no convolution follows; no chain (the outer none) if one follows that is not known.
    fn layer(&mut self) -> Option<Option<Layer>> {
        let taken = self.at.checked_sub(1).map_or(Value::INPUT, Value::of_node);
        let Some(Operation::Convolution(convolution)) = self.next(taken) else { return Some(None) };
        let Convolution { inputs, outputs, kernel: [kernel, columns], stride, dilation, groups, padding, fill } =
            *convolution;
        if columns != kernel || kernel % 2 == 0 || (stride, dilation, groups) != (1, 1, 1) {
            return None;
        }
        let padding = match fill {
            _ if padding == Sides::all(0) => Padding::Valid,
            Fill::Zero if padding == Sides::all(kernel / 2) => Padding::Zero,
            Fill::Replicate if padding == Sides::all(kernel / 2) => Padding::Replicate,
            _ => return None,
        };
        let weights = self.weights.next()?.clone();
        self.at += 1;
        let bend = match self.next(Value::of_node(self.at - 1)) {
            Some(Operation::Function(Function::Relu)) => Bend::Relu,
            Some(Operation::Function(Function::Leaky { slope })) => Bend::Slopes(vec![*slope; outputs]),
            Some(Operation::Function(Function::Prelu { .. })) => Bend::Slopes(self.weights.next()?.kernels.clone()),
            Some(Operation::Function(_)) => return None,
            _ => Bend::None,
        };
        self.at += usize::from(bend != Bend::None);
        Some(Some(Layer { inputs, outputs, kernel, padding, weights, bend }))
    }

    /// What is added to `result` at the end, which is `scale` times as large as what went in; none if anything else is done to it.
    fn base(&self, result: Value, scale: usize) -> Option<Base> {
        let nodes = self.graph.nodes();
        let is_sum = |i: usize, a: Value, b: Value| {
            let node = &nodes[i];
            i + 1 == nodes.len() && node.operation == Operation::Add && (node.inputs == [a, b] || node.inputs == [b, a])
        };
        match nodes.len() - self.at {
            0 => Some(Base::None),
            1 if scale == 1 && is_sum(self.at, result, Value::INPUT) => Some(Base::Input),
            2 => {
                let enlarged = &nodes[self.at];
                let is_input =
                    enlarged.inputs == [Value::INPUT] && is_sum(self.at + 1, result, Value::of_node(self.at));
                match enlarged.operation {
                    Operation::Enlarge { factor, by } if factor == scale && is_input => Some(match by {
                        Enlargement::Nearest => Base::Repeated,
                        Enlargement::By(convention) => Base::Enlarged(convention),
                    }),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// A transposed convolution as one of what it takes, each of whose channels is one of the phases between its samples.
fn gathered(transposed: &Transposed, weights: &LayerWeights) -> Option<Layer> {
    let Transposed { inputs, outputs, kernel: [kernel, columns], stride, groups, cut } = *transposed;
    let keeps = |totals: usize| totals + stride == kernel;
    if groups != 1 || columns != kernel || cut.top != cut.left || !cut.totals().into_iter().all(keeps) {
        return None;
    }
    // Sample `stride q + phase` of the result takes, of sample `q + m`, the kernel's `phase + top - stride m`.
    let tap = |phase: usize, m: i64| {
        let at = (phase + cut.top) as i64 - stride as i64 * m;
        usize::try_from(at).ok().filter(|at| *at < kernel)
    };
    let half =
        (0..=kernel as i64).rev().find(|&m| (0..stride).any(|phase| tap(phase, m).or(tap(phase, -m)).is_some()))?;
    let side = 2 * half as usize + 1;
    let phases = stride * stride;
    let mut kernels = vec![0.0; outputs * phases * inputs * side * side];
    let places = |phase: usize| (-half..=half).filter_map(move |m| Some(((m + half) as usize, tap(phase, m)?)));
    for (output, (row, column)) in
        (0..outputs).flat_map(|o| (0..stride).flat_map(move |row| (0..stride).map(move |column| (o, (row, column)))))
    {
        let channel = output * phases + row * stride + column;
        for input in 0..inputs {
            let from = &weights.kernels[(output * inputs + input) * kernel * kernel..][..kernel * kernel];
            let to = &mut kernels[(channel * inputs + input) * side * side..][..side * side];
            for (y, from_row) in places(row) {
                for (x, from_column) in places(column) {
                    to[y * side + x] = from[from_row * kernel + from_column];
                }
            }
        }
    }
    let biases = weights.biases.iter().flat_map(|bias| std::iter::repeat_n(*bias, phases)).collect();
    let weights = LayerWeights { kernels, biases };
    Some(Layer { inputs, outputs: outputs * phases, kernel: side, padding: Padding::Zero, weights, bend: Bend::None })
}
