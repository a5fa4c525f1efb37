//! Graphs that are no chain of plain convolutions, layer by layer.

use std::collections::{HashMap, HashSet};

use super::binary::Binary;
use super::error::NetworkError;
use super::param::{Line, Parameters, convolution, interp, lines, padding, shortened};
use crate::model::LayerWeights;
use crate::model::graph::{
    Convolution, Enlargement, Fill, Function, Graph, GraphBuilder, Operation, Sides, Transposed, Value,
};
use crate::resample::Convention;

/// More channels than any network has.
const MAX_CHANNELS: usize = 1 << 14;
/// More numbers than any network has that are one for all channels.
const MAX_SPREAD: usize = 1 << 22;

/// A network and the weights of each of its operations that has any.
pub(super) struct Network {
    pub(super) graph: Graph,
    pub(super) weights: Vec<LayerWeights>,
    pub(super) remarks: Vec<String>,
    /// Bytes of the weights that are left.
    pub(super) rest: usize,
}

/// A blob of the file.
#[derive(Clone)]
enum Blob {
    Known(Known),
    /// Values that the file holds, one a channel.
    Constant(Vec<f32>),
}

#[derive(Clone, Copy)]
struct Known {
    value: Value,
    channels: usize,
    /// What a `Padding` before it adds, until a convolution takes it.
    border: Option<(Sides, Fill)>,
}

struct Reader<'a> {
    bin: Binary<'a>,
    builder: GraphBuilder,
    blobs: HashMap<&'a str, Blob>,
    weights: Vec<LayerWeights>,
    inputs: usize,
    /// Blobs that no layer took yet.
    open: HashSet<&'a str>,
    /// Numbers that may still be made of single ones.
    spread: usize,
}

/// Reads the layers of a `.param` and the weights of a `.bin`.
pub(super) fn read<'a>(text: &'a str, bin: &'a [u8]) -> Result<Network, NetworkError> {
    let channels = first_channels(text)?;
    let (builder, blobs, open) = (GraphBuilder::new(channels), HashMap::new(), HashSet::new());
    let mut reader =
        Reader { bin: Binary::new(bin), builder, blobs, weights: Vec::new(), inputs: 0, open, spread: MAX_SPREAD };
    for line in lines(text)? {
        reader.layer(&line?, channels)?;
    }
    let mut open = reader.open.iter().filter_map(|name| match reader.blobs.get(name) {
        Some(Blob::Known(known)) if known.border.is_none() => Some(*known),
        _ => None,
    });
    let (Some(last), None) = (open.next(), open.next()) else { return Err(NetworkError::NoOutput) };
    let (nodes, weights) = reader.builder.up_to(last.value, reader.weights);
    let rest = reader.bin.left();
    Ok(Network { graph: Graph::new(channels, nodes)?, weights, remarks: reader.bin.remarks, rest })
}

/// Channels that the first convolution takes.
fn first_channels(text: &str) -> Result<usize, NetworkError> {
    for line in lines(text)? {
        let line = line?;
        if line.kind.starts_with("Convolution") {
            let p = Parameters::read(line.parameters.iter().copied())?;
            let (columns, rows) = p.pair(convolution::KERNEL, 0);
            let area = usize::try_from(columns.saturating_mul(rows)).ok();
            let each = area.and_then(|area| area.checked_mul(p.size(convolution::FILTERS))).filter(|each| *each > 0);
            let groups = p.int(convolution::GROUPS).unwrap_or(1).max(1) as usize;
            let channels = each.and_then(|each| (p.size(convolution::WEIGHTS) / each).checked_mul(groups));
            return channels.filter(|n| (1..=MAX_CHANNELS).contains(n)).ok_or(NetworkError::Channels);
        }
    }
    Err(NetworkError::Channels)
}

