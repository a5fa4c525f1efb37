//! Convolutions, and what is padded before them.

use super::reader::{Known, Pending, Reader, attribute};
use crate::model::graph::{Convolution, Fill, Operation, Sides, Transposed};
use crate::weights::onnx::error::NetworkError;
use crate::weights::onnx::graph::Node;

impl<'a> Reader<'_, 'a> {
    /// Kernels of a convolution: values, and sides of their four axes.
    pub(super) fn kernels(&mut self, node: &Node<'a>) -> Result<(Vec<f32>, [usize; 4]), NetworkError> {
        let (values, shape) = self.constant(node, 1)?;
        let four = <[usize; 4]>::try_from(shape.as_slice());
        let four = four.ok().filter(|sides| sides.iter().all(|side| *side > 0));
        Ok((values, four.ok_or_else(|| NetworkError::Shape { operator: node.operator_name(), shape })?))
    }

    pub(super) fn biases(&mut self, node: &Node<'a>, count: usize) -> Result<Vec<f32>, NetworkError> {
        if node.input(2).is_none() {
            return Ok(vec![0.0; count]);
        }
        let (values, shape) = self.constant(node, 2)?;
        if values.len() == count {
            Ok(values)
        } else {
            Err(NetworkError::Shape { operator: node.operator_name(), shape })
        }
    }

    pub(super) fn pads(node: &Node<'a>) -> Result<Sides, NetworkError> {
        match node.ints("pads") {
            None | Some([]) => Ok(Sides::all(0)),
            Some(pads) => sides(pads).ok_or_else(|| attribute(node, "pads", pads)),
        }
    }

    pub(super) fn convolution(&mut self, node: &Node<'a>, taken: Known) -> Result<Known, NetworkError> {
        let (kernels, [outputs, each, rows, columns]) = self.kernels(node)?;
        let biases = self.biases(node, outputs)?;
        let groups = whole(node, "group")?;
        let (stride, dilation) = (square(node, "strides")?, square(node, "dilations")?);
        let own = match node.text("auto_pad").unwrap_or("NOTSET") {
            "NOTSET" | "" => Self::pads(node)?,
            "VALID" => Sides::all(0),
            mode @ ("SAME_UPPER" | "SAME_LOWER") if stride == 1 => {
                let [rows, columns] = [rows, columns].map(|side| (side - 1).saturating_mul(dilation));
                let less = |total: usize| if mode == "SAME_UPPER" { total / 2 } else { total.div_ceil(2) };
                let (top, left) = (less(rows), less(columns));
                Sides { top, left, bottom: rows - top, right: columns - left }
            }
            _ => return Err(NetworkError::Unread { operator: node.operator_name(), what: "of this auto_pad" }),
        };
        let (padding, fill) = match taken.pending {
            None => (own, Fill::Zero),
            Some(Pending::Border(sides, Fill::Zero)) => (sum(sides, own), Fill::Zero),
            Some(Pending::Border(sides, fill)) if own == Sides::all(0) => (sides, fill),
            Some(_) => return Err(NetworkError::Unread { operator: node.operator_name(), what: "padded twice" }),
        };
        let inputs = each.checked_mul(groups).ok_or_else(|| attribute(node, "group", &[groups as i64]))?;
        let kernel = [rows, columns];
        let convolution = Convolution { inputs, outputs, kernel, stride, dilation, groups, padding, fill };
        self.weighted(kernels, biases);
        let value = self.builder.add(Operation::Convolution(convolution), &[taken.value]);
        Ok(Known { value, channels: outputs, pending: None })
    }

    pub(super) fn transposed(&mut self, node: &Node<'a>, taken: Known) -> Result<Known, NetworkError> {
        let (values, [inputs, each, rows, columns]) = self.kernels(node)?;
        let groups = whole(node, "group")?;
        if !inputs.is_multiple_of(groups) {
            return Err(attribute(node, "group", &[groups as i64]));
        }
        let outputs = each * groups;
        let biases = self.biases(node, outputs)?;
        let (stride, dilation) = (square(node, "strides")?, square(node, "dilations")?);
        let computed = !matches!(node.text("auto_pad"), None | Some("NOTSET" | ""));
        if dilation != 1 || computed || node.ints("output_shape").is_some() {
            return Err(NetworkError::Unread { operator: node.operator_name(), what: "of these attributes" });
        }
        let mut cut = Self::pads(node)?;
        if let Some(extra) = node.ints("output_padding").filter(|extra| !extra.is_empty()) {
            let less = |side: usize, at: usize| side.checked_sub(usize::try_from(*extra.get(at)?).ok()?);
            let (bottom, right) =
                less(cut.bottom, 0).zip(less(cut.right, 1)).ok_or_else(|| attribute(node, "output_padding", extra))?;
            cut = Sides { bottom, right, ..cut };
        }
        // From input, output of the group to output, input of the group.
        let (positions, inner) = (rows * columns, inputs / groups);
        let from = |output: usize, input: usize| {
            let (group, o) = (output / each, output % each);
            &values[((group * inner + input) * each + o) * positions..][..positions]
        };
        let pairs = (0..outputs).flat_map(|output| (0..inner).map(move |input| (output, input)));
        let kernels = pairs.flat_map(|(output, input)| from(output, input)).copied().collect();
        self.weighted(kernels, biases);
        let transposed = Transposed { inputs, outputs, kernel: [rows, columns], stride, groups, cut };
        let value = self.builder.add(Operation::Transposed(transposed), &[taken.value]);
        Ok(Known { value, channels: outputs, pending: None })
    }

    /// What a `Pad` adds.
    pub(super) fn border(&self, node: &Node<'a>) -> Result<(Sides, Fill), NetworkError> {
        let unread = |what| NetworkError::Unread { operator: node.operator_name(), what };
        let pads = self.list(node, "pads", 1)?.ok_or_else(|| unread("without sizes"))?;
        let axes = self.list(node, "axes", 3)?;
        let count = pads.len() / 2;
        let axes = axes.unwrap_or_else(|| (0..count as i64).collect());
        let mut all = [0i64; 8];
        for (n, axis) in axes.iter().enumerate() {
            let axis = usize::try_from(if *axis < 0 { axis + 4 } else { *axis }).ok().filter(|axis| *axis < 4);
            let pair = axis.zip(pads.get(n).zip(pads.get(n + axes.len())));
            let Some((axis, (before, after))) = pair else { return Err(attribute(node, "pads", &pads)) };
            (all[axis], all[axis + 4]) = (*before, *after);
        }
        let [0, 0, top, left, 0, 0, bottom, right] = all else { return Err(attribute(node, "pads", &pads)) };
        let sides = sides(&[top, left, bottom, right]).ok_or_else(|| attribute(node, "pads", &pads))?;
        let value = match (node.float("value"), node.input(2)) {
            (Some(value), _) => value,
            (None, Some(_)) => self.number(node, 2)?,
            (None, None) => 0.0,
        };
        let fill = match node.text("mode").unwrap_or("constant") {
            "constant" if value == 0.0 => Fill::Zero,
            "edge" => Fill::Replicate,
            "reflect" => Fill::Reflect,
            _ => return Err(unread("of this mode")),
        };
        Ok((sides, fill))
    }
}

