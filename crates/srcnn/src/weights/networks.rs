//! Networks of a file that holds several, told apart by the prefixes of their tensors' names (`model.conv1.weight`,
//! `ema_model.conv1.weight`) or by the tables that they are in.
//!
//! Prefixes are separate networks where at least two of them chain from a picture's channels to a picture's channels, each
//! on its own. Which one is meant is the caller's choice, by name; nothing is guessed, but for BasicSR's pair of tables.

use std::collections::HashMap;

use super::chain::{AxisOrder, shapes_fit};
use super::error::WeightError;
use super::format::Format;
use super::named::{Convolution, Listed, OrderError, convolutions, counted};

/// Name of the tensors that are in no network with a prefix, beside such networks.
const REST: &str = ".";
/// Name of all tensors of a table as one network.
const ALL: &str = "all";
/// Depth of dotted names to which networks are searched for.
const MAX_DEPTH: usize = 16;
/// Networks named in a message.
const MAX_NAMED: usize = 6;
/// Layers of the smallest network that is told apart from others by its prefix.
const MIN_LAYERS: usize = 2;
/// Layers of the largest such network.
const MAX_LAYERS: usize = 256;
/// Tables of BasicSR's checkpoints: the weights, and their moving averages, which BasicSR itself reads.
pub(super) const BASIC_SR: [&str; 2] = ["params", "params_ema"];

/// Tensors that a file keeps in one table.
pub(super) struct Table<'a> {
    /// Place of the table in the file, such as `state_dict`; empty if the file is the table.
    pub(super) path: &'a str,
    pub(super) list: Vec<Listed<'a>>,
}

/// The network that is read.
pub(super) struct Chosen {
    /// Position of its table.
    pub(super) table: usize,
    /// Its convolutions in order, their tensors given as positions in the table.
    pub(super) convolutions: Vec<Convolution>,
    pub(super) remarks: Vec<String>,
}

/// Tables without a network, or with several.
#[derive(Debug)]
pub(super) enum ChoiceError {
    /// No table has tensors of convolutions.
    None,
    Several(Vec<String>),
    NoPart {
        part: String,
        names: Vec<String>,
    },
    Order(OrderError),
}

impl ChoiceError {
    /// The error of a file of this format.
    pub(super) fn of(self, format: Format) -> WeightError {
        match self {
            Self::None => WeightError::no_network(format)(OrderError::NoConvolution),
            Self::Several(names) => WeightError::SeveralNetworks { format, names },
            Self::NoPart { part, names } => WeightError::NoPart { format, part, names },
            Self::Order(reason) => WeightError::no_network(format)(reason),
        }
    }
}

/// A network of a table: its name, and the positions of its tensors.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    name: String,
    members: Vec<usize>,
}

