//! The palette of a picture with more colors than it has room for: boxes of colors are split where the squared error falls most
//! (M. Orchard and C. Bouman's measure, along one axis); their means, refined by k-means (Lloyd's iteration), are the palette.

use srcnn_image::parallel;

/// Bits of a sample by which colors are gathered.
const BITS: u32 = 6;
const BINS: usize = 1 << (3 * BITS);
/// Iterations of k-means.
const MOVES: usize = 4;
/// Points that a thread looks at, at a time.
const SHARE: usize = 256;

/// Colors that are near to each other: their mean, how many pixels they have, and the sum of the squares of their samples.
#[derive(Clone, Copy, Default)]
struct Point {
    mean: [f64; 3],
    weight: f64,
}

/// The best `most` colors for many.
pub(super) fn chosen(colors: &[Option<[u8; 3]>], most: usize) -> Vec<[u8; 3]> {
    let mut points = gathered(colors);
    let mut boxes = vec![Part::of(&mut points)];
    while boxes.len() < most {
        let worst = boxes.iter().enumerate().max_by(|(_, a), (_, b)| a.gain.total_cmp(&b.gain));
        let Some((worst, _)) = worst.filter(|(_, part)| part.gain > 0.0) else { break };
        let (a, b) = boxes.swap_remove(worst).split();
        boxes.extend([a, b]);
    }
    let mut palette: Vec<[f64; 3]> = boxes.iter().map(|part| mean(part.points)).collect();
    drop(boxes);
    for _ in 0..MOVES {
        moved(&points, &mut palette);
    }
    let mut rounded: Vec<[u8; 3]> = palette.iter().map(|c| c.map(|v| v.round().clamp(0.0, 255.0) as u8)).collect();
    rounded.sort_unstable();
    rounded.dedup();
    rounded
}

/// The colors, the near ones put together.
fn gathered(colors: &[Option<[u8; 3]>]) -> Vec<Point> {
    /// The bits of a sample that do not tell the bin.
    const REST: u8 = (1 << (8 - BITS)) - 1;
    /// Pixels whose sums of these bits fit into 32 bits.
    const BLOCK: usize = 1 << 24;
    // The sums of the rest of each channel, and the number of pixels.
    let mut totals = vec![[0u64; 4]; if colors.len() > BLOCK { BINS } else { 0 }];
    let mut bins = vec![[0u32; 4]; BINS];
    for block in colors.chunks(BLOCK) {
        for color in block.iter().flatten() {
            let place = color.iter().fold(0, |place, v| place << BITS | usize::from(v >> (8 - BITS)));
            let [r, g, b] = color.map(|v| u32::from(v & REST));
            bins[place].iter_mut().zip([r, g, b, 1]).for_each(|(sum, v)| *sum += v);
        }
        for (total, bin) in totals.iter_mut().zip(&mut bins) {
            total.iter_mut().zip(std::mem::take(bin)).for_each(|(total, v)| *total += u64::from(v));
        }
    }
    let point = |place: usize, [r, g, b, count]: [u64; 4]| {
        let low = |c: usize| (place >> ((2 - c) as u32 * BITS) & ((1 << BITS) - 1)) as u64;
        let sums = [r, g, b].into_iter().enumerate().map(|(c, rest)| (low(c) << (8 - BITS)) * count + rest);
        let mut mean = [0.0; 3];
        mean.iter_mut().zip(sums).for_each(|(mean, sum)| *mean = sum as f64 / count as f64);
        Point { mean, weight: count as f64 }
    };
    let filled = |counts: &[u64; 4]| counts[3] > 0;
    if totals.is_empty() {
        let bins = bins.into_iter().map(|bin| bin.map(u64::from)).enumerate();
        bins.filter(|(_, bin)| filled(bin)).map(|(place, bin)| point(place, bin)).collect()
    } else {
        totals.into_iter().enumerate().filter(|(_, bin)| filled(bin)).map(|(place, bin)| point(place, bin)).collect()
    }
}

fn mean(points: &[Point]) -> [f64; 3] {
    let weight: f64 = points.iter().map(|p| p.weight).sum();
    [0, 1, 2].map(|c| points.iter().map(|p| p.mean[c] * p.weight).sum::<f64>() / weight)
}

/// Colors that share one of the palette, and what it would give to split them.
struct Part<'a> {
    /// Along the axis of the split.
    points: &'a mut [Point],
    /// How many come before it.
    at: usize,
    /// By how much the sum of squared errors would be less.
    gain: f64,
}

