//! Operators that change how many pixels there are.

use super::reader::{Known, Reader};
use crate::model::graph::{Enlargement, Operation};
use crate::resample::Convention;
use crate::weights::onnx::error::NetworkError;
use crate::weights::onnx::fold;
use crate::weights::onnx::graph::Node;

impl<'a> Reader<'_, 'a> {
    pub(super) fn block(&self, node: &Node<'a>) -> Result<usize, NetworkError> {
        let size = node.int("blocksize").and_then(|size| usize::try_from(size).ok());
        let unread = || NetworkError::Unread { operator: node.operator_name(), what: "of this block size" };
        size.filter(|size| (1..=16).contains(size)).ok_or_else(unread)
    }

    pub(super) fn enlarged(&mut self, node: &Node<'a>, taken: Known) -> Result<Known, NetworkError> {
        let unread = |what| NetworkError::Unread { operator: node.operator_name(), what };
        let scales = match node.floats("scales") {
            Some(scales) => Some(scales.iter().map(|scale| f64::from(*scale)).collect()),
            None => {
                let at = if node.operator == "Upsample" { 1 } else { 2 };
                node.input(at).and_then(|name| fold::list(self.file, name)).and_then(Result::ok)
            }
        };
        let scales: Vec<f64> =
            scales.filter(|scales: &Vec<f64>| !scales.is_empty()).ok_or_else(|| unread("to a size"))?;
        let [1.0, 1.0, rows, columns] = scales[..] else { return Err(unread("of other axes")) };
        let factor = (1..=16)
            .find(|factor| rows == f64::from(*factor) && columns == rows)
            .ok_or_else(|| unread("by this factor"))?;
        let position = node.text("coordinate_transformation_mode").unwrap_or("half_pixel");
        let whole = node.int("exclude_outside").unwrap_or(0) == 0 && node.operator == "Resize";
        let centred = matches!(position, "half_pixel" | "pytorch_half_pixel") && whole;
        let rounding = node.text("nearest_mode").unwrap_or("round_prefer_floor");
        let by = match node.text("mode").unwrap_or("nearest") {
            "nearest" if position == "asymmetric" && rounding == "floor" || node.operator == "Upsample" => {
                Enlargement::Nearest
            }
            "nearest" if centred && rounding.starts_with("round") => Enlargement::Nearest,
            "linear" if centred => Enlargement::By(Convention::OpencvLinear),
            "cubic" if centred && node.float("cubic_coeff_a").unwrap_or(-0.75) == -0.75 => {
                Enlargement::By(Convention::OpencvCubic)
            }
            _ => return Err(unread("of this kind")),
        };
        let factor = factor as usize;
        Ok(Known { value: self.builder.add(Operation::Enlarge { factor, by }, &[taken.value]), ..taken })
    }

    /// Whether a `ReduceMean` is over rows and columns, which it keeps.
    pub(super) fn is_mean(&self, node: &Node<'a>) -> bool {
        let axes = self.list(node, "axes", 1).ok().flatten().unwrap_or_default();
        let mut axes: Vec<i64> = axes.iter().map(|axis| if *axis < 0 { axis + 4 } else { *axis }).collect();
        axes.sort_unstable();
        axes == [2, 3] && node.int("keepdims").unwrap_or(1) == 1
    }

    /// Channels that the convolution behind a tensor takes.
    pub(super) fn taken_channels(&self, name: &str) -> Option<usize> {
        let taker = |name: &str| self.file.nodes.iter().find(|node| node.input(0) == Some(name));
        let node = taker(name).and_then(|node| match node.operator {
            "Squeeze" => taker(node.outputs.first()?),
            _ => Some(node),
        })?;
        let shape = &self.file.constant(node.input(1).filter(|_| node.operator == "Conv")?)?.shape;
        usize::try_from(shape.get(1)?.checked_mul(node.int("group").unwrap_or(1))?).ok()
    }
}
