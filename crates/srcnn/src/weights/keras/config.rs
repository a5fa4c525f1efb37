//! The configuration of a Keras model, JSON beside the weights: paddings and activations are read from it.

use serde_json::Value;

use super::error::ConfigError;
use crate::model::{Activation, Padding};

/// A convolution as the configuration describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Described {
    pub(super) name: String,
    /// Unknown for kernels of 1x1.
    pub(super) padding: Option<Padding>,
    pub(super) activation: Activation,
}

/// Enough for some hundred layers of at most ten thousand bytes.
pub(super) const MAX_BYTES: usize = 1 << 20;

/// The convolutions of a model that is one line of layers; nothing for models of other classes, which list no layers.
pub(super) fn read(json: &[u8]) -> Result<Option<Vec<Described>>, ConfigError> {
    if json.len() > MAX_BYTES {
        return Err(ConfigError::TooLong);
    }
    let model: Value = serde_json::from_slice(json).map_err(ConfigError::Json)?;
    let config = &model["config"];
    let layers = match model["class_name"].as_str() {
        // In Keras 1 the configuration of a sequence is its list of layers.
        Some("Sequential") => config.as_array().or_else(|| config["layers"].as_array()),
        Some("Functional" | "Model") => config["layers"].as_array(),
        _ => return Ok(None),
    };
    let mut line = Line::default();
    for layer in layers.ok_or(ConfigError::NoLayers)? {
        line.layer(layer)?;
    }
    if line.border.is_some() {
        return Err(ConfigError::PaddingLast);
    }
    Ok(Some(line.found))
}

/// The line of layers as far as it is read.
#[derive(Default)]
struct Line {
    found: Vec<Described>,
    /// Name of the layer before.
    previous: Option<String>,
    /// Rows and columns that a `ZeroPadding2D` adds before the next convolution.
    border: Option<u64>,
}

impl Line {
    fn layer(&mut self, layer: &Value) -> Result<(), ConfigError> {
        let config = &layer["config"];
        let name = layer["name"].as_str().or_else(|| config["name"].as_str()).unwrap_or_default().to_owned();
        if let Some(nodes) = layer["inbound_nodes"].as_array() {
            let mut sources = Vec::new();
            histories(&layer["inbound_nodes"], &mut sources);
            let expected: Vec<&str> = self.previous.as_deref().into_iter().collect();
            if nodes.len() > 1 || sources != expected {
                let sources = sources.into_iter().map(str::to_owned).collect();
                return Err(ConfigError::Branch { name, sources });
            }
        }
        let class = layer["class_name"].as_str().unwrap_or_default();
        match class {
            "InputLayer" if self.found.is_empty() => {}
            "Conv2D" | "Convolution2D" => {
                let described = self.convolution(config, &name)?;
                self.found.push(described);
            }
            "Activation" | "ReLU" if self.border.is_none() => {
                let plain = |key: &str| config[key].as_f64().unwrap_or(0.0) == 0.0;
                let activation = match class {
                    "Activation" => activation(config, &name)?,
                    _ if config["max_value"].is_null() && plain("negative_slope") && plain("threshold") => {
                        Activation::Relu
                    }
                    _ => return Err(ConfigError::OtherRelu { name }),
                };
                match self.found.last_mut() {
                    Some(last) if activation == Activation::Relu => last.activation = activation,
                    None if activation == Activation::Relu => return Err(ConfigError::EarlyRelu { name }),
                    Some(_) | None => {}
                }
            }
            "ZeroPadding2D" if self.border.is_none() => self.border = Some(border(config, &name)?),
            "Dropout" | "SpatialDropout2D" => {}
            _ => return Err(ConfigError::Layer { class: class.to_owned(), name }),
        }
        self.previous = Some(name);
        Ok(())
    }

    fn convolution(&mut self, config: &Value, name: &str) -> Result<Described, ConfigError> {
        for key in ["strides", "subsample", "dilation_rate", "groups"] {
            if !ones(&config[key]) {
                return Err(ConfigError::Steps { name: name.to_owned(), key, value: config[key].to_string() });
            }
        }
        let kernel = config["kernel_size"][0].as_u64().or_else(|| config["nb_row"].as_u64());
        let kernel = kernel.ok_or_else(|| ConfigError::NoKernelSize { name: name.to_owned() })?;
        let words = [&config["padding"], &config["border_mode"]];
        let word = words.iter().find_map(|w| w.as_str()).unwrap_or_default();
        let padding = match (word, self.border.take().unwrap_or(0)) {
            ("same" | "valid", 0) if kernel == 1 => None,
            ("same", 0) => Some(Padding::Zero),
            ("valid", 0) => Some(Padding::Valid),
            ("valid", border) if border == kernel / 2 => Some(Padding::Zero),
            (word, border) => {
                let (name, mode) = (name.to_owned(), word.to_owned());
                return Err(ConfigError::PaddingMode { name, kernel, mode, border });
            }
        };
        Ok(Described { name: name.to_owned(), padding, activation: activation(config, name)? })
    }
}