impl<'a> Reader<'a> {
    fn layer(&mut self, line: &Line<'a>, channels: usize) -> Result<(), NetworkError> {
        let p = Parameters::read(line.parameters.iter().copied())?;
        let refused = || NetworkError::Layer { kind: shortened(line.kind), name: shortened(line.name) };
        match line.kind {
            "Input" => {
                self.inputs += 1;
                let input = Known { value: Value::INPUT, channels, border: None };
                return if self.inputs == 1 { self.put(line, 0, Blob::Known(input)) } else { Err(refused()) };
            }
            "MemoryData" => {
                // Width, height, channels.
                let sides = [0, 1, 2].map(|key| p.size(key));
                let values = match sides {
                    [1, 1, count] | [count, 0, 0] => self.bin.floats(line.name, count)?,
                    _ => return Err(refused()),
                };
                return self.put(line, 0, Blob::Constant(values));
            }
            _ => {}
        }
        line.inputs.iter().for_each(|name| _ = self.open.remove(name));
        let taken: Vec<Blob> = line
            .inputs
            .iter()
            .map(|name| self.blobs.get(name).cloned().ok_or_else(|| NetworkError::NoBlob { name: shortened(name) }))
            .collect::<Result<_, _>>()?;
        let known = |at: usize| match taken.get(at) {
            Some(Blob::Known(known)) => Ok(*known),
            _ => Err(refused()),
        };
        if line.kind == "Split" {
            let first = taken.first().cloned().ok_or_else(refused)?;
            return (0..line.outputs.len()).try_for_each(|at| self.put(line, at, first.clone()));
        }
        if !line.kind.starts_with("Convolution")
            && (0..taken.len()).any(|at| known(at).is_ok_and(|k| k.border.is_some()))
        {
            return Err(refused());
        }
        let result = match line.kind {
            "Convolution" | "ConvolutionDepthWise" => self.convolution(line, &p, known(0)?)?,
            "Deconvolution" | "DeconvolutionDepthWise" => self.transposed(line, &p, known(0)?)?,
            // Of what is one sample a channel, a convolution of 1x1.
            "InnerProduct" => self.fully_connected(line, &p, known(0)?)?,
            "PReLU" => {
                let taken = known(0)?;
                let slopes = self.bin.floats(line.name, p.size(0))?;
                let slopes = match slopes.as_slice() {
                    [one] => self.spread(*one, taken.channels).ok_or_else(refused)?,
                    _ => slopes,
                };
                self.weights.push(LayerWeights { kernels: slopes, biases: Vec::new() });
                self.function(taken, Function::Prelu { channels: taken.channels })
            }
            "ReLU" => self.function(
                known(0)?,
                match p.float(0) {
                    0.0 => Function::Relu,
                    slope => Function::Leaky { slope: slope as f32 },
                },
            ),
            "Clip" => {
                let bound = |key, open: f32| p.get(key).map_or(open, |bound| bound as f32);
                self.function(known(0)?, Function::Clip { low: bound(0, f32::MIN), high: bound(1, f32::MAX) })
            }
            "Sigmoid" => self.function(known(0)?, Function::Sigmoid),
            "TanH" => self.function(known(0)?, Function::Tanh),
            "Swish" => self.function(known(0)?, Function::Silu),
            "Noop" | "Dropout" => known(0)?,
            "Padding" => Known { border: Some(border(line, &p)?), ..known(0)? },
            "Concat" if p.int(0).unwrap_or(0) == 0 => {
                let parts = (0..taken.len()).map(known).collect::<Result<Vec<_>, _>>()?;
                let values: Vec<Value> = parts.iter().map(|part| part.value).collect();
                let channels = parts.iter().map(|part| part.channels).sum();
                Known { value: self.builder.add(Operation::Concatenate, &values), channels, border: None }
            }
            "BinaryOp" => self.binary(&p, &taken).ok_or_else(refused)?,
            "Eltwise" => {
                let parts = (0..taken.len()).map(known).collect::<Result<Vec<_>, _>>()?;
                self.elementwise(&p, &parts).ok_or_else(refused)?
            }
            // Factors that were computed.
            "Scale" if p.int(0) == Some(COMPUTED) && taken.len() == 2 => {
                let (a, b) = (known(0)?, known(1)?);
                Known { value: self.builder.add(Operation::Multiply, &[a.value, b.value]), ..a }
            }
            "PixelShuffle" if p.int(1).unwrap_or(0) == 0 => {
                let (taken, factor) = (known(0)?, p.size(0));
                let area = Some(factor).filter(|factor| (1..=16).contains(factor)).map(|factor| factor * factor);
                let channels = area.map(|area| taken.channels / area).ok_or_else(refused)?;
                let value = self.builder.add(Operation::Shuffle { factor }, &[taken.value]);
                Known { value, channels, border: None }
            }
            "Interp" => self.enlarged(&p, known(0)?).ok_or_else(refused)?,
            // The mean over all.
            "Pooling" if p.int(0) == Some(1) && p.int(4) == Some(1) => {
                let taken = known(0)?;
                Known { value: self.builder.add(Operation::Mean, &[taken.value]), ..taken }
            }
            // To the size of another, the same on all sides.
            "Crop" if taken.len() == 2 && p.int(0) == p.int(1) && p.int(2).unwrap_or(0) == 0 => {
                let (taken, side) = (known(0)?, p.size(0));
                if taken.channels != known(1)?.channels {
                    return Err(refused());
                }
                Known { value: self.builder.add(Operation::Crop(Sides::all(side)), &[taken.value]), ..taken }
            }
            _ => return Err(refused()),
        };
        if result.channels > MAX_CHANNELS {
            return Err(NetworkError::Channels);
        }
        self.put(line, 0, Blob::Known(result))
    }

