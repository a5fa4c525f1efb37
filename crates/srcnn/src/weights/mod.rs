//! Weight files, one format a module, all giving a [`WeightFile`]: layers, and the facts that the file states.
//!
//! The format is told by content. What a file does not say comes from the card beside it (`x3.toml` beside `x3.mat`) or
//! from the caller; what is then still missing is an error that names it. Nothing is guessed.

mod archive;
mod chain;
mod floats;
mod keras;
mod matlab;
mod metadata;
mod named;
mod ncnn;
mod onnx;
mod pytorch;
mod safetensors;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use self::archive::Archive;
pub use self::onnx::to_onnx;
pub use self::safetensors::to_safetensors;
use crate::model::{
    Activation, Architecture, ArchitectureError, Card, CardError, Facts, Input, LayerSpec, LayerWeights, Model,
    ModelError, Padding, Preprocessing,
};

/// The formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// HDF5 as Keras writes it, alone or in the archive of Keras 3.
    Keras,
    /// MATLAB 5 in the layout of the paper's authors.
    Matlab,
    /// What `torch.save` writes.
    PyTorch,
    /// ONNX, in one file.
    Onnx,
    /// ncnn: a text `.param` and its `.bin`.
    Ncnn,
    /// A ZIP archive whose content is not known yet: for errors only.
    Archive,
    /// Safetensors in our layout: `layer1.weight`, `layer1.bias` and so on, facts in the metadata.
    Safetensors,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keras => "Keras",
            Self::Matlab => "MATLAB 5",
            Self::PyTorch => "PyTorch",
            Self::Onnx => "ONNX",
            Self::Ncnn => "ncnn",
            Self::Archive => "ZIP",
            Self::Safetensors => "safetensors",
        })
    }
}

/// One layer as a file gives it.
#[derive(Clone, Debug, PartialEq)]
struct RawLayer {
    inputs: usize,
    outputs: usize,
    kernel: usize,
    weights: LayerWeights,
}

/// What a weight file holds.
#[derive(Clone, Debug)]
pub struct WeightFile {
    /// How it is written.
    pub format: Format,
    /// What is known so far: stated by the file or its card, or known of the file it was recognised as.
    pub facts: Facts,
    /// Which known file this is, by shape and format.
    pub recognised: Option<&'static str>,
    /// What was done to the numbers on reading, for people.
    pub remarks: Vec<String>,
    /// Facts for people, by dotted names.
    pub notes: BTreeMap<String, String>,
    layers: Vec<RawLayer>,
}

