//! From tensors that have only names and shapes to a chain of convolutions, and its order.
//!
//! Weight and bias belong together by their names but for the last part (`conv1.weight`, `conv1.bias`). The order is the
//! file's if that makes a chain and numbers in the names do not contradict it; else that of the numbers, or the only one
//! that makes a chain.

use super::chain::{AxisOrder, shapes_fit};

/// A tensor of a file.
pub(super) struct Listed<'a> {
    pub(super) name: &'a str,
    pub(super) shape: &'a [usize],
}

/// A convolution: where its tensors are in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Convolution {
    /// The name that weight and bias share.
    pub(super) name: String,
    pub(super) shape: [usize; 4],
    pub(super) weight: usize,
    pub(super) bias: Option<usize>,
}

/// Searching for an order stops after so many steps.
const MAX_STEPS: usize = 10_000;
/// More layers than this are no network of this kind.
const MAX_GROUPS: usize = 4096;
/// Tensors named in a message.
const MAX_NAMED: usize = 6;

/// Finds the convolutions, (output, input, row, column), in their order; and a remark if the order was not the file's.
pub(super) fn convolutions(list: &[Listed<'_>]) -> Result<(Vec<Convolution>, Option<&'static str>), String> {
    let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
    for (i, tensor) in list.iter().enumerate() {
        let stem = stem(tensor.name);
        match groups.iter_mut().find(|(name, _)| *name == stem) {
            Some((_, members)) => members.push(i),
            None => groups.push((stem, vec![i])),
        }
        if groups.len() > MAX_GROUPS {
            return Err("it holds thousands of layers".to_owned());
        }
    }
    let mut found = Vec::new();
    let mut foreign: Vec<String> = Vec::new();
    for (name, members) in &groups {
        match convolution(list, name, members) {
            Ok(convolution) => found.push(convolution),
            Err(what) => foreign.push(what),
        }
    }
    foreign.dedup_by_key(|what| what.split('`').next().map(str::to_owned));
    if !foreign.is_empty() {
        foreign.truncate(MAX_NAMED);
        let transposed = foreign.iter().any(|f| f.starts_with("a transposed"));
        let like = if transposed { " (FSRCNN and the like)" } else { "" };
        return Err(format!("it holds {}: not supported yet{like}", foreign.join(", ")));
    }
    arrange(found, true)
}

/// The convolution that a group of tensors is, or what else it is.
fn convolution(list: &[Listed<'_>], name: &str, members: &[usize]) -> Result<Convolution, String> {
    let leaf = |i: usize| list[i].name[name.len()..].trim_start_matches('.');
    let member = |leaves: &[&str]| members.iter().copied().find(|&i| leaves.contains(&leaf(i)));
    let (weight, bias) = (member(&["weight", "kernel"]), member(&["bias"]));
    let shape = |i: Option<usize>| i.map(|i| list[i].shape);
    let known = usize::from(weight.is_some()) + usize::from(bias.is_some());
    if member(&["running_mean"]).is_some() {
        return Err(format!("batch normalisation (`{name}`)"));
    }
    if member(&["weight_g", "original0"]).is_some() {
        return Err(format!("weight normalisation (`{name}`)"));
    }
    match (shape(weight), shape(bias)) {
        (Some(&[o, i, h, w]), None | Some(&[_])) if known == members.len() => {
            let biases = shape(bias).map_or(o, |b| b[0]);
            if biases != o && biases == i {
                return Err(format!("a transposed convolution (`{name}`, [{o}, {i}, {h}, {w}])"));
            }
            if biases != o {
                return Err(format!("a layer with {biases} biases for {o} filters (`{name}`)"));
            }
            let weight = weight.unwrap_or_default();
            Ok(Convolution { name: name.to_owned(), shape: [o, i, h, w], weight, bias })
        }
        (Some(&[_]), None) if known == members.len() => Err(format!("PReLU (`{name}`)")),
        (Some(&[_]), Some(&[_])) => Err(format!("normalisation (`{name}`)")),
        (Some(&[_, _]), _) => Err(format!("a fully connected layer (`{name}`)")),
        _ => {
            let odd = members.iter().copied().find(|&i| Some(i) != weight && Some(i) != bias).unwrap_or(members[0]);
            Err(format!("a tensor of shape {:?} (`{}`)", list[odd].shape, list[odd].name))
        }
    }
}

/// Puts convolutions in order. `meant` says that the file's order is the program's, and not the alphabet's.
pub(super) fn arrange(
    found: Vec<Convolution>,
    meant: bool,
) -> Result<(Vec<Convolution>, Option<&'static str>), String> {
    if found.is_empty() {
        return Err("it holds no convolutions".to_owned());
    }
    let fits = |list: &[Convolution]| shapes_fit(&list.iter().map(|c| c.shape).collect::<Vec<_>>(), AxisOrder::Oihw);
    let mut by_name = found.clone();
    by_name.sort_by_cached_key(|c| natural(&c.name));
    let alike = |a: &[Convolution], b: &[Convolution]| a.iter().zip(b).all(|(a, b)| a.name == b.name);
    let by_number = counted(found.iter().map(|c| c.name.as_str())) && fits(&by_name);
    match (meant && fits(&found), by_number) {
        (true, true) if !alike(&found, &by_name) => {
            let names: Vec<_> = found.iter().map(|c| c.name.as_str()).take(MAX_NAMED).collect();
            Err(format!("the order of its layers is not clear: {names:?} chain in this order and by their numbers"))
        }
        (true, _) => Ok((found, None)),
        (false, true) => Ok((by_name, None)),
        (false, false) => {
            let mut search = Search { list: &found, used: Vec::new(), first: None, several: false, steps: 0 };
            search.extend();
            match search.first {
                Some(_) if search.several => Err("its layers chain in several orders".to_owned()),
                Some(order) => {
                    let ordered = order.into_iter().map(|i| found[i].clone()).collect();
                    Ok((ordered, Some("the order of the layers was told by their shapes")))
                }
                None => Err(no_chain(&found)),
            }
        }
    }
}

fn no_chain(found: &[Convolution]) -> String {
    let shapes: Vec<_> = found.iter().map(|c| c.shape).take(MAX_NAMED).collect();
    let channels = found.iter().map(|c| c.shape[1]).find(|i| matches!(i, 1 | 3)).unwrap_or(1);
    let unread = |c: &&Convolution| found.iter().all(|d| d.shape[1] != c.shape[0]);
    let mut last = found.iter().filter(unread).map(|c| c.shape[0]);
    match (last.next(), last.next()) {
        (Some(last), None) if found.len() > 1 && (2..=8).any(|r| last == channels * r * r) => {
            format!(
                "its last layer gives {last} channels for {channels}: sub-pixel layers (ESPCN) are not supported yet"
            )
        }
        _ => format!("kernels of shapes {shapes:?} (output, input, row, column) make no chain"),
    }
}

/// A search for all orders that chain.
struct Search<'a> {
    list: &'a [Convolution],
    used: Vec<usize>,
    first: Option<Vec<usize>>,
    several: bool,
    steps: usize,
}

impl Search<'_> {
    fn extend(&mut self) {
        if self.used.len() == self.list.len() {
            let shapes: Vec<_> = self.used.iter().map(|&i| self.list[i].shape).collect();
            if shapes_fit(&shapes, AxisOrder::Oihw) {
                self.several |= self.first.is_some();
                self.first.get_or_insert_with(|| self.used.clone());
            }
            return;
        }
        let channels = self.used.last().map(|&i| self.list[i].shape[0]);
        for next in 0..self.list.len() {
            let inputs = self.list[next].shape[1];
            let joins = channels.map_or(matches!(inputs, 1 | 3), |c| c == inputs);
            if self.several || !joins || self.used.contains(&next) {
                continue;
            }
            self.steps += 1;
            // What was not searched may hold another order.
            self.several |= self.steps > MAX_STEPS || self.list.len() > 64;
            self.used.push(next);
            self.extend();
            self.used.pop();
        }
    }
}

