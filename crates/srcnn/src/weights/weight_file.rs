//! A weight file as it was read: layers, the facts known so far, and the way to a model.

use std::collections::BTreeMap;

use super::chain::RawLayer;
use super::error::WeightError;
use super::families::{Family, Found, Rescale};
use super::format::Format;
use crate::color::LumaRange;
use crate::model::graph::Graph;
use crate::model::{
    Activation, Architecture, ArchitectureError, Card, Facts, Input, LayerSpec, LayerWeights, Model, ModelError,
    Padding, Preprocessing,
};
use crate::resample::{Convention, Edge};

/// Layers of a weight file, with the facts known so far.
///
/// ```
/// use srcnn::Model;
/// use srcnn::weights::{WeightFile, to_onnx};
///
/// let onnx = to_onnx(&Model::builtin("srcnn-915", 2)?)?;
/// let model = WeightFile::parse(&onnx)?.into_model("a copy")?;
/// assert_eq!(model.architecture().map(|chain| chain.layers().len()), Some(3));
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
    pub(super) content: Content,
}

/// What a file holds.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// A chain of layers, whose paddings and activations are facts.
    Layers(Vec<RawLayer>),
    /// A network that says all of itself, but perhaps its factor.
    Graph { graph: Graph, weights: Vec<LayerWeights>, rescale: Option<Rescale> },
}

impl WeightFile {
    /// Refuses weights that are NaN or infinite.
    pub(super) fn checked(self) -> Result<Self, WeightError> {
        let check = |(i, weights): (usize, &LayerWeights)| weights.check_finite(i + 1);
        match &self.content {
            Content::Layers(layers) => layers.iter().map(|layer| &layer.weights).enumerate().try_for_each(check)?,
            Content::Graph { weights, .. } => weights.iter().enumerate().try_for_each(check)?,
        }
        Ok(self)
    }

