//! From kernel tensors in a file's axis order to layers, and whether they make a chain.

use crate::model::LayerWeights;

/// One layer as a file gives it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RawLayer {
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    /// Rows and columns.
    pub(super) kernel: usize,
    pub(super) weights: LayerWeights,
}

/// Order of a kernel's four axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AxisOrder {
    /// Row, column, input, output: TensorFlow.
    Hwio,
    /// Output, input, row, column: PyTorch, Theano.
    Oihw,
}

/// Kernels of a layer in the file's axis order, and its biases.
pub(super) struct KernelTensor {
    pub(super) shape: [usize; 4],
    pub(super) kernels: Vec<f32>,
    pub(super) biases: Vec<f32>,
}

struct Axes {
    rows: usize,
    columns: usize,
    inputs: usize,
    outputs: usize,
}

impl Axes {
    fn new(s: [usize; 4], order: AxisOrder) -> Self {
        match order {
            AxisOrder::Hwio => Self { rows: s[0], columns: s[1], inputs: s[2], outputs: s[3] },
            AxisOrder::Oihw => Self { outputs: s[0], inputs: s[1], rows: s[2], columns: s[3] },
        }
    }
}

/// Whether the tensors, read in `order`, are square kernels of odd size that chain from 1 or 3 channels to as many.
pub(super) fn fits(tensors: &[KernelTensor], order: AxisOrder) -> bool {
    shapes_fit(&tensors.iter().map(|t| t.shape).collect::<Vec<_>>(), order)
}

/// As [`fits`], for shapes without values.
pub(super) fn shapes_fit(shapes: &[[usize; 4]], order: AxisOrder) -> bool {
    let axes: Vec<Axes> = shapes.iter().map(|s| Axes::new(*s, order)).collect();
    let square = axes.iter().all(|a| a.rows == a.columns && a.rows % 2 == 1);
    let chained = axes.windows(2).all(|pair| pair[0].outputs == pair[1].inputs);
    let ends = axes
        .first()
        .zip(axes.last())
        .is_some_and(|(first, last)| first.inputs == last.outputs && matches!(first.inputs, 1 | 3));
    square && chained && ends
}

/// Puts kernels into the order output, input, row, column; `flip` turns each by 180 degrees.
pub(super) fn to_layers(tensors: Vec<KernelTensor>, order: AxisOrder, flip: bool) -> Vec<RawLayer> {
    let layer = |tensor: KernelTensor| {
        let Axes { rows: kernel, inputs, outputs, .. } = Axes::new(tensor.shape, order);
        let mut kernels = match order {
            AxisOrder::Oihw => tensor.kernels,
            AxisOrder::Hwio => {
                let area = kernel * kernel;
                let place = |o: usize, i: usize, at: usize| tensor.kernels[(at * inputs + i) * outputs + o];
                let positions = (0..outputs).flat_map(|o| (0..inputs).map(move |i| (o, i)));
                positions.flat_map(|(o, i)| (0..area).map(move |at| place(o, i, at))).collect()
            }
        };
        if flip {
            kernels.chunks_exact_mut(kernel * kernel).for_each(<[f32]>::reverse);
        }
        RawLayer { inputs, outputs, kernel, weights: LayerWeights { kernels, biases: tensor.biases } }
    };
    tensors.into_iter().map(layer).collect()
}
