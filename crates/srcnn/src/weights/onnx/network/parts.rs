//! Parts of channels, and borders that are cut off.

use super::reader::{Known, Reader};
use crate::model::graph::{Operation, Sides};
use crate::weights::onnx::error::NetworkError;
use crate::weights::onnx::graph::Node;

impl<'a> Reader<'_, 'a> {
    /// Channels, or a border cut off.
    pub(super) fn slice(&mut self, node: &Node<'a>, taken: Known) -> Result<Known, NetworkError> {
        let unread = || NetworkError::Unread { operator: node.operator_name(), what: "of this part" };
        let starts = self.list(node, "starts", 1)?.ok_or_else(unread)?;
        let ends = self.list(node, "ends", 2)?.ok_or_else(unread)?;
        let axes = self.list(node, "axes", 3)?.unwrap_or_else(|| (0..starts.len() as i64).collect());
        let steps = self.list(node, "steps", 4)?.unwrap_or_else(|| vec![1; starts.len()]);
        let lengths = [ends.len(), axes.len(), steps.len()];
        if lengths != [starts.len(); 3] || steps.iter().any(|step| *step != 1) {
            return Err(unread());
        }
        let mut cut = Sides::all(0);
        let (mut first, mut end) = (0, taken.channels);
        for ((&from, &to), &axis) in starts.iter().zip(&ends).zip(&axes) {
            match axis {
                1 | -3 => {
                    let place = |at: i64| {
                        let channels = taken.channels as i64;
                        (if at < 0 { at.saturating_add(channels) } else { at }).clamp(0, channels) as usize
                    };
                    (first, end) = (place(from), place(to));
                }
                2 | 3 | -1 | -2 => {
                    // From the beginning, and to a distance from the end: what is there is not known.
                    let before = usize::try_from(from).map_err(|_| unread())?;
                    let after = match to {
                        ..0 => usize::try_from(to.unsigned_abs()).map_err(|_| unread())?,
                        _ if to > 1 << 30 => 0,
                        _ => return Err(unread()),
                    };
                    match axis {
                        2 | -2 => (cut.top, cut.bottom) = (before, after),
                        _ => (cut.left, cut.right) = (before, after),
                    }
                }
                _ => return Err(unread()),
            }
        }
        let mut known = taken;
        if (first, end) != (0, taken.channels) {
            let count = end.checked_sub(first).filter(|count| *count > 0).ok_or_else(unread)?;
            let value = self.builder.add(Operation::Slice { first, count }, &[known.value]);
            known = Known { value, channels: count, pending: None };
        }
        if cut != Sides::all(0) {
            known.value = self.builder.add(Operation::Crop(cut), &[known.value]);
        }
        Ok(known)
    }

    pub(super) fn split(&mut self, node: &Node<'a>, taken: Known) -> Result<(), NetworkError> {
        let unread = || NetworkError::Unread { operator: node.operator_name(), what: "of these parts" };
        if !matches!(node.int("axis"), Some(1 | -3)) {
            return Err(unread());
        }
        let count = node.outputs.len();
        let parts = match self.list(node, "split", 1)? {
            Some(parts) => parts,
            None => {
                let each = taken.channels.div_ceil(count.max(1));
                let last = taken.channels.checked_sub(each * count.saturating_sub(1)).ok_or_else(unread)?;
                let mut parts = vec![each as i64; count];
                parts.iter_mut().next_back().into_iter().for_each(|part| *part = last as i64);
                parts
            }
        };
        if parts.len() != count {
            return Err(unread());
        }
        let mut first = 0;
        for (output, part) in node.outputs.iter().zip(parts) {
            let count = usize::try_from(part).ok().filter(|count| *count > 0 && *count <= taken.channels);
            let count = count.ok_or_else(unread)?;
            let value = self.builder.add(Operation::Slice { first, count }, &[taken.value]);
            self.known.insert(output, Known { value, channels: count, pending: None });
            first += count;
        }
        Ok(())
    }
}