    /// The file of a recognised network. `read` gives the values of a tensor by its position in its table, and what was done to them.
    pub(super) fn of_family(
        format: Format,
        found: Found,
        mut read: impl FnMut(usize) -> Result<(Vec<f32>, Option<&'static str>), WeightError>,
    ) -> Result<Self, WeightError> {
        let Found { members, family, remark, .. } = found;
        let mut remarks: Vec<String> = remark.into_iter().collect();
        if !family.is_as_expected(|at| Ok::<_, WeightError>(read(members[at])?.0))? {
            return Err(WeightError::no_network(format)(format!(
                "it is {}, with another mean or range of colors",
                family.name
            )));
        }
        remarks.extend(family.remark.map(str::to_owned));
        let weights = family.weights(|at| {
            let (values, remark) = read(members[at])?;
            remarks.extend(remark.filter(|remark| !remarks.iter().any(|other| other == remark)).map(str::to_owned));
            Ok::<_, WeightError>(values)
        })?;
        let Family { name, graph, facts, rescale, .. } = family;
        let content = Content::Graph { graph, weights, rescale };
        Ok(Self { format, facts, recognised: Some(name), remarks, notes: BTreeMap::new(), content })
    }

    /// Puts a card's facts before the file's.
    ///
    /// # Errors
    /// [`WeightError::Card`] if the card describes another network.
    pub fn apply_card(&mut self, card: &Card) -> Result<(), WeightError> {
        if let Some(architecture) = self.architecture()? {
            card.check(&architecture)?;
        }
        self.facts = card.facts().or(std::mem::take(&mut self.facts));
        self.notes.extend(card.notes());
        Ok(())
    }

    /// The layers, with paddings and activations as far as they are known; none if the network is no chain of layers. Unknown paddings
    /// read as [`Padding::Replicate`], unknown activations as ReLU between layers and none at the end.
    ///
    /// # Errors
    /// [`WeightError::Model`] if the layers do not fit one another or a list of facts has another length.
    pub fn architecture(&self) -> Result<Option<Architecture>, WeightError> {
        let layers = match &self.content {
            Content::Layers(layers) => layers,
            Content::Graph { graph, .. } => return Ok(Architecture::of_graph(self.input_of(graph.channels()), graph)),
        };
        let count = layers.len();
        let padding = self.facts.padding_of(count).unwrap_or_else(|| vec![Padding::Replicate; count]);
        let srcnn = |i| if i + 1 < count { Activation::Relu } else { Activation::None };
        let activation = self.facts.activation.clone().unwrap_or_else(|| (0..count).map(srcnn).collect());
        for (what, found) in [("paddings", padding.len()), ("activations", activation.len())] {
            if found != count {
                return Err(ArchitectureError::PerLayer { what, expected: count, found }.into());
            }
        }
        let specs = layers.iter().zip(padding.into_iter().zip(activation));
        let specs = specs.map(|(l, (padding, activation))| LayerSpec {
            inputs: l.inputs,
            outputs: l.outputs,
            kernel: l.kernel,
            padding,
            activation,
        });
        let input = self.input_of(layers.first().map_or(1, |layer| layer.inputs));
        Ok(Some(Architecture::new(input, specs.collect())?))
    }

    /// The network without its weights.
    ///
    /// # Errors
    /// As [`WeightFile::architecture`].
    pub fn graph(&self) -> Result<Graph, WeightError> {
        match (&self.content, self.architecture()?) {
            (Content::Graph { graph, .. }, _) => Ok(graph.clone()),
            (Content::Layers(_), architecture) => Ok(Graph::from(&architecture.expect("layers are a chain"))),
        }
    }

    /// Color planes of so many channels. Three are YCbCr only where that is stated; the number of channels goes before any other
    /// statement.
    fn input_of(&self, channels: usize) -> Input {
        match self.facts.input {
            Some(Input::Ycbcr) if channels == 3 => Input::Ycbcr,
            Some(_) | None if channels == 3 => Input::Rgb,
            Some(_) | None => Input::Y,
        }
    }

    /// Names of the facts that are still missing: `padding`, `scale`, `interpolation` and, for networks on luma,
    /// `luma range`.
    pub fn missing(&self) -> Vec<&'static str> {
        let facts = &self.facts;
        let (channels, is_graph, takes_enlarged) = match &self.content {
            Content::Layers(layers) => (layers.first().map_or(0, |layer| layer.inputs), false, true),
            Content::Graph { graph, .. } => (graph.channels(), true, graph.scale() == 1 && facts.scale != Some(1)),
        };
        let known = [
            ("padding", facts.padding.is_some() || is_graph),
            ("scale", facts.scale.is_some()),
            ("interpolation", facts.interpolation.is_some() || !takes_enlarged),
            ("luma range", facts.luma.is_some() || channels != 1),
        ];
        known.into_iter().filter(|(_, known)| !known).map(|(name, _)| name).collect()
    }

    /// The model, called `name` unless the card or the file names it.
    ///
    /// # Errors
    /// [`WeightError::Missing`] if a fact is not known, [`WeightError::Model`] if the layers make no network.
    pub fn into_model(self, name: &str) -> Result<Model, WeightError> {
        let missing = self.missing();
        let (Some(scale), true) = (self.facts.scale, missing.is_empty()) else {
            return Err(WeightError::Missing(missing));
        };
        // Without effect where it need not be known.
        let interpolation = self.facts.interpolation.unwrap_or(Convention::MatlabBicubic(Edge::Mirror));
        let luma = self.facts.luma.unwrap_or(LumaRange::Full);
        let preprocessing = Preprocessing { scale, interpolation, luma };
        let architecture = self.architecture()?;
        let name = self.facts.name.clone().unwrap_or_else(|| name.to_owned());
        match self.content {
            Content::Layers(layers) => {
                let weights = layers.into_iter().map(|layer| layer.weights).collect();
                let architecture = architecture.expect("layers are a chain");
                Ok(Model::new(name, architecture, weights, preprocessing, self.notes)?)
            }
            Content::Graph { ref graph, ref weights, rescale } => {
                let input = self.input_of(graph.channels());
                let graph = match rescale {
                    Some(rescale) => rescale(graph, scale as usize).map_err(ModelError::from)?,
                    None => graph.clone(),
                };
                Ok(Model::of_graph(name, input, graph, weights.clone(), preprocessing, self.notes)?)
            }
        }
    }
}
