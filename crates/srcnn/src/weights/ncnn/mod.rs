//! ncnn: `.param`, layers as lines of text, and `.bin`, their weights in the same order.
//!
//! A line is `type name inputs outputs blobs… key=value…`. A convolution's kernels are (output, input, row, column), preceded
//! by a tag that says how they are stored; biases are f32. After ncnn's wiki, "param and model file structure".

mod binary;
mod error;
mod network;
mod param;

use super::chain::{AxisOrder, KernelTensor, fits, to_layers};
use super::error::WeightError;
use super::format::Format;
use super::weight_file::{Content, WeightFile};
use crate::model::{Activation, Facts, Padding};
use binary::Binary;
use error::{ChainError, PairError};
use param::{MAGIC, Parameters, convolution, interp, padding, relu, shortened};

const FORMAT: Format = Format::Ncnn;
const MAX_LAYERS: usize = 1024;
/// Kernels named in a message.
const MAX_NAMED: usize = 6;

/// Whether bytes begin as a `.param` in text does.
pub(super) fn begins(bytes: &[u8]) -> bool {
    bytes.strip_prefix(MAGIC.as_bytes()).is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_whitespace))
}

/// Reads the pair.
pub(super) fn read(param: &[u8], bin: &[u8]) -> Result<WeightFile, WeightError> {
    let damaged = WeightError::damaged(FORMAT);
    if !begins(param) {
        return Err(damaged(PairError::Binary));
    }
    let text = std::str::from_utf8(param).map_err(|_| damaged(PairError::NotText))?;
    let no_network = WeightError::no_network(FORMAT);
    let mut chain = Chain { bin: Binary::new(bin), ..Chain::default() };
    if let Err(reason) = chain.walk(text) {
        return other_network(text, bin, reason);
    }
    if chain.bin.left() > 0 {
        return Err(damaged(PairError::Longer));
    }
    if !fits(&chain.kernels, AxisOrder::Oihw) {
        let shapes = chain.kernels.iter().map(|k| k.shape).take(MAX_NAMED).collect();
        return Err(no_network(ChainError::Shapes(shapes)));
    }
    let other = chain.paddings.iter().find_map(|p| *p).unwrap_or(Padding::Valid);
    let facts = Facts {
        padding: Some(chain.paddings.iter().map(|p| p.unwrap_or(other)).collect()),
        activation: Some(chain.activations),
        ..Facts::default()
    };
    let layers = to_layers(chain.kernels, AxisOrder::Oihw, false);
    Ok(WeightFile {
        format: FORMAT,
        facts,
        recognised: None,
        remarks: [chain.bin.remarks, chain.remarks].concat(),
        notes: Default::default(),
        content: Content::Layers(layers),
    })
}

/// Layers of a chain of convolutions: what is wrong with a file of these alone, the chain says best.
const OF_CHAINS: [&str; 7] = ["Input", "Convolution", "ReLU", "Padding", "Noop", "Dropout", "Interp"];

/// Reads layers that are no chain of convolutions, for the reason given.
fn other_network(text: &str, bin: &[u8], reason: ChainError) -> Result<WeightFile, WeightError> {
    let is_chain = || {
        param::lines(text)
            .is_ok_and(|mut lines| lines.all(|line| line.is_ok_and(|line| OF_CHAINS.contains(&line.kind))))
    };
    let network = match network::read(text, bin) {
        Ok(network) => network,
        Err(_) if is_chain() => return Err(WeightError::no_network(FORMAT)(reason)),
        Err(error) => return Err(WeightError::no_network(FORMAT)(error)),
    };
    let network::Network { graph, weights, remarks, rest } = network;
    if rest > 0 {
        return Err(WeightError::damaged(FORMAT)(PairError::Longer));
    }
    let facts = Facts { scale: (graph.scale() > 1).then_some(graph.scale() as u32), ..Facts::default() };
    let content = Content::Graph { graph, weights, rescale: None };
    Ok(WeightFile { format: FORMAT, facts, recognised: None, remarks, notes: Default::default(), content })
}

