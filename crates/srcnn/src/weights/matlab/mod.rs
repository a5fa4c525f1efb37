//! The layout of the paper's authors, in MATLAB 5 files.
//!
//! `weights_conv1` is (f1 f1, n1), `weights_conv2` (n1, f2 f2, n2), `weights_conv3` (n2, f3 f3), kernels column-major;
//! `biases_conv1..3` hold one value a filter. Correlation, edges replicated, luma in studio range.

mod container;

use super::chain::RawLayer;
use super::error::WeightError;
use super::format::Format;
use super::weight_file::{Content, WeightFile};
use crate::model::{Facts, LayerWeights};
use container::Array;

const FORMAT: Format = Format::Matlab;
/// First characters of the header, which is text.
const SIGNATURE: &[u8] = b"MATLAB 5.0 MAT-file";
/// Arrays named in a message.
const MAX_NAMED: usize = 12;

/// Arrays in another layout.
#[derive(Debug, thiserror::Error)]
enum LayoutError {
    #[error("there is no `{name}`; found {found:?}")]
    NoArray { name: String, found: Vec<String> },
    #[error("`{name}` has shape {dims:?}")]
    Shape { name: String, dims: Vec<usize> },
    #[error("`{name}` has kernels of {area} values, not of an odd square")]
    Kernel { name: String, area: usize },
    #[error("`{name}` has {found} values for {filters} filters")]
    Biases { name: String, found: usize, filters: usize },
}

/// Whether bytes begin as MATLAB 5 files do.
pub(super) fn begins(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

/// Reads the three layers.
pub(super) fn read(bytes: &[u8]) -> Result<WeightFile, WeightError> {
    let arrays = container::arrays(bytes).map_err(WeightError::damaged(FORMAT))?;
    let layers = layers(&arrays).map_err(WeightError::no_network(FORMAT))?;
    Ok(WeightFile {
        format: FORMAT,
        facts: Facts::paper(),
        recognised: Some("the layout of the SRCNN paper's authors: edges replicated, studio luma, MATLAB bicubic"),
        remarks: Vec::new(),
        notes: Default::default(),
        content: Content::Layers(layers),
    })
}

fn layers(arrays: &[Array]) -> Result<Vec<RawLayer>, LayoutError> {
    let find = |name: String| {
        arrays.iter().find(|a| a.name == name).ok_or_else(|| {
            let found = arrays.iter().map(|a| a.name.clone()).take(MAX_NAMED).collect();
            LayoutError::NoArray { name, found }
        })
    };
    // Filters of the first and the last layer have one channel, so their array lacks an axis.
    let mut layers = Vec::new();
    for n in 1..=3 {
        let array = find(format!("weights_conv{n}"))?;
        let biases = find(format!("biases_conv{n}"))?;
        let (inputs, area, outputs) = match (n, array.dims.as_slice()) {
            (1, &[area, outputs]) => (1, area, outputs),
            (2, &[inputs, area, outputs]) => (inputs, area, outputs),
            // MATLAB drops a last axis of length one.
            (2 | 3, &[inputs, area]) => (inputs, area, 1),
            (_, dims) => return Err(LayoutError::Shape { name: array.name.clone(), dims: dims.to_vec() }),
        };
        let kernel = area.isqrt();
        if kernel * kernel != area || kernel % 2 == 0 {
            return Err(LayoutError::Kernel { name: array.name.clone(), area });
        }
        if biases.values.len() != outputs {
            let (name, found) = (biases.name.clone(), biases.values.len());
            return Err(LayoutError::Biases { name, found, filters: outputs });
        }
        // Column-major: the input channel runs fastest, then rows of the kernel, then its columns, then filters.
        let at = |o: usize, i: usize, row: usize, column: usize| {
            array.values[i + inputs * (row + kernel * (column + kernel * o))]
        };
        let mut kernels = Vec::with_capacity(array.values.len());
        for o in 0..outputs {
            for i in 0..inputs {
                kernels.extend((0..area).map(|k| at(o, i, k / kernel, k % kernel)));
            }
        }
        let weights = LayerWeights { kernels, biases: biases.values.clone() };
        layers.push(RawLayer { inputs, outputs, kernel, weights });
    }
    Ok(layers)
}