/// Bytes that are no weight file, or not one of a network that this crate can run.
#[derive(Debug, thiserror::Error)]
pub enum WeightError {
    /// No known signature.
    #[error("no weight file of a known format (PyTorch, ONNX, ncnn, Keras, MATLAB 5, safetensors)")]
    UnknownFormat,
    /// The container cannot be read.
    #[error("damaged {format} file: {reason}")]
    Damaged {
        /// The container.
        format: Format,
        /// What is wrong with it.
        reason: String,
    },
    /// The container is whole, but what is in it is no chain of convolutions.
    #[error("no SRCNN in this {format} file: {reason}")]
    NoNetwork {
        /// The container.
        format: Format,
        /// What was found instead.
        reason: String,
    },
    /// A fact in the file's metadata cannot be read.
    #[error("metadata `{key}`: `{value}` is not understood")]
    Metadata {
        /// The key.
        key: String,
        /// Its value.
        value: String,
    },
    /// The card cannot be read or contradicts the weights.
    #[error(transparent)]
    Card(#[from] CardError),
    /// The layers do not make a network.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Facts that neither the file, nor a card, nor the caller states.
    #[error("the file does not say its {}", .0.join(", "))]
    Missing(Vec<&'static str>),
}

impl From<ArchitectureError> for WeightError {
    fn from(error: ArchitectureError) -> Self {
        Self::Model(error.into())
    }
}

/// A weight file that could not be used, by its path.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct LoadError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong.
    pub reason: LoadErrorKind,
}

/// Why a weight file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadErrorKind {
    /// It could not be read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Its content.
    #[error(transparent)]
    Weights(#[from] WeightError),
}

impl WeightFile {
    /// Reads weights from bytes, the format told by content.
    ///
    /// # Errors
    /// [`WeightError`] for anything but a whole file of a known format that holds one chain of convolutions with finite
    /// weights.
    pub fn parse(bytes: &[u8]) -> Result<Self, WeightError> {
        let file = if bytes.starts_with(b"\x89HDF\r\n\x1a\n") {
            keras::read(bytes)?
        } else if bytes.starts_with(b"MATLAB 5.0 MAT-file") {
            matlab::read(bytes)?
        } else if Archive::begins(bytes) {
            read_archive(bytes)?
        } else if bytes.len() > 8 && bytes[5..9] == *b"\0\0\0{" {
            // Before the formats that are told by less: the first bytes are a length, and may be any.
            safetensors::read(bytes)?
        } else if pytorch::begins_as_pickle(bytes) {
            pytorch::read_pickles(bytes)?
        } else if onnx::begins(bytes) {
            onnx::read(bytes)?
        } else if ncnn::begins(bytes) {
            let reason = "this is the description of the layers; their weights are in the .bin beside it".to_owned();
            return Err(WeightError::NoNetwork { format: Format::Ncnn, reason });
        } else {
            return Err(WeightError::UnknownFormat);
        };
        file.checked()
    }

    /// Reads ncnn's pair of files: the layers as text, and their weights.
    ///
    /// # Errors
    /// As [`WeightFile::parse`].
    pub fn parse_ncnn(param: &[u8], bin: &[u8]) -> Result<Self, WeightError> {
        ncnn::read(param, bin)?.checked()
    }

    fn checked(self) -> Result<Self, WeightError> {
        self.layers.iter().enumerate().try_for_each(|(i, layer)| layer.weights.check_finite(i + 1))?;
        Ok(self)
    }

    /// Reads a file, and the card beside it if there is one: the same name with the extension `toml`. Of ncnn's two files
    /// either may be named; the other is beside it.
    ///
    /// # Errors
    /// [`LoadError`], naming the file (or the card) that is at fault.
    pub fn open(path: &Path) -> Result<Self, LoadError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |reason: LoadErrorKind| LoadError { path, reason }
        };
        let bytes = std::fs::read(path).map_err(|e| at(path)(e.into()))?;
        let mut file = match ncnn::partner(path, &bytes) {
            Some(partner) => {
                let other = std::fs::read(&partner).map_err(|e| at(&partner)(e.into()))?;
                let (param, bin) = if ncnn::begins(&bytes) { (&bytes, &other) } else { (&other, &bytes) };
                Self::parse_ncnn(param, bin)
            }
            None => Self::parse(&bytes),
        }
        .map_err(|e| at(path)(e.into()))?;
        let card_path = path.with_extension("toml");
        match std::fs::read_to_string(&card_path) {
            Ok(text) => {
                let card = Card::parse(&text).map_err(|e| at(&card_path)(WeightError::from(e).into()))?;
                file.apply_card(&card).map_err(|e| at(&card_path)(e.into()))?;
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(at(&card_path)(e.into())),
        }
        Ok(file)
    }

    /// Lets a card's facts go before the file's.
    ///
    /// # Errors
    /// [`WeightError::Card`] if the card describes another network.
    pub fn apply_card(&mut self, card: &Card) -> Result<(), WeightError> {
        card.check(&self.architecture()?)?;
        self.facts = card.facts().or(std::mem::take(&mut self.facts));
        self.notes.extend(card.notes());
        Ok(())
    }