/// Finds the network: the only one, or that of the name `part`. `meant` says that the tables keep the order of the program,
/// not that of the alphabet.
pub(super) fn choose(tables: &[Table<'_>], part: Option<&str>, meant: bool) -> Result<Chosen, ChoiceError> {
    let mut found: Vec<(usize, Part)> = Vec::new();
    for (at, table) in tables.iter().enumerate() {
        let search = Search { list: &table.list, meant };
        let own = |name: &str| joined(if tables.len() > 1 { table.path } else { "" }, name);
        found.extend(search.parts().into_iter().map(|p| (at, Part { name: own(&p.name), members: p.members })));
    }
    let mut remarks = Vec::new();
    let names = || shown(found.iter().map(|(_, p)| p.name.clone()));
    let picked = match part {
        Some(part) => {
            named(tables, &found, part).ok_or_else(|| ChoiceError::NoPart { part: part.to_owned(), names: names() })?
        }
        None => match found.as_slice() {
            [] => return Err(ChoiceError::None),
            [only] => only.clone(),
            [a, b] if BASIC_SR.iter().all(|n| [a, b].iter().any(|(_, p)| p.name == *n)) => {
                remarks.push("`params_ema` is read, as BasicSR does, and not `params`".to_owned());
                if a.1.name == BASIC_SR[1] { a.clone() } else { b.clone() }
            }
            _ => return Err(ChoiceError::Several(names())),
        },
    };
    let (table, Part { members, .. }) = picked;
    let search = Search { list: &tables[table].list, meant };
    let (found, remark) = search.convolutions(&members).map_err(ChoiceError::Order)?;
    remarks.extend(remark.map(str::to_owned));
    Ok(Chosen { table, convolutions: found, remarks })
}

/// The network of a name: one that was found, by its whole name or the end of it; the tensors with this prefix; or a table.
fn named(tables: &[Table<'_>], found: &[(usize, Part)], part: &str) -> Option<(usize, Part)> {
    if let Some(exact) = found.iter().find(|(_, p)| p.name == part) {
        return Some(exact.clone());
    }
    let ending = format!(".{part}");
    let mut ends = found.iter().filter(|(_, p)| p.name.ends_with(&ending));
    if let (Some(only), None) = (ends.next(), ends.next()) {
        return Some(only.clone());
    }
    let below = |table: &Table<'_>, name: &str| {
        let full = joined(table.path, name);
        [name, &full].into_iter().any(|n| n.strip_prefix(part).is_some_and(|rest| rest.starts_with('.')))
    };
    tables.iter().enumerate().find_map(|(at, table)| {
        let all = part == ALL && tables.len() == 1 || part == table.path;
        let members: Vec<usize> = (0..table.list.len()).filter(|&i| all || below(table, table.list[i].name)).collect();
        (!members.is_empty()).then(|| (at, Part { name: part.to_owned(), members }))
    })
}

/// Networks as a message names them.
pub(super) fn shown(names: impl Iterator<Item = String>) -> Vec<String> {
    names.take(MAX_NAMED).map(|name| if name.is_empty() { REST.to_owned() } else { name }).collect()
}

pub(super) fn joined(path: &str, name: &str) -> String {
    match (path, name) {
        ("", name) | (name, "") => name.to_owned(),
        (path, name) => format!("{path}.{name}"),
    }
}

/// The search for the networks of a table.
struct Search<'a> {
    list: &'a [Listed<'a>],
    meant: bool,
}

