//! Anchored neighbourhood regression: a linear map for each patch, chosen by its nearest atom.
//!
//! Timofte, De Smet, Van Gool: ICCV 2013 (ANR) and ACCV 2014 (A+); features and dictionary of Zeyde, Elad, Protter 2010.
//! The features of a window of 3 x 3 pixels of the small picture are derivatives of the interpolated one, reduced to
//! principal components. The atom with the scalar product of the largest magnitude chooses the regressor, which predicts the
//! window's high frequencies; overlapping windows are averaged and added to the interpolated picture.

use std::ops::Range;

use rayon::prelude::*;
use srcnn::Size;
use srcnn::plane::{Plane, Rect};
use srcnn::resample::Resampler;

use super::course::Course;
use super::error::BaselineError;
use super::features::{Derivatives, Differences};
use super::linear::farthest;
use super::product::Factor;

mod samples;
pub(super) mod training;

/// Side of a window, in pixels of the small picture.
pub(super) const WINDOW: usize = 3;
/// Pixels of the small picture along each edge that no window touches.
pub(super) const BORDER: usize = 1;
/// Rows of windows that are computed in parallel.
const BAND: usize = 64;

/// Regressors and anchors, packed for use.
#[derive(Clone, Debug)]
pub(super) struct Anchored {
    scale: usize,
    components: usize,
    projection: Factor,
    anchors: Factor,
    count: usize,
    /// Order: anchor, component, pixel of the patch.
    regressors: Vec<f32>,
}

/// The first pixels of windows along a side of `n` pixels of the small picture.
pub(super) fn starts(n: usize, step: usize) -> impl Iterator<Item = usize> + Clone {
    (BORDER..(n + 1).saturating_sub(WINDOW + BORDER)).step_by(step)
}

impl Anchored {
    /// Packs the matrices.
    ///
    /// `projection`: (feature, component); `anchors`: (anchor, component); `regressors`: (anchor, component, pixel) with
    /// patches of `(3 scale)^2` pixels.
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

    /// The first small rows of the windows that cover rows `rows` of the large picture, and the large rows that their features
    /// depend on: `rows` alone where the picture is too small for a window.
    fn windows(&self, small: Size, rows: &Range<usize>) -> (Vec<usize>, Range<usize>) {
        let within = (rows.start / self.scale + 1).saturating_sub(WINDOW)..rows.end.div_ceil(self.scale);
        let starts: Vec<usize> = starts(small.height, 1).filter(|y| within.contains(y)).collect();
        let (Some(first), Some(last)) = (starts.first(), starts.last()) else { return (starts, rows.clone()) };
        // Derivatives reach one small pixel beyond a window, and windows have that distance from the edges.
        let (above, below) = ((first - 1) * self.scale, (last + WINDOW + 1) * self.scale);
        let depends = above.min(rows.start)..below.max(rows.end);
        (starts, depends)
    }

    /// The rows of the small luma that rows `rows` of the result depend on.
    pub fn reads(&self, resampler: &Resampler, small: Size, rows: Range<usize>) -> Range<usize> {
        resampler.reads(self.windows(small, &rows).1)
    }

    /// Rows `rows` of the upscaled luma. `part` holds rows of the small luma, 0.0 to 1.0, from `top` on, among them all of
    /// [`Anchored::reads`]. `course` covers these rows.
    ///
    /// # Errors
    /// [`BaselineError::Cancelled`].
    pub fn rows(
        &self,
        resampler: &Resampler,
        small: Size,
        (part, top): (&Plane<f64>, usize),
        rows: Range<usize>,
        course: &mut Course<'_>,
    ) -> Result<Plane<f64>, BaselineError> {
        let width = small.width * self.scale;
        let (windows, depends) = self.windows(small, &rows);
        let interpolated = resampler.rows(part, top, depends.clone());
        let derivatives = Derivatives::new(&interpolated.map(|v| v as f32), Differences::zeyde(self.scale));
        let mut sums = vec![0.0f32; width * depends.len()];
        for (band, starts) in windows.chunks(BAND).enumerate() {
            let at = |y: usize| y * self.scale - depends.start;
            let strips: Vec<_> = starts.par_iter().map(|&y| self.strip(&derivatives, small.width, at(y))).collect();
            for (&y, strip) in starts.iter().zip(&strips) {
                let to = &mut sums[at(y) * width..][..strip.len()];
                to.iter_mut().zip(strip).for_each(|(to, from)| *to += from);
            }
            course.reach(((band * BAND + starts.len()) as f64 / windows.len() as f64).min(1.0))?;
        }
        let (across, down) = (covered(small.width), covered(small.height));
        let above = rows.start - depends.start;
        let rect = Rect { x: 0, y: above, width, height: rows.len() };
        let mut large = interpolated.crop(rect).expect("the rows are among those they depend on");
        let sums = sums[above * width..].chunks_exact(width);
        for ((y, row), sums) in rows.zip(large.as_mut_slice().chunks_exact_mut(width)).zip(sums) {
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

    /// The sum of the high frequencies of a row of windows.
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

    /// The high frequencies of one window.
    fn regress(&self, anchor: usize, features: &[f32], patch: &mut [f32]) {
        patch.fill(0.0);
        let map = &self.regressors[anchor * self.components * patch.len()..];
        for (&feature, map) in features[..self.components].iter().zip(map.chunks_exact(patch.len())) {
            patch.iter_mut().zip(map).for_each(|(to, map)| *to += feature * map);
        }
    }
}

/// The number of windows over each pixel along a side.
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
