//! Enlargement by a whole factor: the same few filters again and again, one a phase.

use srcnn_kernels::Isa;
use srcnn_kernels::filter::{MOST_PHASES, Phase, interleaved};

use super::taps::Taps;

/// The filters of a row that is enlarged by a whole factor, in f32, and those of the outputs that differ: at the edges, and
/// where weights are rounded differently.
#[derive(Clone, Debug)]
pub(super) struct Phases {
    /// The phases, beginning with the first period.
    phases: Vec<Phase>,
    /// Outputs of whole periods.
    inside: std::ops::Range<usize>,
    /// The other outputs, with their taps.
    others: Vec<(usize, Vec<(usize, f32)>)>,
}

impl Phases {
    /// The phases of taps for an input of `input` samples; none if the taps are not those of an enlargement by 2 to
    /// [`MOST_PHASES`], or too many of them differ.
    pub(super) fn of(taps: &Taps, input: usize) -> Option<Self> {
        let factor = taps.len() / input;
        if factor * input != taps.len() || !(2..=MOST_PHASES).contains(&factor) {
            return None;
        }
        let middle = input / 2;
        let phase = |p: usize| {
            let pairs = taps.at(factor * middle + p);
            let start = pairs.first()?.0;
            let successive = pairs.iter().enumerate().all(|(k, pair)| pair.0 == start + k);
            let weights: Vec<f32> = pairs.iter().map(|pair| pair.1 as f32).collect();
            successive.then_some((start as i64 - middle as i64, weights))
        };
        let phases = (0..factor).map(phase).collect::<Option<Vec<_>>>()?;
        let fits = |period: i64| {
            phases
                .iter()
                .all(|(start, weights)| period + start >= 0 && (period + start) as usize + weights.len() <= input)
        };
        let periods = (0..input as i64).find(|&i| fits(i))?..(0..input as i64).rfind(|&i| fits(i))? + 1;
        let inside = factor * periods.start as usize..factor * periods.end as usize;
        let differs = |x: usize| {
            let (start, weights) = &phases[x % factor];
            let first = (x / factor) as i64 + start;
            let pairs = taps.at(x);
            let same = |(k, pair): (usize, &(usize, f64))| {
                pair.0 as i64 == first + k as i64 && (pair.1 as f32).to_bits() == weights[k].to_bits()
            };
            pairs.len() != weights.len() || !pairs.iter().enumerate().all(same)
        };
        let others: Vec<_> = (0..taps.len())
            .filter(|x| !inside.contains(x) || differs(*x))
            .map(|x| (x, taps.at(x).iter().map(|pair| (pair.0, pair.1 as f32)).collect()))
            .collect();
        if others.len() > taps.len() / 4 {
            return None;
        }
        let phases =
            phases.into_iter().map(|(start, weights)| Phase { start: (start + periods.start) as usize, weights });
        Some(Self { phases: phases.collect(), inside, others })
    }

    /// Filters a row; `out` has the length of the result.
    pub(super) fn run(&self, isa: Isa, row: &[f32], out: &mut [f32]) {
        interleaved(isa, row, &self.phases, &mut out[self.inside.clone()]);
        for (x, taps) in &self.others {
            out[*x] = taps.iter().fold(0.0, |sum, &(position, weight)| sum + row[position] * weight);
        }
    }
}
