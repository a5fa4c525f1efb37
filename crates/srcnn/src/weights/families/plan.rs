//! A graph that is put together from the tensors of a table.

use std::collections::{HashMap, HashSet};

use crate::model::graph::{
    Convolution, Enlargement, Fill, Function, Graph, GraphBuilder, GraphError, Operation, Sides, Transposed, Value,
};
use crate::model::{Facts, Input, LayerWeights};
use crate::resample::Convention;
use crate::weights::named::Listed;

/// A recognised network: its graph, and where the weights of each operation that has any come from.
#[derive(Clone, Debug)]
pub(in crate::weights) struct Family {
    pub(in crate::weights) name: &'static str,
    pub(in crate::weights) graph: Graph,
    pub(in crate::weights) facts: Facts,
    pub(in crate::weights) rescale: Option<Rescale>,
    pub(in crate::weights) remark: Option<&'static str>,
    sources: Vec<[Source; 2]>,
    /// Tensors, and the numbers that they must begin with.
    expected: Vec<(usize, Vec<f32>)>,
}

/// A graph for a factor that its tensors do not tell.
pub(in crate::weights) type Rescale = fn(&Graph, usize) -> Result<Graph, GraphError>;

/// Whether a side of a tensor is one that networks have: what a file states must not make more memory than it has.
fn is_side(side: &usize) -> bool {
    (1..=1 << 14).contains(side)
}

/// Where numbers come from.
#[derive(Clone, Debug)]
enum Source {
    /// A tensor, by its position in the list.
    Tensor(usize),
    /// A tensor with its signs turned.
    Negative(usize),
    /// Kernels of a transposed convolution in PyTorch's order: input, output, and so many positions.
    Swapped(usize, [usize; 3]),
    /// The only number of a tensor, so many times.
    Spread(usize, usize),
    Values(Vec<f32>),
}

