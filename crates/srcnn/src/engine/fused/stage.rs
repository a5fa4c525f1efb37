//! A layer of a fused network: its kernels, and the input that it reads for an output.

use srcnn_kernels::{Buffer, DotKernels, GROUP, Isa, Matrix, Precision, TILE, WinogradKernels, padded};

use super::lowered::{Bend, Layer};
use super::window::Window;
use crate::engine::Execution;
use crate::model::{LayerWeights, Padding};
use crate::plane::Plane;

const SIDE: i64 = TILE as i64;
/// Largest kernel of the last layer: a window keeps three tiles of rows, which cover nine rows from any row on.
const MAX_KERNEL: usize = 9;
/// Side of the blocks that the first layer's kernels are divided into.
const BLOCK: usize = 3;

/// Shape of a layer.
#[derive(Clone, Copy, Debug)]
struct Shape {
    inputs: usize,
    outputs: usize,
    kernel: usize,
    padding: Padding,
}

impl Shape {
    fn of(layer: &Layer) -> Self {
        let &Layer { inputs, outputs, kernel, padding, .. } = layer;
        Self { inputs, outputs, kernel, padding }
    }
}

/// A layer whose output is kept in a window.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    spec: Shape,
    kernels: Kernels,
}

#[derive(Clone, Debug)]
enum Kernels {
    /// The first layer, which has few input channels and may have large kernels. They are divided into blocks of 3x3;
    /// each block has the shifted picture as an input channel of its own.
    Blocks(WinogradKernels),
    /// A 3x3 or 5x5 layer by Winograd convolution.
    Winograd(WinogradKernels),
    /// A 1x1 layer as a matrix product, with its biases, and what is done to negative sums.
    Pointwise(Matrix, Vec<f32>, Bend),
}

/// Buffers for the computation of one strip.
#[derive(Default)]
pub(super) struct Scratch {
    transforms: srcnn_kernels::Scratch,
    lines: Vec<f32>,
    shifted: Buffer,
}

/// Offset of the first input pixel that an output pixel reads, upwards and to the left.
fn margin(spec: &Shape) -> i64 {
    match spec.padding {
        Padding::Valid => 0,
        Padding::Zero | Padding::Replicate => (spec.kernel / 2) as i64,
    }
}

/// Accessor for kernel values in the argument order of the packing functions.
fn value<'a>(spec: Shape, weights: &'a LayerWeights) -> impl Fn(usize, usize, usize, usize) -> f32 + 'a {
    move |o, i, row, column| weights.kernels[((o * spec.inputs + i) * spec.kernel + row) * spec.kernel + column]
}

/// Kernels with what is done to negative outputs, which were packed with ReLU if that is it.
fn bent(kernels: WinogradKernels, bend: &Bend) -> WinogradKernels {
    match bend {
        Bend::None | Bend::Relu => kernels,
        Bend::Slopes(slopes) => kernels.with_slopes(slopes),
    }
}

impl Stage {
    /// Packs the first layer, always in exact precision: it processes the picture itself, and costs little.
    pub(super) fn pack_first(layer: &Layer, isa: Isa) -> Self {
        let (spec, weights) = (Shape::of(layer), &layer.weights);
        let (value, relu) = (value(spec, weights), layer.bend == Bend::Relu);
        let blocks = spec.kernel.div_ceil(BLOCK);
        let inputs = blocks * blocks * spec.inputs;
        // Order of the input channels: row of the block, column of the block, plane.
        let shifted = |o: usize, channel: usize, row: usize, column: usize| {
            let (block, plane) = (channel / spec.inputs, channel % spec.inputs);
            let (row, column) = (block / blocks * BLOCK + row, block % blocks * BLOCK + column);
            if row < spec.kernel && column < spec.kernel { value(o, plane, row, column) } else { 0.0 }
        };
        let kernels = WinogradKernels::pack(isa, Precision::Exact, BLOCK, inputs, &weights.biases, relu, shifted);
        Self { spec, kernels: Kernels::Blocks(bent(kernels, &layer.bend)) }
    }

