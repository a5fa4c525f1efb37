//! K-SVD: dictionary learning by orthogonal matching pursuit and updates of one atom at a time.
//!
//! Aharon, Elad, Bruckstein 2006, with batch pursuit by the Gram matrix and one step of the power method in place of the
//! singular value decomposition (Rubinstein, Zibulevsky, Elad 2008).

use rayon::prelude::*;
use srcnn::random::SplitMix64;

use super::linear::{dot, farthest, solve};
use super::product::Factor;

/// The largest number of atoms of a code.
const NONZEROS: usize = 3;
/// Atoms used by fewer samples are replaced.
const LEAST_USES: usize = 4;
/// Atoms whose cosine with another one is larger are replaced.
const MAX_COHERENCE: f32 = 0.99;
/// Samples whose values are all smaller are atoms only if there are too few others.
const FLAT: f32 = 1e-6;
/// Weights and products of at most this magnitude count as zero.
const NEGLIGIBLE: f64 = 1e-7;
/// Updated atoms that are shorter before scaling to length one stay as they were.
const SHORTEST: f64 = 1e-12;
/// Samples that a thread codes at a time.
const CHUNK: usize = 256;

/// A dictionary and the codes of its samples.
#[derive(Clone, Debug)]
pub(super) struct Coded {
    /// Atoms of length one, one after the other.
    pub atoms: Vec<f64>,
    /// The code of each sample.
    pub codes: Vec<Code>,
}

/// The code of one sample; unused places have a weight of zero.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Code {
    /// Indices of atoms.
    pub atoms: [u32; NONZEROS],
    /// Weights of these atoms.
    pub values: [f64; NONZEROS],
}

/// Sizes of the dictionary, and number of iterations.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ksvd {
    /// Length of a sample.
    pub length: usize,
    /// Number of atoms.
    pub atoms: usize,
    /// Iterations.
    pub iterations: usize,
}

impl Ksvd {
    /// Learns a dictionary from samples, which are at least as many as the atoms. `told` is called with the number of
    /// iterations done after each of them; its error ends the learning.
    pub fn learn<E>(
        &self,
        samples: &[f32],
        random: &mut SplitMix64,
        mut told: impl FnMut(usize) -> Result<(), E>,
    ) -> Result<Coded, E> {
        let mut atoms = self.first_atoms(samples, random);
        let mut order: Vec<usize> = (0..self.atoms).collect();
        for round in 0..self.iterations {
            let mut codes = self.encode(samples, &atoms);
            shuffle(&mut order, random);
            self.fit(samples, &mut atoms, &mut codes, &order);
            self.replace(samples, &mut atoms, &codes);
            told(round + 1)?;
        }
        let codes = self.encode(samples, &atoms);
        Ok(Coded { atoms, codes })
    }

