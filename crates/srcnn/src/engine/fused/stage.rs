//! One layer of a fused network: which kernels it has, and what it reads for what it gives.

use srcnn_kernels::{Buffer, DotKernels, GROUP, Isa, Matrix, Precision, TILE, WinogradKernels, padded};

use super::window::Window;
use crate::engine::Execution;
use crate::model::{Activation, LayerSpec, LayerWeights, Padding};
use crate::plane::Plane;

const SIDE: i64 = TILE as i64;
/// A window keeps twelve rows, three tiles: no more than nine can be read from any row on.
const MAX_KERNEL: usize = 9;
/// The first layer's kernels are cut into blocks of so many rows and columns.
const BLOCK: usize = 3;

/// Any layer but the last.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    spec: LayerSpec,
    kernels: Kernels,
}

#[derive(Clone, Debug)]
enum Kernels {
    /// The first layer. Its input has few channels, its kernels may be large: they are cut into blocks of 3x3, and each
    /// block takes the picture, shifted accordingly, as an input channel of its own.
    Blocks(WinogradKernels),
    /// 3x3 or 5x5.
    Winograd(WinogradKernels),
    /// 1x1, with biases.
    Pointwise(Matrix, Vec<f32>),
}

/// Room for one strip's computations.
#[derive(Default)]
pub(super) struct Scratch {
    transforms: srcnn_kernels::Scratch,
    lines: Vec<f32>,
    shifted: Buffer,
}

/// Distance from an output to the first input that it reads.
fn margin(spec: &LayerSpec) -> i64 {
    match spec.padding {
        Padding::Valid => 0,
        Padding::Zero | Padding::Replicate => (spec.kernel / 2) as i64,
    }
}

/// The value of a kernel as the packing functions ask for it.
fn value<'a>(spec: LayerSpec, weights: &'a LayerWeights) -> impl Fn(usize, usize, usize, usize) -> f32 + 'a {
    move |o, i, row, column| weights.kernels[((o * spec.inputs + i) * spec.kernel + row) * spec.kernel + column]
}

fn relu(spec: &LayerSpec) -> bool {
    match spec.activation {
        Activation::Relu => true,
        Activation::None => false,
    }
}

impl Stage {
    /// Packs the first layer: always exact, since it sees the picture itself, and costs little.
    pub(super) fn pack_first(spec: LayerSpec, weights: &LayerWeights, isa: Isa) -> Self {
        let (value, relu) = (value(spec, weights), relu(&spec));
        let blocks = spec.kernel.div_ceil(BLOCK);
        let inputs = blocks * blocks * spec.inputs;
        // Channel of the shifted input: row of the block, column of the block, plane.
        let shifted = |o: usize, channel: usize, row: usize, column: usize| {
            let (block, plane) = (channel / spec.inputs, channel % spec.inputs);
            let (row, column) = (block / blocks * BLOCK + row, block % blocks * BLOCK + column);
            if row < spec.kernel && column < spec.kernel { value(o, plane, row, column) } else { 0.0 }
        };
        let kernels = WinogradKernels::pack(isa, Precision::Exact, BLOCK, inputs, &weights.biases, relu, shifted);
        Self { spec, kernels: Kernels::Blocks(kernels) }
    }

