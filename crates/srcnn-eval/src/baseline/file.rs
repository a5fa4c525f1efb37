//! Baselines as safetensors files.
//!
//! | method | tensors |
//! | --- | --- |
//! | `sc` | `low` (atom, derivative), `high` (atom, pixel) |
//! | `anr` | `projection` (feature, component), `low` (atom, component), `high` (atom, pixel) |
//! | `a+` | `projection`, `low`, `regressors` (atom, component, pixel), `steps` (atom) |
//!
//! Floats have 16 bits, `steps` 32; `regressors` are integers of 8 bits, in units of their atom's step. The metadata has
//! `format` (`srcnn-baseline`), `method`, `scale`, the parameters of the method (`lambda`, `contrast`, `projections` of
//! sparse coding, `neighbours` of ANR), and notes.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;
use std::str::FromStr;

use half::f16;
use safetensors::SafeTensors;
use safetensors::tensor::Dtype;
use serde_json::{Value, json};
use srcnn::codec::files::write_whole;

use super::anchored::WINDOW;
use super::anchored::training::Dictionary;
use super::coding::training::Dictionaries;
use super::coding::{Coding, PATCH};
use super::error::{BaselineError, FORMAT, FormatError};
use super::features::Derivatives;
use super::method::Method;
use super::regressors::Regressors;
use super::trained::{Baseline, Kind};
use super::training::{ATOMS, NEIGHBOURS, SCALES};

/// Principal components of a window. The bound keeps a small file from making large regressors.
const COMPONENTS: RangeInclusive<usize> = 1..=128;
/// Iterations of back-projection.
const PROJECTIONS: RangeInclusive<usize> = 0..=1000;

impl Baseline {
    /// Reads a file that [`Baseline::save`] wrote.
    ///
    /// # Errors
    /// [`BaselineError::Io`], [`BaselineError::Format`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self, BaselineError> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|reason| BaselineError::Io { path: path.to_owned(), reason })?;
        Self::from_bytes(&bytes).map_err(|reason| BaselineError::Format { path: path.to_owned(), reason })
    }

    /// Writes a safetensors file, whole or not at all; replaces an existing one only if `replace` is set. Equal baselines
    /// give equal bytes.
    ///
    /// # Errors
    /// [`BaselineError::Io`].
    pub fn save(&self, path: impl AsRef<Path>, replace: bool) -> Result<(), BaselineError> {
        let path = path.as_ref();
        let failed = |reason| BaselineError::Io { path: path.to_owned(), reason };
        write_whole(path, &self.to_bytes(), replace).map_err(failed)
    }

    /// Reads the bytes of [`Baseline::to_bytes`].
    ///
    /// # Errors
    /// [`FormatError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let file = Tensors::open(bytes)?;
        let method: Method = file.entry("method", "sc, anr or a+")?;
        let scale: usize = file.entry("scale", "a whole number")?;
        if !SCALES.contains(&scale) {
            return Err(file.refuse("scale", "2 to 8"));
        }
        let kind = match method {
            Method::Sc => file.sc(scale)?,
            Method::Anr => {
                let mut dictionary = file.dictionary(scale)?;
                let atoms = dictionary.low.len() / dictionary.components;
                dictionary.high = file.halves("high", &[only(atoms), only(pixels(scale))])?.1;
                let neighbours = file.number("neighbours", "1 to 4096", |n| NEIGHBOURS.contains(&n))?;
                Kind::anr(dictionary, neighbours).map_err(|_| FormatError::Unsolvable)?
            }
            Method::APlus => {
                let dictionary = file.dictionary(scale)?;
                let atoms = dictionary.low.len() / dictionary.components;
                let steps = file.singles("steps", atoms)?;
                let values = file.integers("regressors", &[atoms, dictionary.components, pixels(scale)])?;
                Kind::a_plus(dictionary, Regressors { steps, values })
            }
        };
        let needed = needed(&kind);
        let noted =
            |name: &String| !["format", "method", "scale"].contains(&name.as_str()) && !needed.contains_key(name);
        let notes = file.metadata.into_iter().filter(|(name, _)| noted(name)).collect();
        Ok(Self { scale, notes, kind })
    }

    /// The bytes of a safetensors file; equal baselines give equal bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut metadata = self.notes.clone();
        metadata.extend(needed(&self.kind));
        let facts =
            [("format", FORMAT.to_owned()), ("method", self.method().to_string()), ("scale", self.scale.to_string())];
        metadata.extend(facts.map(|(name, value)| (name.to_owned(), value)));
        let mut writer = Writer::new(&metadata);
        match &self.kind {
            Kind::Sc { dictionaries, .. } => {
                writer.halves("low", &[Derivatives::length(PATCH)], &dictionaries.low);
                writer.halves("high", &[PATCH * PATCH], &dictionaries.high);
            }
            Kind::Anr { dictionary, .. } => {
                writer.dictionary(dictionary);
                writer.halves("high", &[pixels(self.scale)], &dictionary.high);
            }
            Kind::APlus { dictionary, regressors, .. } => {
                writer.dictionary(dictionary);
                let bytes = regressors.values.iter().flat_map(|v| v.to_le_bytes()).collect();
                let shape = [regressors.steps.len(), dictionary.components, pixels(self.scale)];
                writer.add("regressors", "I8", &shape, bytes);
                let bytes = regressors.steps.iter().flat_map(|v| v.to_le_bytes()).collect();
                writer.add("steps", "F32", &shape[..1], bytes);
            }
        }
        writer.finish()
    }
}

