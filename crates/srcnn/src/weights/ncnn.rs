//! ncnn: `.param`, layers as lines of text, and `.bin`, their weights in the same order.
//!
//! A line is `type name inputs outputs blobs… key=value…`; keys are numbers, arrays have keys from -23300 downwards and begin
//! with their length. A convolution's kernels are (output, input, row, column), preceded by a word that says how they are
//! stored; biases are f32. After ncnn's wiki, "param and model file structure" and "operators".

use std::path::{Path, PathBuf};

use super::chain::{AxisOrder, KernelTensor, fits, to_layers};
use super::floats::Float;
use super::{Format, WeightError, WeightFile};
use crate::model::{Activation, Facts, Padding};

const FORMAT: Format = Format::Ncnn;
const MAGIC: &str = "7767517";
/// The words before kernels: as they are (two spellings), and half.
const SINGLE: [u32; 2] = [0, 0x0002_C056];
const HALF: u32 = 0x0130_6B47;
/// Paddings that ncnn computes: as much as keeps the size.
const SAME: [i64; 2] = [-233, -234];
const MAX_LAYERS: usize = 1024;
/// Values of a line that are looked at.
const MAX_VALUES: usize = 64;

/// Whether bytes begin as a `.param` in text does.
pub(super) fn begins(bytes: &[u8]) -> bool {
    bytes.strip_prefix(MAGIC.as_bytes()).is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_whitespace))
}

/// The other file of the pair: nothing if this is none of one.
pub(super) fn partner(path: &Path, bytes: &[u8]) -> Option<PathBuf> {
    if begins(bytes) {
        return Some(path.with_extension("bin"));
    }
    // Weights have no signature.
    let is_bin = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("bin"));
    let known = super::Archive::begins(bytes) || super::pytorch::begins_as_pickle(bytes);
    Some(path.with_extension("param")).filter(|p| is_bin && !known && p.is_file())
}

/// Reads the pair.
pub(super) fn read(param: &[u8], bin: &[u8]) -> Result<WeightFile, WeightError> {
    let damaged = |reason: &str| WeightError::Damaged { format: FORMAT, reason: reason.to_owned() };
    if !begins(param) {
        return Err(damaged("the .param is not text (a binary .param.bin is not read)"));
    }
    let text = std::str::from_utf8(param).map_err(|_| damaged("the .param is not text"))?;
    let mut chain = Chain { bin, ..Chain::default() };
    chain.walk(text).map_err(|reason| WeightError::NoNetwork { format: FORMAT, reason })?;
    if !chain.bin.is_empty() {
        return Err(damaged("the .bin holds more than the .param says; do they belong together?"));
    }
    if !fits(&chain.kernels, AxisOrder::Oihw) {
        let shapes: Vec<_> = chain.kernels.iter().map(|k| k.shape).take(6).collect();
        let reason = format!("kernels of shapes {shapes:?} (output, input, row, column) are no SRCNN on luma or RGB");
        return Err(WeightError::NoNetwork { format: FORMAT, reason });
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
        remarks: chain.remarks,
        notes: Default::default(),
        layers,
    })
}

#[derive(Default)]
struct Chain<'a> {
    /// What of the weights is not read yet.
    bin: &'a [u8],
    /// The blob that the next layer must take.
    at: String,
    /// Channels there; nothing known before the first layer.
    channels: Option<usize>,
    /// What a `Padding` layer adds.
    border: Option<(i64, Padding)>,
    kernels: Vec<KernelTensor>,
    paddings: Vec<Option<Padding>>,
    activations: Vec<Activation>,
    remarks: Vec<String>,
}

