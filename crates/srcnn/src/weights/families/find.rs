//! The search for known networks in the tables of a file.

use super::plan::Family;
use super::recipes::recognised;
use crate::weights::named::Listed;
use crate::weights::networks::{BASIC_SR, ChoiceError, Table, joined, shown};

/// Depth of dotted names, and names at each depth, to which networks are searched for.
const MAX_DEPTH: usize = 4;
const MAX_NAMES: usize = 8;

/// A known network in a table.
#[derive(Clone, Debug)]
pub(in crate::weights) struct Found {
    /// Position of the table.
    pub(in crate::weights) table: usize,
    /// Positions of the family's tensors in the table.
    pub(in crate::weights) members: Vec<usize>,
    pub(in crate::weights) family: Family,
    pub(in crate::weights) remark: Option<String>,
    name: String,
}

/// The known network: the only one, that named `part`, or of BasicSR's pair of tables the moving averages. None if there is none.
///
/// # Errors
/// [`ChoiceError::Several`].
pub(in crate::weights) fn find(tables: &[Table<'_>], part: Option<&str>) -> Result<Option<Found>, ChoiceError> {
    let mut all = Vec::new();
    for (table, content) in tables.iter().enumerate() {
        let path = if tables.len() > 1 { content.path } else { "" };
        let mut own = Vec::new();
        search(table, &content.list, path, "", 0, &mut own);
        // Kernels beside a known network are of the same one, or of another that would have to be named.
        let inside = |at: usize| own.iter().any(|found| found.members.contains(&at));
        let beside = (0..content.list.len()).any(|at| content.list[at].shape.len() == 4 && !inside(at));
        if !beside || part.is_some() {
            all.extend(own);
        }
    }
    if let Some(part) = part {
        let ending = format!(".{part}");
        let mut named = all.iter().filter(|found| found.name == part || found.name.ends_with(&ending));
        return Ok(match (named.next(), named.next()) {
            (Some(only), None) => Some(only.clone()),
            _ => None,
        });
    }
    match all.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(only.clone())),
        [a, b] if BASIC_SR.iter().all(|name| [a, b].iter().any(|found| found.name == *name)) => {
            let remark = Some("`params_ema` is read, as BasicSR does, and not `params`".to_owned());
            Ok(Some(Found { remark, ..if a.name == BASIC_SR[1] { a.clone() } else { b.clone() } }))
        }
        _ => Err(ChoiceError::Several(shown(all.into_iter().map(|found| found.name)))),
    }
}

fn search(table: usize, list: &[Listed<'_>], path: &str, prefix: &str, depth: usize, all: &mut Vec<Found>) {
    let below = |tensor: &Listed<'_>| tensor.name.starts_with(prefix);
    let members: Vec<usize> = (0..list.len()).filter(|&at| below(&list[at])).collect();
    let inner: Vec<Listed<'_>> =
        members.iter().map(|&at| Listed { name: &list[at].name[prefix.len()..], shape: list[at].shape }).collect();
    if let Some(family) = recognised(&inner) {
        let name = joined(path, prefix.trim_end_matches('.'));
        return all.push(Found { table, members, family, remark: None, name });
    }
    let mut names: Vec<&str> = inner.iter().filter_map(|tensor| Some(tensor.name.split_once('.')?.0)).collect();
    names.dedup();
    names.sort_unstable();
    names.dedup();
    if depth < MAX_DEPTH && names.len() <= MAX_NAMES {
        for name in names {
            search(table, list, path, &format!("{prefix}{name}."), depth + 1, all);
        }
    }
}