/// The range of exactly `n`.
fn only(n: usize) -> RangeInclusive<usize> {
    n..=n
}

/// Pixels of a patch of an anchored method.
fn pixels(scale: usize) -> usize {
    (WINDOW * scale).pow(2)
}

/// The entries of the metadata that a method needs.
fn needed(kind: &Kind) -> BTreeMap<String, String> {
    let entries = match kind {
        Kind::Sc { coding, .. } => vec![
            ("lambda", coding.lambda.to_string()),
            ("contrast", coding.contrast.to_string()),
            ("projections", coding.projections.to_string()),
        ],
        Kind::Anr { neighbours, .. } => vec![("neighbours", neighbours.to_string())],
        Kind::APlus { .. } => Vec::new(),
    };
    entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A safetensors file of a baseline, with its metadata.
struct Tensors<'a> {
    metadata: BTreeMap<String, String>,
    file: SafeTensors<'a>,
}

impl<'a> Tensors<'a> {
    fn open(bytes: &'a [u8]) -> Result<Self, FormatError> {
        let damaged = |e: safetensors::SafeTensorError| FormatError::Damaged { reason: e.into() };
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
        let file = SafeTensors::deserialize(bytes).map_err(damaged)?;
        let metadata: BTreeMap<_, _> = header.metadata().clone().unwrap_or_default().into_iter().collect();
        if metadata.get("format").is_none_or(|format| format != FORMAT) {
            return Err(FormatError::NotBaseline);
        }
        Ok(Self { metadata, file })
    }

    /// An entry of the metadata, parsed.
    fn entry<T: FromStr>(&self, name: &'static str, expected: &'static str) -> Result<T, FormatError> {
        let found = self.metadata.get(name).and_then(|value| value.parse().ok());
        found.ok_or_else(|| self.refuse(name, expected))
    }

    /// A number of the metadata that `fits`.
    fn number<T: FromStr + Copy>(
        &self,
        name: &'static str,
        expected: &'static str,
        fits: impl Fn(T) -> bool,
    ) -> Result<T, FormatError> {
        let number = self.entry(name, expected)?;
        if fits(number) { Ok(number) } else { Err(self.refuse(name, expected)) }
    }

    /// The error for an entry of the metadata.
    fn refuse(&self, name: &'static str, expected: &'static str) -> FormatError {
        FormatError::Entry { name, found: self.metadata.get(name).cloned(), expected }
    }

    /// The dictionaries and the parameters of sparse coding.
    fn sc(&self, scale: usize) -> Result<Kind, FormatError> {
        let (shape, low) = self.halves("low", &[ATOMS, only(Derivatives::length(PATCH))])?;
        let (_, high) = self.halves("high", &[only(shape[0]), only(PATCH * PATCH)])?;
        let coding = Coding {
            lambda: self.number("lambda", "a number above 0", |v: f64| v > 0.0 && v.is_finite())?,
            contrast: self.number("contrast", "a number above 0", |v: f64| v > 0.0 && v.is_finite())?,
            projections: self.number("projections", "0 to 1000", |n| PROJECTIONS.contains(&n))?,
        };
        Ok(Kind::sc(scale, Dictionaries { low, high }, coding))
    }

    /// The dictionary of an anchored method, without its high frequencies.
    fn dictionary(&self, scale: usize) -> Result<Dictionary, FormatError> {
        let features = Derivatives::length(WINDOW * scale);
        let (shape, projection) = self.halves("projection", &[only(features), COMPONENTS])?;
        let components = shape[1];
        let (_, low) = self.halves("low", &[ATOMS, only(components)])?;
        Ok(Dictionary { scale, components, projection, low, high: Vec::new() })
    }