    fn put(&mut self, line: &Line<'a>, at: usize, blob: Blob) -> Result<(), NetworkError> {
        let name = line.outputs.get(at).ok_or_else(|| NetworkError::NoBlob { name: shortened(line.name) })?;
        self.blobs.insert(name, blob);
        self.open.insert(name);
        Ok(())
    }

    fn function(&mut self, taken: Known, function: Function) -> Known {
        Known { value: self.builder.add(Operation::Function(function), &[taken.value]), ..taken }
    }

    /// The same number for all channels; none if there were too many of them.
    fn spread(&mut self, number: f32, channels: usize) -> Option<Vec<f32>> {
        self.spread = self.spread.checked_sub(channels)?;
        Some(vec![number; channels])
    }

    fn affine(&mut self, taken: Known, factors: Vec<f32>, summands: Vec<f32>) -> Known {
        let channels = taken.channels;
        self.weights.push(LayerWeights { kernels: factors, biases: summands });
        Known { value: self.builder.add(Operation::Affine { channels }, &[taken.value]), ..taken }
    }

    /// The function that a layer does itself.
    fn activated(&mut self, line: &Line<'_>, p: &Parameters, taken: Known) -> Result<Known, NetworkError> {
        let numbers = p.array(convolution::ACTIVATION_NUMBERS);
        let number = |at: usize| numbers.get(at).map_or(0.0, |number| *number as f32);
        let function = match p.int(convolution::ACTIVATION).unwrap_or(convolution::NO_ACTIVATION) {
            convolution::NO_ACTIVATION => return Ok(taken),
            convolution::RELU => Function::Relu,
            convolution::LEAKY => Function::Leaky { slope: number(0) },
            convolution::CLIP => Function::Clip { low: number(0), high: number(1) },
            convolution::SIGMOID => Function::Sigmoid,
            _ => return Err(NetworkError::Layer { kind: "an activation".to_owned(), name: shortened(line.name) }),
        };
        Ok(self.function(taken, function))
    }

    /// Kernels and biases of a layer of so many outputs: output, input of the group, row, column.
    fn kernels(&mut self, line: &Line<'_>, p: &Parameters, outputs: usize) -> Result<LayerWeights, NetworkError> {
        for key in [convolution::INT8_SCALES, convolution::PAD_VALUE, convolution::DYNAMIC_WEIGHTS] {
            if p.float(key) != 0.0 && line.kind.starts_with("Convolution") {
                return Err(NetworkError::Layer { kind: shortened(line.kind), name: shortened(line.name) });
            }
        }
        let kernels = self.bin.kernels(line.name, p.size(convolution::WEIGHTS))?;
        let biases = match p.int(convolution::BIAS).unwrap_or(0) {
            0 => vec![0.0; outputs.min(kernels.len())],
            _ => self.bin.floats(line.name, outputs)?,
        };
        Ok(LayerWeights { kernels, biases })
    }

