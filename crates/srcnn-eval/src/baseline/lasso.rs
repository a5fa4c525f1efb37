//! LASSO: `min over w of |x - D w|^2 / 2 + lambda |w|_1`, from the scalar products of atoms and sample.
//!
//! Coordinate descent (Friedman, Hastie, Tibshirani 2010) on an active set: atoms that most violate the optimality condition
//! are added until none does.

use srcnn::real::Real;

use super::linear::{farthest, solve};

/// The largest change of a weight in a converged pass, relative to the largest weight.
const SETTLED: f64 = 1e-9;
/// Tolerance of the optimality condition: excess of an inactive atom's gradient over `lambda`, relative to `lambda`.
const VIOLATION: f64 = 1e-6;
/// Passes of coordinate descent between direct solutions.
const PASSES: usize = 3;
/// The limit of passes for one active set.
const MAX_PASSES: usize = 10_000;
/// Atoms whose violation is at least this fraction of the largest are added in one round.
const TOGETHER: f64 = 0.85;
/// The largest number of atoms that are added in one round.
const MOST_TOGETHER: usize = 4;

/// The Gram matrix of a dictionary: scalar products of its atoms.
#[derive(Clone, Debug)]
pub struct Gram<T> {
    values: Vec<T>,
    atoms: usize,
}

/// Reusable buffers of [`Gram::encode`].
#[derive(Clone, Debug, Default)]
pub struct Encoder<T> {
    /// Scalar products of each atom with the residual of the sample.
    rest: Vec<T>,
    /// The active set: atoms and weights.
    used: Vec<(usize, f64)>,
    before: Vec<f64>,
    gram: Vec<f64>,
    /// Scalar products of the active atoms with the residual, in double precision.
    residual: Vec<f64>,
    system: System,
}

impl<T: Real> Gram<T> {
    /// A Gram matrix of `atoms` x `atoms` values.
    ///
    /// # Panics
    /// If the number of values differs.
    pub fn new(values: Vec<T>, atoms: usize) -> Self {
        assert_eq!(values.len(), atoms * atoms, "a product for each pair");
        Self { values, atoms }
    }

    /// Number of atoms.
    pub fn atoms(&self) -> usize {
        self.atoms
    }

    fn row(&self, atom: usize) -> &[T] {
        &self.values[atom * self.atoms..][..self.atoms]
    }

    fn at(&self, i: usize, j: usize) -> f64 {
        self.values[i * self.atoms + j].to_f64()
    }

    /// The code of a sample, given its scalar products with the atoms: atoms and their nonzero weights. Atoms of length zero
    /// get no weight; NaNs give an empty code.
    ///
    /// # Panics
    /// If the number of products is not that of atoms.
    pub fn encode<'a>(&self, products: &[T], lambda: f64, encoder: &'a mut Encoder<T>) -> &'a [(usize, f64)] {
        assert_eq!(products.len(), self.atoms, "a product for each atom");
        encoder.rest.clear();
        encoder.rest.extend_from_slice(products);
        encoder.used.clear();
        let least = lambda * (1.0 + VIOLATION);
        while let Some(farthest) = farthest(&encoder.rest) {
            let far = encoder.rest[farthest].to_f64().abs();
            if far <= least {
                break;
            }
            encoder.before.clear();
            encoder.before.extend(encoder.used.iter().map(|(_, weight)| *weight));
            self.add(least.max(TOGETHER * far), encoder);
            let kept = encoder.before.len();
            if encoder.used.len() > kept {
                self.settle(products, lambda, encoder);
            }
            let Encoder { rest, used, before, .. } = &mut *encoder;
            // By rounding alone, an active atom, or one that does not improve the code, can exceed lambda.
            if used[kept..].iter().all(|(_, weight)| *weight == 0.0) {
                used.truncate(kept);
                used.iter_mut().zip(before).for_each(|(used, before)| used.1 = *before);
                break;
            }
            before.resize(used.len(), 0.0);
            for (used, before) in used.chunks(4).zip(before.chunks(4)) {
                // Missing ones of four are the first atom with a weight of zero.
                let change = |i: usize| used.get(i).map_or((0, 0.0), |&(atom, weight)| (atom, before[i] - weight));
                let changes = [0, 1, 2, 3].map(change);
                add_rows(rest, changes.map(|(atom, _)| self.row(atom)), changes.map(|(_, by)| T::from_f64(by)));
            }
            used.retain(|(_, weight)| *weight != 0.0);
        }
        &encoder.used
    }

    /// Adds atoms whose gradient is at least `bound` to the active set.
    fn add(&self, bound: f64, encoder: &mut Encoder<T>) {
        let room = encoder.used.len() + MOST_TOGETHER;
        let square = T::from_f64(bound * bound);
        for (atom, &rest) in encoder.rest.iter().enumerate() {
            let violates = rest * rest >= square && encoder.used.len() < room;
            if violates && self.at(atom, atom) > 0.0 && encoder.used.iter().all(|(used, _)| *used != atom) {
                encoder.used.push((atom, 0.0));
            }
        }
    }

    /// Coordinate descent on the active set. It finds the signs sooner than the weights; so every [`PASSES`] passes the
    /// weights that these signs imply are computed, and taken if they have the same signs (Lee et al. 2006).
    fn settle(&self, products: &[T], lambda: f64, encoder: &mut Encoder<T>) {
        let Encoder { used, gram, residual, system, .. } = encoder;
        let n = used.len();
        gram.clear();
        gram.extend(used.iter().flat_map(|&(i, _)| used.iter().map(move |&(j, _)| self.at(i, j))));
        residual.resize(n, 0.0);
        unexplained(products, used, gram, residual);
        for pass in 1..=MAX_PASSES {
            let (mut largest, mut change) = (0.0f64, 0.0f64);
            for i in 0..n {
                let (row, old) = (&gram[i * n..][..n], used[i].1);
                let new = shrink(residual[i] + row[i] * old, lambda) / row[i];
                let step = new - old;
                if step != 0.0 {
                    residual.iter_mut().zip(row).for_each(|(r, g)| *r -= step * g);
                    used[i].1 = new;
                }
                largest = largest.max(new.abs());
                change = change.max(step.abs());
            }
            if change <= SETTLED * largest {
                break;
            }
            if pass % PASSES == 0 && system.solve(products, lambda, used, gram) {
                unexplained(products, used, gram, residual);
                let least = lambda * (1.0 + VIOLATION);
                if used.iter().zip(&*residual).all(|((_, weight), r)| *weight != 0.0 || r.abs() <= least) {
                    break;
                }
            }
        }
    }
}