/// The chain as far as it is read.
#[derive(Default)]
struct Chain<'a> {
    bin: Binary<'a>,
    /// Blob that the next layer must take.
    at: String,
    /// Channels of that blob; unknown before the first convolution.
    channels: Option<usize>,
    /// Size and padding that a `Padding` layer adds before the next convolution.
    border: Option<(i64, Padding)>,
    kernels: Vec<KernelTensor>,
    /// Unknown for kernels of 1x1.
    paddings: Vec<Option<Padding>>,
    activations: Vec<Activation>,
    remarks: Vec<String>,
}

impl Chain<'_> {
    fn walk(&mut self, text: &str) -> Result<(), ChainError> {
        let mut lines = text.lines().skip(1).filter(|l| !l.trim().is_empty());
        let counts = lines.next().ok_or(ChainError::NoLayers)?;
        let count = counts.split_whitespace().next().and_then(|n| n.parse::<usize>().ok());
        let count = count.filter(|&c| c <= MAX_LAYERS).ok_or(ChainError::NoCount)?;
        for _ in 0..count {
            self.layer(lines.next().ok_or(ChainError::FewerLayers)?)?;
        }
        if lines.next().is_some() {
            return Err(ChainError::MoreLayers);
        }
        if self.border.is_some() || self.kernels.is_empty() {
            return Err(ChainError::NoConvolutionLast);
        }
        Ok(())
    }

    fn layer(&mut self, line: &str) -> Result<(), ChainError> {
        let mut words = line.split_whitespace();
        let mut word = || words.next().ok_or_else(|| ChainError::LineCut(shortened(line)));
        let (kind, name) = (word()?, word()?);
        let number = |word: &str| word.parse::<usize>().map_err(|_| ChainError::LineDamaged(shortened(line)));
        let (inputs, outputs) = (number(word()?)?, number(word()?)?);
        if kind == "Input" {
            let first = self.at.is_empty() && inputs == 0 && outputs == 1;
            self.at = word()?.to_owned();
            return if first { Ok(()) } else { Err(ChainError::SeveralInputs) };
        }
        let unsupported = || ChainError::Layer { kind: shortened(kind), name: shortened(name) };
        if (inputs, outputs) != (1, 1) {
            return Err(unsupported());
        }
        let (input, output) = (word()?, word()?.to_owned());
        if input != self.at {
            return Err(ChainError::Branch { name: name.to_owned(), input: shortened(input) });
        }
        let parameters = Parameters::read(words)?;
        match kind {
            "Convolution" => self.convolution(name, &parameters)?,
            "ReLU" if self.border.is_none() && parameters.float(relu::SLOPE) == 0.0 => {
                match self.activations.last_mut() {
                    Some(activation) => *activation = Activation::Relu,
                    None => return Err(ChainError::EarlyRelu { name: name.to_owned() }),
                }
            }
            "Padding" if self.border.is_none() => self.border = Some(border(name, &parameters)?),
            "Noop" | "Dropout" => {}
            "Interp" if self.kernels.is_empty() => self.remarks.push(enlarged(&parameters)),
            _ => return Err(unsupported()),
        }
        self.at = output;
        Ok(())
    }

    fn convolution(&mut self, name: &str, p: &Parameters) -> Result<(), ChainError> {
        let owned = || name.to_owned();
        let (outputs, total) = (p.size(convolution::FILTERS), p.size(convolution::WEIGHTS));
        let (kernel, _) = p.pair(convolution::KERNEL, 0);
        for (what, found, wanted) in [
            ("a kernel", p.pair(convolution::KERNEL, 0), kernel),
            ("dilation", p.pair(convolution::DILATION, 1), 1),
            ("stride", p.pair(convolution::STRIDE, 1), 1),
            ("groups", p.pair([convolution::GROUPS; 2], 1), 1),
        ] {
            if found != (wanted, wanted) {
                return Err(ChainError::Sides { name: owned(), what, found });
            }
        }
        for (key, what) in [
            (convolution::INT8_SCALES, "weights of 8 bits"),
            (convolution::PAD_VALUE, "padding by a value"),
            (convolution::DYNAMIC_WEIGHTS, "weights that are computed"),
        ] {
            if p.float(key) != 0.0 {
                return Err(ChainError::Feature { name: owned(), what });
            }
        }
        let (kernel, half) = (usize::try_from(kernel).unwrap_or(0), kernel / 2);
        let area = kernel.checked_mul(kernel).and_then(|a| a.checked_mul(outputs)).filter(|&a| a > 0);
        let inputs = area.filter(|a| total > 0 && total % a == 0).map(|a| total / a);
        let inputs =
            inputs.ok_or_else(|| ChainError::WeightCount { name: owned(), total, filters: outputs, kernel })?;
        if self.channels.is_some_and(|c| c != inputs) {
            return Err(ChainError::Channels { name: owned(), inputs });
        }
        let left = p.int(convolution::PAD_LEFT).unwrap_or(0);
        let sides = convolution::PADS.map(|key| p.int(key).unwrap_or(left));
        let own = if convolution::SAME.contains(&left) { half } else { left };
        if sides.iter().any(|&s| s != left) {
            return Err(ChainError::PaddingSides { name: owned(), sides });
        }
        let padding = match (own, self.border.take().filter(|(size, _)| *size > 0)) {
            (0, None) => (kernel > 1).then_some(Padding::Valid),
            (own, None) if own == half => Some(Padding::Zero),
            (0, Some((size, padding))) if size == half => Some(padding),
            (own, border) => {
                let before = border.map_or(0, |(size, _)| size);
                return Err(ChainError::PaddingSize { name: owned(), kernel, own, before });
            }
        };
        let activation = match p.int(convolution::ACTIVATION).unwrap_or(convolution::NO_ACTIVATION) {
            convolution::NO_ACTIVATION => Activation::None,
            convolution::RELU => Activation::Relu,
            other => {
                let place = usize::try_from(other.saturating_sub(convolution::RELU + 1)).ok();
                let known = place.and_then(|i| convolution::OTHER_ACTIVATIONS.get(i));
                let activation = known.copied().unwrap_or("an unknown one");
                return Err(ChainError::Activation { name: owned(), activation });
            }
        };
        let kernels = self.bin.kernels(name, total)?;
        let biases = match p.int(convolution::BIAS).unwrap_or(0) {
            0 => vec![0.0; outputs],
            _ => self.bin.floats(name, outputs)?,
        };
        self.channels = Some(outputs);
        self.kernels.push(KernelTensor { shape: [outputs, inputs, kernel, kernel], kernels, biases });
        self.paddings.push(padding);
        self.activations.push(activation);
        Ok(())
    }
}