impl Chain<'_> {
    fn walk(&mut self, text: &str) -> Result<(), String> {
        let mut lines = text.lines().skip(1).filter(|l| !l.trim().is_empty());
        let counts = lines.next().ok_or("the .param ends before its layers")?;
        let count = counts.split_whitespace().next().and_then(|n| n.parse::<usize>().ok());
        let count = count.filter(|&c| c <= MAX_LAYERS).ok_or("the .param does not say how many layers it has")?;
        for _ in 0..count {
            self.layer(lines.next().ok_or("the .param has fewer layers than it says")?)?;
        }
        if lines.next().is_some() {
            return Err("the .param has more layers than it says".to_owned());
        }
        if self.border.is_some() || self.kernels.is_empty() {
            return Err("the .param does not end with a convolution".to_owned());
        }
        Ok(())
    }

    fn layer(&mut self, line: &str) -> Result<(), String> {
        let mut words = line.split_whitespace();
        let mut word = || words.next().ok_or_else(|| format!("the line {:?} is cut", shortened(line)));
        let (kind, name) = (word()?, word()?);
        let number =
            |word: &str| word.parse::<usize>().map_err(|_| format!("the line {:?} is damaged", shortened(line)));
        let (inputs, outputs) = (number(word()?)?, number(word()?)?);
        if kind == "Input" {
            let first = self.at.is_empty() && inputs == 0 && outputs == 1;
            self.at = word()?.to_owned();
            return if first { Ok(()) } else { Err("it has several inputs".to_owned()) };
        }
        if (inputs, outputs) != (1, 1) {
            return Err(unsupported(kind, name));
        }
        let (input, output) = (word()?, word()?.to_owned());
        if input != self.at {
            return Err(format!("its layers are not in one line: `{name}` takes `{}`", shortened(input)));
        }
        let parameters = Parameters::read(words)?;
        match kind {
            "Convolution" => self.convolution(name, &parameters)?,
            "ReLU" if self.border.is_none() && parameters.float(0) == 0.0 => match self.activations.last_mut() {
                Some(activation) => *activation = Activation::Relu,
                None => return Err(format!("`{name}` is a ReLU before the first convolution")),
            },
            "Padding" if self.border.is_none() => self.border = Some(border(name, &parameters)?),
            "Noop" | "Dropout" => {}
            "Interp" if self.kernels.is_empty() => self.remarks.push(enlarged(&parameters)),
            _ => return Err(unsupported(kind, name)),
        }
        self.at = output;
        Ok(())
    }

    fn convolution(&mut self, name: &str, p: &Parameters) -> Result<(), String> {
        let side = |key: i64, other: i64, default: i64| {
            let first = p.int(key).unwrap_or(default);
            (first, p.int(other).unwrap_or(first))
        };
        let size = |key: i64| p.int(key).and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        let (outputs, total) = (size(0), size(6));
        let (kernel, _) = side(1, 11, 0);
        for (what, pair, wanted) in [
            ("a kernel", side(1, 11, 0), kernel),
            ("dilation", side(2, 12, 1), 1),
            ("stride", side(3, 13, 1), 1),
            ("groups", side(7, 7, 1), 1),
        ] {
            if pair != (wanted, wanted) {
                return Err(format!("`{name}` has {what} of {pair:?}: not supported"));
            }
        }
        for (key, what) in [(8, "weights of 8 bits"), (18, "padding by a value"), (19, "weights that are computed")] {
            if p.float(key) != 0.0 {
                return Err(format!("`{name}` has {what}: not supported"));
            }
        }
        let (kernel, half) = (usize::try_from(kernel).unwrap_or(0), kernel / 2);
        let area = kernel.checked_mul(kernel).and_then(|a| a.checked_mul(outputs)).filter(|&a| a > 0);
        let inputs = area.filter(|a| total > 0 && total % a == 0).map(|a| total / a);
        let inputs =
            inputs.ok_or_else(|| format!("`{name}`: {total} weights for {outputs} kernels of {kernel}x{kernel}"))?;
        if self.channels.is_some_and(|c| c != inputs) {
            return Err(format!("`{name}` takes {inputs} channels, and others come in"));
        }
        let left = p.int(4).unwrap_or(0);
        let sides = [4, 15, 14, 16].map(|key| p.int(key).unwrap_or(left));
        let own = if SAME.contains(&left) { half } else { left };
        if sides.iter().any(|&s| s != left) {
            return Err(format!("`{name}` pads {sides:?}: not supported"));
        }
        let padding = match (own, self.border.take().filter(|(size, _)| *size > 0)) {
            (0, None) => (kernel > 1).then_some(Padding::Valid),
            (own, None) if own == half => Some(Padding::Zero),
            (0, Some((size, padding))) if size == half => Some(padding),
            (own, border) => {
                let before = border.map_or(0, |(size, _)| size);
                let reason = format!("is {kernel}x{kernel} and padded by {own} and, before it, by {before}");
                return Err(format!("`{name}` {reason}: not supported"));
            }
        };
        let activation = match p.int(9).unwrap_or(0) {
            0 => Activation::None,
            1 => Activation::Relu,
            other => {
                let names = ["", "", "leaky ReLU", "clip", "sigmoid", "mish", "hardswish"];
                let found = usize::try_from(other).ok().and_then(|i| names.get(i)).copied().unwrap_or("an unknown one");
                return Err(format!("`{name}` has the activation {found}: the engine has no such activation"));
            }
        };
        let kernels = self.kernels_of(name, total)?;
        let biases = match p.int(5).unwrap_or(0) {
            0 => vec![0.0; outputs],
            _ => Float::Single.read_all(self.take(name, outputs, 4)?),
        };
        self.channels = Some(outputs);
        self.kernels.push(KernelTensor { shape: [outputs, inputs, kernel, kernel], kernels, biases });
        self.paddings.push(padding);
        self.activations.push(activation);
        Ok(())
    }

    fn kernels_of(&mut self, name: &str, count: usize) -> Result<Vec<f32>, String> {
        let word = self.take(name, 1, 4)?;
        let word = u32::from_le_bytes(word.try_into().unwrap_or_default());
        if SINGLE.contains(&word) {
            return Ok(Float::Single.read_all(self.take(name, count, 4)?));
        }
        if word != HALF {
            return Err(format!("`{name}` has weights stored as {word:#010x}: f32 and half are read"));
        }
        let values = Float::Half.read_all(self.take(name, count, 2)?);
        if count % 2 == 1 {
            self.take(name, 1, 2)?;
        }
        if let Some(remark) = Float::Half.remark().filter(|r| !self.remarks.iter().any(|known| known == r)) {
            self.remarks.push(remark.to_owned());
        }
        Ok(values)
    }

    fn take(&mut self, name: &str, count: usize, size: usize) -> Result<&[u8], String> {
        let taken = count.checked_mul(size).and_then(|bytes| self.bin.split_at_checked(bytes));
        let (taken, rest) = taken.ok_or_else(|| format!("the .bin ends within the weights of `{name}`"))?;
        self.bin = rest;
        Ok(taken)
    }
}

