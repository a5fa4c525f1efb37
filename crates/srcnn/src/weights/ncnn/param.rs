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
}

/// Keys of `ReLU`.
pub(super) mod relu {
    pub const SLOPE: i64 = 0;
}

/// Keys and values of `Interp`.
pub(super) mod interp {
    pub const KIND: i64 = 0;
    pub const HEIGHT_SCALE: i64 = 1;
    /// Names of the kinds, from 1.
    pub const KINDS: [&str; 3] = ["nearest", "bilinear", "bicubic"];
}

/// Parameters of a layer by their keys. Arrays are skipped.
pub(super) struct Parameters(Vec<(i64, f64)>);

impl Parameters {
    pub(super) fn read<'a>(words: impl Iterator<Item = &'a str>) -> Result<Self, ChainError> {
        let mut list = Vec::new();
        for word in words {
            let pair = word.split_once('=').and_then(|(key, value)| Some((key.parse::<i64>().ok()?, value)));
            let (key, value) = pair.ok_or_else(|| ChainError::NoParameter(shortened(word)))?;
            if list.len() >= MAX_PARAMETERS {
                return Err(ChainError::TooManyParameters);
            }
            if key > ARRAYS {
                list.push((key, value.parse().map_err(|_| ChainError::NoNumber(shortened(word)))?));
            }
        }
        Ok(Self(list))
    }

    fn get(&self, key: i64) -> Option<f64> {
        self.0.iter().find(|(k, _)| *k == key).map(|(_, v)| *v)
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
