//! Where a checkpoint keeps the tensors of a network: state dictionaries, however deep, and whole modules.

use super::pickle::{Id, Pickle, Value};
use super::tensors::{Tensor, tensor};
use crate::model::Padding;

/// The tensors of a network, by their names and in their order.
#[derive(Default)]
pub(super) struct Table<'a> {
    /// Where the table is in the file, such as `state_dict`.
    pub(super) path: String,
    pub(super) tensors: Vec<(String, Tensor<'a>)>,
    /// Paddings that modules state, by the names of the modules.
    pub(super) paddings: Vec<(String, Padding)>,
}

/// Checkpoints nest their tables two or three deep, modules seldom deeper.
const MAX_DEPTH: usize = 16;
/// No network here has more.
const MAX_TENSORS: usize = 4096;

/// Every table that holds a kernel, but for what optimisers keep.
pub(super) fn tables<'a>(pickle: &Pickle<'a>) -> Result<Vec<Table<'a>>, String> {
    let mut walk = Walk { pickle, seen: vec![pickle.root], tables: Vec::new() };
    walk.visit(pickle.root, "", 0)?;
    Ok(walk.tables)
}

struct Walk<'p, 'a> {
    pickle: &'p Pickle<'a>,
    seen: Vec<Id>,
    tables: Vec<Table<'a>>,
}

impl<'a> Walk<'_, 'a> {
    fn visit(&mut self, id: Id, path: &str, depth: usize) -> Result<(), String> {
        let pickle = self.pickle;
        let mut table = Table { path: path.to_owned(), ..Table::default() };
        if module(pickle, id).is_some() {
            self.flatten(id, "", 0, &mut table)?;
            return self.keep(table);
        }
        let Some(items) = pickle.mapping(id).filter(|_| depth < MAX_DEPTH) else { return Ok(()) };
        for &(key, value) in items {
            let Some(key) = pickle.text(key) else { continue };
            match tensor(pickle, value) {
                Some(tensor) => self.add(&mut table, key.to_owned(), tensor)?,
                None if key.starts_with("optim") || key.contains("sched") || self.seen.contains(&value) => {}
                None if pickle.mapping(value).is_some() || module(pickle, value).is_some() => {
                    self.see(value)?;
                    let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
                    self.visit(value, &path, depth + 1)?;
                }
                None => {}
            }
        }
        self.keep(table)
    }

    fn keep(&mut self, table: Table<'a>) -> Result<(), String> {
        if table.tensors.iter().any(|(_, t)| t.shape.len() == 4) {
            self.tables.push(table);
        }
        Ok(())
    }

    fn see(&mut self, id: Id) -> Result<(), String> {
        self.seen.push(id);
        if self.seen.len() > MAX_TENSORS { Err("it holds thousands of tables".to_owned()) } else { Ok(()) }
    }

    fn add(&self, table: &mut Table<'a>, name: String, tensor: Result<Tensor<'a>, String>) -> Result<(), String> {
        if table.tensors.len() >= MAX_TENSORS || name.len() > 1024 {
            return Err("it holds thousands of tensors".to_owned());
        }
        match tensor {
            // Counters of steps and the like.
            Ok(tensor) if tensor.shape.is_empty() => {}
            Ok(tensor) => table.tensors.push((name, tensor)),
            Err(reason) => return Err(format!("`{name}` is {reason}")),
        }
        Ok(())
    }

    /// Gathers a module's tensors, and those of the modules in it.
    fn flatten(&mut self, id: Id, prefix: &str, depth: usize, table: &mut Table<'a>) -> Result<(), String> {
        let pickle = self.pickle;
        let Some((class, state)) = module(pickle, id).filter(|_| depth < MAX_DEPTH) else { return Ok(()) };
        let own = prefix.trim_end_matches('.');
        if let Some(name) = unsupported(&class) {
            return Err(format!("it holds a `{name}` (`{own}`): not supported yet"));
        }
        if class.ends_with(".Conv2d") {
            table.paddings.extend(convolution(pickle, state, own)?.map(|p| (own.to_owned(), p)));
        }
        let part = |key: &str| pickle.entry(state, key).and_then(|id| pickle.mapping(id)).unwrap_or_default();
        // A scripted module has its tensors and modules among its other attributes.
        let scripted = class.starts_with(SCRIPTED);
        let members =
            if scripted { [state, &[], &[]] } else { [part("_parameters"), part("_buffers"), part("_modules")] };
        for &(key, value) in members.into_iter().flatten() {
            let Some(key) = pickle.text(key) else { continue };
            if let Some(tensor) = tensor(pickle, value) {
                self.add(table, format!("{prefix}{key}"), tensor)?;
            } else if module(pickle, value).is_some() && !self.seen.contains(&value) {
                self.see(value)?;
                self.flatten(value, &format!("{prefix}{key}."), depth + 1, table)?;
            }
        }
        Ok(())
    }
}

const SCRIPTED: &str = "__torch__.";

/// A module's class and attributes.
fn module<'p, 'a>(pickle: &'p Pickle<'a>, id: Id) -> Option<(String, &'p [(Id, Id)])> {
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
    // PyTorch sets it before a class can set anything of its own.
    let first = &state[..state.len().min(64)];
    let is_module = module.starts_with(SCRIPTED) || pickle.entry(first, "_modules").is_some();
    is_module.then(|| (format!("{module}.{name}"), state))
}

/// The name of a class of PyTorch's that the engine has nothing for.
fn unsupported(class: &str) -> Option<String> {
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

/// The padding that a convolution module states, if it states one; an error for what is no plain convolution.
fn convolution(pickle: &Pickle<'_>, state: &[(Id, Id)], name: &str) -> Result<Option<Padding>, String> {
    let numbers = |key: &str| -> Option<Vec<i64>> {
        let id = pickle.entry(state, key)?;
        pickle.sequence(id)?.iter().map(|&n| pickle.int(n)).collect()
    };
    for key in ["stride", "dilation"] {
        if let Some(steps) = numbers(key).filter(|steps| steps.iter().any(|&n| n != 1)) {
            return Err(format!("`{name}` has {key} {steps:?}: not supported"));
        }
    }
    if let Some(groups) = pickle.entry(state, "groups").and_then(|id| pickle.int(id)).filter(|&g| g != 1) {
        return Err(format!("`{name}` has {groups} groups: not supported"));
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
        (true, Some(mode)) => Err(format!("`{name}` pads by `{mode}`: not supported")),
        // Without padding of its own it may be padded by the program.
        (false, _) if found.as_ref().is_none_or(|p| p.iter().all(|&p| p == 0)) => Ok(None),
        _ => Err(format!("`{name}` pads {found:?} around kernels of {kernel:?}: not supported")),
    }
}
