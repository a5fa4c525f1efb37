//! Planes against the network that is to run on them.

use super::error::EngineError;
use crate::Size;
use crate::model::Architecture;
use crate::plane::Plane;

/// Checks number and sizes of the planes. Returns the size of the output, which is smaller on every side by
/// [`Architecture::border_loss`].
pub(super) fn output_size<T: Copy>(architecture: &Architecture, planes: &[Plane<T>]) -> Result<Size, EngineError> {
    let expected = architecture.input().channels();
    if planes.len() != expected {
        return Err(EngineError::Planes { expected, found: planes.len() });
    }
    let size = planes[0].size();
    if planes.iter().any(|p| p.size() != size) {
        return Err(EngineError::Sizes);
    }
    let loss = architecture.border_loss();
    let Size { width, height } = size;
    if width.min(height) <= 2 * loss {
        return Err(EngineError::TooSmall { width, height, loss });
    }
    Ok(size.map(|side| side - 2 * loss))
}
