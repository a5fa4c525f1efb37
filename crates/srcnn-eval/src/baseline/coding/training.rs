//! Pairs of dictionaries for [`super::Coder`], learnt jointly: one code for both halves of a patch.

use rayon::prelude::*;
use srcnn::Size;
use srcnn::crop::modcrop;
use srcnn::plane::Plane;
use srcnn::quantize::to_u8;
use srcnn::random::SplitMix64;
use srcnn::resample::Edge;
use srcnn::resample::matlab::resize;

use super::super::BaselineError;
use super::super::course::Course;
use super::super::features::{Derivatives, Differences, window};
use super::super::half;
use super::super::ksvd::shuffle;
use super::super::lasso::Encoder;
use super::super::linear::{add_scaled, dot};
use super::super::product::Factor;
use super::{PATCH, gram, norm};

/// Pixels of a patch.
const PIXELS: usize = PATCH * PATCH;
/// Patches whose pixels (0 to 255) have a smaller variance are left out.
const LEAST_VARIANCE: f32 = 10.0;
/// Samples that are coded at a time.
const CHUNK: usize = 256;
/// Passes over the atoms, given the codes of a round.
const PASSES: usize = 10;

/// How dictionaries are learnt.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Learning {
    /// Atoms.
    pub atoms: usize,
    /// Rounds of coding and of fitting.
    pub iterations: usize,
    /// Weight of the codes' size.
    pub lambda: f64,
    /// Patches that are drawn, the flat ones among them.
    pub samples: usize,
}

/// Atoms of both dictionaries, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Dictionaries {
    /// Derivatives.
    pub low: Vec<f32>,
    /// Pixels without their mean.
    pub high: Vec<f32>,
}

impl Dictionaries {
    /// The same as files hold it.
    pub fn rounded(mut self) -> Self {
        for values in [&mut self.low, &mut self.high] {
            values.iter_mut().for_each(|v| *v = half::round(*v));
        }
        self
    }

    /// Learns from lumas, 0.0 to 1.0; `course` covers all of it.
    ///
    /// # Errors
    /// [`BaselineError::TooFewSamples`], [`BaselineError::Cancelled`].
    pub fn learn(
        pictures: &[Plane<f64>],
        scale: usize,
        learning: Learning,
        random: &mut SplitMix64,
        course: &mut Course<'_>,
    ) -> Result<Self, BaselineError> {
        let length = Derivatives::length(PATCH);
        let samples = draw(pictures, scale, learning.samples, random)?;
        let joint = PIXELS + length;
        let count = samples.len() / joint;
        if count < learning.atoms {
            return Err(BaselineError::TooFewSamples { found: count, needed: learning.atoms });
        }
        let mut atoms = first_atoms(learning.atoms, joint, random);
        course.reach(0.02)?;
        for round in 0..learning.iterations {
            let sums = encode(&samples, &atoms, joint, learning.lambda);
            sums.fit(&mut atoms);
            course.reach(0.02 + 0.98 * (round + 1) as f64 / learning.iterations as f64)?;
        }
        let half = |from: usize, to: usize| {
            atoms.chunks_exact(joint).flat_map(|atom| atom[from..to].iter().map(|&v| v as f32)).collect()
        };
        Ok(Self { high: half(0, PIXELS), low: half(PIXELS, joint) })
    }
}

/// Random patches of all pictures, as many of each as it has pixels: pixels and derivatives, together of length one.
fn draw(
    pictures: &[Plane<f64>],
    scale: usize,
    samples: usize,
    random: &mut SplitMix64,
) -> Result<Vec<f32>, BaselineError> {
    let pixels = |luma: &Plane<f64>| luma.width() * luma.height();
    let total: usize = pictures.iter().map(pixels).sum();
    let mut drawn = Vec::new();
    for luma in pictures {
        let share = (samples as f64 * pixels(luma) as f64 / total as f64) as usize;
        let Some(luma) = modcrop(luma.size(), scale).ok().and_then(|whole| luma.crop(whole).ok()) else { continue };
        // The authors' program has pictures of 8 bits until it takes derivatives.
        let luma = luma.map(to_u8);
        let Size { width, height } = luma.size();
        let inside = |n: usize| n.saturating_sub(2 * PATCH + 1);
        let (columns, rows) = (inside(width), inside(height));
        if columns * rows == 0 {
            continue;
        }
        let small = resize(&luma, (width / scale, height / scale), Edge::Mirror)?;
        let large = resize(&small, luma.size(), Edge::Mirror)?.map(f32::from);
        let luma = luma.map(f32::from);
        let derivatives = Derivatives::new(&large, Differences::YANG);
        // As the authors' program draws them: rows in random order, the columns of each in one random order.
        let shuffled = |n: usize, random: &mut SplitMix64| {
            let mut order: Vec<usize> = (PATCH..PATCH + n).collect();
            shuffle(&mut order, random);
            order
        };
        let (rows, columns) = (shuffled(rows, random), shuffled(columns, random));
        for (y, x) in rows.iter().flat_map(|&y| columns.iter().map(move |&x| (y, x))).take(share) {
            join(&luma, &derivatives, (x, y), &mut drawn);
        }
    }
    Ok(drawn)
}

