//! Pickled modules of PyTorch: their classes and attributes.

use super::error::NetworkError;
use super::pickle::{Id, Pickle, Value};
use crate::model::Padding;

/// Prefix of the class names of scripted modules. Behind it is the module of the class, unless that is `__main__`.
pub(super) const SCRIPTED: &str = "__torch__.";
/// The part of the prefix that is the module of a class of `__main__`.
const SCRIPTED_MAIN: &str = "__torch__";
/// Attributes among which a module's own table of modules is searched: PyTorch sets it before a class can set others.
const FIRST_ATTRIBUTES: usize = 64;

/// Class and attributes, if a value is a module.
pub(super) fn module<'p, 'a>(pickle: &'p Pickle<'a>, id: Id) -> Option<(String, &'p [(Id, Id)])> {
    let Value::Call { function, arguments, state, .. } = pickle.get(id) else { return None };
    let mut function = *function;
    // Protocols below 2 call `copyreg._reconstructor` with the class.
    if let Value::Global { name: "_reconstructor", .. } = pickle.get(function) {
        function = *pickle.sequence(*arguments)?.first()?;
    }
    // The older form names classes in persistent references, with their source.
    if let Value::Persistent(id) = pickle.get(function) {
        function = *pickle.sequence(*id)?.get(1)?;
    }
    let Value::Global { module, name } = pickle.get(function) else { return None };
    let state = pickle.mapping((*state)?)?;
    let first = &state[..state.len().min(FIRST_ATTRIBUTES)];
    let is_module =
        module.starts_with(SCRIPTED) || *module == SCRIPTED_MAIN || pickle.entry(first, "_modules").is_some();
    is_module.then(|| (format!("{module}.{name}"), state))
}

/// Name of a class of PyTorch that the engine does not support; nothing for supported and foreign classes.
pub(super) fn unsupported(class: &str) -> Option<String> {
    let plain = class.strip_prefix(SCRIPTED).unwrap_or(class);
    let (module, name) = plain.strip_prefix("torch.nn.modules.")?.rsplit_once('.')?;
    let module = module.split('.').next().unwrap_or_default();
    let known = match module {
        "container" | "module" | "loss" => true,
        "conv" => name == "Conv2d",
        "activation" => name == "ReLU",
        "linear" => name == "Identity",
        "dropout" => true,
        _ => false,
    };
    (!known).then(|| name.to_owned())
}

/// The padding that a convolution module states, if any.
///
/// # Errors
/// [`NetworkError`] for a convolution with strides, dilation, groups or another padding.
pub(super) fn convolution(
    pickle: &Pickle<'_>,
    state: &[(Id, Id)],
    name: &str,
) -> Result<Option<Padding>, NetworkError> {
    let numbers = |key: &str| -> Option<Vec<i64>> {
        let id = pickle.entry(state, key)?;
        pickle.sequence(id)?.iter().map(|&n| pickle.int(n)).collect()
    };
    for key in ["stride", "dilation"] {
        if let Some(steps) = numbers(key).filter(|steps| steps.iter().any(|&n| n != 1)) {
            return Err(NetworkError::Steps { name: name.to_owned(), key, steps });
        }
    }
    if let Some(groups) = pickle.entry(state, "groups").and_then(|id| pickle.int(id)).filter(|&g| g != 1) {
        return Err(NetworkError::Groups { name: name.to_owned(), groups });
    }
    let kernel = numbers("kernel_size").unwrap_or_default();
    let padding = pickle.entry(state, "padding");
    let same = padding.is_some_and(|id| pickle.text(id) == Some("same"));
    let half: Vec<i64> = kernel.iter().map(|k| k / 2).collect();
    let found = numbers("padding");
    let mode = pickle.entry(state, "padding_mode").and_then(|id| pickle.text(id));
    let padded = same || found.as_ref().is_some_and(|p| *p == half && half.iter().any(|&p| p > 0));
    match (padded, mode) {
        (true, Some("zeros")) => Ok(Some(Padding::Zero)),
        (true, Some("replicate")) => Ok(Some(Padding::Replicate)),
        (true, Some(mode)) => Err(NetworkError::PaddingMode { name: name.to_owned(), mode: mode.to_owned() }),
        // Without padding of its own, the program may pad before it.
        (false, _) if found.as_ref().is_none_or(|p| p.iter().all(|&p| p == 0)) => Ok(None),
        _ => Err(NetworkError::PaddingSize { name: name.to_owned(), padding: found, kernel }),
    }
}
