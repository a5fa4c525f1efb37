//! From tensors that have only names and shapes to convolutions, and the order in which they chain.
//!
//! Weight and bias belong together by their names but for the last part (`conv1.weight`, `conv1.bias`). The order is the
//! file's if that makes a chain and numbers in the names do not contradict it; else that of the numbers, or the only one
//! that makes a chain.

use std::collections::HashMap;

use super::chain::{AxisOrder, KernelTensor, shapes_fit};

/// Name and shape of a tensor.
#[derive(Clone, Copy)]
pub(super) struct Listed<'a> {
    pub(super) name: &'a str,
    pub(super) shape: &'a [usize],
}

/// A convolution, its tensors given as positions in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Convolution {
    /// Name that weight and bias share.
    pub(super) name: String,
    /// Output, input, row, column.
    pub(super) shape: [usize; 4],
    pub(super) weight: usize,
    pub(super) bias: Option<usize>,
}

/// Tensors that are no chain of convolutions, or whose order cannot be told.
#[derive(Debug, thiserror::Error)]
pub(super) enum OrderError {
    #[error("it holds thousands of layers")]
    TooManyLayers,
    #[error("it holds {}: not supported yet{}", joined(.0), like(.0))]
    Foreign(Vec<Foreign>),
    #[error("it holds no convolutions")]
    NoConvolution,
    #[error("the order of its layers is not clear: {names:?} chain in this order and by their numbers")]
    Unclear { names: Vec<String> },
    #[error("its layers chain in several orders")]
    SeveralOrders,
    #[error("its last layer gives {last} channels for {channels}: sub-pixel layers (ESPCN) are not supported yet")]
    SubPixel { last: usize, channels: usize },
    #[error("kernels of shapes {shapes:?} (output, input, row, column) make no chain")]
    NoChain { shapes: Vec<[usize; 4]> },
}

/// A layer that is no convolution.
#[derive(Debug, thiserror::Error)]
pub(super) enum Foreign {
    #[error("batch normalisation (`{0}`)")]
    BatchNormalisation(String),
    #[error("weight normalisation (`{0}`)")]
    WeightNormalisation(String),
    #[error("normalisation (`{0}`)")]
    Normalisation(String),
    #[error("a transposed convolution (`{name}`, {shape:?})")]
    Transposed { name: String, shape: [usize; 4] },
    #[error("a layer with {biases} biases for {filters} filters (`{name}`)")]
    OtherBiases { name: String, biases: usize, filters: usize },
    #[error("PReLU (`{0}`)")]
    PRelu(String),
    #[error("a fully connected layer (`{0}`)")]
    FullyConnected(String),
    #[error("a tensor of shape {shape:?} (`{name}`)")]
    Tensor { name: String, shape: Vec<usize> },
}

fn joined(layers: &[Foreign]) -> String {
    layers.iter().map(Foreign::to_string).collect::<Vec<_>>().join(", ")
}

fn like(layers: &[Foreign]) -> &'static str {
    let transposed = layers.iter().any(|l| matches!(l, Foreign::Transposed { .. }));
    if transposed { " (FSRCNN and the like)" } else { "" }
}

/// Steps after which the search for an order gives up, and the most convolutions that it takes.
const MAX_STEPS: usize = 10_000;
const MAX_SEARCHED: usize = 64;
/// More layers than any network of this kind has.
const MAX_GROUPS: usize = 4096;
/// Tensors named in a message.
const MAX_NAMED: usize = 6;
/// Side of the largest sub-pixel layer that is recognised as one.
const MAX_SHUFFLE: usize = 8;

/// Finds the convolutions, in the order of the network; and a remark if that was not the file's. `meant` is as for
/// [`arrange`].
pub(super) fn convolutions(
    list: &[Listed<'_>],
    meant: bool,
) -> Result<(Vec<Convolution>, Option<&'static str>), OrderError> {
    let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (i, tensor) in list.iter().enumerate() {
        let stem = stem(tensor.name);
        let place = *places.entry(stem).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, members)) => members.push(i),
            None => groups.push((stem, vec![i])),
        }
        if groups.len() > MAX_GROUPS {
            return Err(OrderError::TooManyLayers);
        }
    }
    let mut found = Vec::new();
    let mut foreign: Vec<Foreign> = Vec::new();
    for (name, members) in &groups {
        match convolution(list, name, members) {
            Ok(convolution) => found.push(convolution),
            Err(layer) => foreign.push(layer),
        }
    }
    // Of a kind that repeats, the first is named.
    foreign.dedup_by_key(|layer| layer.to_string().split('`').next().map(str::to_owned));
    if !foreign.is_empty() {
        foreign.truncate(MAX_NAMED);
        return Err(OrderError::Foreign(foreign));
    }
    arrange(found, meant)
}