    fn convolution(&mut self, line: &Line<'_>, p: &Parameters, taken: Known) -> Result<Known, NetworkError> {
        let refused = || NetworkError::Layer { kind: shortened(line.kind), name: shortened(line.name) };
        let shape = Shape::of(p).ok_or_else(refused)?;
        let Shape { outputs, kernel, stride, dilation, groups } = shape;
        let left = p.int(convolution::PAD_LEFT).unwrap_or(0);
        let own = match convolution::SAME.contains(&left) {
            true if stride == 1 && kernel.iter().all(|side| side % 2 == 1) => {
                let [top, left] = kernel.map(|side| (side - 1) * dilation / 2);
                Sides { top, left, bottom: top, right: left }
            }
            true => return Err(refused()),
            false => sides(p, convolution::PADS).ok_or_else(refused)?,
        };
        let (padding, fill) = match taken.border {
            None => (own, Fill::Zero),
            Some(border) if own == Sides::all(0) => border,
            Some(_) => return Err(refused()),
        };
        let weights = self.kernels(line, p, outputs)?;
        let each =
            outputs.checked_mul(kernel[0] * kernel[1]).filter(|each| weights.kernels.len().is_multiple_of(*each));
        let inputs = each.and_then(|each| (weights.kernels.len() / each).checked_mul(groups)).ok_or_else(refused)?;
        self.weights.push(weights);
        let convolution = Convolution { inputs, outputs, kernel, stride, dilation, groups, padding, fill };
        let value = self.builder.add(Operation::Convolution(convolution), &[taken.value]);
        self.activated(line, p, Known { value, channels: outputs, border: None })
    }

    fn transposed(&mut self, line: &Line<'_>, p: &Parameters, taken: Known) -> Result<Known, NetworkError> {
        let refused = || NetworkError::Layer { kind: shortened(line.kind), name: shortened(line.name) };
        let Shape { outputs, kernel, stride, dilation, groups } = Shape::of(p).ok_or_else(refused)?;
        let computed = convolution::OUTPUT_SIZES.iter().any(|key| p.int(*key).unwrap_or(0) != 0);
        let mut cut = sides(p, convolution::PADS).ok_or_else(refused)?;
        let [right, bottom] = convolution::OUTPUT_PADS.map(|key| p.size(key));
        let less = cut.right.checked_sub(right).zip(cut.bottom.checked_sub(bottom));
        (cut.right, cut.bottom) = less.filter(|_| dilation == 1 && !computed).ok_or_else(refused)?;
        let weights = self.kernels(line, p, outputs)?;
        let each =
            outputs.checked_mul(kernel[0] * kernel[1]).filter(|each| weights.kernels.len().is_multiple_of(*each));
        let inputs = each.and_then(|each| (weights.kernels.len() / each).checked_mul(groups)).ok_or_else(refused)?;
        self.weights.push(weights);
        let transposed = Transposed { inputs, outputs, kernel, stride, groups, cut };
        let value = self.builder.add(Operation::Transposed(transposed), &[taken.value]);
        self.activated(line, p, Known { value, channels: outputs, border: None })
    }

    fn fully_connected(&mut self, line: &Line<'_>, p: &Parameters, taken: Known) -> Result<Known, NetworkError> {
        /// Keys of filters, biases and weights.
        const KEYS: [i64; 3] = [0, 1, 2];
        let [outputs, bias, count] = KEYS.map(|key| p.size(key));
        let kernels = self.bin.kernels(line.name, count)?;
        let biases = match bias {
            0 => vec![0.0; outputs.min(count)],
            _ => self.bin.floats(line.name, outputs)?,
        };
        if taken.channels.checked_mul(outputs) != Some(count) {
            return Err(NetworkError::Layer { kind: shortened(line.kind), name: shortened(line.name) });
        }
        self.weights.push(LayerWeights { kernels, biases });
        let convolution = Operation::Convolution(Convolution::valid(taken.channels, outputs, 1));
        let value = self.builder.add(convolution, &[taken.value]);
        self.activated(line, p, Known { value, channels: outputs, border: None })
    }