    /// Sample `i`.
    fn sample<'a>(&self, samples: &'a [f32], i: usize) -> &'a [f32] {
        &samples[i * self.length..][..self.length]
    }

    /// The initial atoms: different random samples, nonzero ones first.
    fn first_atoms(&self, samples: &[f32], random: &mut SplitMix64) -> Vec<f64> {
        let count = samples.len() / self.length;
        let mut order: Vec<usize> = (0..count).collect();
        shuffle(&mut order, random);
        let long = |&i: &usize| self.sample(samples, i).iter().any(|v| v.abs() > FLAT);
        let (some, none): (Vec<usize>, Vec<usize>) = order.into_iter().partition(long);
        let chosen = some.into_iter().chain(none).cycle().take(self.atoms);
        chosen.flat_map(|i| unit(self.sample(samples, i))).collect()
    }

    /// Orthogonal matching pursuit for every sample.
    fn encode(&self, samples: &[f32], atoms: &[f64]) -> Vec<Code> {
        let narrow: Vec<f32> = atoms.iter().map(|&v| v as f32).collect();
        let factor = Factor::of_columns(&narrow, self.length);
        let gram = self.gram(&narrow, &factor);
        let coded = samples.par_chunks(CHUNK * self.length).flat_map_iter(|samples| {
            let mut products = Vec::new();
            factor.apply(samples, self.length, &mut products);
            let rows = products.chunks_exact(factor.stride());
            rows.map(|row| pursue(&row[..self.atoms], &gram)).collect::<Vec<_>>()
        });
        coded.collect()
    }

    /// The Gram matrix of the atoms.
    fn gram(&self, atoms: &[f32], factor: &Factor) -> Vec<f32> {
        let mut gram = Vec::new();
        factor.apply(atoms, self.length, &mut gram);
        gram.chunks_exact(factor.stride()).flat_map(|row| row[..self.atoms].iter().copied()).collect()
    }

    /// Updates each atom and its weights by the residual without this atom.
    fn fit(&self, samples: &[f32], atoms: &mut [f64], codes: &mut [Code], order: &[usize]) {
        let mut users: Vec<Vec<u32>> = vec![Vec::new(); self.atoms];
        for (i, code) in codes.iter().enumerate() {
            for (&atom, &value) in code.atoms.iter().zip(&code.values) {
                if value != 0.0 {
                    users[atom as usize].push(i as u32);
                }
            }
        }
        let n = self.length;
        for &atom in order {
            let mut sum = vec![0.0; n];
            for &i in &users[atom] {
                let code = &codes[i as usize];
                let own = code.of(atom);
                let sample = self.sample(samples, i as usize);
                sum.iter_mut().zip(sample).for_each(|(s, &x)| *s += own * f64::from(x));
                for (other, value) in code.others(atom) {
                    let other = &atoms[other * n..][..n];
                    sum.iter_mut().zip(other).for_each(|(s, d)| *s -= own * value * d);
                }
            }
            let length = dot(&sum, &sum).sqrt();
            if length < SHORTEST {
                continue;
            }
            sum.iter_mut().for_each(|v| *v /= length);
            for &i in &users[atom] {
                let mut value: f64 =
                    self.sample(samples, i as usize).iter().zip(&sum).map(|(&x, d)| f64::from(x) * d).sum();
                let code = &mut codes[i as usize];
                value -=
                    code.others(atom).map(|(other, value)| value * dot(&atoms[other * n..][..n], &sum)).sum::<f64>();
                code.set(atom, value);
            }
            atoms[atom * n..][..n].copy_from_slice(&sum);
        }
    }

    /// Replaces atoms that are rarely used, or similar to another one, by the samples with the largest errors.
    fn replace(&self, samples: &[f32], atoms: &mut [f64], codes: &[Code]) {
        let n = self.length;
        let mut uses = vec![0; self.atoms];
        for code in codes {
            for (&atom, &value) in code.atoms.iter().zip(&code.values) {
                uses[atom as usize] += usize::from(value.abs() > NEGLIGIBLE);
            }
        }
        let narrow: Vec<f32> = atoms.iter().map(|&v| v as f32).collect();
        let gram = self.gram(&narrow, &Factor::of_columns(&narrow, n));
        let mut gone = vec![false; self.atoms];
        for atom in 0..self.atoms {
            let row = &gram[atom * self.atoms..][..self.atoms];
            let alike =
                row.iter().enumerate().any(|(other, c)| other != atom && !gone[other] && c.abs() > MAX_COHERENCE);
            gone[atom] = uses[atom] < LEAST_USES || alike;
        }
        let count = gone.iter().filter(|gone| **gone).count();
        if count == 0 {
            return;
        }
        let error = |i: usize| {
            let mut rest: Vec<f64> = self.sample(samples, i).iter().map(|&x| f64::from(x)).collect();
            for (&atom, &value) in codes[i].atoms.iter().zip(&codes[i].values) {
                rest.iter_mut().zip(&atoms[atom as usize * n..][..n]).for_each(|(r, d)| *r -= value * d);
            }
            dot(&rest, &rest)
        };
        let mut worst: Vec<(f64, usize)> = (0..codes.len()).into_par_iter().map(|i| (error(i), i)).collect();
        worst.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let free = (0..self.atoms).filter(|&atom| gone[atom]);
        for (atom, (_, i)) in free.zip(worst) {
            let sample = unit(self.sample(samples, i));
            atoms[atom * n..][..n].copy_from_slice(&sample);
        }
    }
}

impl Code {
    /// The weight of an atom.
    fn of(&self, atom: usize) -> f64 {
        let found = self.atoms.iter().zip(&self.values).find(|&(&a, &v)| a as usize == atom && v != 0.0);
        found.map_or(0.0, |(_, v)| *v)
    }

    /// The nonzero weights of all other atoms.
    fn others(&self, atom: usize) -> impl Iterator<Item = (usize, f64)> {
        let all = self.atoms.into_iter().zip(self.values);
        all.map(|(a, v)| (a as usize, v)).filter(move |&(a, v)| a != atom && v != 0.0)
    }