/// Sides from four numbers: top, left, bottom, right.
fn sides(numbers: &[i64]) -> Option<Sides> {
    let [top, left, bottom, right] = *numbers else { return None };
    let [top, left, bottom, right] = [top, left, bottom, right].map(|side| usize::try_from(side).ok());
    Some(Sides { top: top?, left: left?, bottom: bottom?, right: right? })
}

fn sum(a: Sides, b: Sides) -> Sides {
    let added = |a: usize, b: usize| a.saturating_add(b);
    let (top, left) = (added(a.top, b.top), added(a.left, b.left));
    Sides { top, left, bottom: added(a.bottom, b.bottom), right: added(a.right, b.right) }
}

/// A number that is 1 unless it is stated.
fn whole(node: &Node<'_>, name: &'static str) -> Result<usize, NetworkError> {
    let number = node.int(name).unwrap_or(1);
    usize::try_from(number).ok().filter(|number| *number > 0).ok_or_else(|| attribute(node, name, &[number]))
}

/// The same number for rows and columns, 1 unless it is stated.
fn square(node: &Node<'_>, name: &'static str) -> Result<usize, NetworkError> {
    match node.ints(name) {
        None | Some([]) => Ok(1),
        Some(numbers @ [rows, columns]) if rows == columns => {
            usize::try_from(*rows).ok().filter(|number| *number > 0).ok_or_else(|| attribute(node, name, numbers))
        }
        Some(numbers) => Err(attribute(node, name, numbers)),
    }
}
