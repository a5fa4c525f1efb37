//! The layout of the paper's authors, in MATLAB 5 files.
//!
//! `weights_conv1` is (f1 f1, n1), `weights_conv2` (n1, f2 f2, n2), `weights_conv3` (n2, f3 f3), kernels column-major;
//! `biases_conv1..3` hold one value a filter. Correlation, edges replicated, luma in studio range.

mod container;

use super::{Format, RawLayer, WeightError, WeightFile};
use crate::model::{Facts, LayerWeights};
use container::Array;

const FORMAT: Format = Format::Matlab;

/// Reads the three layers.
pub(super) fn read(bytes: &[u8]) -> Result<WeightFile, WeightError> {
    let arrays = container::arrays(bytes).map_err(|reason| WeightError::Damaged { format: FORMAT, reason })?;
    let layers = layers(&arrays).map_err(|reason| WeightError::NoNetwork { format: FORMAT, reason })?;
    Ok(WeightFile {
        format: FORMAT,
        facts: Facts::paper(),
        recognised: Some("the layout of the SRCNN paper's authors: edges replicated, studio luma, MATLAB bicubic"),
        remarks: Vec::new(),
        notes: Default::default(),
        layers,
    })
}

fn layers(arrays: &[Array]) -> Result<Vec<RawLayer>, String> {
    let find = |name: &str| {
        arrays.iter().find(|a| a.name == name).ok_or_else(|| {
            let names: Vec<_> = arrays.iter().map(|a| a.name.as_str()).take(12).collect();
            format!("there is no `{name}`; found {names:?}")
        })
    };
    // Filters of the first and the last layer have one channel, so their array lacks an axis.
    let mut layers = Vec::new();
    for n in 1..=3 {
        let array = find(&format!("weights_conv{n}"))?;
        let biases = find(&format!("biases_conv{n}"))?.values.clone();
        let (inputs, area, outputs) = match (n, array.dims.as_slice()) {
            (1, &[area, outputs]) => (1, area, outputs),
            (2, &[inputs, area, outputs]) => (inputs, area, outputs),
            // MATLAB drops a last axis of length one.
            (2 | 3, &[inputs, area]) => (inputs, area, 1),
            (_, dims) => return Err(format!("`{}` has shape {dims:?}", array.name)),
        };
        let kernel = area.isqrt();
        if kernel * kernel != area || kernel % 2 == 0 {
            return Err(format!("`{}` has kernels of {area} values, not of an odd square", array.name));
        }
        if biases.len() != outputs {
            return Err(format!("`biases_conv{n}` has {} values for {outputs} filters", biases.len()));
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
        layers.push(RawLayer { inputs, outputs, kernel, weights: LayerWeights { kernels, biases } });
    }
    Ok(layers)
}
