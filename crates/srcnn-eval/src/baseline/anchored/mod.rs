//! Anchored neighbourhood regression: every patch by the linear map of the atom that it resembles most.
//!
//! Timofte, De Smet, Van Gool: ICCV 2013 (ANR) and ACCV 2014 (A+); features and dictionary of Zeyde, Elad, Protter 2010.
//! A window of 3 x 3 pixels of the small picture is described by derivatives of the interpolated one, reduced by
//! principal components. The atom with the largest product, whatever its sign, names the regressor, which gives the
//! window's high frequencies; overlapping windows are averaged and added to the interpolated picture.

use rayon::prelude::*;
use srcnn::plane::Plane;
use srcnn::resample::matlab::{Edge, resize};

use super::BaselineError;
use super::course::Course;
use super::features::{Derivatives, Differences};
use super::linear::farthest;
use super::product::Factor;

mod samples;
pub(super) mod training;

/// Side of a window, in pixels of the small picture.
pub(super) const WINDOW: usize = 3;
/// Pixels of the small picture at every edge where no window begins or ends.
pub(super) const BORDER: usize = 1;
/// Rows of windows that are computed together.
const BAND: usize = 64;

/// A set of maps from features to high frequencies, made ready.
#[derive(Clone, Debug)]
pub(super) struct Anchored {
    scale: usize,
    components: usize,
    projection: Factor,
    anchors: Factor,
    count: usize,
    /// Anchor, component, pixel of the patch.
    regressors: Vec<f32>,
}

/// Where windows may begin along a side of `n` pixels of the small picture.
pub(super) fn starts(n: usize, step: usize) -> impl Iterator<Item = usize> + Clone {
    (BORDER..(n + 1).saturating_sub(WINDOW + BORDER)).step_by(step)
}

impl Anchored {
    /// Packs the maps.
    ///
    /// `projection`: a row of components for each feature; `anchors`: a row of components for each;
    /// `regressors`: for each anchor and component a patch of `(3 scale)^2` pixels.
    pub fn new(scale: usize, components: usize, projection: &[f32], anchors: &[f32], regressors: Vec<f32>) -> Self {
        let features = projection.len() / components;
        Self {
            scale,
            components,
            projection: Factor::new(features, components, |k, n| projection[k * components + n]),
            anchors: Factor::of_columns(anchors, components),
            count: anchors.len() / components,
            regressors,
        }
    }

    /// The small luma, 0.0 to 1.0, at `scale` times its size. `course` covers all of it.
    ///
    /// # Errors
    /// [`BaselineError::Cancelled`], [`BaselineError::Resize`].
    pub fn upscale(&self, small: &Plane<f64>, course: &mut Course<'_>) -> Result<Plane<f64>, BaselineError> {
        let (width, height) = (small.width() * self.scale, small.height() * self.scale);
        let mut large = resize(small, (width, height), Edge::Mirror)?;
        let derivatives = Derivatives::new(&large.map(|v| v as f32), Differences::zeyde(self.scale));
        let mut sums = vec![0.0f32; width * height];
        let rows: Vec<usize> = starts(small.height(), 1).collect();
        for (band, rows_of_band) in rows.chunks(BAND).enumerate() {
            let strips: Vec<_> =
                rows_of_band.par_iter().map(|&y| self.strip(&derivatives, small.width(), y * self.scale)).collect();
            for (&y, strip) in rows_of_band.iter().zip(&strips) {
                let to = &mut sums[y * self.scale * width..][..strip.len()];
                to.iter_mut().zip(strip).for_each(|(to, from)| *to += from);
            }
            course.reach(((band * BAND + rows_of_band.len()) as f64 / rows.len() as f64).min(1.0))?;
        }
        let (across, down) = (covered(small.width()), covered(small.height()));
        for (y, (row, sums)) in large.as_mut_slice().chunks_exact_mut(width).zip(sums.chunks_exact(width)).enumerate() {
            for (x, (value, sum)) in row.iter_mut().zip(sums).enumerate() {
                let windows = down[y / self.scale] * across[x / self.scale];
                if windows > 0 {
                    *value += f64::from(*sum) / windows as f64;
                }
            }
        }
        course.reach(1.0)?;
        Ok(large)
    }

    /// The high frequencies of a row of windows, added up where they overlap.
    fn strip(&self, derivatives: &Derivatives, columns: usize, y: usize) -> Vec<f32> {
        let side = WINDOW * self.scale;
        let width = columns * self.scale;
        let mut strip = vec![0.0; side * width];
        let mut windows = Vec::new();
        for x in starts(columns, 1) {
            derivatives.window(x * self.scale, y, side, &mut windows);
        }
        let (mut features, mut products) = (Vec::new(), Vec::new());
        self.projection.apply(&windows, Derivatives::length(side), &mut features);
        let stride = self.projection.stride();
        self.anchors.apply(&features, stride, &mut products);
        let mut patch = vec![0.0; side * side];
        let each = features.chunks_exact(stride).zip(products.chunks_exact(self.anchors.stride()));
        for (x, (features, products)) in starts(columns, 1).zip(each) {
            let anchor = farthest(&products[..self.count]).unwrap_or_default();
            self.regress(anchor, features, &mut patch);
            for (row, patch) in strip.chunks_exact_mut(width).zip(patch.chunks_exact(side)) {
                row[x * self.scale..][..side].iter_mut().zip(patch).for_each(|(to, from)| *to += from);
            }
        }
        strip
    }

    fn regress(&self, anchor: usize, features: &[f32], patch: &mut [f32]) {
        patch.fill(0.0);
        let map = &self.regressors[anchor * self.components * patch.len()..];
        for (&feature, map) in features[..self.components].iter().zip(map.chunks_exact(patch.len())) {
            patch.iter_mut().zip(map).for_each(|(to, map)| *to += feature * map);
        }
    }
}

/// How many windows lie over each pixel of a side.
fn covered(n: usize) -> Vec<usize> {
    let mut count = vec![0; n];
    for start in starts(n, 1) {
        count[start..start + WINDOW].iter_mut().for_each(|c| *c += 1);
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_keep_off_the_border() {
        assert_eq!(starts(5, 1).collect::<Vec<_>>(), [1]);
        assert_eq!(starts(8, 2).collect::<Vec<_>>(), [1, 3]);
        assert_eq!((0..5).map(|n| starts(n, 1).count()).sum::<usize>(), 0);
        assert_eq!(covered(7), [0, 1, 2, 3, 2, 1, 0]);
    }
}
