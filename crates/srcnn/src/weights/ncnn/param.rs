//! The parameters of a layer in a `.param`: `key=value` with numbers for keys. Keys and values are those of ncnn's wiki,
//! "operators" and "param and model file structure".

use super::error::ChainError;

/// First word of a `.param` in text.
pub(super) const MAGIC: &str = "7767517";
/// Arrays have keys from here downwards.
const ARRAYS: i64 = -23300;
/// Parameters of a layer that are looked at.
const MAX_PARAMETERS: usize = 64;
/// Characters of the file that are put into a message.
const MAX_SHOWN: usize = 60;

/// Keys and values of `Convolution`.
pub(super) mod convolution {
    pub const FILTERS: i64 = 0;
    pub const KERNEL: [i64; 2] = [1, 11];
    pub const DILATION: [i64; 2] = [2, 12];
    pub const STRIDE: [i64; 2] = [3, 13];
    pub const PAD_LEFT: i64 = 4;
    /// Left, right, top, bottom.
    pub const PADS: [i64; 4] = [PAD_LEFT, 15, 14, 16];
    /// Paddings that keep the size: `SAME_UPPER` and `SAME_LOWER`.
    pub const SAME: [i64; 2] = [-233, -234];
    pub const BIAS: i64 = 5;
    pub const WEIGHTS: i64 = 6;
    pub const GROUPS: i64 = 7;
    pub const INT8_SCALES: i64 = 8;
    pub const ACTIVATION: i64 = 9;
    pub const PAD_VALUE: i64 = 18;
    pub const DYNAMIC_WEIGHTS: i64 = 19;
    pub const NO_ACTIVATION: i64 = 0;
    pub const RELU: i64 = 1;
    pub const LEAKY: i64 = 2;
    pub const CLIP: i64 = 3;
    pub const SIGMOID: i64 = 4;
    /// Slope or bounds, an array.
    pub const ACTIVATION_NUMBERS: i64 = 10;
    /// Of `Deconvolution`: right and bottom, and the size of the output.
    pub const OUTPUT_PADS: [i64; 2] = [18, 19];
    pub const OUTPUT_SIZES: [i64; 2] = [20, 21];
    /// Names of the further activations, from 2.
    pub const OTHER_ACTIVATIONS: [&str; 5] = ["leaky ReLU", "clip", "sigmoid", "mish", "hardswish"];
}

/// Keys and values of `Padding`.
pub(super) mod padding {
    /// Top, bottom, left, right.
    pub const SIDES: [i64; 4] = [0, 1, 2, 3];
    pub const MODE: i64 = 4;
    pub const VALUE: i64 = 5;
    /// Channels before and behind.
    pub const CHANNELS: [i64; 2] = [7, 8];
    pub const CONSTANT: i64 = 0;
    pub const REPLICATE: i64 = 1;
    pub const REFLECT: i64 = 2;
}

/// Keys of `ReLU`.
pub(super) mod relu {
    pub const SLOPE: i64 = 0;
}

/// Keys and values of `Interp`.
pub(super) mod interp {
    pub const KIND: i64 = 0;
    pub const HEIGHT_SCALE: i64 = 1;
    pub const WIDTH_SCALE: i64 = 2;
    /// Of the output, in place of scales.
    pub const SIZES: [i64; 2] = [3, 4];
    pub const ALIGN_CORNERS: i64 = 6;
    pub const NEAREST: i64 = 1;
    pub const BILINEAR: i64 = 2;
    pub const BICUBIC: i64 = 3;
    /// Names of the kinds, from 1.
    pub const KINDS: [&str; 3] = ["nearest", "bilinear", "bicubic"];
}

/// A layer: `type name inputs outputs blobs… key=value…`.
pub(super) struct Line<'a> {
    pub(super) kind: &'a str,
    pub(super) name: &'a str,
    pub(super) inputs: Vec<&'a str>,
    pub(super) outputs: Vec<&'a str>,
    pub(super) parameters: Vec<&'a str>,
}

const MAX_LAYERS: usize = 4096;

