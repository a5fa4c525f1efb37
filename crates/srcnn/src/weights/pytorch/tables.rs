//! The tensors of a network in a checkpoint: state dictionaries, however deep, and whole modules.

use super::error::{DescriptionError, NetworkError};
use super::module::{SCRIPTED, convolution, module, unsupported};
use super::pickle::{Id, Pickle};
use super::tensors::{Tensor, tensor};
use crate::model::Padding;

/// Tensors of a network, by their names and in their order.
#[derive(Default)]
pub(super) struct Table<'a> {
    /// Place of the table in the file, such as `state_dict`.
    pub(super) path: String,
    pub(super) tensors: Vec<(String, Tensor<'a>)>,
    /// Paddings that modules state, by the names of the modules.
    pub(super) paddings: Vec<(String, Padding)>,
}

/// Checkpoints nest their tables two or three deep, modules seldom deeper.
const MAX_DEPTH: usize = 16;
/// Tensors of a table, and tables; more than any chain of convolutions has.
const MAX_TENSORS: usize = 4096;
/// Bytes of a tensor's name.
const MAX_NAME: usize = 1024;

/// Every table that holds a kernel, except for the optimizer's.
pub(super) fn tables<'a>(pickle: &Pickle<'a>) -> Result<Vec<Table<'a>>, NetworkError> {
    let mut walk = Walk { pickle, seen: vec![pickle.root], tables: Vec::new() };
    walk.visit(pickle.root, "", 0)?;
    Ok(walk.tables)
}

/// A walk over the values of a pickle. No value is visited twice.
struct Walk<'p, 'a> {
    pickle: &'p Pickle<'a>,
    seen: Vec<Id>,
    tables: Vec<Table<'a>>,
}

impl<'a> Walk<'_, 'a> {
    fn visit(&mut self, id: Id, path: &str, depth: usize) -> Result<(), NetworkError> {
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

    fn keep(&mut self, table: Table<'a>) -> Result<(), NetworkError> {
        if table.tensors.iter().any(|(_, t)| t.shape.len() == 4) {
            self.tables.push(table);
        }
        Ok(())
    }

    fn see(&mut self, id: Id) -> Result<(), NetworkError> {
        self.seen.push(id);
        if self.seen.len() > MAX_TENSORS { Err(NetworkError::TooManyTables) } else { Ok(()) }
    }

    fn add(
        &self,
        table: &mut Table<'a>,
        name: String,
        tensor: Result<Tensor<'a>, DescriptionError>,
    ) -> Result<(), NetworkError> {
        if table.tensors.len() >= MAX_TENSORS || name.len() > MAX_NAME {
            return Err(NetworkError::TooManyTensors);
        }
        match tensor {
            // Counters, such as the number of steps.
            Ok(tensor) if tensor.shape.is_empty() => {}
            Ok(tensor) => table.tensors.push((name, tensor)),
            Err(reason) => return Err(NetworkError::Tensor { name, reason }),
        }
        Ok(())
    }

    /// Gathers a module's tensors, and those of the modules in it.
    fn flatten(&mut self, id: Id, prefix: &str, depth: usize, table: &mut Table<'a>) -> Result<(), NetworkError> {
        let pickle = self.pickle;
        let Some((class, state)) = module(pickle, id).filter(|_| depth < MAX_DEPTH) else { return Ok(()) };
        let own = prefix.trim_end_matches('.');
        if let Some(class) = unsupported(&class) {
            return Err(NetworkError::Module { name: own.to_owned(), class });
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
