//! Sparse coding: what few atoms make of a patch's derivatives, the same atoms' other halves make of the patch.
//!
//! Yang, Wright, Huang, Ma: Image Super-Resolution via Sparse Representation, IEEE TIP 19 (2010). The interpolated picture
//! is cut into overlapping patches of 5 x 5 pixels; the first and second derivatives of each are coded sparsely by the
//! low-resolution dictionary. The code, with the high-resolution dictionary, gives the patch without its mean, which gets
//! the contrast of the interpolated one times a factor. Overlapping patches are averaged; then back-projection makes the
//! whole shrink to the small picture.

pub(super) mod training;

use rayon::prelude::*;
use srcnn::Size;
use srcnn::plane::Plane;
use srcnn::resample::Edge;
use srcnn::resample::matlab::resize;

use super::BaselineError;
use super::course::Course;
use super::features::{Derivatives, Differences, window};
use super::lasso::{Encoder, Gram};
use super::product::Factor;

/// Side of a patch, in pixels of the large picture.
pub(super) const PATCH: usize = 5;
/// Pixels at the top and the left where no patch begins.
const BEFORE: usize = 2;
/// Pixels at the bottom and the right where no patch ends.
const BEHIND: usize = 3;
/// Rows of patches that are coded together.
const BAND: usize = 32;
/// Samples run from 0 to 255 in what the constants of the method mean.
const PEAK: f64 = 255.0;

/// What a dictionary is used with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Coding {
    /// Weight of the codes' size.
    pub lambda: f64,
    /// What the contrast of the interpolated patch is multiplied by.
    pub contrast: f64,
    /// Rounds of back-projection.
    pub projections: usize,
}

/// A pair of dictionaries, made ready.
#[derive(Clone, Debug)]
pub(super) struct Coder {
    scale: usize,
    coding: Coding,
    low: Factor,
    gram: Gram<f32>,
    /// Atom after atom.
    high: Vec<f32>,
}

impl Coder {
    /// Packs dictionaries: an atom after the other, of derivatives and of pixels. The former are scaled to length one.
    pub fn new(scale: usize, coding: Coding, low: &[f32], high: Vec<f32>) -> Self {
        let length = Derivatives::length(PATCH);
        let low: Vec<f32> = low.chunks_exact(length).flat_map(unit).collect();
        let factor = Factor::of_columns(&low, length);
        Self { scale, coding, gram: gram(&low, &factor, length), low: factor, high }
    }

    /// The small luma, 0.0 to 1.0, at `scale` times its size. `course` covers all of it.
    ///
    /// # Errors
    /// [`BaselineError::Cancelled`], [`BaselineError::Resize`].
    pub fn upscale(&self, small: &Plane<f64>, course: &mut Course<'_>) -> Result<Plane<f64>, BaselineError> {
        let (width, height) = (small.width() * self.scale, small.height() * self.scale);
        let small = small.map(|v| v * PEAK);
        let mut large = resize(&small, (width, height), Edge::Mirror)?;
        let narrow = large.map(|v| v as f32);
        let derivatives = Derivatives::new(&narrow, Differences::YANG);
        let mut sums = vec![0.0f32; width * height];
        let step = self.step();
        let rows = starts(height, step);
        for (band, rows_of_band) in rows.chunks(BAND).enumerate() {
            let strips: Vec<_> = rows_of_band.par_iter().map(|&y| self.strip(&narrow, &derivatives, y)).collect();
            for (&y, strip) in rows_of_band.iter().zip(&strips) {
                sums[y * width..][..strip.len()].iter_mut().zip(strip).for_each(|(to, from)| *to += from);
            }
            course.reach(0.95 * (band * BAND + rows_of_band.len()) as f64 / rows.len() as f64)?;
        }
        let (across, down) = (covered(width, step), covered(height, step));
        for (y, (row, sums)) in large.as_mut_slice().chunks_exact_mut(width).zip(sums.chunks_exact(width)).enumerate() {
            for (x, (value, sum)) in row.iter_mut().zip(sums).enumerate() {
                if down[y] * across[x] > 0 {
                    *value = f64::from(*sum) / (down[y] * across[x]) as f64;
                }
            }
        }
        let large = project_back(large, &small, self.coding.projections)?;
        course.reach(1.0)?;
        Ok(large.map(|v| v / PEAK))
    }

    /// Pixels from one patch to the next.
    fn step(&self) -> usize {
        PATCH - overlap(self.scale)
    }

    /// The patches of a row, added up where they overlap.
    fn strip(&self, plane: &Plane<f32>, derivatives: &Derivatives, y: usize) -> Vec<f32> {
        let width = plane.width();
        let mut strip = vec![0.0; PATCH * width];
        let (mut features, mut products) = (Vec::new(), Vec::new());
        let starts = starts(width, self.step());
        for &x in &starts {
            let at = features.len();
            derivatives.window(x, y, PATCH, &mut features);
            let length = norm(&features[at..]);
            // Flat patches are not blown up: their noise is not what the dictionary is for.
            if length > 1.0 {
                features[at..].iter_mut().for_each(|v| *v /= length);
            }
        }
        self.low.apply(&features, Derivatives::length(PATCH), &mut products);
        let mut encoder = Encoder::default();
        let (mut original, mut patch) = (Vec::new(), [0.0; PATCH * PATCH]);
        for (&x, products) in starts.iter().zip(products.chunks_exact(self.low.stride())) {
            let code = self.gram.encode(&products[..self.gram.atoms()], self.coding.lambda, &mut encoder);
            patch.fill(0.0);
            for &(atom, weight) in code {
                let atom = &self.high[atom * PATCH * PATCH..][..PATCH * PATCH];
                patch.iter_mut().zip(atom).for_each(|(to, from)| *to += weight as f32 * from);
            }
            original.clear();
            window(plane, x, y, PATCH, &mut original);
            let mean = original.iter().sum::<f32>() / original.len() as f32;
            original.iter_mut().for_each(|v| *v -= mean);
            let found = norm(&patch);
            let gain = if found > 0.0 { self.coding.contrast as f32 * norm(&original) / found } else { 0.0 };
            for (row, patch) in strip.chunks_exact_mut(width).zip(patch.chunks_exact(PATCH)) {
                row[x..x + PATCH].iter_mut().zip(patch).for_each(|(to, from)| *to += gain * from + mean);
            }
        }
        strip
    }
}

