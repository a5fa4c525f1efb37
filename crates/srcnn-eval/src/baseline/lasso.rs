//! Sparse codes: `min over w of |x - D w|^2 / 2 + lambda |w|_1`, from the products of the atoms alone.
//!
//! Coordinate descent (Friedman, Hastie, Tibshirani 2010) over the atoms in use, to which those that most violate the
//! condition of optimality are added until none does. All atoms are looked at once a round; what is repeated often is small.

use srcnn::real::Real;

use super::linear::{farthest, solve};

/// Changes of a weight, relative to the largest, at which the weights in use have settled.
const SETTLED: f64 = 1e-9;
/// How far beyond `lambda` the gradient of an unused atom may be, relative to it.
const VIOLATION: f64 = 1e-6;
/// Passes over the weights in use before their equations are solved.
const PASSES: usize = 3;
/// Passes over the weights in use at most, for one set of atoms.
const MAX_PASSES: usize = 10_000;
/// Violations of at least this part of the largest are dealt with together,
const TOGETHER: f64 = 0.85;
/// but not more than so many.
const MOST_TOGETHER: usize = 4;

/// Products of a dictionary's atoms with each other.
#[derive(Clone, Debug)]
pub struct Gram<T> {
    values: Vec<T>,
    atoms: usize,
}

/// Room that [`Gram::encode`] works in, to be used again.
#[derive(Clone, Debug, Default)]
pub struct Encoder<T> {
    /// What of each atom's product the code does not explain.
    rest: Vec<T>,
    /// Atoms in use, with their weights.
    used: Vec<(usize, f64)>,
    before: Vec<f64>,
    gram: Vec<f64>,
    /// Products of the atoms in use, less what the others explain.
    residual: Vec<f64>,
    system: System,
}

impl<T: Real> Gram<T> {
    /// From all products, a row for each atom.
    ///
    /// # Panics
    /// If they are not as many as atoms times atoms.
    pub fn new(values: Vec<T>, atoms: usize) -> Self {
        assert_eq!(values.len(), atoms * atoms, "a product for each pair");
        Self { values, atoms }
    }

    /// How many atoms.
    pub fn atoms(&self) -> usize {
        self.atoms
    }

    fn row(&self, atom: usize) -> &[T] {
        &self.values[atom * self.atoms..][..self.atoms]
    }

    fn at(&self, i: usize, j: usize) -> f64 {
        self.values[i * self.atoms + j].to_f64()
    }

    /// The code of a sample that has these products with the atoms: atoms with weights other than zero. Atoms of length
    /// zero are never used; products that are no numbers give an empty code.
    ///
    /// # Panics
    /// If there are not as many products as atoms.
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
            // Rounding alone can send an atom in use, or one that is none the better for it, beyond lambda.
            if used[kept..].iter().all(|(_, weight)| *weight == 0.0) {
                used.truncate(kept);
                used.iter_mut().zip(before).for_each(|(used, before)| used.1 = *before);
                break;
            }
            before.resize(used.len(), 0.0);
            for (used, before) in used.chunks(4).zip(before.chunks(4)) {
                // Where there are less than four, nothing is taken of the first atom.
                let change = |i: usize| used.get(i).map_or((0, 0.0), |&(atom, weight)| (atom, before[i] - weight));
                let changes = [0, 1, 2, 3].map(change);
                add_rows(rest, changes.map(|(atom, _)| self.row(atom)), changes.map(|(_, by)| T::from_f64(by)));
            }
            used.retain(|(_, weight)| *weight != 0.0);
        }
        &encoder.used
    }

    /// Puts atoms that violate their condition by so much to use.
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

    /// Coordinate descent over the atoms in use. It finds their signs soon and their weights late; so now and then the
    /// weights that the signs imply are computed, and taken if they have these signs (as Lee et al. 2006 do).
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

/// What of the products of the atoms in use their weights do not explain.
fn unexplained<T: Real>(products: &[T], used: &[(usize, f64)], gram: &[f64], residual: &mut [f64]) {
    for ((residual, &(atom, _)), row) in residual.iter_mut().zip(used).zip(gram.chunks_exact(used.len())) {
        let explained: f64 = used.iter().zip(row).map(|((_, weight), product)| weight * product).sum();
        *residual = products[atom].to_f64() - explained;
    }
}

/// The equations that weights with given signs fulfil.
#[derive(Clone, Debug, Default)]
struct System {
    places: Vec<usize>,
    left: Vec<f64>,
    right: Vec<f64>,
}

impl System {
    /// Sets the weights that are not zero to those that are best with their signs; not if these have other signs.
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

/// Adds rows, each times its weight.
fn add_rows<T: Real>(to: &mut [T], [a, b, c, d]: [&[T]; 4], weights: [T; 4]) {
    let rows = a.iter().zip(b).zip(c.iter().zip(d));
    for (to, ((&a, &b), (&c, &d))) in to.iter_mut().zip(rows) {
        *to += (weights[0] * a + weights[1] * b) + (weights[2] * c + weights[3] * d);
    }
}

/// Nearer to zero by `by`, but not past it.
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