    /// Sets the weight of an atom, if it is not zero.
    fn set(&mut self, atom: usize, value: f64) {
        for (a, v) in self.atoms.iter().zip(&mut self.values) {
            if *a as usize == atom && *v != 0.0 {
                *v = value;
            }
        }
    }
}

/// Shuffles by Fisher's and Yates's method.
pub(super) fn shuffle(order: &mut [usize], random: &mut SplitMix64) {
    for i in (1..order.len()).rev() {
        order.swap(i, random.below(i + 1));
    }
}

/// The sample at length one; a zero sample stays zero.
fn unit(sample: &[f32]) -> Vec<f64> {
    let length = sample.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>().sqrt();
    let scale = if length > 0.0 { 1.0 / length } else { 0.0 };
    sample.iter().map(|&v| f64::from(v) * scale).collect()
}

/// The code of one sample, given its scalar products with the atoms.
fn pursue(products: &[f32], gram: &[f32]) -> Code {
    let count = products.len();
    let mut code = Code::default();
    let mut rest = products.to_vec();
    for taken in 0..NONZEROS {
        let Some(next) = farthest(&rest) else { break };
        if f64::from(rest[next].abs()) < NEGLIGIBLE || code.atoms[..taken].contains(&(next as u32)) {
            break;
        }
        code.atoms[taken] = next as u32;
        let chosen = &code.atoms[..=taken];
        let Some(values) = least_squares(products, gram, chosen) else { break };
        code.values = values;
        rest.copy_from_slice(products);
        for (&atom, &value) in chosen.iter().zip(&values) {
            let row = &gram[atom as usize * count..][..count];
            rest.iter_mut().zip(row).for_each(|(r, g)| *r -= value as f32 * g);
        }
    }
    code
}

/// The weights of the chosen atoms that approximate the sample best.
fn least_squares(products: &[f32], gram: &[f32], chosen: &[u32]) -> Option<[f64; NONZEROS]> {
    let n = chosen.len();
    let at = |i: usize, j: usize| f64::from(gram[chosen[i] as usize * products.len() + chosen[j] as usize]);
    let mut a: Vec<f64> = (0..n * n).map(|at_| at(at_ / n, at_ % n)).collect();
    let mut values = [0.0; NONZEROS];
    for (value, &atom) in values.iter_mut().zip(chosen) {
        *value = f64::from(products[atom as usize]);
    }
    solve(&mut a, &mut values[..n], n).ok()?;
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The experiment of Aharon et al. 2006: samples of three atoms each, out of a dictionary that is to be found again. They
    /// found 46 to 49 of the 50 atoms within 0.01, after 80 rounds.
    #[test]
    fn atoms_that_made_the_samples_are_found_again() {
        let (length, atoms, count) = (20, 50, 1500);
        let mut random = SplitMix64::new(5);
        let truth: Vec<f64> =
            (0..atoms).flat_map(|_| unit(&(0..length).map(|_| random.normal() as f32).collect::<Vec<_>>())).collect();
        let mut samples = vec![0.0f32; count * length];
        for sample in samples.chunks_exact_mut(length) {
            for _ in 0..3 {
                let (atom, value) = (random.below(atoms), random.normal());
                sample.iter_mut().zip(&truth[atom * length..]).for_each(|(s, d)| *s += (value * d) as f32);
            }
        }
        let ksvd = Ksvd { length, atoms, iterations: 80 };
        let learnt = ksvd.learn(&samples, &mut random, |_| Ok::<_, ()>(())).expect("nothing fails");
        let found = truth
            .chunks_exact(length)
            .filter(|truth| learnt.atoms.chunks_exact(length).any(|atom| dot(atom, truth).abs() > 0.99));
        let found = found.count();
        assert!(found >= 44, "{found} of {atoms}");
    }

    #[test]
    fn a_sample_that_is_an_atom_needs_no_other() {
        let ksvd = Ksvd { length: 3, atoms: 3, iterations: 1 };
        let atoms = [1.0, 0.0, 0.0, 0.6, 0.8, 0.0, 0.0, 0.0, 1.0];
        let codes = ksvd.encode(&[0.0, 0.0, -2.0, 0.0, 0.0, 0.0], &atoms);
        assert_eq!((codes[0].of(2), codes[0].others(2).count()), (-2.0, 0));
        assert_eq!(codes[1], Code::default());
    }
}