impl Search<'_> {
    /// The networks of the table; the whole table, if it is one network or none that is known.
    fn parts(&self) -> Vec<Part> {
        let all: Vec<usize> = (0..self.list.len()).collect();
        let mut found = self.networks("", &all, 0);
        match found.as_slice() {
            [] if self.kernels(&all) => vec![Part { name: String::new(), members: all }],
            [only] if only.members.len() < all.len() => {
                let rest = outside(&all, &found);
                if !self.kernels(&rest) || self.convolutions(&all).is_ok() {
                    // All of it is read, or the reason why not is told.
                    return vec![Part { name: String::new(), members: all }];
                }
                // A network beside other kernels, which make none.
                let depth = only.name.matches('.').count();
                found.extend(self.prefixes(&rest, depth));
                found
            }
            [only] => self.runs(only),
            _ => found,
        }
    }

    /// Whether any of the tensors may be a kernel.
    fn kernels(&self, members: &[usize]) -> bool {
        members.iter().any(|&i| self.list[i].shape.len() == 4)
    }

    /// The networks among tensors whose names begin with `prefix`.
    fn networks(&self, prefix: &str, members: &[usize], depth: usize) -> Vec<Part> {
        let children = self.children(prefix, members);
        if let ([(child, own)], true) = (children.as_slice(), depth < MAX_DEPTH)
            && own.len() == members.len()
        {
            let mut found = self.networks(child, members, depth + 1);
            if let [only] = found.as_mut_slice()
                && only.members.len() == members.len()
            {
                // The shortest name that tells it from others.
                prefix.clone_into(&mut only.name);
            }
            return found;
        }
        let mut found: Vec<Part> = Vec::new();
        if depth < MAX_DEPTH {
            found.extend(children.iter().flat_map(|(child, own)| self.networks(child, own, depth + 1)));
        }
        let rest = outside(members, &found);
        if !found.is_empty() && self.chains(&rest) {
            let name = if prefix.is_empty() { REST } else { prefix };
            found.insert(0, Part { name: name.to_owned(), members: rest });
        }
        if found.len() < 2 && self.chains(members) {
            return vec![Part { name: prefix.to_owned(), members: members.to_vec() }];
        }
        found
    }

    /// Tensors below `prefix`, by the next part of their names.
    fn children(&self, prefix: &str, members: &[usize]) -> Vec<(String, Vec<usize>)> {
        let mut children: Vec<(String, Vec<usize>)> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        let from = if prefix.is_empty() { 0 } else { prefix.len() + 1 };
        for &i in members {
            let name = self.list[i].name;
            let Some(length) = name.get(from..).and_then(|rest| rest.find('.')) else { continue };
            let child = &name[..from + length];
            let place = *places.entry(child).or_insert_with(|| {
                children.push((child.to_owned(), Vec::new()));
                children.len() - 1
            });
            children[place].1.push(i);
        }
        children
    }

    /// Prefixes, of `depth` dots, of tensors among which are kernels.
    fn prefixes(&self, members: &[usize], depth: usize) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        for &i in members {
            let name = self.list[i].name;
            let end = name.match_indices('.').nth(depth).map_or(name.len(), |(at, _)| at);
            match parts.iter().position(|p| p.name == name[..end]) {
                Some(at) => parts[at].members.push(i),
                None if parts.len() >= MAX_NAMED => {}
                None => parts.push(Part { name: name[..end].to_owned(), members: vec![i] }),
            }
        }
        parts.retain(|p| self.kernels(&p.members));
        parts
    }

    /// The networks that a chain consists of if it passes through a picture's channels and its names, which have no
    /// prefixes between dots, do not count through (`netG_conv1`, …, `netD_conv1`, …).
    fn runs(&self, whole: &Part) -> Vec<Part> {
        let one = || vec![whole.clone()];
        let Ok((found, _)) = self.convolutions(&whole.members) else { return one() };
        if counted(found.iter().map(|c| c.name.as_str())) {
            return one();
        }
        let mut runs: Vec<&[Convolution]> = Vec::new();
        let mut rest = found.as_slice();
        let fits = |run: &[Convolution]| {
            let shapes: Vec<_> = run.iter().map(|c| c.shape).collect();
            run.len() >= MIN_LAYERS && shapes_fit(&shapes, AxisOrder::Oihw)
        };
        while let Some(end) = (MIN_LAYERS..rest.len()).find(|&n| fits(&rest[..n]) && fits(&rest[n..])) {
            let (run, behind) = rest.split_at(end);
            runs.push(run);
            rest = behind;
        }
        runs.push(rest);
        if runs.len() < 2 {
            return one();
        }
        let part = |run: &&[Convolution]| Part {
            name: run[0].name.clone(),
            members: run.iter().flat_map(|c| [Some(c.weight), c.bias]).flatten().collect(),
        };
        runs.iter().map(part).collect()
    }

    /// Whether tensors are a network of their own.
    fn chains(&self, members: &[usize]) -> bool {
        let shapes = members.iter().filter_map(|&i| <[usize; 4]>::try_from(self.list[i].shape).ok());
        let (mut outputs, mut inputs): (Vec<_>, Vec<_>) = shapes.map(|[o, i, ..]| (o, i)).unzip();
        outputs.sort_unstable();
        inputs.sort_unstable();
        // What each layer gives another takes, and the last as many channels as the first took.
        if !(MIN_LAYERS..=MAX_LAYERS).contains(&inputs.len()) || inputs != outputs {
            return false;
        }
        match self.convolutions(members) {
            Ok((found, _)) => found.len() >= MIN_LAYERS,
            Err(OrderError::SeveralOrders | OrderError::Unclear { .. }) => true,
            Err(_) => false,
        }
    }

    /// The convolutions that some tensors of the table are.
    fn convolutions(&self, members: &[usize]) -> Result<(Vec<Convolution>, Option<&'static str>), OrderError> {
        let list: Vec<_> = members.iter().map(|&i| self.list[i]).collect();
        let (mut found, remark) = convolutions(&list, self.meant)?;
        for convolution in &mut found {
            convolution.weight = members[convolution.weight];
            convolution.bias = convolution.bias.map(|at| members[at]);
        }
        Ok((found, remark))
    }
}

