//! Whether nodes fit one another.

use super::error::{GraphError, MAX_NODES, MAX_PARAMETERS, Misfit};
use super::extent::{Extent, MAX_SCALE, greatest_common_divisor};
use super::operation::{Convolution, Function, Operation, Sides, Transposed};
use super::value::Node;

// Bounds far beyond any published network; they keep sums of sizes within `usize`.
const MAX_CHANNELS: usize = 1 << 14;
const MAX_KERNEL: usize = 63;
const MAX_STRIDE: usize = 16;
const MAX_SIDE: usize = 1 << 10;
const MAX_INPUTS: usize = 64;
const MAX_MULTIPLE: usize = 1 << 10;

/// Channels and size of each value, and the number of which sides must be multiples.
pub(super) fn checked(channels: usize, nodes: &[Node]) -> Result<(Vec<Extent>, usize), GraphError> {
    if nodes.is_empty() {
        return Err(GraphError::Empty);
    }
    if nodes.len() > MAX_NODES {
        return Err(GraphError::Nodes { found: nodes.len() });
    }
    if !(1..=MAX_CHANNELS).contains(&channels) {
        return Err(GraphError::Channels { found: channels });
    }
    let mut extents = vec![Extent::of_input(channels)];
    let mut parameters = 0;
    for (i, node) in nodes.iter().enumerate() {
        let misfit = |what| GraphError::Node { node: i + 1, operation: node.operation.name(), what };
        bounds(&node.operation).map_err(misfit)?;
        parameters += node.operation.weights().total();
        if parameters > MAX_PARAMETERS {
            return Err(GraphError::Parameters);
        }
        extents.push(extent(node, &extents).map_err(misfit)?);
    }
    let mut used = vec![false; nodes.len() + 1];
    nodes.iter().flat_map(|node| &node.inputs).for_each(|value| used[value.index()] = true);
    if let Some(unused) = (0..nodes.len() - 1).find(|i| !used[i + 1]) {
        return Err(GraphError::Unused { node: unused + 1 });
    }
    let Extent { up, down, loss: [rows, columns], single, .. } = extents[nodes.len()];
    if single || down != 1 || up > MAX_SCALE as usize {
        return Err(GraphError::Scale { up, down });
    }
    if rows != columns || rows < 0 || rows % 2 != 0 {
        return Err(GraphError::Border { rows, columns });
    }
    let multiple = extents.iter().map(|extent| extent.down);
    let multiple = multiple.fold(1usize, |a, b| (a / greatest_common_divisor(a, b)).saturating_mul(b));
    if multiple > MAX_MULTIPLE {
        return Err(GraphError::Multiple { found: multiple });
    }
    Ok((extents, multiple))
}

/// Channels and size of the result of a node.
fn extent(node: &Node, extents: &[Extent]) -> Result<Extent, Misfit> {
    let found = node.inputs.len();
    let many = matches!(node.operation, Operation::Add | Operation::Multiply | Operation::Concatenate);
    if found == 0 || found > MAX_INPUTS || !many && found != 1 || many && found < 2 {
        return Err(Misfit::Inputs { found });
    }
    let taken = node.inputs.iter().map(|value| extents.get(value.index()).copied().ok_or(Misfit::Order));
    let taken = taken.collect::<Result<Vec<Extent>, Misfit>>()?;
    let first = taken[0];
    let takes = |expected: usize| match first.channels {
        found if found == expected => Ok(()),
        found => Err(Misfit::Channels { expected, found }),
    };
    match &node.operation {
        Operation::Convolution(convolution) => {
            takes(convolution.inputs)?;
            first.convolved(convolution)
        }
        Operation::Transposed(transposed) => {
            takes(transposed.inputs)?;
            first.transposed(transposed)
        }
        Operation::Function(Function::Prelu { channels }) | Operation::Affine { channels } => {
            takes(*channels)?;
            Ok(first)
        }
        Operation::Function(_) => Ok(first),
        Operation::Add | Operation::Multiply => {
            let whole = taken.iter().find(|extent| !extent.single).copied().unwrap_or(first);
            for extent in &taken {
                if extent.channels != whole.channels {
                    return Err(Misfit::Channels { expected: whole.channels, found: extent.channels });
                }
                let is_factor = extent.single && node.operation == Operation::Multiply;
                if !extent.is_of_size(&whole) && !is_factor {
                    return Err(Misfit::Sizes);
                }
            }
            Ok(whole)
        }
        Operation::Concatenate => {
            if taken.iter().any(|extent| !extent.is_of_size(&first)) {
                return Err(Misfit::Sizes);
            }
            let channels = taken.iter().map(|extent| extent.channels).sum();
            in_bounds("channels", channels, MAX_CHANNELS)?;
            Ok(first.with_channels(channels))
        }
        Operation::Slice { first: begin, count } => {
            let end = begin + count;
            if end > first.channels {
                return Err(Misfit::Channels { expected: end, found: first.channels });
            }
            Ok(first.with_channels(*count))
        }
        Operation::Shuffle { factor } => {
            let area = factor * factor;
            if !first.channels.is_multiple_of(area) {
                return Err(Misfit::Channels {
                    expected: first.channels.next_multiple_of(area),
                    found: first.channels,
                });
            }
            Ok(first.enlarged(*factor)?.with_channels(first.channels / area))
        }
        Operation::Unshuffle { factor } => {
            in_bounds("channels", first.channels * factor * factor, MAX_CHANNELS)?;
            Ok(first.gathered(*factor)?.with_channels(first.channels * factor * factor))
        }
        Operation::Enlarge { factor, .. } => first.enlarged(*factor),
        Operation::Mean => Ok(Extent { single: true, ..Extent::of_input(first.channels) }),
        Operation::Crop(sides) => first.cropped(sides.totals()),
    }
}