    /// Packs a layer other than the first; none if there is no kernel for it.
    pub(super) fn pack(layer: &Layer, execution: Execution) -> Option<Self> {
        let (spec, weights) = (Shape::of(layer), &layer.weights);
        let (value, relu) = (value(spec, weights), layer.bend == Bend::Relu);
        let kernels = match spec.kernel {
            1 => {
                let matrix = Matrix::pack(execution.isa, spec.inputs, spec.outputs, |i, o| value(o, i, 0, 0));
                let mut biases = weights.biases.clone();
                biases.resize(padded(spec.outputs), 0.0);
                let bend = match &layer.bend {
                    Bend::Slopes(slopes) => {
                        let mut slopes = slopes.clone();
                        slopes.resize(padded(spec.outputs), 0.0);
                        Bend::Slopes(slopes)
                    }
                    other => other.clone(),
                };
                Kernels::Pointwise(matrix, biases, bend)
            }
            3 | 5 => {
                let Execution { isa, precision } = execution;
                let taps = spec.kernel;
                let kernels = WinogradKernels::pack(isa, precision, taps, spec.inputs, &weights.biases, relu, value);
                Kernels::Winograd(bent(kernels, &layer.bend))
            }
            _ => return None,
        };
        Some(Self { spec, kernels })
    }

    /// The precision of its products.
    pub(super) fn precision(&self) -> Precision {
        match &self.kernels {
            Kernels::Blocks(kernels) | Kernels::Winograd(kernels) => kernels.precision(),
            Kernels::Pointwise(..) => Precision::Exact,
        }
    }

    /// Rows and columns of its kernels.
    pub(super) fn kernel(&self) -> usize {
        self.spec.kernel
    }

    /// Channels of the output as stored, padding included.
    pub(super) fn channels(&self) -> usize {
        padded(self.spec.outputs)
    }

    /// Rows (and columns) by which the output is smaller than the input.
    pub(super) fn loss(&self) -> i64 {
        self.spec.kernel as i64 - 1 - 2 * margin(&self.spec)
    }

    pub(super) fn pads_with_zero(&self) -> bool {
        self.spec.padding == Padding::Zero
    }

    /// Rows (and columns) of input that a tile reads.
    fn span(&self) -> i64 {
        match &self.kernels {
            Kernels::Blocks(kernels) | Kernels::Winograd(kernels) => kernels.points() as i64,
            Kernels::Pointwise(..) => SIDE,
        }
    }

    /// The columns of input that these tiles read.
    pub(super) fn reads_columns(&self, first_tile: i64, end_tile: i64) -> (i64, i64) {
        let first = first_tile * SIDE - margin(&self.spec);
        (first, first + (end_tile - first_tile - 1) * SIDE + self.span())
    }

    /// The first row of input that the four rows from `row` on read.
    pub(super) fn reads_from(&self, row: i64) -> i64 {
        row - margin(&self.spec)
    }

    /// The last row of input that the four rows from `row` on read.
    pub(super) fn reads_to(&self, row: i64) -> i64 {
        row - margin(&self.spec) + self.span() - 1
    }

    /// Computes the next four rows from the output of the layer before.
    pub(super) fn run(&self, input: &Window, output: &mut Window, scratch: &mut Scratch) {
        let (top, left) = (self.reads_from(output.next_row()), output.first_tile() * SIDE - margin(&self.spec));
        let count = (output.end_tile() - output.first_tile()) as usize;
        let stride = output.row_length();
        match &self.kernels {
            Kernels::Blocks(kernels) | Kernels::Winograd(kernels) => {
                let rows: Vec<&[f32]> = (top..top + self.span()).map(|y| input.row(y, left)).collect();
                output.advance(|out| kernels.run(&rows, count, out, stride, &mut scratch.transforms));
            }
            Kernels::Pointwise(matrix, biases, bend) => {
                let (inputs, pixels) = (padded(self.spec.inputs), count * TILE);
                output.advance(|out| {
                    for (y, out) in (top..top + SIDE).zip(out.chunks_mut(stride)) {
                        let row = input.row(y, left);
                        match bend {
                            Bend::Slopes(slopes) => {
                                matrix.apply_with_slopes(row, inputs, pixels, biases, slopes, out);
                            }
                            Bend::None | Bend::Relu => {
                                matrix.apply(row, inputs, pixels, biases, *bend == Bend::Relu, out);
                            }
                        }
                    }
                });
            }
        }
    }

