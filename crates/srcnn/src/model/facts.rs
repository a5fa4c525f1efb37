//! Facts about a network beside its weights: from the file, its card, or the caller.

use super::architecture::Architecture;
use super::layer::{Activation, Input, Padding};
use super::network::Model;
use crate::color::LumaRange;
use crate::resample::Convention;

/// Facts that may be unknown (`None`). [`Facts::or`] fills the gaps of one source from the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Name of the model.
    pub name: Option<String>,
    /// Factor that it was trained for.
    pub scale: Option<u32>,
    /// Color planes; unknown is read as luma for one channel and RGB for three.
    pub input: Option<Input>,
    /// Convention by which its input is enlarged.
    pub interpolation: Option<Convention>,
    /// Range of luma.
    pub luma: Option<LumaRange>,
    /// Padding of each layer, or a single one for all.
    pub padding: Option<Vec<Padding>>,
    /// Activation of each layer.
    pub activation: Option<Vec<Activation>>,
}

impl Facts {
    /// These facts, with `other`'s where these are unknown.
    pub fn or(self, other: Self) -> Self {
        Self {
            name: self.name.or(other.name),
            scale: self.scale.or(other.scale),
            input: self.input.or(other.input),
            interpolation: self.interpolation.or(other.interpolation),
            luma: self.luma.or(other.luma),
            padding: self.padding.or(other.padding),
            activation: self.activation.or(other.activation),
        }
    }

    /// Facts that the SRCNN paper's procedure sets for every model: MATLAB's bicubic, luma in studio range, edges
    /// replicated.
    pub fn paper() -> Self {
        Self {
            interpolation: Some(Convention::MatlabBicubic(crate::resample::Edge::Mirror)),
            luma: Some(LumaRange::Studio),
            padding: Some(vec![Padding::Replicate]),
            ..Self::default()
        }
    }

    /// Paddings for a network of `layers` layers: a single one repeated.
    pub(crate) fn padding_of(&self, layers: usize) -> Option<Vec<Padding>> {
        let padding = self.padding.as_ref()?;
        Some(if padding.len() == 1 { vec![padding[0]; layers] } else { padding.clone() })
    }

    /// All facts of a model. Paddings and activations are those of a chain of layers; other networks are written with theirs.
    pub fn of(model: &Model) -> Self {
        let layers = model.architecture().map(Architecture::layers);
        let pre = model.preprocessing();
        Self {
            name: Some(model.name().to_owned()),
            scale: Some(pre.scale),
            input: Some(model.input()),
            interpolation: (!model.enlarges()).then_some(pre.interpolation),
            luma: Some(pre.luma),
            padding: layers.map(|layers| layers.iter().map(|l| l.padding).collect()),
            activation: layers.map(|layers| layers.iter().map(|l| l.activation).collect()),
        }
    }
}