/// Bounds of the operation's own numbers.
fn bounds(operation: &Operation) -> Result<(), Misfit> {
    match operation {
        Operation::Convolution(Convolution { inputs, outputs, kernel, stride, dilation, groups, padding, .. }) => {
            channels(*inputs, *outputs, *groups)?;
            kernel.iter().try_for_each(|side| in_bounds("a kernel", *side, MAX_KERNEL))?;
            in_bounds("a stride", *stride, MAX_STRIDE)?;
            in_bounds("a dilation", *dilation, MAX_KERNEL)?;
            sides(*padding)
        }
        Operation::Transposed(Transposed { inputs, outputs, kernel, stride, groups, cut }) => {
            channels(*inputs, *outputs, *groups)?;
            kernel.iter().try_for_each(|side| in_bounds("a kernel", *side, MAX_KERNEL))?;
            in_bounds("a stride", *stride, MAX_STRIDE)?;
            sides(*cut)
        }
        Operation::Function(Function::Prelu { channels }) | Operation::Affine { channels } => {
            in_bounds("channels", *channels, MAX_CHANNELS)
        }
        Operation::Function(Function::Leaky { slope }) => finite(slope.is_finite()),
        Operation::Function(Function::Clip { low, high }) => finite(low.is_finite() && high.is_finite() && low <= high),
        Operation::Slice { first, count } => {
            in_bounds("channels", first.saturating_add(*count), MAX_CHANNELS)?;
            in_bounds("channels", *count, MAX_CHANNELS)
        }
        Operation::Shuffle { factor } | Operation::Unshuffle { factor } | Operation::Enlarge { factor, .. } => {
            in_bounds("a factor", *factor, MAX_STRIDE)
        }
        Operation::Crop(cut) => sides(*cut),
        Operation::Function(Function::Relu | Function::Tanh | Function::Sigmoid | Function::Silu)
        | Operation::Add
        | Operation::Multiply
        | Operation::Concatenate
        | Operation::Mean => Ok(()),
    }
}

fn in_bounds(what: &'static str, found: usize, most: usize) -> Result<(), Misfit> {
    if (1..=most).contains(&found) { Ok(()) } else { Err(Misfit::Bounds { what, found }) }
}

fn finite(is_finite: bool) -> Result<(), Misfit> {
    if is_finite { Ok(()) } else { Err(Misfit::Numbers) }
}

fn channels(inputs: usize, outputs: usize, groups: usize) -> Result<(), Misfit> {
    in_bounds("channels", inputs, MAX_CHANNELS)?;
    in_bounds("channels", outputs, MAX_CHANNELS)?;
    let divide = groups > 0 && inputs.is_multiple_of(groups) && outputs.is_multiple_of(groups);
    if divide { Ok(()) } else { Err(Misfit::Bounds { what: "groups", found: groups }) }
}

fn sides(Sides { top, left, bottom, right }: Sides) -> Result<(), Misfit> {
    let most = top.max(left).max(bottom).max(right);
    if most <= MAX_SIDE { Ok(()) } else { Err(Misfit::Bounds { what: "a side", found: most }) }
}
