//! The mean of a network's results on a picture turned and mirrored in all eight ways.

use crate::Size;
use crate::engine::{Engine, EngineError};
use crate::parallel;
use crate::plane::Plane;
use crate::progress::Progress;

/// Ways to turn and mirror a rectangle.
pub(super) const WAYS: u64 = 8;
/// Rows and columns that are transposed together, so that both sides stay in the cache.
const BLOCK: usize = 32;

/// Runs the network eight times and gives the mean of what comes back, turned back.
///
/// # Errors
/// [`EngineError`].
pub(super) fn run(
    engine: &Engine,
    planes: &[Plane<f32>],
    progress: &dyn Progress,
) -> Result<Vec<Plane<f32>>, EngineError> {
    let mut sums = engine.run(planes, progress)?;
    for way in Way::all().skip(1) {
        let turned: Vec<_> = planes.iter().map(|plane| way.there(plane)).collect();
        let results = engine.run(&turned, progress)?;
        drop(turned);
        for (sum, result) in sums.iter_mut().zip(&results) {
            way.add_back(result, sum);
        }
    }
    let share = 1.0 / WAYS as f32;
    for sum in &mut sums {
        let width = sum.width();
        parallel::for_each(sum.as_mut_slice().chunks_mut(width), |row| row.iter_mut().for_each(|v| *v *= share));
    }
    Ok(sums)
}

/// A mirroring of columns and rows, and then perhaps a transposition.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Way {
    columns: bool,
    rows: bool,
    transpose: bool,
}

impl Way {
    /// All of them, the one that changes nothing first.
    fn all() -> impl Iterator<Item = Self> {
        (0..WAYS).map(|i| Self { columns: i & 1 != 0, rows: i & 2 != 0, transpose: i & 4 != 0 })
    }

    fn there(self, plane: &Plane<f32>) -> Plane<f32> {
        let Size { width, height } = plane.size();
        let (wide, high) = if self.transpose { (height, width) } else { (width, height) };
        let mut out = Plane::filled(wide, high, 0.0);
        in_blocks(&mut out, |value, x, y| {
            let (x, y) = if self.transpose { (y, x) } else { (x, y) };
            *value = plane.row(mirrored(y, height, self.rows))[mirrored(x, width, self.columns)];
        });
        out
    }

    /// Adds what became of a plane to `sum`, of that plane's size.
    fn add_back(self, result: &Plane<f32>, sum: &mut Plane<f32>) {
        let Size { width, height } = sum.size();
        in_blocks(sum, |value, x, y| {
            let (x, y) = (mirrored(x, width, self.columns), mirrored(y, height, self.rows));
            *value += if self.transpose { result.row(x)[y] } else { result.row(y)[x] };
        });
    }
}

/// Calls `f` with each sample and its column and row.
fn in_blocks(plane: &mut Plane<f32>, f: impl Fn(&mut f32, usize, usize) + Sync) {
    let width = plane.width();
    parallel::for_each(plane.as_mut_slice().chunks_mut(width * BLOCK).enumerate(), |(block, rows)| {
        for left in (0..width).step_by(BLOCK) {
            for (i, row) in rows.chunks_exact_mut(width).enumerate() {
                let part = &mut row[left..(left + BLOCK).min(width)];
                part.iter_mut().enumerate().for_each(|(j, value)| f(value, left + j, block * BLOCK + i));
            }
        }
    });
}

fn mirrored(i: usize, n: usize, mirror: bool) -> usize {
    if mirror { n - 1 - i } else { i }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_leads_back_and_no_two_are_the_same() {
        for (width, height) in [(1, 1), (2, 3), (31, 33), (65, 40)] {
            let plane = Plane::from_fn(width, height, |x, y| (y * width + x) as f32);
            let mut seen: Vec<Plane<f32>> = Vec::new();
            for way in Way::all() {
                let there = way.there(&plane);
                let mut back = Plane::filled(width, height, 0.0);
                way.add_back(&there, &mut back);
                assert_eq!(back, plane, "{way:?}");
                assert!(width * height < 6 || !seen.contains(&there), "{way:?}");
                seen.push(there);
            }
        }
    }
}
