//! What is known about a network beside its weights: from the file, its card, or the user.

use super::architecture::{Activation, Architecture, Input, Padding};
use crate::color::LumaRange;
use crate::resample::Convention;

/// Facts that may be missing; [`Facts::or`] fills what one source leaves open from the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// What the model is called.
    pub name: Option<String>,
    /// The factor that it was trained for.
    pub scale: Option<u32>,
    /// What goes in; nothing means luma for one channel, and RGB for three.
    pub input: Option<Input>,
    /// How its input was enlarged.
    pub interpolation: Option<Convention>,
    /// Where luma lies.
    pub luma: Option<LumaRange>,
    /// One for each layer, or one for all.
    pub padding: Option<Vec<Padding>>,
    /// One for each layer.
    pub activation: Option<Vec<Activation>>,
}

impl Facts {
    /// These facts, and `other`'s where these say nothing.
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

    /// The facts that the SRCNN paper's procedure sets, whatever the model: all but name and scale.
    pub fn paper() -> Self {
        Self {
            interpolation: Some(Convention::MatlabBicubic(crate::resample::Edge::Mirror)),
            luma: Some(LumaRange::Studio),
            padding: Some(vec![Padding::Replicate]),
            ..Self::default()
        }
    }

    /// The paddings for a network of `layers` layers, a single one repeated.
    pub(crate) fn padding_of(&self, layers: usize) -> Option<Vec<Padding>> {
        let padding = self.padding.as_ref()?;
        Some(if padding.len() == 1 { vec![padding[0]; layers] } else { padding.clone() })
    }

    /// What a model says of itself.
    pub fn of(model: &super::Model) -> Self {
        let layers = model.architecture().layers();
        let pre = model.preprocessing();
        Self {
            name: Some(model.name().to_owned()),
            scale: Some(pre.scale),
            input: Some(model.architecture().input()),
            interpolation: Some(pre.interpolation),
            luma: Some(pre.luma),
            padding: Some(layers.iter().map(|l| l.padding).collect()),
            activation: Some(layers.iter().map(|l| l.activation).collect()),
        }
    }

    /// The facts of the Keras project's 9-3-5 network with 128 and 64 filters.
    pub(crate) fn keras_project() -> Self {
        let architecture = Architecture::named("srcnn-keras");
        Self {
            name: None,
            scale: Some(2),
            input: None,
            interpolation: Some(Convention::OpencvLinear),
            luma: Some(LumaRange::Full),
            padding: architecture.map(|a| a.layers().iter().map(|l| l.padding).collect()),
            activation: None,
        }
    }
}
