//! The card beside a weight file: what the file itself cannot say, as TOML.

use std::collections::BTreeMap;

use super::architecture::{Activation, Architecture, Input, Padding};
use super::facts::Facts;
use crate::color::LumaRange;
use crate::resample::Convention;

/// A model's card. Every field may be missing; an unknown one is refused, since it may be a misspelt one.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// What the model is called.
    pub name: Option<String>,
    /// Kernel sizes, such as `9-5-5`; must agree with the weights.
    pub architecture: Option<String>,
    /// Filters of all layers but the last; must agree with the weights.
    pub filters: Option<Vec<usize>>,
    /// What goes in; must agree with the weights.
    pub input: Option<Input>,
    /// The padding of each layer, or one for all.
    #[serde(default, deserialize_with = "one_or_many")]
    pub padding: Option<Vec<Padding>>,
    /// What follows each layer: by default `relu`, and `none` after the last.
    pub activation: Option<Vec<Activation>>,
    /// The factor that it was trained for.
    pub scale: Option<u32>,
    /// How its input was enlarged.
    pub interpolation: Option<Convention>,
    /// Where luma lies.
    pub luma: Option<LumaRange>,
    /// The licence of the weights.
    pub licence: Option<String>,
    /// How it was trained: for people.
    #[serde(default)]
    pub training: toml::Table,
    /// What it scored: for people.
    #[serde(default)]
    pub scores: toml::Table,
}

/// A card that cannot be read, or that contradicts the weights.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// Not TOML, or not a card.
    #[error("{}", .0.to_string().trim_end())]
    Syntax(Box<toml::de::Error>),
    /// The card describes another network.
    #[error("the card says {field} {card}, the weights have {weights}")]
    Contradiction {
        /// The card's field.
        field: &'static str,
        /// What the card says.
        card: String,
        /// What the weights are.
        weights: String,
    },
}

impl Card {
    /// Reads a card.
    ///
    /// # Errors
    /// [`CardError::Syntax`], with line and column.
    pub fn parse(text: &str) -> Result<Self, CardError> {
        toml::from_str(text).map_err(|e| CardError::Syntax(Box::new(e)))
    }

    /// The facts that have an effect.
    pub fn facts(&self) -> Facts {
        Facts {
            name: self.name.clone(),
            scale: self.scale,
            input: self.input,
            interpolation: self.interpolation,
            luma: self.luma,
            padding: self.padding.clone(),
            activation: self.activation.clone(),
        }
    }

    /// The facts for people, by dotted names: `training.steps`, `scores.set5.psnr`.
    pub fn notes(&self) -> BTreeMap<String, String> {
        let mut notes = BTreeMap::new();
        if let Some(licence) = &self.licence {
            notes.insert("licence".to_owned(), licence.clone());
        }
        flatten("training", &self.training, &mut notes);
        flatten("scores", &self.scores, &mut notes);
        notes
    }

    /// Checks what the card says of the layers.
    ///
    /// # Errors
    /// [`CardError::Contradiction`].
    pub fn check(&self, architecture: &Architecture) -> Result<(), CardError> {
        let joined = self.filters.as_ref().map(|f| f.iter().map(usize::to_string).collect::<Vec<_>>().join("-"));
        let input = |i: Input| format!("{i:?}").to_lowercase();
        let claims = [
            ("architecture", self.architecture.clone(), architecture.kernels()),
            ("filters", joined, architecture.filters()),
            ("input", self.input.map(input), input(architecture.input())),
        ];
        for (field, card, weights) in claims {
            if let Some(card) = card.filter(|c| *c != weights) {
                return Err(CardError::Contradiction { field, card, weights });
            }
        }
        Ok(())
    }
}

/// A list, or a single entry without brackets.
fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Padding>>, D::Error> {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(Padding),
        Many(Vec<Padding>),
    }
    serde::Deserialize::deserialize(deserializer).map(|paddings| {
        Some(match paddings {
            OneOrMany::One(padding) => vec![padding],
            OneOrMany::Many(paddings) => paddings,
        })
    })
}

fn flatten(prefix: &str, table: &toml::Table, notes: &mut BTreeMap<String, String>) {
    for (key, value) in table {
        let name = format!("{prefix}.{key}");
        match value {
            toml::Value::Table(table) => flatten(&name, table, notes),
            toml::Value::String(text) => {
                notes.insert(name, text.clone());
            }
            toml::Value::Integer(_)
            | toml::Value::Float(_)
            | toml::Value::Boolean(_)
            | toml::Value::Datetime(_)
            | toml::Value::Array(_) => {
                notes.insert(name, value.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_gives_facts_and_notes_and_refuses_what_it_does_not_know() {
        let text = "scale = 3\npadding = [\"valid\"]\nluma = \"studio\"\ninterpolation = \"opencv-linear\"\n\
                    [training]\nsteps = 5\n[scores.set5]\npsnr = 32.5\n";
        let card = Card::parse(text).expect("a card");
        assert_eq!(card.facts().scale, Some(3));
        assert_eq!(card.facts().padding_of(3), Some(vec![Padding::Valid; 3]));
        assert_eq!(card.facts().interpolation, Some(Convention::OpencvLinear));
        assert_eq!(card.notes()["scores.set5.psnr"], "32.5");
        let single = Card::parse("padding = \"zero\"").expect("a card");
        assert_eq!(single.facts().padding_of(2), Some(vec![Padding::Zero; 2]));
        for bad in [
            "scael = 3",
            "padding = \"half\"",
            "scale = \"three\"",
            "luma = \"half\"",
            "interpolation = \"nearest\"",
            "= =",
        ] {
            assert!(Card::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_card_of_another_network_is_refused() {
        let card = Card::parse("architecture = \"9-5-5\"\nfilters = [64, 32]\ninput = \"y\"").expect("a card");
        assert_eq!(card.check(&Architecture::named("srcnn-955").expect("named")), Ok(()));
        assert!(card.check(&Architecture::named("srcnn-915").expect("named")).is_err());
    }
}