/// Products of atoms with each other.
pub(super) fn gram(atoms: &[f32], factor: &Factor, length: usize) -> Gram<f32> {
    let (count, mut out) = (atoms.len() / length, Vec::new());
    factor.apply(atoms, length, &mut out);
    Gram::new(out.chunks_exact(factor.stride()).flat_map(|row| row[..count].iter().copied()).collect(), count)
}

/// Pixels by which neighbouring patches overlap: three where the article has nine-pixel patches that do so, at a factor of 3, else
/// four, as in the authors' programs.
fn overlap(scale: usize) -> usize {
    if scale == 3 { 3 } else { 4 }
}

/// Where patches begin along a side of `n` pixels: at every `step`, and where the last one fits.
fn starts(n: usize, step: usize) -> Vec<usize> {
    let end = (n + 1).saturating_sub(PATCH + BEHIND);
    let mut starts: Vec<usize> = (BEFORE..end).step_by(step).collect();
    if let Some(&last) = starts.last()
        && last + 1 < end
    {
        starts.push(end - 1);
    }
    starts
}

/// How many patches lie over each pixel of a side.
fn covered(n: usize, step: usize) -> Vec<usize> {
    let mut count = vec![0; n];
    for start in starts(n, step) {
        count[start..start + PATCH].iter_mut().for_each(|c| *c += 1);
    }
    count
}

fn norm(values: &[f32]) -> f32 {
    values.iter().map(|v| v * v).sum::<f32>().sqrt()
}

/// The same direction, of length one; zeros stay zeros.
fn unit(values: &[f32]) -> impl Iterator<Item = f32> {
    let length = norm(values);
    values.iter().map(move |v| if length > 0.0 { v / length } else { 0.0 })
}

/// Adds what a picture lacks, shrunk, of the small one, enlarged and blurred; again and again (Irani, Peleg 1991).
fn project_back(mut large: Plane<f64>, small: &Plane<f64>, rounds: usize) -> Result<Plane<f64>, BaselineError> {
    // MATLAB's fspecial('gaussian', 5, 1), squared and scaled to a sum of one: a product of two lines.
    let line = [-2.0f64, -1.0, 0.0, 1.0, 2.0].map(|x| (-x * x).exp());
    let sum: f64 = line.iter().sum();
    let line = line.map(|v| v / sum);
    for _ in 0..rounds {
        let mut lack = resize(&large, small.size(), Edge::Mirror)?;
        lack.as_mut_slice().iter_mut().zip(small.as_slice()).for_each(|(v, truth)| *v = truth - *v);
        let lack = blur(&resize(&lack, large.size(), Edge::Mirror)?, line);
        large.as_mut_slice().iter_mut().zip(lack.as_slice()).for_each(|(v, lack)| *v += lack);
    }
    Ok(large)
}

/// Across, then down; beyond the edge is zero.
fn blur(plane: &Plane<f64>, line: [f64; 5]) -> Plane<f64> {
    let Size { width, height } = plane.size();
    let at = |i: usize, k: usize, n: usize| (i + k).checked_sub(2).filter(|&j| j < n);
    let across = Plane::from_fn(width, height, |x, y| {
        let row = plane.row(y);
        (0..5).filter_map(|k| at(x, k, width).map(|j| line[k] * row[j])).sum::<f64>()
    });
    let mut out = Plane::filled(width, height, 0.0);
    for (y, row) in out.as_mut_slice().chunks_exact_mut(width).enumerate() {
        for (k, j) in (0..5).filter_map(|k| at(y, k, height).map(|j| (k, j))) {
            row.iter_mut().zip(across.row(j)).for_each(|(to, from)| *to += line[k] * from);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_keep_off_the_border() {
        // MATLAB: 3 : 1 : n - 7, from one.
        assert_eq!(starts(12, 1), [2, 3, 4]);
        assert_eq!(starts(12, 2), [2, 4]);
        assert_eq!(starts(13, 2), [2, 4, 5]);
        assert_eq!(starts(10, 2), [2]);
        assert_eq!((0..10).map(|n| starts(n, 1).len()).sum::<usize>(), 0);
    }

    #[test]
    fn back_projection_meets_the_small_picture() {
        let truth = Plane::from_fn(24, 18, |x, y| 100.0 + 20.0 * ((x * 7 + y * 3) % 11) as f64);
        let small = resize(&truth, (8, 6), Edge::Mirror).expect("sizes");
        let blank = Plane::filled(24, 18, 128.0);
        let lack = |plane: &Plane<f64>| {
            let shrunk = resize(plane, (8, 6), Edge::Mirror).expect("sizes");
            shrunk.as_slice().iter().zip(small.as_slice()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
        };
        let found = project_back(blank.clone(), &small, 20).expect("sizes");
        assert!(lack(&found) < 0.1 * lack(&blank), "{} of {}", lack(&found), lack(&blank));
    }
}