/// Size and padding that a `Padding` layer adds on every side.
fn border(name: &str, p: &Parameters) -> Result<(i64, Padding), ChainError> {
    let sides = padding::SIDES.map(|key| p.int(key).unwrap_or(0));
    let channels = padding::CHANNELS.iter().any(|&key| p.int(key).unwrap_or(0) != 0);
    if channels || sides.iter().any(|&s| s != sides[0]) {
        return Err(ChainError::PaddingSides { name: name.to_owned(), sides });
    }
    match p.int(padding::MODE).unwrap_or(padding::CONSTANT) {
        padding::CONSTANT if p.float(padding::VALUE) == 0.0 => Ok((sides[0], Padding::Zero)),
        padding::REPLICATE => Ok((sides[0], Padding::Replicate)),
        _ => Err(ChainError::PaddingMode { name: name.to_owned() }),
    }
}

/// Remark on an `Interp` before the network, whose sample positions and borders are ncnn's own.
fn enlarged(p: &Parameters) -> String {
    let place = p.int(interp::KIND).and_then(|kind| usize::try_from(kind.saturating_sub(1)).ok());
    let kind = place.and_then(|i| interp::KINDS.get(i)).copied().unwrap_or_default();
    let factor = p.float(interp::HEIGHT_SCALE);
    format!("it enlarges its input itself, by {factor} ({kind}): state scale and interpolation")
}