/// Whether names differ in their numbers alone.
pub(super) fn counted<'a>(mut names: impl Iterator<Item = &'a str>) -> bool {
    let masked = |name: &str| natural(name).into_iter().map(|(part, _)| part).collect::<Vec<_>>();
    let Some(first) = names.next().map(masked) else { return true };
    names.all(|name| masked(name) == first)
}

/// A name without its last part.
pub(super) fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(stem, _)| stem)
}

/// A key that sorts `conv10` behind `conv9`, and `conv` before `conv_1`.
pub(super) fn natural(name: &str) -> Vec<(String, u64)> {
    let part = |part: &str| {
        let stem = part.trim_end_matches(|c: char| c.is_ascii_digit());
        (stem.trim_end_matches('_').to_owned(), part[stem.len()..].parse().unwrap_or(0))
    };
    name.split(['.', '/']).map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(list: &[(&str, &[usize])]) -> Result<Vec<String>, String> {
        let list: Vec<_> = list.iter().map(|&(name, shape)| Listed { name, shape }).collect();
        convolutions(&list).map(|(found, _)| found.into_iter().map(|c| c.name).collect())
    }

    #[test]
    fn numbered_names_sort_by_number() {
        let mut names = ["conv2d_10", "conv2d", "conv2d_9", "conv2d_1", "body.10", "body.2"];
        names.sort_by_key(|n| natural(n));
        assert_eq!(names, ["body.2", "body.10", "conv2d", "conv2d_1", "conv2d_9", "conv2d_10"]);
    }

    #[test]
    fn the_order_is_the_files_or_the_only_one_that_chains() {
        let (first, middle, last): (&[usize], &[usize], &[usize]) = (&[8, 1, 5, 5], &[8, 8, 3, 3], &[1, 8, 3, 3]);
        let list: [(&str, &[usize]); 4] =
            [("a.weight", first), ("a.bias", &[8]), ("z.weight", middle), ("b.weight", last)];
        assert_eq!(read(&list), Ok(vec!["a".to_owned(), "z".to_owned(), "b".to_owned()]));
        let list: [(&str, &[usize]); 3] = [("x.last.weight", last), ("x.mid.weight", middle), ("x.one.weight", first)];
        assert_eq!(read(&list), Ok(vec!["x.one".to_owned(), "x.mid".to_owned(), "x.last".to_owned()]));
        let unclear: [(&str, &[usize]); 4] =
            [("z.weight", last), ("y.weight", middle), ("x.weight", middle), ("q.weight", first)];
        assert!(read(&unclear).is_err_and(|e| e.contains("several orders")));
        // From 3 to 3 channels as well as from 1 to 1.
        let ring: [(&str, &[usize]); 3] =
            [("y.weight", &[3, 4, 3, 3]), ("x.weight", &[1, 3, 3, 3]), ("z.weight", &[4, 1, 5, 5])];
        assert!(read(&ring).is_err_and(|e| e.contains("several orders")));
        let unclear: [(&str, &[usize]); 4] =
            [("c.0.weight", first), ("c.2.weight", middle), ("c.1.weight", middle), ("c.3.weight", last)];
        assert!(read(&unclear).is_err_and(|e| e.contains("not clear")));
    }

    #[test]
    fn what_is_no_chain_of_convolutions_is_named() {
        type List = &'static [(&'static str, &'static [usize])];
        let cases: [(List, &str); 6] = [
            (&[("a.weight", &[8, 1, 5, 5]), ("p.weight", &[8])], "PReLU (`p`)"),
            (&[("a.weight", &[8, 1, 9, 9]), ("a.bias", &[1])], "a transposed convolution (`a`"),
            (&[("n.weight", &[8]), ("n.bias", &[8]), ("n.running_mean", &[8])], "batch normalisation"),
            (&[("f.weight", &[8, 9])], "fully connected"),
            (&[("a.weight", &[8, 1, 5, 5]), ("b.weight", &[9, 8, 3, 3])], "ESPCN"),
            (&[("a.weight", &[8, 1, 5, 5]), ("b.weight", &[8, 1, 5, 5])], "no chain"),
        ];
        for (list, reason) in cases {
            assert!(read(list).is_err_and(|e| e.contains(reason)), "{reason}: {:?}", read(list));
        }
    }
}
