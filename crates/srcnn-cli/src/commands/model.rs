//! `srcnn model`.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use srcnn::Plane;
use srcnn::color::LumaRange;
use srcnn::engine::Engine;
use srcnn::model::graph::{Convolution, Graph, Operation, Transposed};
use srcnn::model::{Activation, Architecture, Facts, Input, Model, Padding, Preprocessing};
use srcnn::progress::Silent;
use srcnn::resample::{Convention, Edge};
use srcnn::weights::{Builtin, WeightFile, split_part, to_onnx, to_safetensors};
use srcnn_train::init::Init;

use crate::args::{FactArgs, InitArg, ModelArgs, ModelCommand};
use crate::model_choice::{self, Source};
use crate::names::shown;
use crate::outcome::{Outcome, Usage};
use crate::outputs::Outputs;
use crate::terminal::{Terminal, print_report};

pub fn run(args: &ModelArgs, terminal: &Terminal) -> Result<Outcome> {
    match &args.command {
        ModelCommand::List => print_report(&list())?,
        ModelCommand::Info { model, facts } => print_report(&info(model, facts)?)?,
        ModelCommand::Convert { input, output, force, facts } => {
            let model = match model_choice::source(Some(input), facts)? {
                Source::Builtin(name) => Builtin::pick(name.as_deref(), 1.0)?.model(),
                Source::File(file, name) => model_choice::finish(*file, &name)?,
            };
            write(&model, &[split_part(Path::new(input)).0.to_owned()], output, *force, terminal)?;
        }
        ModelCommand::Init { architecture, output, init, seed, force, facts } => {
            write(&fresh(architecture, output, *init, *seed, facts)?, &[], output, *force, terminal)?;
        }
    }
    Ok(Outcome::Done)
}

fn list() -> String {
    let mut text = String::new();
    for builtin in Builtin::all() {
        let model = builtin.model();
        let note = |key: &str| model.notes().get(key).map_or("?", String::as_str).to_owned();
        let layers = model.architecture();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:<14} x{}  {} filters {}  {} parameters  Set5 {} dB (bicubic {}), protocol paper",
            builtin.name(),
            builtin.scale,
            layers.map(Architecture::kernels).unwrap_or_default(),
            layers.map(Architecture::filters).unwrap_or_default(),
            model.graph().parameters(),
            note("scores.set5.psnr"),
            note("scores.set5.bicubic_psnr"),
        );
    }
    text
}

fn info(name: &str, facts: &FactArgs) -> Result<String> {
    let mut text = String::new();
    let mut line = |key: &str, value: String| {
        let _ = writeln!(text, "{key:<14} {value}");
    };
    match model_choice::source(Some(name), facts)? {
        Source::Builtin(name) => {
            let model = Builtin::pick(name.as_deref(), 1.0)?.model();
            line("format", "built in".to_owned());
            describe(model.graph(), model.architecture(), &Facts::of(&model), &mut line);
            model.notes().iter().for_each(|(key, value)| line(key, value.clone()));
        }
        Source::File(file, name) => describe_file(&file, &name, &mut line)?,
    }
    Ok(text)
}

fn describe_file(file: &WeightFile, name: &str, line: &mut impl FnMut(&str, String)) -> Result<()> {
    line("file", name.to_owned());
    line("format", file.format.to_string());
    if let Some(known) = file.recognised {
        line("recognised", known.to_owned());
    }
    file.remarks.iter().for_each(|remark| line("remark", remark.clone()));
    let named = |e| anyhow::Error::new(e).context(name.to_owned());
    describe(&file.graph().map_err(named)?, file.architecture().map_err(named)?.as_ref(), &file.facts, line);
    file.notes.iter().for_each(|(key, value)| line(key, value.clone()));
    let missing = file.missing();
    if !missing.is_empty() {
        line("missing", model_choice::missing_facts(name, &missing));
    }
    Ok(())
}