    /// Packs a layer that is neither the first nor the last, if there are kernels for it.
    pub(super) fn pack(spec: LayerSpec, weights: &LayerWeights, execution: Execution) -> Option<Self> {
        let (value, relu) = (value(spec, weights), relu(&spec));
        let kernels = match spec.kernel {
            1 => {
                let matrix = Matrix::pack(execution.isa, spec.inputs, spec.outputs, |i, o| value(o, i, 0, 0));
                let mut biases = weights.biases.clone();
                biases.resize(padded(spec.outputs), 0.0);
                Kernels::Pointwise(matrix, biases)
            }
            3 | 5 => {
                let Execution { isa, precision } = execution;
                let taps = spec.kernel;
                let kernels = WinogradKernels::pack(isa, precision, taps, spec.inputs, &weights.biases, relu, value);
                Kernels::Winograd(kernels)
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

    /// Channels of the output as stored.
    pub(super) fn channels(&self) -> usize {
        padded(self.spec.outputs)
    }

    /// Rows and columns by which the output is smaller than the input.
    pub(super) fn loss(&self) -> i64 {
        self.spec.kernel as i64 - 1 - 2 * margin(&self.spec)
    }

    pub(super) fn pads_with_zero(&self) -> bool {
        self.spec.padding == Padding::Zero
    }

    /// Rows and columns that are read for a tile.
    fn span(&self) -> i64 {
        match &self.kernels {
            Kernels::Blocks(kernels) | Kernels::Winograd(kernels) => kernels.points() as i64,
            Kernels::Pointwise(..) => SIDE,
        }
    }

    /// The columns that are read for these tiles.
    pub(super) fn reads_columns(&self, first_tile: i64, end_tile: i64) -> (i64, i64) {
        let first = first_tile * SIDE - margin(&self.spec);
        (first, first + (end_tile - first_tile - 1) * SIDE + self.span())
    }

    /// The first row that is read for the four rows from `row` on.
    pub(super) fn reads_from(&self, row: i64) -> i64 {
        row - margin(&self.spec)
    }

    /// The last row that is read for the four rows from `row` on.
    pub(super) fn reads_to(&self, row: i64) -> i64 {
        row - margin(&self.spec) + self.span() - 1
    }

    /// Computes the next four rows from the layer before.
    pub(super) fn run(&self, input: &Window, output: &mut Window, scratch: &mut Scratch) {
        let (top, left) = (self.reads_from(output.next_row()), output.first_tile() * SIDE - margin(&self.spec));
        let count = (output.end_tile() - output.first_tile()) as usize;
        let stride = output.row_length();
        match &self.kernels {
            Kernels::Blocks(kernels) | Kernels::Winograd(kernels) => {
                let rows: Vec<&[f32]> = (top..top + self.span()).map(|y| input.row(y, left)).collect();
                output.advance(|out| kernels.run(&rows, count, out, stride, &mut scratch.transforms));
            }
            Kernels::Pointwise(matrix, biases) => {
                let (inputs, pixels) = (padded(self.spec.inputs), count * TILE);
                output.advance(|out| {
                    for (y, out) in (top..top + SIDE).zip(out.chunks_mut(stride)) {
                        matrix.apply(input.row(y, left), inputs, pixels, biases, relu(&self.spec), out);
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
        // The part of the picture under all shifts, edges filled in.
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

/// Columns from `left` on of a row of the picture, both of which may lie beyond its edges.
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

/// The last layer.
#[derive(Clone, Debug)]
pub(super) struct Last {
    spec: LayerSpec,
    kernels: DotKernels,
}

impl Last {
    /// Packs the layer, if windows are high enough for it.
    pub(super) fn pack(spec: LayerSpec, weights: &LayerWeights, isa: Isa) -> Option<Self> {
        if spec.kernel > MAX_KERNEL {
            return None;
        }
        let value = value(spec, weights);
        let kernels = DotKernels::pack(isa, spec.kernel, spec.inputs, &weights.biases, relu(&spec), value);
        Some(Self { spec, kernels })
    }

    pub(super) fn pads_with_zero(&self) -> bool {
        self.spec.padding == Padding::Zero
    }

    /// The columns that are read for columns `left..right`.
    pub(super) fn reads_columns(&self, left: i64, right: i64) -> (i64, i64) {
        let first = left - margin(&self.spec);
        (first, first + right - left + self.spec.kernel as i64 - 1)
    }

    /// The first row that is read for row `y`.
    pub(super) fn reads_from(&self, y: i64) -> i64 {
        y - margin(&self.spec)
    }

    /// The last row that is read for row `y`.
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