impl Family {
    /// Whether the tensors have the numbers that the family's computation takes for granted; `read` as for [`Family::weights`].
    pub(in crate::weights) fn is_as_expected<E>(
        &self,
        mut read: impl FnMut(usize) -> Result<Vec<f32>, E>,
    ) -> Result<bool, E> {
        for (at, expected) in &self.expected {
            let found = read(*at)?;
            let near = |(a, b): (&f32, &f32)| (a - b).abs() <= 0.01 * b.abs();
            if found.len() < expected.len() || !found.iter().zip(expected).all(near) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads the weights; `read` gives the values of a tensor by its position.
    pub(in crate::weights) fn weights<E>(
        &self,
        mut read: impl FnMut(usize) -> Result<Vec<f32>, E>,
    ) -> Result<Vec<LayerWeights>, E> {
        let mut values = |source: &Source| {
            Ok(match source {
                Source::Tensor(at) => read(*at)?,
                Source::Negative(at) => read(*at)?.into_iter().map(|v| -v).collect(),
                Source::Swapped(at, [inputs, outputs, positions]) => {
                    let values = read(*at)?;
                    let kernel = |o: usize, i: usize| values[(i * outputs + o) * positions..].iter().take(*positions);
                    let pairs = (0..*outputs).flat_map(|o| (0..*inputs).map(move |i| (o, i)));
                    pairs.flat_map(|(o, i)| kernel(o, i)).copied().collect()
                }
                Source::Spread(at, count) => read(*at)?.first().map_or_else(Vec::new, |v| vec![*v; *count]),
                Source::Values(values) => values.clone(),
            })
        };
        let weights = self
            .sources
            .iter()
            .map(|[kernels, biases]| Ok(LayerWeights { kernels: values(kernels)?, biases: values(biases)? }));
        weights.collect()
    }
}

/// A graph being put together. What a method cannot find or use ends the attempt, with none.
pub(super) struct Plan<'a> {
    name: &'static str,
    shapes: HashMap<&'a str, (usize, &'a [usize])>,
    used: HashSet<usize>,
    count: usize,
    builder: GraphBuilder,
    channels: usize,
    sources: Vec<[Source; 2]>,
    pub(super) facts: Facts,
    pub(super) rescale: Option<Rescale>,
    pub(super) remark: Option<&'static str>,
    expected: Vec<(usize, Vec<f32>)>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(name: &'static str, list: &[Listed<'a>]) -> Self {
        Self {
            name,
            shapes: list.iter().enumerate().map(|(at, tensor)| (tensor.name, (at, tensor.shape))).collect(),
            used: HashSet::new(),
            count: list.len(),
            builder: GraphBuilder::new(1),
            channels: 1,
            sources: Vec::new(),
            facts: Facts::default(),
            rescale: None,
            remark: None,
            expected: Vec::new(),
        }
    }

    /// The network; none if tensors are left over, or do not fit.
    pub(super) fn finish(mut self) -> Option<Family> {
        let graph = self.builder.build().ok()?;
        let input = match (graph.channels(), graph.output_channels()) {
            (1, 1) => Input::Y,
            (3, 3) => Input::Rgb,
            _ => return None,
        };
        self.facts.input = Some(input);
        if graph.scale() > 1 && self.rescale.is_none() {
            self.facts.scale = Some(graph.scale() as u32);
        }
        let all = self.used.len() == self.count;
        let Self { name, facts, rescale, remark, sources, expected, .. } = self;
        all.then_some(Family { name, graph, facts, rescale, remark, sources, expected })
    }

    /// Begins: `channels` go in.
    pub(super) fn input(&mut self, channels: usize) -> Value {
        self.builder = GraphBuilder::new(channels);
        self.channels = channels;
        self.builder.input()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.shapes.contains_key(name)
    }

    /// Shape of a tensor.
    pub(super) fn shape(&self, name: &str) -> Option<&'a [usize]> {
        self.shapes.get(name).map(|(_, shape)| *shape)
    }

    /// Shape of the kernels of a convolution: output, input, row, column.
    pub(super) fn kernel(&self, name: &str) -> Option<[usize; 4]> {
        self.shape(&format!("{name}.weight"))?.try_into().ok().filter(|shape: &[usize; 4]| shape.iter().all(is_side))
    }

    /// Whether the kernels of all these layers have so many rows and columns.
    pub(super) fn are_of_size(&self, names: impl IntoIterator<Item = String>, size: usize) -> bool {
        let is = |name: String| self.kernel(&name).is_some_and(|[.., rows, columns]| [rows, columns] == [size; 2]);
        names.into_iter().all(is)
    }

    /// Notes that a tensor must begin with these numbers, or the network is another.
    pub(super) fn expect(&mut self, name: &str, numbers: &[f32]) {
        if let Some((at, _)) = self.take(name) {
            self.expected.push((at, numbers.to_vec()));
        }
    }

    /// Numbers `i` for which there are kernels `before.i` + `after`, as long as they follow one another by `step`.
    pub(super) fn numbers(&self, before: &str, after: &str, first: usize, step: usize) -> Vec<usize> {
        let exists = |i: &usize| self.has(&format!("{before}{i}{after}.weight"));
        (first..).step_by(step).take_while(exists).collect()
    }

    fn take(&mut self, name: &str) -> Option<(usize, &'a [usize])> {
        let found = *self.shapes.get(name).filter(|(_, shape)| shape.iter().all(is_side))?;
        self.used.insert(found.0);
        Some(found)
    }

    /// The biases of a layer, if it has any; zeros otherwise.
    fn biases(&mut self, name: &str, count: usize) -> Option<Source> {
        match self.take(&format!("{name}.bias")) {
            Some((at, shape)) => (shape == [count]).then_some(Source::Tensor(at)),
            None => Some(Source::Values(vec![0.0; count])),
        }
    }

    /// A convolution that keeps the size.
    pub(super) fn convolution(&mut self, at: Value, name: &str) -> Option<Value> {
        self.any_convolution(at, name, false, Fill::Zero)
    }

    /// A convolution that keeps the size, with other samples than zeros beyond the edges.
    pub(super) fn filled_convolution(&mut self, at: Value, name: &str, fill: Fill) -> Option<Value> {
        self.any_convolution(at, name, false, fill)
    }

    /// A convolution that keeps the size, its result with its sign turned.
    pub(super) fn negative_convolution(&mut self, at: Value, name: &str) -> Option<Value> {
        self.any_convolution(at, name, true, Fill::Zero)
    }

    fn any_convolution(&mut self, at: Value, name: &str, negative: bool, fill: Fill) -> Option<Value> {
        let (weight, shape) = self.take(&format!("{name}.weight"))?;
        let [outputs, inputs, rows, columns] = shape.try_into().ok()?;
        if rows % 2 == 0 || columns % 2 == 0 {
            return None;
        }
        let biases = self.biases(name, outputs)?;
        let sources = match (negative, biases) {
            (true, Source::Tensor(at)) => [Source::Negative(weight), Source::Negative(at)],
            (true, biases) => [Source::Negative(weight), biases],
            (false, biases) => [Source::Tensor(weight), biases],
        };
        self.sources.push(sources);
        let (top, left) = (rows / 2, columns / 2);
        let padding = Sides { top, left, bottom: top, right: left };
        let valid = Convolution::valid(inputs, outputs, rows);
        let convolution = Convolution { kernel: [rows, columns], padding, fill, ..valid };
        Some(self.builder.add(Operation::Convolution(convolution), &[at]))
    }

    /// A transposed convolution that enlarges by `stride`.
    pub(super) fn transposed(&mut self, at: Value, name: &str, stride: usize, cut: Sides) -> Option<Value> {
        let (weight, shape) = self.take(&format!("{name}.weight"))?;
        let [inputs, outputs, rows, columns] = shape.try_into().ok()?;
        let biases = self.biases(name, outputs)?;
        self.sources.push([Source::Swapped(weight, [inputs, outputs, rows * columns]), biases]);
        let transposed = Transposed { inputs, outputs, kernel: [rows, columns], stride, groups: 1, cut };
        Some(self.builder.add(Operation::Transposed(transposed), &[at]))
    }

    /// PReLU of `channels`, whose slopes may be one for all.
    pub(super) fn prelu(&mut self, at: Value, name: &str, channels: usize) -> Option<Value> {
        self.slopes(at, &format!("{name}.weight"), channels)
    }

    /// As [`Plan::prelu`], by the whole name of the tensor.
    pub(super) fn slopes(&mut self, at: Value, tensor: &str, channels: usize) -> Option<Value> {
        let (weight, shape) = self.take(tensor)?;
        let slopes = match shape {
            [count] if *count == channels => Source::Tensor(weight),
            [1] => Source::Spread(weight, channels),
            _ => return None,
        };
        self.sources.push([slopes, Source::Values(Vec::new())]);
        Some(self.builder.add(Operation::Function(Function::Prelu { channels }), &[at]))
    }

    pub(super) fn function(&mut self, at: Value, function: Function) -> Value {
        self.builder.add(Operation::Function(function), &[at])
    }

    /// The same factor and summands for each channel.
    pub(super) fn affine(&mut self, at: Value, factors: Vec<f32>, summands: Vec<f32>) -> Value {
        let channels = factors.len();
        self.sources.push([Source::Values(factors), Source::Values(summands)]);
        self.builder.add(Operation::Affine { channels }, &[at])
    }

    pub(super) fn add(&mut self, values: &[Value]) -> Value {
        self.builder.add(Operation::Add, values)
    }

    pub(super) fn concatenate(&mut self, values: &[Value]) -> Value {
        self.builder.add(Operation::Concatenate, values)
    }

    pub(super) fn shuffle(&mut self, at: Value, factor: usize) -> Value {
        self.builder.add(Operation::Shuffle { factor }, &[at])
    }

    pub(super) fn unshuffle(&mut self, at: Value, factor: usize) -> Value {
        self.builder.add(Operation::Unshuffle { factor }, &[at])
    }

    pub(super) fn nearest(&mut self, at: Value, factor: usize) -> Value {
        self.builder.add(Operation::Enlarge { factor, by: Enlargement::Nearest }, &[at])
    }

    pub(super) fn enlarge(&mut self, at: Value, factor: usize, by: Convention) -> Value {
        self.builder.add(Operation::Enlarge { factor, by: Enlargement::By(by) }, &[at])
    }

    /// Marks a tensor as known, whose values are not needed.
    pub(super) fn pass_over(&mut self, name: &str) {
        self.take(name);
    }
}

/// The factor of a shuffle from so many channels to so many; none if it is not whole.
pub(super) fn shuffle_factor(from: usize, to: usize) -> Option<usize> {
    (1..=16).find(|factor| factor * factor * to == from)
}