impl<'a> Part<'a> {
    fn of(points: &'a mut [Point]) -> Self {
        let middle = mean(points);
        let spread = [0, 1, 2].map(|c| points.iter().map(|p| p.weight * (p.mean[c] - middle[c]).powi(2)).sum::<f64>());
        let axis = (0..3).max_by(|a, b| spread[*a].total_cmp(&spread[*b])).unwrap_or(0);
        points.sort_unstable_by(|a, b| a.mean[axis].total_cmp(&b.mean[axis]));
        let (mut weight, mut sums) = (0.0, [0.0; 3]);
        let all: f64 = points.iter().map(|p| p.weight).sum();
        let (mut at, mut gain) = (0, 0.0);
        for (i, point) in points.iter().enumerate().take(points.len() - 1) {
            weight += point.weight;
            let rest = all - weight;
            let mut less = 0.0;
            for c in 0..3 {
                sums[c] += point.weight * (point.mean[c] - middle[c]);
                // Both sums of what is off the mean are the same, but for the sign.
                less += sums[c] * sums[c] * (1.0 / weight + 1.0 / rest);
            }
            if less > gain {
                (at, gain) = (i + 1, less);
            }
        }
        Self { points, at, gain }
    }

    fn split(self) -> (Self, Self) {
        let (a, b) = self.points.split_at_mut(self.at);
        (Self::of(a), Self::of(b))
    }
}

/// Moves each color of a palette to the mean of the points that are nearest to it.
fn moved(points: &[Point], palette: &mut [[f64; 3]]) {
    let blocks = Blocks::of(palette);
    let nearest = parallel::map(points.chunks(SHARE), |points| {
        points.iter().map(|point| blocks.nearest(point.mean)).collect::<Vec<_>>()
    });
    let mut sums = vec![([0.0; 3], 0.0); palette.len()];
    for (point, nearest) in points.iter().zip(nearest.into_iter().flatten()) {
        let (sum, weight) = &mut sums[nearest];
        (0..3).for_each(|c| sum[c] += point.mean[c] * point.weight);
        *weight += point.weight;
    }
    for (color, (sum, weight)) in palette.iter_mut().zip(sums).filter(|(_, (_, weight))| *weight > 0.0) {
        *color = sum.map(|v| v / weight);
    }
}

/// Colors of a palette beside each other.
struct Blocks(Vec<[[f64; LANES]; 3]>);

const LANES: usize = 4;

impl Blocks {
    fn of(palette: &[[f64; 3]]) -> Self {
        let block = |colors: &[[f64; 3]]| {
            // What is missing is infinitely far.
            [0, 1, 2].map(|c| std::array::from_fn(|i| colors.get(i).map_or(f64::INFINITY, |color| color[c])))
        };
        Self(palette.chunks(LANES).map(block).collect())
    }

    /// The first of the nearest.
    fn nearest(&self, color: [f64; 3]) -> usize {
        let (mut least, mut places) = ([f64::INFINITY; LANES], [0.0; LANES]);
        let mut place = 0.0;
        for [r, g, b] in &self.0 {
            for i in 0..LANES {
                let distance = (color[0] - r[i]).powi(2) + (color[1] - g[i]).powi(2) + (color[2] - b[i]).powi(2);
                let nearer = distance < least[i];
                places[i] = if nearer { place } else { places[i] };
                least[i] = if nearer { distance } else { least[i] };
            }
            place += 1.0;
        }
        let place = |i: usize| places[i] as usize * LANES + i;
        let best = (0..LANES).min_by(|a, b| least[*a].total_cmp(&least[*b]).then(place(*a).cmp(&place(*b))));
        best.map_or(0, place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_nearest_is_found() {
        for size in 1..=9 {
            let palette: Vec<[f64; 3]> = (0..size).map(|i| [(i * 7 % 5) as f64, (i % 3) as f64, 1.0]).collect();
            let blocks = Blocks::of(&palette);
            for i in 0..200 {
                let color = [(i % 11) as f64 / 2.0, (i % 7) as f64 / 2.0, 0.5];
                let distance = |c: &[f64; 3]| (0..3).map(|i| (c[i] - color[i]).powi(2)).sum::<f64>();
                let first = (0..size).min_by(|a, b| distance(&palette[*a]).total_cmp(&distance(&palette[*b])));
                assert_eq!(Some(blocks.nearest(color)), first, "{size} colors, {color:?}");
            }
        }
    }

    #[test]
    fn colors_of_a_bin_have_their_mean() {
        let colors = [Some([5, 6, 255]), None, Some([7, 4, 252]), Some([8, 4, 252]), Some([7, 5, 254])];
        let points = gathered(&colors);
        let found: Vec<_> = points.iter().map(|p| (p.mean, p.weight)).collect();
        assert_eq!(found, [([19.0 / 3.0, 5.0, 761.0 / 3.0], 3.0), ([8.0, 4.0, 252.0], 1.0)]);
    }
}
