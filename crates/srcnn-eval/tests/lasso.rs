//! The LASSO solver compared with that of scikit-learn, on problems from the same random numbers.

use std::path::Path;

use serde_json::Value;
use srcnn::random::SplitMix64;
use srcnn_eval::baseline::lasso::{Encoder, Gram};

/// The largest difference of objectives, which are 0.07 to 9.3.
const TOLERANCE: f64 = 1e-6;

struct Problem {
    length: usize,
    lambda: f64,
    /// Atom after atom.
    atoms: Vec<f64>,
    sample: Vec<f64>,
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// As `tools/oracles/make_lasso.py` draws it.
fn problem(seed: u64) -> Problem {
    let mut random = SplitMix64::new(seed);
    let length = 5 + (36.0 * random.unit()) as usize;
    let count = 5 + (76.0 * random.unit()) as usize;
    let share = 0.01 + 0.89 * random.unit();
    let mut atoms: Vec<f64> = Vec::new();
    for atom in 0..count {
        let alike = random.unit();
        for _ in 0..length {
            let value = 2.0 * random.unit() - 1.0;
            let before = atoms.len().checked_sub(length).map(|at| atoms[at]);
            let near = before.filter(|_| alike < 0.2 && atom > 0);
            atoms.push(near.map_or(value, |before| 0.1 * value + before));
        }
    }
    let sample: Vec<f64> = (0..length).map(|_| 2.0 * random.unit() - 1.0).collect();
    let largest = atoms.chunks_exact(length).map(|atom| dot(atom, &sample).abs()).fold(0.0, f64::max);
    Problem { length, lambda: share * largest, atoms, sample }
}

impl Problem {
    fn objective(&self, code: &[(usize, f64)]) -> f64 {
        let mut rest = self.sample.clone();
        for &(atom, weight) in code {
            rest.iter_mut().zip(&self.atoms[atom * self.length..]).for_each(|(r, d)| *r -= weight * d);
        }
        0.5 * dot(&rest, &rest) + self.lambda * code.iter().map(|(_, w)| w.abs()).sum::<f64>()
    }

    fn code(&self) -> Vec<(usize, f64)> {
        let atoms: Vec<&[f64]> = self.atoms.chunks_exact(self.length).collect();
        let gram = atoms.iter().flat_map(|a| atoms.iter().map(|b| dot(a, b))).collect();
        let products: Vec<f64> = atoms.iter().map(|atom| dot(atom, &self.sample)).collect();
        Gram::new(gram, atoms.len()).encode(&products, self.lambda, &mut Encoder::default()).to_vec()
    }
}

#[test]
fn the_objectives_are_those_of_scikit_learn() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/lasso.json");
    let truth: Value = serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON");
    let rows = truth["problems"].as_array().expect("problems");
    assert_eq!(rows.len(), 1000);
    let mut worst = (0.0, 0);
    for (seed, row) in rows.iter().enumerate() {
        let problem = problem(seed as u64);
        let code = problem.code();
        let (ours, theirs) = (problem.objective(&code), row[0].as_f64().expect("a number"));
        let off = (ours - theirs).abs();
        assert!(off <= TOLERANCE, "problem {seed}: {ours}, scikit-learn finds {theirs}");
        if off > worst.0 {
            worst = (off, seed);
        }
    }
    println!("at most {:.1e} (problem {})", worst.0, worst.1);
}