/// Lists the model's metadata, as a card does, and its layers or operations.
fn describe(graph: &Graph, chain: Option<&Architecture>, facts: &Facts, line: &mut impl FnMut(&str, String)) {
    let or_unknown = |value: Option<String>| value.unwrap_or_else(|| "not stated".to_owned());
    line("name", or_unknown(facts.name.clone()));
    if let Some(architecture) = chain {
        line("architecture", architecture.kernels());
        line("filters", architecture.filters());
    }
    let input = match chain.map(Architecture::input).or(facts.input) {
        Some(Input::Y) => "luma",
        Some(Input::Rgb) => "RGB",
        Some(Input::Ycbcr) => "YCbCr",
        None if graph.channels() == 3 => "RGB",
        None => "luma",
    };
    line("input", input.to_owned());
    line("parameters", graph.parameters().to_string());
    let each = graph.multiply_adds();
    let per_output = each / (graph.scale() as f64).powi(2);
    line(
        "multiply-adds",
        match chain {
            Some(_) => format!("{each:.0} a pixel"),
            None => format!("{each:.0} a pixel that goes in, {per_output:.0} a pixel that comes out"),
        },
    );
    line("scale", or_unknown(facts.scale.map(|s| format!("x{s}"))));
    if graph.scale() == 1 && facts.scale != Some(1) {
        line("interpolation", or_unknown(facts.interpolation.map(|i| i.to_string())));
    }
    let range = |luma| match luma {
        LumaRange::Studio => "studio (16 to 235)".to_owned(),
        LumaRange::Full => "full (0 to 255)".to_owned(),
    };
    line("luma range", or_unknown(facts.luma.map(range)));
    match chain {
        Some(architecture) => layers(architecture, facts, line),
        None => operations(graph, line),
    }
}

fn layers(architecture: &Architecture, facts: &Facts, line: &mut impl FnMut(&str, String)) {
    let padding_known = facts.padding.is_some();
    for (i, layer) in architecture.layers().iter().enumerate() {
        let padding = match layer.padding {
            _ if !padding_known => "padding not stated",
            Padding::Valid => "valid",
            Padding::Zero => "zero padding",
            Padding::Replicate => "edges replicated",
        };
        let activation = match layer.activation {
            Activation::Relu => ", ReLU",
            Activation::None => "",
        };
        let (k, from, to) = (layer.kernel, layer.inputs, layer.outputs);
        line(&format!("layer {}", i + 1), format!("{k}x{k}, {from} -> {to}, {padding}{activation}"));
    }
}

/// Operations, each with the numbers of those whose results it takes; 0 is what goes in.
fn operations(graph: &Graph, line: &mut impl FnMut(&str, String)) {
    for (i, node) in graph.nodes().iter().enumerate() {
        let inputs: Vec<String> = node.inputs.iter().map(|value| value.index().to_string()).collect();
        let channels = graph.extents()[i + 1].channels;
        let shape = match &node.operation {
            Operation::Convolution(Convolution { kernel: [rows, columns], stride, dilation, groups, .. }) => {
                let numbers = [("stride", stride), ("dilation", dilation), ("groups", groups)];
                let numbers = numbers.iter().filter(|(_, n)| **n > 1).map(|(name, n)| format!(", {name} {n}"));
                format!(" {rows}x{columns}{}", numbers.collect::<String>())
            }
            Operation::Transposed(Transposed { kernel: [rows, columns], stride, .. }) => {
                format!(" {rows}x{columns}, stride {stride}")
            }
            Operation::Shuffle { factor } | Operation::Unshuffle { factor } | Operation::Enlarge { factor, .. } => {
                format!(" by {factor}")
            }
            _ => String::new(),
        };
        let name = node.operation.name();
        line(&format!("operation {}", i + 1), format!("{name}{shape} of {} -> {channels} channels", inputs.join(", ")));
    }
}