/// Reads the values of convolutions, zeros for biases that there are not. `read` gives the values of a tensor by its position,
/// and a remark on their conversion.
pub(super) fn kernels<E>(
    found: &[Convolution],
    remarks: &mut Vec<String>,
    mut read: impl FnMut(usize) -> Result<(Vec<f32>, Option<&'static str>), E>,
) -> Result<Vec<KernelTensor>, E> {
    let mut values = |at: usize| {
        let (values, remark) = read(at)?;
        if let Some(remark) = remark.filter(|r| !remarks.iter().any(|known| known == r)) {
            remarks.push(remark.to_owned());
        }
        Ok(values)
    };
    let mut kernels = Vec::new();
    for convolution in found {
        let biases = convolution.bias.map(&mut values).transpose()?;
        let own = values(convolution.weight)?;
        // Shapes are claims until the values are read.
        let biases = biases.unwrap_or_else(|| vec![0.0; convolution.shape[0].min(own.len())]);
        kernels.push(KernelTensor { shape: convolution.shape, kernels: own, biases });
    }
    Ok(kernels)
}

/// The convolution that a group of tensors is, or the other kind of layer.
fn convolution(list: &[Listed<'_>], name: &str, members: &[usize]) -> Result<Convolution, Foreign> {
    let leaf = |i: usize| list[i].name[name.len()..].trim_start_matches('.');
    let member = |leaves: &[&str]| members.iter().copied().find(|&i| leaves.contains(&leaf(i)));
    let (weight, bias) = (member(&["weight", "kernel"]), member(&["bias"]));
    let shape = |i: Option<usize>| i.map(|i| list[i].shape);
    let known = usize::from(weight.is_some()) + usize::from(bias.is_some());
    let name = name.to_owned();
    if member(&["running_mean"]).is_some() {
        return Err(Foreign::BatchNormalisation(name));
    }
    if member(&["weight_g", "original0"]).is_some() {
        return Err(Foreign::WeightNormalisation(name));
    }
    match (shape(weight), shape(bias)) {
        (Some(&[o, i, h, w]), None | Some(&[_])) if known == members.len() => {
            let biases = shape(bias).map_or(o, |b| b[0]);
            if biases != o && biases == i {
                return Err(Foreign::Transposed { name, shape: [o, i, h, w] });
            }
            if biases != o {
                return Err(Foreign::OtherBiases { name, biases, filters: o });
            }
            let weight = weight.unwrap_or_default();
            Ok(Convolution { name, shape: [o, i, h, w], weight, bias })
        }
        (Some(&[_]), None) if known == members.len() => Err(Foreign::PRelu(name)),
        (Some(&[_]), Some(&[_])) => Err(Foreign::Normalisation(name)),
        (Some(&[_, _]), _) => Err(Foreign::FullyConnected(name)),
        _ => {
            let odd = members.iter().copied().find(|&i| Some(i) != weight && Some(i) != bias).unwrap_or(members[0]);
            Err(Foreign::Tensor { name: list[odd].name.to_owned(), shape: list[odd].shape.to_vec() })
        }
    }
}

/// Puts convolutions in order. `meant` says that the file keeps the order of the program, not that of the alphabet.
pub(super) fn arrange(
    found: Vec<Convolution>,
    meant: bool,
) -> Result<(Vec<Convolution>, Option<&'static str>), OrderError> {
    if found.is_empty() {
        return Err(OrderError::NoConvolution);
    }
    let fits = |list: &[Convolution]| shapes_fit(&list.iter().map(|c| c.shape).collect::<Vec<_>>(), AxisOrder::Oihw);
    let mut by_name = found.clone();
    by_name.sort_by_cached_key(|c| natural(&c.name));
    let alike = |a: &[Convolution], b: &[Convolution]| a.iter().zip(b).all(|(a, b)| a.name == b.name);
    let by_number = counted(found.iter().map(|c| c.name.as_str())) && fits(&by_name);
    match (meant && fits(&found), by_number) {
        (true, true) if !alike(&found, &by_name) => {
            let names = found.into_iter().map(|c| c.name).take(MAX_NAMED).collect();
            Err(OrderError::Unclear { names })
        }
        (true, _) => Ok((found, None)),
        (false, true) => Ok((by_name, None)),
        (false, false) => {
            let mut search = Search { list: &found, used: Vec::new(), first: None, several: false, steps: 0 };
            search.extend();
            match search.first {
                Some(_) if search.several => Err(OrderError::SeveralOrders),
                Some(order) => {
                    let ordered = order.into_iter().map(|i| found[i].clone()).collect();
                    Ok((ordered, Some("the order of the layers was told by their shapes")))
                }
                None => Err(no_chain(&found)),
            }
        }
    }
}

/// Whether the convolutions are those of a sub-pixel network, or none that is known.
fn no_chain(found: &[Convolution]) -> OrderError {
    let channels = found.iter().map(|c| c.shape[1]).find(|i| matches!(i, 1 | 3)).unwrap_or(1);
    let unread = |c: &&Convolution| found.iter().all(|d| d.shape[1] != c.shape[0]);
    let mut last = found.iter().filter(unread).map(|c| c.shape[0]);
    match (last.next(), last.next()) {
        (Some(last), None) if found.len() > 1 && (2..=MAX_SHUFFLE).any(|r| last == channels * r * r) => {
            OrderError::SubPixel { last, channels }
        }
        _ => OrderError::NoChain { shapes: found.iter().map(|c| c.shape).take(MAX_NAMED).collect() },
    }
}

/// A depth-first search for the orders that chain.
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
            // An order that was not reached may chain, too.
            self.several |= self.steps > MAX_STEPS || self.list.len() > MAX_SEARCHED;
            self.used.push(next);
            self.extend();
            self.used.pop();
        }
    }
}

/// Whether the names differ in their numbers only.
pub(super) fn counted<'a>(mut names: impl Iterator<Item = &'a str>) -> bool {
    let masked = |name: &str| natural(name).into_iter().map(|(part, _)| part).collect::<Vec<_>>();
    let Some(first) = names.next().map(masked) else { return true };
    names.all(|name| masked(name) == first)
}

/// A name without its last dotted part.
pub(super) fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(stem, _)| stem)
}

/// Sort key that puts `conv10` behind `conv9`, and `conv` before `conv_1`.
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
        let found = convolutions(&list, true).map_err(|e| e.to_string());
        found.map(|(found, _)| found.into_iter().map(|c| c.name).collect())
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
