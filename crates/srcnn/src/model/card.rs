//! Model cards: facts that a weight file itself cannot hold, as TOML beside it.

use std::collections::BTreeMap;
use std::error::Error;

use serde::Deserialize;

use super::architecture::Architecture;
use super::facts::Facts;
use super::layer::{Activation, Input, Padding};
use crate::color::LumaRange;
use crate::resample::Convention;

/// A model card. Every field may be missing; unknown fields are refused, since they may be misspelt.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// Name of the model.
    pub name: Option<String>,
    /// Kernel sizes, such as `9-5-5`. Must agree with the weights.
    pub architecture: Option<String>,
    /// Filters of all layers but the last. Must agree with the weights.
    pub filters: Option<Vec<usize>>,
    /// Color planes. Must agree with the weights.
    pub input: Option<Input>,
    /// Padding of each layer, or a single one for all.
    #[serde(default, deserialize_with = "one_or_many")]
    pub padding: Option<Vec<Padding>>,
    /// Activation of each layer; by default `relu`, and `none` after the last.
    pub activation: Option<Vec<Activation>>,
    /// Factor that it was trained for.
    pub scale: Option<u32>,
    /// Convention by which its input is enlarged.
    pub interpolation: Option<Convention>,
    /// Range of luma.
    pub luma: Option<LumaRange>,
    /// Licence of the weights.
    pub licence: Option<String>,
    /// How it was trained, by dotted names such as `config.batch`. Has no effect.
    #[serde(default, deserialize_with = "flattened")]
    pub training: BTreeMap<String, String>,
    /// Scores, by dotted names such as `set5.psnr`. Has no effect.
    #[serde(default, deserialize_with = "flattened")]
    pub scores: BTreeMap<String, String>,
}

/// A card that cannot be read, or that contradicts the weights.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// It is not TOML, or not a card. Holds the error of the TOML parser.
    #[error("{}", .0.to_string().trim_end())]
    Syntax(Box<dyn Error + Send + Sync>),
    /// It describes another network.
    #[error("the card says {field} {card}, the weights have {weights}")]
    Contradiction {
        /// Field of the card.
        field: &'static str,
        /// Value in the card.
        card: String,
        /// Value for the weights.
        weights: String,
    },
}

impl Card {
    /// Parses a card.
    ///
    /// # Errors
    /// [`CardError::Syntax`], with line and column.
    pub fn parse(text: &str) -> Result<Self, CardError> {
        toml::from_str(text).map_err(|e| CardError::Syntax(Box::new(e)))
    }

    /// The fields that have an effect.
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

    /// The fields without effect, by dotted names: `licence`, `training.steps`, `scores.set5.psnr`.
    pub fn notes(&self) -> BTreeMap<String, String> {
        let mut notes = BTreeMap::new();
        if let Some(licence) = &self.licence {
            notes.insert("licence".to_owned(), licence.clone());
        }
        for (section, entries) in [("training", &self.training), ("scores", &self.scores)] {
            notes.extend(entries.iter().map(|(key, value)| (format!("{section}.{key}"), value.clone())));
        }
        notes
    }

    /// Compares the card with the layers of the weights.
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

/// Reads a list, or a single entry without brackets.
fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Padding>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(Padding),
        Many(Vec<Padding>),
    }
    Deserialize::deserialize(deserializer).map(|paddings| {
        Some(match paddings {
            OneOrMany::One(padding) => vec![padding],
            OneOrMany::Many(paddings) => paddings,
        })
    })
}

/// Reads a table of tables into one, its keys joined by dots.
fn flattened<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let mut notes = BTreeMap::new();
    flatten("", &toml::Table::deserialize(deserializer)?, &mut notes);
    Ok(notes)
}

fn flatten(prefix: &str, table: &toml::Table, notes: &mut BTreeMap<String, String>) {
    for (key, value) in table {
        let name = format!("{prefix}{key}");
        match value {
            toml::Value::Table(table) => flatten(&format!("{name}."), table, notes),
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
        card.check(&Architecture::named("srcnn-955").expect("named")).expect("the same network");
        assert!(card.check(&Architecture::named("srcnn-915").expect("named")).is_err());
    }
}