    /// A sum, difference or product; none for anything else.
    fn binary(&mut self, p: &Parameters, taken: &[Blob]) -> Option<Known> {
        const ADD: i64 = 0;
        const SUB: i64 = 1;
        const MUL: i64 = 2;
        const DIV: i64 = 3;
        let kind = p.int(0).unwrap_or(ADD);
        let (first, numbers) = match taken {
            [Blob::Known(a), Blob::Known(b)] => {
                let b = if kind == SUB { self.affine(*b, vec![-1.0; b.channels], vec![0.0; b.channels]) } else { *b };
                let operation = match kind {
                    ADD | SUB => Operation::Add,
                    MUL => Operation::Multiply,
                    _ => return None,
                };
                return Some(Known { value: self.builder.add(operation, &[a.value, b.value]), ..*a });
            }
            [Blob::Known(a), Blob::Constant(values)] if values.len() == a.channels => (*a, values.clone()),
            [Blob::Constant(values), Blob::Known(a)] if values.len() == a.channels && matches!(kind, ADD | MUL) => {
                (*a, values.clone())
            }
            [Blob::Known(a)] if p.int(1).unwrap_or(0) != 0 => (*a, self.spread(p.float(2) as f32, a.channels)?),
            _ => return None,
        };
        let (ones, zeros) = (vec![1.0; first.channels], vec![0.0; first.channels]);
        Some(match kind {
            ADD => self.affine(first, ones, numbers),
            SUB => self.affine(first, ones, numbers.into_iter().map(|v| -v).collect()),
            MUL => self.affine(first, numbers, zeros),
            DIV => self.affine(first, numbers.into_iter().map(|v| 1.0 / v).collect(), zeros),
            _ => return None,
        })
    }

    /// A product, or a sum with a factor for each part; none for anything else.
    fn elementwise(&mut self, p: &Parameters, parts: &[Known]) -> Option<Known> {
        const PRODUCT: i64 = 0;
        const SUM: i64 = 1;
        let factors = p.array(1);
        let first = *parts.first()?;
        if !factors.is_empty() && factors.len() != parts.len() {
            return None;
        }
        let operation = match p.int(0).unwrap_or(PRODUCT) {
            PRODUCT => Operation::Multiply,
            SUM => Operation::Add,
            _ => return None,
        };
        let scaled: Vec<Value> = parts
            .iter()
            .enumerate()
            .map(|(at, part)| match factors.get(at) {
                Some(factor) if operation == Operation::Add && *factor != 1.0 => {
                    let factors = self.spread(*factor as f32, part.channels)?;
                    Some(self.affine(*part, factors, vec![0.0; part.channels]).value)
                }
                _ => Some(part.value),
            })
            .collect::<Option<_>>()?;
        Some(Known { value: self.builder.add(operation, &scaled), ..first })
    }

    /// Enlarging by a whole factor, or halving by bicubic; none for anything else.
    fn enlarged(&mut self, p: &Parameters, taken: Known) -> Option<Known> {
        let (rows, columns) = (p.float(interp::HEIGHT_SCALE), p.float(interp::WIDTH_SCALE));
        let aligned = p.int(interp::ALIGN_CORNERS).unwrap_or(0) != 0;
        let kind = p.int(interp::KIND)?;
        let to_a_size = interp::SIZES.iter().any(|key| p.int(*key).unwrap_or(0) != 0);
        if rows != columns || aligned || to_a_size {
            return None;
        }
        if rows == 0.5 && kind == interp::BICUBIC {
            return Some(self.halved(taken));
        }
        let factor = (1..=16).find(|factor| rows == f64::from(*factor))? as usize;
        let by = match kind {
            interp::NEAREST => Enlargement::Nearest,
            interp::BILINEAR => Enlargement::By(Convention::OpencvLinear),
            interp::BICUBIC => Enlargement::By(Convention::OpencvCubic),
            _ => return None,
        };
        Some(Known { value: self.builder.add(Operation::Enlarge { factor, by }, &[taken.value]), ..taken })
    }