    /// The shape and the bytes of a tensor of this type, whose sides lie in these ranges.
    fn tensor(
        &self,
        name: &'static str,
        dtype: Dtype,
        sides: &[RangeInclusive<usize>],
    ) -> Result<(Vec<usize>, &'a [u8]), FormatError> {
        let side = |side: &RangeInclusive<usize>| match (side.start(), side.end()) {
            (a, b) if a == b => a.to_string(),
            (a, b) => format!("{a} to {b}"),
        };
        let expected = || format!("{dtype:?} [{}]", sides.iter().map(side).collect::<Vec<_>>().join(", "));
        let refuse = |found: String| FormatError::Tensor { name, found, expected: expected() };
        let tensor = self.file.tensor(name).map_err(|_| refuse("none".to_owned()))?;
        let shape = tensor.shape().to_vec();
        let fits = shape.len() == sides.len() && shape.iter().zip(sides).all(|(n, side)| side.contains(n));
        if tensor.dtype() != dtype || !fits {
            return Err(refuse(format!("{:?} {shape:?}", tensor.dtype())));
        }
        Ok((shape, tensor.data()))
    }

    /// The shape and the values of a tensor of 16-bit floats.
    fn halves(
        &self,
        name: &'static str,
        sides: &[RangeInclusive<usize>],
    ) -> Result<(Vec<usize>, Vec<f32>), FormatError> {
        let (shape, data) = self.tensor(name, Dtype::F16, sides)?;
        let values = data.as_chunks::<2>().0.iter().map(|b| f16::from_le_bytes(*b).to_f32());
        Ok((shape, finite(name, values.collect())?))
    }

    /// `count` floats of 32 bits.
    fn singles(&self, name: &'static str, count: usize) -> Result<Vec<f32>, FormatError> {
        let (_, data) = self.tensor(name, Dtype::F32, &[only(count)])?;
        finite(name, data.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect())
    }

    /// Integers of 8 bits of this shape.
    fn integers(&self, name: &'static str, sides: &[usize]) -> Result<Vec<i8>, FormatError> {
        let sides: Vec<_> = sides.iter().copied().map(only).collect();
        let (_, data) = self.tensor(name, Dtype::I8, &sides)?;
        Ok(data.iter().map(|b| i8::from_le_bytes([*b])).collect())
    }
}

/// The values, if all are finite.
fn finite(name: &'static str, values: Vec<f32>) -> Result<Vec<f32>, FormatError> {
    if values.iter().all(|v| v.is_finite()) { Ok(values) } else { Err(FormatError::NotFinite { name }) }
}

/// Builds a safetensors file. Its bytes are reproducible, unlike those of `safetensors::serialize`, whose metadata has no
/// fixed order.
struct Writer {
    header: serde_json::Map<String, Value>,
    data: Vec<u8>,
}

impl Writer {
    fn new(metadata: &BTreeMap<String, String>) -> Self {
        let header = serde_json::Map::from_iter([("__metadata__".to_owned(), json!(metadata))]);
        Self { header, data: Vec::new() }
    }

    /// Adds a tensor.
    fn add(&mut self, name: &str, dtype: &str, shape: &[usize], bytes: Vec<u8>) {
        let start = self.data.len();
        self.data.extend(bytes);
        let entry = json!({"dtype": dtype, "shape": shape, "data_offsets": [start, self.data.len()]});
        self.header.insert(name.to_owned(), entry);
    }

    /// Adds rows of 16-bit floats; `row` is the shape of a row.
    fn halves(&mut self, name: &str, row: &[usize], values: &[f32]) {
        let count = values.len() / row.iter().product::<usize>();
        let shape: Vec<usize> = [count].into_iter().chain(row.iter().copied()).collect();
        let bytes = values.iter().flat_map(|&v| f16::from_f32(v).to_le_bytes()).collect();
        self.add(name, "F16", &shape, bytes);
    }

    fn dictionary(&mut self, dictionary: &Dictionary) {
        self.halves("projection", &[dictionary.components], &dictionary.projection);
        self.halves("low", &[dictionary.components], &dictionary.low);
    }

    /// The file: length of the header, header padded to a multiple of 8 bytes, data.
    fn finish(self) -> Vec<u8> {
        let mut header = Value::Object(self.header).to_string().into_bytes();
        header.resize(header.len().next_multiple_of(8), b' ');
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header);
        bytes.extend(self.data);
        bytes
    }
}