/// Appends a patch unless it is flat.
fn join(luma: &Plane<f32>, derivatives: &Derivatives, (x, y): (usize, usize), to: &mut Vec<f32>) {
    let at = to.len();
    window(luma, x, y, PATCH, to);
    let mean = to[at..].iter().sum::<f32>() / PIXELS as f32;
    to[at..].iter_mut().for_each(|v| *v -= mean);
    let length = norm(&to[at..]);
    derivatives.window(x, y, PATCH, to);
    let features = norm(&to[at + PIXELS..]);
    if length * length / (PIXELS - 1) as f32 <= LEAST_VARIANCE || features == 0.0 {
        to.truncate(at);
        return;
    }
    // Each half of length one counts as much as it has numbers.
    let joint = (to.len() - at) as f32;
    let share = |numbers: usize, length: f32| (numbers as f32 / joint).sqrt() / length;
    let (high, low) = (share(PIXELS, length), share(to.len() - at - PIXELS, features));
    to[at..at + PIXELS].iter_mut().for_each(|v| *v *= high);
    to[at + PIXELS..].iter_mut().for_each(|v| *v *= low);
}

/// Random directions.
fn first_atoms(atoms: usize, length: usize, random: &mut SplitMix64) -> Vec<f64> {
    let mut all: Vec<f64> = (0..atoms * length).map(|_| random.unit() - 0.5).collect();
    for atom in all.chunks_exact_mut(length) {
        let mean = atom.iter().sum::<f64>() / length as f64;
        atom.iter_mut().for_each(|v| *v -= mean);
        let norm = dot(atom, atom).sqrt();
        atom.iter_mut().for_each(|v| *v /= norm);
    }
    all
}

/// What the codes `S` of samples `X` say about atoms: `S S'`, and `S X'`.
struct Sums {
    length: usize,
    codes: Vec<f64>,
    both: Vec<f64>,
    used: Vec<bool>,
}

fn encode(samples: &[f32], atoms: &[f64], length: usize, lambda: f64) -> Sums {
    let narrow: Vec<f32> = atoms.iter().map(|&v| v as f32).collect();
    let factor = Factor::of_columns(&narrow, length);
    let gram = gram(&narrow, &factor, length);
    let count = gram.atoms();
    let codes: Vec<Vec<(usize, f64)>> = samples
        .par_chunks(CHUNK * length)
        .flat_map_iter(|samples| {
            let (mut products, mut encoder) = (Vec::new(), Encoder::default());
            factor.apply(samples, length, &mut products);
            let rows = products.chunks_exact(factor.stride());
            rows.map(|row| gram.encode(&row[..count], lambda, &mut encoder).to_vec()).collect::<Vec<_>>()
        })
        .collect();
    let mut sums =
        Sums { length, codes: vec![0.0; count * count], both: vec![0.0; count * length], used: vec![false; count] };
    for (code, sample) in codes.iter().zip(samples.chunks_exact(length)) {
        for &(i, a) in code {
            sums.used[i] = true;
            code.iter().for_each(|&(j, b)| sums.codes[i * count + j] += a * b);
            let to = &mut sums.both[i * length..][..length];
            to.iter_mut().zip(sample).for_each(|(to, &x)| *to += a * f64::from(x));
        }
    }
    sums
}

impl Sums {
    /// Atoms of at most length one that fit best, given the codes, by descent over one atom after the other (Mairal et
    /// al. 2010): the optimum is the one that Lee et al. 2006 find by the dual.
    fn fit(&self, atoms: &mut [f64]) {
        let (count, length) = (self.used.len(), self.length);
        let mut step = vec![0.0; length];
        for _ in 0..PASSES {
            for j in 0..count {
                if !self.used[j] {
                    atoms[j * length..][..length].fill(0.0);
                    continue;
                }
                let row = &self.codes[j * count..][..count];
                step.copy_from_slice(&self.both[j * length..][..length]);
                for (k, &product) in row.iter().enumerate().filter(|(_, product)| **product != 0.0) {
                    add_scaled(&mut step, &atoms[k * length..][..length], -product);
                }
                let atom = &mut atoms[j * length..][..length];
                add_scaled(atom, &step, 1.0 / row[j]);
                let norm = dot(atom, atom).sqrt();
                if norm > 1.0 {
                    atom.iter_mut().for_each(|v| *v /= norm);
                }
            }
        }
    }
}