    /// Bicubic at a half: each sample lies in the middle of four, whose weights are those of Keys' cubic of -0.75 at distances of 0.5
    /// and 1.5.
    fn halved(&mut self, taken: Known) -> Known {
        const TAPS: [f32; 4] = [-0.093_75, 0.593_75, 0.593_75, -0.093_75];
        let channels = taken.channels;
        let kernel: Vec<f32> = TAPS.iter().flat_map(|row| TAPS.map(|column| row * column)).collect();
        self.weights.push(LayerWeights { kernels: kernel.repeat(channels), biases: vec![0.0; channels] });
        let convolution = Convolution {
            kernel: [TAPS.len(); 2],
            stride: 2,
            groups: channels,
            padding: Sides::all(1),
            fill: Fill::Replicate,
            ..Convolution::valid(channels, channels, 1)
        };
        Known { value: self.builder.add(Operation::Convolution(convolution), &[taken.value]), ..taken }
    }
}

/// Value of a size that is computed.
const COMPUTED: i64 = -233;

/// Shape of a convolution.
struct Shape {
    outputs: usize,
    kernel: [usize; 2],
    stride: usize,
    dilation: usize,
    groups: usize,
}

impl Shape {
    fn of(p: &Parameters) -> Option<Self> {
        let positive = |n: i64| usize::try_from(n).ok().filter(|n| (1..=MAX_CHANNELS).contains(n));
        let square = |keys: [i64; 2]| {
            let (columns, rows) = p.pair(keys, 1);
            if columns == rows { positive(rows) } else { None }
        };
        let (columns, rows) = p.pair(convolution::KERNEL, 0);
        Some(Self {
            outputs: positive(p.int(convolution::FILTERS)?)?,
            kernel: [positive(rows)?, positive(columns)?],
            stride: square(convolution::STRIDE)?,
            dilation: square(convolution::DILATION)?,
            groups: positive(p.int(convolution::GROUPS).unwrap_or(1))?,
        })
    }
}

/// Sides by the keys of left, right, top and bottom: right and top as left by default, bottom as top.
fn sides(p: &Parameters, keys: [i64; 4]) -> Option<Sides> {
    let [left, right, top, bottom] = keys.map(|key| p.int(key));
    let left = left.unwrap_or(0);
    let top = top.unwrap_or(left);
    let all = [left, right.unwrap_or(left), top, bottom.unwrap_or(top)];
    let [left, right, top, bottom] = all.map(|side| usize::try_from(side).ok());
    Some(Sides { top: top?, left: left?, bottom: bottom?, right: right? })
}

/// What a `Padding` layer adds.
fn border(line: &Line<'_>, p: &Parameters) -> Result<(Sides, Fill), NetworkError> {
    let refused = || NetworkError::Layer { kind: shortened(line.kind), name: shortened(line.name) };
    let [top, bottom, left, right] = padding::SIDES.map(|key| usize::try_from(p.int(key).unwrap_or(0)).ok());
    let (rows, columns) = (top.zip(bottom).ok_or_else(refused)?, left.zip(right).ok_or_else(refused)?);
    if padding::CHANNELS.iter().any(|key| p.int(*key).unwrap_or(0) != 0) {
        return Err(refused());
    }
    let fill = match p.int(padding::MODE).unwrap_or(padding::CONSTANT) {
        padding::CONSTANT if p.float(padding::VALUE) == 0.0 => Fill::Zero,
        padding::REPLICATE => Fill::Replicate,
        padding::REFLECT => Fill::Reflect,
        _ => return Err(refused()),
    };
    Ok((Sides { top: rows.0, left: columns.0, bottom: rows.1, right: columns.1 }, fill))
}
