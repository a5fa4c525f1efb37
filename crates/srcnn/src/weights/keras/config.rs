//! What Keras says of a model beside its weights: the layers, as JSON. Paddings and activations are read from it.

use serde_json::Value;

use crate::model::{Activation, Padding};

/// A convolution as the configuration has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Described {
    pub(super) name: String,
    /// Nothing for kernels of 1x1.
    pub(super) padding: Option<Padding>,
    pub(super) activation: Activation,
}

/// A model of some hundred layers has some ten thousand bytes a layer at most.
pub(super) const MAX_BYTES: usize = 1 << 20;

/// The convolutions of a model that is one line of layers; nothing for models of other classes, which say nothing.
pub(super) fn read(json: &[u8]) -> Result<Option<Vec<Described>>, String> {
    if json.len() > MAX_BYTES {
        return Err("its configuration is too long".to_owned());
    }
    let model: Value = serde_json::from_slice(json).map_err(|e| format!("its configuration cannot be read: {e}"))?;
    let config = &model["config"];
    let layers = match model["class_name"].as_str() {
        // Keras 1 has the layers of a sequence where later versions have the configuration.
        Some("Sequential") => config.as_array().or_else(|| config["layers"].as_array()),
        Some("Functional" | "Model") => config["layers"].as_array(),
        _ => return Ok(None),
    };
    let mut line = Line::default();
    for layer in layers.ok_or("its configuration lists no layers")? {
        line.layer(layer)?;
    }
    if line.border.is_some() {
        return Err("it ends with padding".to_owned());
    }
    Ok(Some(line.found))
}

#[derive(Default)]
struct Line {
    found: Vec<Described>,
    previous: Option<String>,
    border: Option<u64>,
}

impl Line {
    fn layer(&mut self, layer: &Value) -> Result<(), String> {
        let config = &layer["config"];
        let name = layer["name"].as_str().or_else(|| config["name"].as_str()).unwrap_or_default().to_owned();
        if let Some(nodes) = layer["inbound_nodes"].as_array() {
            let mut sources = Vec::new();
            histories(&layer["inbound_nodes"], &mut sources);
            let expected: Vec<&str> = self.previous.as_deref().into_iter().collect();
            if nodes.len() > 1 || sources != expected {
                return Err(format!("its layers are not in one line: `{name}` takes {sources:?}"));
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
                    _ => return Err(format!("`{name}` is a ReLU with a slope or a limit: not supported")),
                };
                match self.found.last_mut() {
                    Some(last) if activation == Activation::Relu => last.activation = activation,
                    None if activation == Activation::Relu => {
                        return Err(format!("`{name}` is a ReLU before the first convolution"));
                    }
                    Some(_) | None => {}
                }
            }
            "ZeroPadding2D" if self.border.is_none() => self.border = Some(border(config, &name)?),
            "Dropout" | "SpatialDropout2D" => {}
            _ => {
                let why = match class {
                    "Conv2DTranspose" => ", as of FSRCNN",
                    "PReLU" | "LeakyReLU" | "ELU" => ": the engine has no such activation",
                    _ => "",
                };
                return Err(format!("it has the layer {class} (`{name}`){why}: not supported"));
            }
        }
        self.previous = Some(name);
        Ok(())
    }

    fn convolution(&mut self, config: &Value, name: &str) -> Result<Described, String> {
        for key in ["strides", "subsample", "dilation_rate", "groups"] {
            if !ones(&config[key]) {
                return Err(format!("`{name}` has {key} {}: not supported", config[key]));
            }
        }
        let kernel = config["kernel_size"][0].as_u64().or_else(|| config["nb_row"].as_u64());
        let kernel = kernel.ok_or_else(|| format!("`{name}` does not say its kernel's size"))?;
        let words = [&config["padding"], &config["border_mode"]];
        let word = words.iter().find_map(|w| w.as_str()).unwrap_or_default();
        let padding = match (word, self.border.take().unwrap_or(0)) {
            ("same" | "valid", 0) if kernel == 1 => None,
            ("same", 0) => Some(Padding::Zero),
            ("valid", 0) => Some(Padding::Valid),
            ("valid", border) if border == kernel / 2 => Some(Padding::Zero),
            (word, border) => {
                return Err(format!(
                    "`{name}` is {kernel}x{kernel}, `{word}`, after padding by {border}: not supported"
                ));
            }
        };
        Ok(Described { name: name.to_owned(), padding, activation: activation(config, name)? })
    }
}

/// The activation that a layer's configuration names.
fn activation(config: &Value, name: &str) -> Result<Activation, String> {
    match &config["activation"] {
        Value::Null => Ok(Activation::None),
        Value::String(word) if word == "relu" => Ok(Activation::Relu),
        Value::String(word) if word == "linear" => Ok(Activation::None),
        Value::String(word) => Err(format!("`{name}` has the activation {word}: the engine has no such activation")),
        _ => Err(format!("`{name}` has an activation of its own: not supported")),
    }
}

/// Rows and columns that a `ZeroPadding2D` adds on every side.
fn border(config: &Value, name: &str) -> Result<u64, String> {
    let mut sides = Vec::new();
    numbers(&config["padding"], &mut sides);
    match sides.first() {
        Some(&first) if sides.iter().all(|&s| s == first) => Ok(first),
        _ => Err(format!("`{name}` pads {}: not supported", config["padding"])),
    }
}

fn numbers(value: &Value, found: &mut Vec<u64>) {
    match value {
        Value::Array(values) => values.iter().for_each(|v| numbers(v, found)),
        value => found.push(value.as_u64().unwrap_or(u64::MAX)),
    }
}

/// Whether there is nothing, or nothing but ones.
fn ones(value: &Value) -> bool {
    let mut found = Vec::new();
    numbers(value, &mut found);
    value.is_null() || found.iter().all(|&n| n == 1)
}

/// The names of the layers that a layer takes from: `keras_history` in Keras 3, `[name, node, tensor, …]` before.
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
        assert_eq!(read(second.as_bytes()), Ok(Some(found)));
        assert_eq!(read(br#"{"class_name": "Own", "config": {}}"#), Ok(None));
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
            assert!(found.as_ref().is_err_and(|e| e.contains(reason)), "{found:?}");
        }
    }
}
