//! Checks of planes before a network runs on them.

use super::error::EngineError;
use crate::Size;
use crate::model::graph::Graph;
use crate::plane::Plane;

/// Checks the number and the sizes of the planes. Returns the size of the output.
pub(super) fn output_size<T: Copy>(graph: &Graph, planes: &[Plane<T>]) -> Result<Size, EngineError> {
    let expected = graph.channels();
    if planes.len() != expected {
        return Err(EngineError::Planes { expected, found: planes.len() });
    }
    let size @ Size { width, height } = planes[0].size();
    if planes.iter().any(|p| p.size() != size) {
        return Err(EngineError::Sizes);
    }
    let multiple = graph.multiple();
    if !width.is_multiple_of(multiple) || !height.is_multiple_of(multiple) {
        return Err(EngineError::Multiple { width, height, multiple });
    }
    graph.output_size(size).ok_or(EngineError::TooSmall { width, height, loss: graph.border_loss() })
}