/// The tensors that are in none of the networks.
fn outside(members: &[usize], found: &[Part]) -> Vec<usize> {
    let inside: std::collections::HashSet<usize> = found.iter().flat_map(|p| p.members.iter().copied()).collect();
    members.iter().copied().filter(|i| !inside.contains(i)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPES: [&[usize]; 3] = [&[8, 1, 5, 5], &[4, 8, 3, 3], &[1, 4, 3, 3]];

    /// Names of three layers, `layers` put for `{}`, with their shapes.
    fn network(names: &str) -> Vec<(String, &'static [usize])> {
        SHAPES.iter().zip(1..).map(|(shape, n)| (names.replace("{}", &n.to_string()), *shape)).collect()
    }

    fn read(names: &[&str], part: Option<&str>) -> Result<Vec<String>, ChoiceError> {
        let owned: Vec<_> = names.iter().flat_map(|n| network(n)).collect();
        let list = owned.iter().map(|(name, shape)| Listed { name, shape }).collect();
        choose(&[Table { path: "", list }], part, true).map(|c| c.convolutions.into_iter().map(|c| c.name).collect())
    }

    #[test]
    fn two_networks_under_prefixes_are_asked_for_by_name() {
        let cases: [(&[&str], &[&str]); 7] = [
            (&["net.conv{}.weight", "net_ema.conv{}.weight"], &["net", "net_ema"]),
            (&["module.g.conv{}.weight", "module.d.conv{}.weight"], &["module.g", "module.d"]),
            (&["conv{}.weight", "ema.conv{}.weight"], &[".", "ema"]),
            (&["net.conv{}.weight", "net.ema.conv{}.weight"], &["net", "net.ema"]),
            (&["a.{}.weight", "b.x.{}.weight", "b.y.{}.weight"], &["a", "b.x", "b.y"]),
            (&["netG_conv{}.weight", "netD_conv{}.weight"], &["netG_conv1", "netD_conv1"]),
            (&["conv{}.weight", "conv{}_ema.weight"], &["conv1", "conv1_ema"]),
        ];
        for (names, expected) in cases {
            let Err(ChoiceError::Several(found)) = read(names, None) else { panic!("{names:?} is no question") };
            assert_eq!(found, expected, "{names:?}");
            for (part, pattern) in expected.iter().zip(names) {
                let layers = read(names, Some(part)).unwrap_or_else(|e| panic!("{part}: {e:?}"));
                let own: Vec<_> = (1..=3).map(|n| pattern.replace("{}", &n.to_string())).collect();
                assert_eq!(layers, own.iter().map(|n| n.trim_end_matches(".weight")).collect::<Vec<_>>(), "{part}");
            }
            assert_eq!(read(names, Some("all")).map(|l| l.len()).ok(), Some(3 * names.len()), "{names:?}");
            assert!(matches!(read(names, Some("other")), Err(ChoiceError::NoPart { .. })));
        }
        let ends = read(&["module.g.conv{}.weight", "module.d.conv{}.weight"], Some("d")).expect("an ending");
        assert_eq!(ends[0], "module.d.conv1");
    }

    #[test]
    fn one_network_is_not_asked_for_however_its_names_are_nested() {
        for names in ["conv{}.weight", "module.conv{}.weight", "block{}.conv.weight", "a.b.c{}.x.weight", "{}.weight"] {
            assert_eq!(read(&[names], None).map(|l| l.len()).ok(), Some(3), "{names}");
        }
        // A chain that passes through one channel, but counts through.
        let list = SHAPES.iter().chain(&SHAPES).zip(1..).map(|(s, n)| (format!("conv{n}.weight"), *s));
        let owned: Vec<_> = list.collect();
        let list = owned.iter().map(|(name, shape)| Listed { name, shape }).collect();
        assert!(choose(&[Table { path: "", list }], None, true).is_ok_and(|c| c.convolutions.len() == 6));
    }

    #[test]
    fn a_network_beside_other_layers_is_named_with_them() {
        let mut owned = network("net.conv{}.weight");
        owned.push(("critic.0.weight".to_owned(), &[64, 3, 4, 4]));
        owned.push(("critic.1.weight".to_owned(), &[64]));
        let read = |part: Option<&str>| {
            let list = owned.iter().map(|(name, shape)| Listed { name, shape }).collect();
            choose(&[Table { path: "", list }], part, true)
        };
        assert!(matches!(read(None), Err(ChoiceError::Several(names)) if names == ["net", "critic"]));
        assert!(read(Some("net")).is_ok_and(|c| c.convolutions.len() == 3));
        assert!(matches!(read(Some("critic")), Err(ChoiceError::Order(_))));
        // What has no kernels may be a part of the network.
        let mut owned = network("net.conv{}.weight");
        owned.push(("activation.weight".to_owned(), &[8]));
        let list = owned.iter().map(|(name, shape)| Listed { name, shape }).collect();
        let found = choose(&[Table { path: "", list }], None, true);
        assert!(matches!(found, Err(ChoiceError::Order(OrderError::Foreign(_)))));
    }
}