/// The layers of a `.param` whose first word was read.
pub(super) fn lines(text: &str) -> Result<impl Iterator<Item = Result<Line<'_>, ChainError>>, ChainError> {
    let mut lines = text.lines().skip(1).filter(|line| !line.trim().is_empty());
    let counts = lines.next().ok_or(ChainError::NoLayers)?;
    let count = counts.split_whitespace().next().and_then(|n| n.parse::<usize>().ok());
    let count = count.filter(|&c| c <= MAX_LAYERS).ok_or(ChainError::NoCount)?;
    let mut left = count;
    Ok(std::iter::from_fn(move || match (left, lines.next()) {
        (0, None) => None,
        (0, Some(_)) => {
            left = usize::MAX;
            Some(Err(ChainError::MoreLayers))
        }
        (usize::MAX, _) => None,
        (_, None) => {
            left = 0;
            Some(Err(ChainError::FewerLayers))
        }
        (_, Some(line)) => {
            left -= 1;
            Some(Line::read(line))
        }
    }))
}

impl<'a> Line<'a> {
    fn read(line: &'a str) -> Result<Self, ChainError> {
        let mut words = line.split_whitespace();
        let mut word = || words.next().ok_or_else(|| ChainError::LineCut(shortened(line)));
        let (kind, name) = (word()?, word()?);
        let number = |word: &str| word.parse::<usize>().map_err(|_| ChainError::LineDamaged(shortened(line)));
        let (inputs, outputs) = (number(word()?)?, number(word()?)?);
        let mut blobs = |count: usize| (0..count).map(|_| word()).collect::<Result<Vec<_>, _>>();
        let (inputs, outputs) = (blobs(inputs)?, blobs(outputs)?);
        Ok(Self { kind, name, inputs, outputs, parameters: words.collect() })
    }
}

/// Numbers of an array that are looked at.
const MAX_ARRAY: usize = 16;

/// Parameters of a layer by their keys, and arrays.
pub(super) struct Parameters {
    numbers: Vec<(i64, f64)>,
    arrays: Vec<(i64, Vec<f64>)>,
}

impl Parameters {
    pub(super) fn read<'a>(words: impl Iterator<Item = &'a str>) -> Result<Self, ChainError> {
        let (mut numbers, mut arrays) = (Vec::new(), Vec::new());
        for word in words {
            let pair = word.split_once('=').and_then(|(key, value)| Some((key.parse::<i64>().ok()?, value)));
            let (key, value) = pair.ok_or_else(|| ChainError::NoParameter(shortened(word)))?;
            if numbers.len() + arrays.len() >= MAX_PARAMETERS {
                return Err(ChainError::TooManyParameters);
            }
            let number = |text: &str| text.parse::<f64>().map_err(|_| ChainError::NoNumber(shortened(word)));
            if key > ARRAYS {
                numbers.push((key, number(value)?));
            } else {
                // The first number is their count.
                let values = value.split(',').skip(1).take(MAX_ARRAY).map(number);
                arrays.push((ARRAYS.saturating_sub(key), values.collect::<Result<_, _>>()?));
            }
        }
        Ok(Self { numbers, arrays })
    }

    pub(super) fn get(&self, key: i64) -> Option<f64> {
        self.numbers.iter().find(|(k, _)| *k == key).map(|(_, v)| *v)
    }

    /// The numbers of an array, none by default.
    pub(super) fn array(&self, key: i64) -> &[f64] {
        self.arrays.iter().find(|(k, _)| *k == key).map_or(&[], |(_, values)| values)
    }

    pub(super) fn int(&self, key: i64) -> Option<i64> {
        self.get(key).map(|v| v as i64)
    }

    /// A number, zero by default.
    pub(super) fn float(&self, key: i64) -> f64 {
        self.get(key).unwrap_or(0.0)
    }

    /// A number that is not negative, zero by default.
    pub(super) fn size(&self, key: i64) -> usize {
        self.int(key).and_then(|n| usize::try_from(n).ok()).unwrap_or(0)
    }

    /// Width and height, the height by default as the width.
    pub(super) fn pair(&self, keys: [i64; 2], default: i64) -> (i64, i64) {
        let first = self.int(keys[0]).unwrap_or(default);
        (first, self.int(keys[1]).unwrap_or(first))
    }
}

/// The beginning of a text, for messages.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(MAX_SHOWN).collect()
}