    /// The layers, with paddings and activations as far as they are known; unknown paddings read as
    /// [`Padding::Replicate`], unknown activations as ReLU between layers and nothing at the end.
    ///
    /// # Errors
    /// [`WeightError::Model`] if the layers do not fit one another or the facts' lists have another length.
    pub fn architecture(&self) -> Result<Architecture, WeightError> {
        let count = self.layers.len();
        let padding = self.facts.padding_of(count).unwrap_or_else(|| vec![Padding::Replicate; count]);
        let srcnn = |i| if i + 1 < count { Activation::Relu } else { Activation::None };
        let activation = self.facts.activation.clone().unwrap_or_else(|| (0..count).map(srcnn).collect());
        for (what, found) in [("paddings", padding.len()), ("activations", activation.len())] {
            if found != count {
                return Err(ArchitectureError::PerLayer { what, expected: count, found }.into());
            }
        }
        let specs = self.layers.iter().zip(padding.into_iter().zip(activation));
        let specs = specs.map(|(l, (padding, activation))| LayerSpec {
            inputs: l.inputs,
            outputs: l.outputs,
            kernel: l.kernel,
            padding,
            activation,
        });
        // Three channels are YCbCr only where that is stated; what else is stated does not change the layers.
        let three = self.layers.first().is_some_and(|l| l.inputs == 3);
        let input = match self.facts.input {
            Some(Input::Ycbcr) if three => Input::Ycbcr,
            Some(_) | None if three => Input::Rgb,
            Some(_) | None => Input::Y,
        };
        Ok(Architecture::new(input, specs.collect())?)
    }

    /// The facts that are still missing, by name; luma counts only for networks on luma.
    pub fn missing(&self) -> Vec<&'static str> {
        let luma_needed = self.layers.first().is_some_and(|l| l.inputs == 1);
        let facts = &self.facts;
        let known = [
            ("padding", facts.padding.is_some()),
            ("scale", facts.scale.is_some()),
            ("interpolation", facts.interpolation.is_some()),
            ("luma range", facts.luma.is_some() || !luma_needed),
        ];
        known.into_iter().filter(|(_, known)| !known).map(|(name, _)| name).collect()
    }

    /// The model, called `name` unless a card or the file says otherwise.
    ///
    /// # Errors
    /// [`WeightError::Missing`] if a fact is not known, [`WeightError::Model`] if the layers make no network.
    pub fn into_model(self, name: &str) -> Result<Model, WeightError> {
        let architecture = self.architecture()?;
        let missing = self.missing();
        let (Some(scale), Some(interpolation), true) = (self.facts.scale, self.facts.interpolation, missing.is_empty())
        else {
            return Err(WeightError::Missing(missing));
        };
        let luma = self.facts.luma.unwrap_or(crate::color::LumaRange::Full);
        let weights = self.layers.into_iter().map(|l| l.weights).collect();
        let name = self.facts.name.unwrap_or_else(|| name.to_owned());
        let preprocessing = Preprocessing { scale, interpolation, luma };
        Ok(Model::new(name, architecture, weights, preprocessing, self.notes)?)
    }
}

/// Tells whose archive it is.
fn read_archive(bytes: &[u8]) -> Result<WeightFile, WeightError> {
    let archive = Archive::open(bytes).map_err(|reason| WeightError::Damaged { format: Format::Archive, reason })?;
    match pytorch::folder(&archive) {
        Some(folder) => pytorch::read_archive(bytes, &archive, folder),
        None if keras::is_archive(&archive) => keras::read_archive(bytes, &archive),
        None => {
            let reason = "it is neither by torch.save nor by Keras 3".to_owned();
            Err(WeightError::NoNetwork { format: Format::Archive, reason })
        }
    }
}

impl Model {
    /// Reads a model from a file that, with its card, says all about itself; it is called as the file is unless a card
    /// or the file says otherwise.
    ///
    /// # Errors
    /// [`LoadError`], naming the file.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        let path = path.as_ref();
        let name = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        let model = WeightFile::open(path)?.into_model(&name);
        model.map_err(|e| LoadError { path: path.to_owned(), reason: e.into() })
    }
}
