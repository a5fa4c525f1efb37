//! A weight file as it was read: layers, the facts known so far, and the way to a model.

use std::collections::BTreeMap;

use super::chain::RawLayer;
use super::error::WeightError;
use super::format::Format;
use crate::color::LumaRange;
use crate::model::{
    Activation, Architecture, ArchitectureError, Card, Facts, Input, LayerSpec, Model, Padding, Preprocessing,
};

/// Layers of a weight file, with the facts known so far.
///
/// ```
/// use srcnn::Model;
/// use srcnn::weights::{WeightFile, to_onnx};
///
/// let onnx = to_onnx(&Model::builtin("srcnn-915", 2)?);
/// let model = WeightFile::parse(&onnx)?.into_model("a copy")?;
/// assert_eq!(model.architecture().layers().len(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct WeightFile {
    /// Format of the file.
    pub format: Format,
    /// Facts known so far: stated by the file or its card, or known of a recognised file.
    pub facts: Facts,
    /// Description of a well-known file, recognised by shape and format.
    pub recognised: Option<&'static str>,
    /// Conversions that were done on reading, for people.
    pub remarks: Vec<String>,
    /// Metadata for people, by dotted names.
    pub notes: BTreeMap<String, String>,
    pub(super) layers: Vec<RawLayer>,
}

impl WeightFile {
    /// Refuses weights that are NaN or infinite.
    pub(super) fn checked(self) -> Result<Self, WeightError> {
        self.layers.iter().enumerate().try_for_each(|(i, layer)| layer.weights.check_finite(i + 1))?;
        Ok(self)
    }

    /// Puts a card's facts before the file's.
    ///
    /// # Errors
    /// [`WeightError::Card`] if the card describes another network.
    pub fn apply_card(&mut self, card: &Card) -> Result<(), WeightError> {
        card.check(&self.architecture()?)?;
        self.facts = card.facts().or(std::mem::take(&mut self.facts));
        self.notes.extend(card.notes());
        Ok(())
    }

    /// The layers, with paddings and activations as far as they are known. Unknown paddings read as
    /// [`Padding::Replicate`], unknown activations as ReLU between layers and none at the end.
    ///
    /// # Errors
    /// [`WeightError::Model`] if the layers do not fit one another or a list of facts has another length.
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
        // Three channels are YCbCr only where that is stated; the number of channels goes before any other statement.
        let three = self.layers.first().is_some_and(|l| l.inputs == 3);
        let input = match self.facts.input {
            Some(Input::Ycbcr) if three => Input::Ycbcr,
            Some(_) | None if three => Input::Rgb,
            Some(_) | None => Input::Y,
        };
        Ok(Architecture::new(input, specs.collect())?)
    }

    /// Names of the facts that are still missing: `padding`, `scale`, `interpolation` and, for networks on luma,
    /// `luma range`.
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

    /// The model, called `name` unless the card or the file names it.
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
        let luma = self.facts.luma.unwrap_or(LumaRange::Full);
        let weights = self.layers.into_iter().map(|l| l.weights).collect();
        let name = self.facts.name.unwrap_or_else(|| name.to_owned());
        let preprocessing = Preprocessing { scale, interpolation, luma };
        Ok(Model::new(name, architecture, weights, preprocessing, self.notes)?)
    }
}