/// A model with random weights. Metadata that is not stated is the paper's.
fn fresh(architecture: &str, output: &Path, init: InitArg, seed: u64, facts: &FactArgs) -> Result<Model> {
    let mut network: Architecture = architecture.parse().map_err(|e| Usage(format!("{e}")))?;
    let facts = facts.facts();
    if let Some(padding) = &facts.padding {
        let layers = network.layers().len();
        let padding = if padding.len() == 1 { vec![padding[0]; layers] } else { padding.clone() };
        network = network.with_padding(&padding).map_err(|e| Usage(format!("--padding: {e}")))?;
    }
    let preprocessing = Preprocessing {
        scale: facts.scale.unwrap_or(2),
        interpolation: facts.interpolation.unwrap_or(Convention::MatlabBicubic(Edge::Mirror)),
        luma: facts.luma.unwrap_or(LumaRange::Studio),
    };
    let init = match init {
        InitArg::GlorotUniform => Init::GlorotUniform,
        InitArg::Gaussian => Init::Gaussian,
        InitArg::He => Init::He,
    };
    let name = output.file_stem().unwrap_or_default().to_string_lossy();
    Ok(init.model(name, network, seed, preprocessing)?)
}

fn write(model: &Model, inputs: &[PathBuf], output: &Path, force: bool, terminal: &Terminal) -> Result<()> {
    let encode: fn(&Model) -> Result<Vec<u8>> =
        match output.extension().map(|e| e.to_string_lossy().to_lowercase()).as_deref() {
            Some("safetensors") => |model| Ok(to_safetensors(model)),
            Some("onnx") => |model| Ok(to_onnx(model)?),
            _ => return Err(Usage(format!("{}: models are written as .safetensors or .onnx", shown(output))).into()),
        };
    let mut outputs = Outputs::new(force, inputs);
    outputs.claim(Path::new(model.name()), output)?;
    let bytes = encode(model).with_context(|| shown(output))?;
    verify(model, &bytes).with_context(|| shown(output))?;
    outputs.write(output, &bytes)?;
    terminal.detail(|| format!("{} -> {}", model.name(), shown(output)));
    Ok(())
}

/// Checks that a written file, read back, is the same network: it must give equal results for a small picture.
fn verify(model: &Model, bytes: &[u8]) -> Result<()> {
    let again = WeightFile::parse(bytes)?.into_model(model.name()).context("what was written cannot be read back")?;
    let graph = model.graph();
    let side = (24 + 2 * graph.border_loss()).next_multiple_of(graph.multiple());
    let sample = |x: usize, y: usize, c: usize| ((x * 73 + y * 151 + c * 37 + x * y * 11) % 256) as f32 / 255.0;
    let channels = 0..graph.channels();
    let picture: Vec<_> = channels.map(|c| Plane::from_fn(side, side, |x, y| sample(x, y, c))).collect();
    let run = |model: &Model| Engine::new(model).run(&picture, &Silent);
    let same = run(model)? == run(&again)? && model.preprocessing() == again.preprocessing();
    ensure!(same, "what was written gives other results when read back: this is a bug, and nothing is saved");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_another_network_is_found_out() {
        let model = |seed| {
            let network: Architecture = "5-3-3:4-3".parse().expect("a network");
            let preprocessing =
                Preprocessing { scale: 2, interpolation: Convention::OpencvLinear, luma: LumaRange::Full };
            Init::He.model("test", network, seed, preprocessing).expect("a model")
        };
        let onnx: fn(&Model) -> Vec<u8> = |model| to_onnx(model).expect("layers");
        for encode in [to_safetensors, onnx] {
            assert!(verify(&model(1), &encode(&model(1))).is_ok());
            let error = verify(&model(1), &encode(&model(2))).expect_err("other weights");
            assert!(error.to_string().contains("other results"), "{error}");
            assert!(verify(&model(1), &encode(&model(1))[1..]).is_err());
        }
    }
}