/// The activation that a layer's configuration names.
fn activation(config: &Value, name: &str) -> Result<Activation, ConfigError> {
    match &config["activation"] {
        Value::Null => Ok(Activation::None),
        Value::String(word) if word == "relu" => Ok(Activation::Relu),
        Value::String(word) if word == "linear" => Ok(Activation::None),
        Value::String(word) => Err(ConfigError::Activation { name: name.to_owned(), activation: word.clone() }),
        _ => Err(ConfigError::CustomActivation { name: name.to_owned() }),
    }
}

/// Rows and columns that a `ZeroPadding2D` adds on every side.
fn border(config: &Value, name: &str) -> Result<u64, ConfigError> {
    let mut sides = Vec::new();
    numbers(&config["padding"], &mut sides);
    match sides.first() {
        Some(&first) if sides.iter().all(|&s| s == first) => Ok(first),
        _ => Err(ConfigError::PaddingSides { name: name.to_owned(), padding: config["padding"].to_string() }),
    }
}

/// Gathers the numbers of nested lists; anything else counts as a number that no layer has.
fn numbers(value: &Value, found: &mut Vec<u64>) {
    match value {
        Value::Array(values) => values.iter().for_each(|v| numbers(v, found)),
        value => found.push(value.as_u64().unwrap_or(u64::MAX)),
    }
}

/// Whether a setting is missing, or all its numbers are one.
fn ones(value: &Value) -> bool {
    let mut found = Vec::new();
    numbers(value, &mut found);
    value.is_null() || found.iter().all(|&n| n == 1)
}

/// Gathers the names of the layers that a layer takes: `keras_history` in Keras 3, `[name, node, tensor, …]` before.
fn histories<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(entries) => match entries.get("keras_history") {
            Some(history) => found.extend(history[0].as_str()),
            None => entries.values().for_each(|v| histories(v, found)),
        },
        Value::Array(values) => match values.as_slice() {
            [Value::String(name), Value::Number(_), Value::Number(_), ..] => found.push(name),
            values => values.iter().for_each(|v| histories(v, found)),
        },
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequences_of_keras_1_and_2_are_read() {
        let first = r#"{"class_name": "Sequential", "config": [
            {"class_name": "Convolution2D", "config": {"name": "a", "nb_row": 9, "border_mode": "valid",
             "activation": "relu", "subsample": [1, 1]}},
            {"class_name": "Convolution2D", "config": {"name": "b", "nb_row": 5, "border_mode": "same",
             "activation": "linear", "subsample": [1, 1]}}]}"#;
        let found = read(first.as_bytes()).expect("a model").expect("a sequence");
        let paddings: Vec<_> = found.iter().map(|d| (d.name.as_str(), d.padding, d.activation)).collect();
        let expected = [("a", Some(Padding::Valid), Activation::Relu), ("b", Some(Padding::Zero), Activation::None)];
        assert_eq!(paddings, expected);
        let second = first.replace("\"config\": [", "\"config\": {\"layers\": [").replace("]}}]}", "]}}]}}");
        assert_eq!(read(second.as_bytes()).expect("a model"), Some(found));
        assert_eq!(read(br#"{"class_name": "Own", "config": {}}"#).expect("a model"), None);
    }

    #[test]
    fn what_is_not_one_line_of_plain_convolutions_is_refused() {
        let layer = |class: &str, config: &str| {
            let json = format!(
                r#"{{"class_name": "Sequential", "config": [{{"class_name": "{class}", "config": {config}}}]}}"#
            );
            read(json.as_bytes())
        };
        let cases = [
            ("Conv2D", r#"{"kernel_size": [3, 3], "padding": "same", "strides": [2, 2]}"#, "strides [2,2]"),
            ("Conv2D", r#"{"kernel_size": [3, 3], "padding": "causal"}"#, "causal"),
            ("Conv2D", r#"{"kernel_size": [3, 3], "padding": "same", "activation": "tanh"}"#, "activation tanh"),
            ("ReLU", r#"{"negative_slope": 0.1}"#, "with a slope"),
            ("ReLU", "{}", "before the first"),
            ("BatchNormalization", "{}", "BatchNormalization"),
        ];
        for (class, config, reason) in cases {
            let found = layer(class, config);
            assert!(found.as_ref().is_err_and(|e| e.to_string().contains(reason)), "{found:?}");
        }
    }
}