/// Scalar products of the active atoms with the residual of the sample.
fn unexplained<T: Real>(products: &[T], used: &[(usize, f64)], gram: &[f64], residual: &mut [f64]) {
    for ((residual, &(atom, _)), row) in residual.iter_mut().zip(used).zip(gram.chunks_exact(used.len())) {
        let explained: f64 = used.iter().zip(row).map(|((_, weight), product)| weight * product).sum();
        *residual = products[atom].to_f64() - explained;
    }
}

/// Buffers for the equations of weights whose signs are known.
#[derive(Clone, Debug, Default)]
struct System {
    places: Vec<usize>,
    left: Vec<f64>,
    right: Vec<f64>,
}

impl System {
    /// Replaces the nonzero weights by the optimal ones for their signs and gives whether it did: not if a sign changed.
    fn solve<T: Real>(&mut self, products: &[T], lambda: f64, used: &mut [(usize, f64)], gram: &[f64]) -> bool {
        let Self { places, left, right } = self;
        places.clear();
        places.extend((0..used.len()).filter(|&i| used[i].1 != 0.0));
        left.clear();
        left.extend(
            places.iter().flat_map(|&i| places.iter().map(move |&j| (i, j))).map(|(i, j)| gram[i * used.len() + j]),
        );
        right.clear();
        right.extend(places.iter().map(|&i| products[used[i].0].to_f64() - lambda * used[i].1.signum()));
        let solved = solve(left, right, places.len()).is_ok()
            && places.iter().zip(&*right).all(|(&i, &weight)| weight * used[i].1.signum() > 0.0);
        if solved {
            places.iter().zip(&*right).for_each(|(&i, &weight)| used[i].1 = weight);
        }
        solved
    }
}

/// Adds four rows times their weights to `to`.
fn add_rows<T: Real>(to: &mut [T], [a, b, c, d]: [&[T]; 4], weights: [T; 4]) {
    let rows = a.iter().zip(b).zip(c.iter().zip(d));
    for (to, ((&a, &b), (&c, &d))) in to.iter_mut().zip(rows) {
        *to += (weights[0] * a + weights[1] * b) + (weights[2] * c + weights[3] * d);
    }
}

/// Soft thresholding: the value moved towards zero by `by`, at most to zero.
fn shrink(value: f64, by: f64) -> f64 {
    if value > by {
        value - by
    } else if value < -by {
        value + by
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(products: &[f64], gram: &[f64], lambda: f64) -> Vec<(usize, f64)> {
        let gram = Gram::new(gram.to_vec(), products.len());
        gram.encode(products, lambda, &mut Encoder::default()).to_vec()
    }

    #[test]
    fn orthogonal_atoms_are_each_shrunk() {
        let found = code(&[3.0, -0.5, -2.0], &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 2.0], 1.0);
        assert_eq!(found, [(0, 2.0), (2, -0.5)]);
        assert_eq!(code(&[0.9, -1.0], &[1.0, 0.0, 0.0, 1.0], 1.0), []);
    }

    #[test]
    fn an_atom_that_another_makes_needless_is_left_out_again() {
        // The second atom is nearest to x = (1, 1) until the first and the third are there.
        let gram = [1.0, 0.8, 0.0, 0.8, 1.0, 0.6, 0.0, 0.6, 1.0];
        let found = code(&[1.0, 1.4, 1.0], &gram, 0.01);
        let at = |atom| found.iter().find(|(a, _)| *a == atom).map_or(0.0, |(_, w)| *w);
        let gradient = |i: usize| [1.0, 1.4, 1.0][i] - (0..3).map(|j| gram[i * 3 + j] * at(j)).sum::<f64>();
        for i in 0..3 {
            assert!(
                gradient(i).abs() <= 0.01 + 1e-7
                    && (at(i) == 0.0 || (gradient(i) - 0.01 * at(i).signum()).abs() < 1e-7)
            );
        }
    }

    #[test]
    fn atoms_of_no_length_and_samples_of_no_number_are_left_alone() {
        assert_eq!(code(&[5.0, 5.0], &[0.0; 4], 1.0), []);
        assert_eq!(code(&[f64::NAN, f64::NAN], &[1.0, 0.0, 0.0, 1.0], 1.0), []);
    }
}