/// A line's values by their numbers; arrays are passed over.
struct Parameters(Vec<(i64, f64)>);

impl Parameters {
    fn read<'a>(words: impl Iterator<Item = &'a str>) -> Result<Self, String> {
        let mut list = Vec::new();
        for word in words {
            let pair = word.split_once('=').and_then(|(key, value)| Some((key.parse::<i64>().ok()?, value)));
            let (key, value) = pair.ok_or_else(|| format!("{:?} is no parameter", shortened(word)))?;
            if list.len() >= MAX_VALUES {
                return Err("a layer has too many parameters".to_owned());
            }
            if key > -23300 {
                let value = value.parse().map_err(|_| format!("{:?} is no number", shortened(word)))?;
                list.push((key, value));
            }
        }
        Ok(Self(list))
    }

    fn get(&self, key: i64) -> Option<f64> {
        self.0.iter().find(|(k, _)| *k == key).map(|(_, v)| *v)
    }

    fn int(&self, key: i64) -> Option<i64> {
        self.get(key).map(|v| v as i64)
    }

    fn float(&self, key: i64) -> f64 {
        self.get(key).unwrap_or(0.0)
    }
}

/// What a `Padding` layer adds on every side.
fn border(name: &str, p: &Parameters) -> Result<(i64, Padding), String> {
    let sides = [0, 1, 2, 3].map(|key| p.int(key).unwrap_or(0));
    if sides.iter().any(|&s| s != sides[0]) || p.int(7).unwrap_or(0) != 0 || p.int(8).unwrap_or(0) != 0 {
        return Err(format!("`{name}` pads {sides:?}: not supported"));
    }
    match p.int(4).unwrap_or(0) {
        0 if p.float(5) == 0.0 => Ok((sides[0], Padding::Zero)),
        1 => Ok((sides[0], Padding::Replicate)),
        _ => Err(format!("`{name}` pads neither by zeros nor by the edge: not supported")),
    }
}

/// A remark on an `Interp` before the network, whose positions and borders are ncnn's own.
fn enlarged(p: &Parameters) -> String {
    let kinds = ["", "nearest", "bilinear", "bicubic"];
    let kind = p.int(0).and_then(|k| usize::try_from(k).ok()).and_then(|k| kinds.get(k)).copied().unwrap_or_default();
    format!("it enlarges its input itself, by {} ({kind}): state scale and interpolation", p.float(1))
}

fn unsupported(kind: &str, name: &str) -> String {
    let why = match kind {
        "PReLU" | "Clip" | "ReLU" | "TanH" | "Sigmoid" => "the engine has no such activation",
        "PixelShuffle" => "sub-pixel layers (ESPCN) are not supported yet",
        "Deconvolution" => "transposed convolutions (FSRCNN) are not supported yet",
        _ => "not supported",
    };
    format!("it has the layer {} (`{}`): {why}", shortened(kind), shortened(name))
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}