    /// Computes the next four rows of the first layer from the picture.
    pub(super) fn run_first(&self, planes: &[Plane<f32>], output: &mut Window, scratch: &mut Scratch) {
        let Kernels::Blocks(kernels) = &self.kernels else { unreachable!("the first layer is packed as blocks") };
        let count = (output.end_tile() - output.first_tile()) as usize;
        let (left, right) = self.reads_columns(output.first_tile(), output.end_tile());
        let top = self.reads_from(output.next_row());
        let blocks = self.spec.kernel.div_ceil(BLOCK);
        let shift = BLOCK * (blocks - 1);
        let (columns, rows) = ((right - left) as usize, self.span() as usize);
        // The part of the picture that all shifted copies cover, padding included.
        let (line, lines) = (columns + shift, rows + shift);
        scratch.lines.resize(planes.len() * lines * line, 0.0);
        for (p, plane) in planes.iter().enumerate() {
            for (y, to) in scratch.lines[p * lines * line..].chunks_exact_mut(line).take(lines).enumerate() {
                copy_line(plane, top + y as i64, left, self.pads_with_zero(), to);
            }
        }
        let channels = padded(blocks * blocks * planes.len());
        scratch.shifted.resize(rows * columns * channels);
        for (y, row) in scratch.shifted.chunks_exact_mut(columns * channels).enumerate() {
            for (block, (by, bx)) in (0..blocks).flat_map(|by| (0..blocks).map(move |bx| (by, bx))).enumerate() {
                for p in 0..planes.len() {
                    let from = (p * lines + y + BLOCK * by) * line + BLOCK * bx;
                    let from = &scratch.lines[from..from + columns];
                    let to = row[block * planes.len() + p..].iter_mut().step_by(channels);
                    to.zip(from).for_each(|(to, from)| *to = *from);
                }
            }
        }
        let rows: Vec<&[f32]> = scratch.shifted.chunks_exact(columns * channels).collect();
        let stride = output.row_length();
        output.advance(|out| kernels.run(&rows, count, out, stride, &mut scratch.transforms));
        debug_assert!(channels.is_multiple_of(GROUP));
    }
}

/// Copies columns from `left` on of a row of the picture; both may lie outside the picture, where the padding applies.
fn copy_line(plane: &Plane<f32>, row: i64, left: i64, pads_with_zero: bool, to: &mut [f32]) {
    let (width, height) = (plane.width() as i64, plane.height() as i64);
    if pads_with_zero && !(0..height).contains(&row) {
        to.fill(0.0);
        return;
    }
    let from = plane.row(row.clamp(0, height - 1) as usize);
    let before = (-left).clamp(0, to.len() as i64) as usize;
    let inside = (width - left.max(0)).clamp(0, to.len() as i64 - before as i64) as usize;
    let (edge_left, edge_right) = if pads_with_zero { (0.0, 0.0) } else { (from[0], from[from.len() - 1]) };
    to[..before].fill(edge_left);
    if inside > 0 {
        let start = left.max(0) as usize;
        to[before..before + inside].copy_from_slice(&from[start..start + inside]);
    }
    to[before + inside..].fill(edge_right);
}

/// A last layer of few filters.
#[derive(Clone, Debug)]
pub(super) struct Last {
    spec: Shape,
    kernels: DotKernels,
}

/// Most filters of a layer that is computed one filter at a time.
const FEW_FILTERS: usize = 4;

impl Last {
    /// Packs the layer; none if its kernel is larger than a window allows, or it has many filters or slopes.
    pub(super) fn pack(layer: &Layer, isa: Isa) -> Option<Self> {
        let (spec, weights) = (Shape::of(layer), &layer.weights);
        if spec.kernel > MAX_KERNEL || spec.outputs > FEW_FILTERS || matches!(layer.bend, Bend::Slopes(_)) {
            return None;
        }
        let value = value(spec, weights);
        let relu = layer.bend == Bend::Relu;
        let kernels = DotKernels::pack(isa, spec.kernel, spec.inputs, &weights.biases, relu, value);
        Some(Self { spec, kernels })
    }

    pub(super) fn kernel(&self) -> usize {
        self.spec.kernel
    }

    pub(super) fn pads_with_zero(&self) -> bool {
        self.spec.padding == Padding::Zero
    }

    /// The columns of input that columns `left..right` read.
    pub(super) fn reads_columns(&self, left: i64, right: i64) -> (i64, i64) {
        let first = left - margin(&self.spec);
        (first, first + right - left + self.spec.kernel as i64 - 1)
    }

    /// The first row of input that row `y` reads.
    pub(super) fn reads_from(&self, y: i64) -> i64 {
        y - margin(&self.spec)
    }

    /// The last row of input that row `y` reads.
    pub(super) fn reads_to(&self, y: i64) -> i64 {
        self.reads_from(y) + self.spec.kernel as i64 - 1
    }

    /// Computes a row of one filter's output, from column `left` on.
    pub(super) fn run(&self, filter: usize, input: &Window, y: i64, left: i64, out: &mut [f32]) {
        let column = left - margin(&self.spec);
        let rows: Vec<&[f32]> = (self.reads_from(y)..=self.reads_to(y)).map(|y| input.row(y, column)).collect();
        self.kernels.run(filter, &rows, out);
    }
}
