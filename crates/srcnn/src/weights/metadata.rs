//! Facts and notes of a model as pairs of text: the metadata of `.safetensors` and ONNX files that this crate writes.
//!
//! Facts have the names of a card's fields (`scale`, `padding`, …; lists joined by spaces), the card's other entries dotted
//! names (`training.steps`).

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::WeightError;
use crate::model::{Activation, Facts, Model, Padding};

/// Metadata for people, by dotted names.
pub(super) type Notes = BTreeMap<String, String>;

/// Entries that follow from the tensors. Written for people, ignored on reading.
const DERIVED: [&str; 3] = [FORMAT, "architecture", "filters"];
/// Key of the program or library that a file is of.
pub(super) const FORMAT: &str = "format";
/// Key of a network that is no chain of layers, as JSON.
pub(super) const GRAPH: &str = "graph";
/// Value of `format` in files that this crate writes.
const OURS: &str = "srcnn";

/// Facts and notes of a model.
pub(super) fn of(model: &Model) -> BTreeMap<String, String> {
    let pre = model.preprocessing();
    let words = |words: Vec<String>| words.join(" ");
    let mut metadata = model.notes().clone();
    let mut put = |key: &str, value: String| metadata.insert(key.to_owned(), value);
    put(FORMAT, OURS.to_owned());
    put("name", model.name().to_owned());
    put("input", word(&model.input()));
    put("scale", pre.scale.to_string());
    put("luma", word(&pre.luma));
    if !model.enlarges() {
        put("interpolation", pre.interpolation.to_string());
    }
    match model.architecture() {
        Some(architecture) => {
            let layers = architecture.layers();
            put("architecture", architecture.kernels());
            put("filters", architecture.filters());
            put("padding", words(layers.iter().map(|l| word(&l.padding)).collect()));
            put("activation", words(layers.iter().map(|l| word(&l.activation)).collect()));
        }
        None => {
            put(GRAPH, serde_json::to_string(model.graph()).expect("numbers and names"));
        }
    }
    metadata
}

/// Separates facts from notes.
pub(super) fn read(mut metadata: BTreeMap<String, String>) -> Result<(Facts, Notes), WeightError> {
    let facts = facts(&mut metadata)?;
    metadata.retain(|key, _| !DERIVED.contains(&key.as_str()));
    Ok((facts, metadata))
}

/// Whether this crate wrote the file.
pub(super) fn is_ours(metadata: &BTreeMap<String, String>) -> bool {
    metadata.get(FORMAT).is_some_and(|format| format == OURS)
}

/// As [`read`], if the metadata says that this crate wrote the file. Other programs give these names other meanings.
pub(super) fn of_ours(metadata: impl Iterator<Item = (String, String)>) -> Result<Option<(Facts, Notes)>, WeightError> {
    let metadata: BTreeMap<String, String> = metadata.collect();
    if metadata.get(FORMAT).is_some_and(|f| f == OURS) { read(metadata).map(Some) } else { Ok(None) }
}

/// Name that serde gives to a variant without fields.
fn word<T: serde::Serialize>(value: &T) -> String {
    let value = serde_json::to_value(value).expect("a variant without fields is a string");
    value.as_str().unwrap_or_default().to_owned()
}

/// Takes the facts out of the metadata.
fn facts(metadata: &mut BTreeMap<String, String>) -> Result<Facts, WeightError> {
    fn parsed<T: serde::de::DeserializeOwned>(key: &str, word: &str, whole: &str) -> Result<T, WeightError> {
        serde_json::from_value(Value::String(word.to_owned()))
            .map_err(|_| WeightError::Metadata { key: key.to_owned(), value: whole.to_owned() })
    }
    let mut take = |key: &'static str| metadata.remove(key);
    let one_scale = |s: String| s.parse().map_err(|_| WeightError::Metadata { key: "scale".to_owned(), value: s });
    let list = |s: &str| s.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    Ok(Facts {
        name: take("name"),
        // Unknown words are ignored: the tensors tell how many channels there are.
        input: take("input").and_then(|s| parsed("input", &s, &s).ok()),
        scale: take("scale").map(one_scale).transpose()?,
        interpolation: take("interpolation").map(|s| parsed("interpolation", &s, &s)).transpose()?,
        luma: take("luma").map(|s| parsed("luma", &s, &s)).transpose()?,
        padding: take("padding")
            .map(|s| list(&s).iter().map(|w| parsed::<Padding>("padding", w, &s)).collect())
            .transpose()?,
        activation: take("activation")
            .map(|s| list(&s).iter().map(|w| parsed::<Activation>("activation", w, &s)).collect())
            .transpose()?,
    })
}
