//! Filters of rows (ISO/IEC 15948, clause 9), chosen row by row.

/// Types of filters.
const SUB: u8 = 1;
const UP: u8 = 2;
const AVERAGE: u8 = 3;
const PAETH: u8 = 4;

/// Rows as filters leave them, one for each filter that is tried.
pub(super) struct Filters {
    tried: [(u8, Vec<u8>); 4],
}

impl Filters {
    /// For rows of so many bytes.
    pub(super) fn new(row: usize) -> Self {
        Self { tried: [UP, SUB, AVERAGE, PAETH].map(|kind| (kind, vec![0; row])) }
    }

    /// Appends the type of a filter and the row that it leaves: the filter whose differences are the smallest in sum. `pixel` is
    /// the number of bytes of a pixel.
    pub(super) fn filter(&mut self, above: &[u8], row: &[u8], pixel: usize, to: &mut Vec<u8>) {
        let (mut best, mut least) = (0, u64::MAX);
        for (i, (kind, out)) in self.tried.iter_mut().enumerate() {
            match *kind {
                UP => up(above, row, out),
                SUB => sub(row, pixel, out),
                AVERAGE => average(above, row, pixel, out),
                _ => paeth(above, row, pixel, out),
            }
            let cost = cost(out);
            if cost <= least {
                (best, least) = (i, cost);
                if cost == 0 {
                    break;
                }
            }
        }
        let (kind, out) = &self.tried[best];
        to.push(*kind);
        to.extend_from_slice(out);
    }
}

fn up(above: &[u8], row: &[u8], out: &mut [u8]) {
    out.iter_mut().zip(row).zip(above).for_each(|((out, v), b)| *out = v.wrapping_sub(*b));
}

fn sub(row: &[u8], pixel: usize, out: &mut [u8]) {
    let pixel = pixel.min(row.len());
    out[..pixel].copy_from_slice(&row[..pixel]);
    out[pixel..].iter_mut().zip(&row[pixel..]).zip(row).for_each(|((out, v), a)| *out = v.wrapping_sub(*a));
}

fn average(above: &[u8], row: &[u8], pixel: usize, out: &mut [u8]) {
    let pixel = pixel.min(row.len());
    out.iter_mut().zip(row).zip(above).take(pixel).for_each(|((out, v), b)| *out = v.wrapping_sub(b / 2));
    let rest = out[pixel..].iter_mut().zip(&row[pixel..]).zip(&above[pixel..]).zip(row);
    // Rounded down, without a carry.
    rest.for_each(|(((out, v), b), a)| *out = v.wrapping_sub((a & b) + ((a ^ b) >> 1)));
}

fn paeth(above: &[u8], row: &[u8], pixel: usize, out: &mut [u8]) {
    let pixel = pixel.min(row.len());
    up(&above[..pixel], &row[..pixel], &mut out[..pixel]);
    let rest = out[pixel..].iter_mut().zip(&row[pixel..]).zip(&above[pixel..]).zip(row).zip(above);
    rest.for_each(|((((out, v), b), a), c)| *out = v.wrapping_sub(predicted(*a, *b, *c)));
}

/// The one of left, above, and above on the left that is nearest to left + above - above on the left.
#[inline(always)]
fn predicted(a: u8, b: u8, c: u8) -> u8 {
    let [left, up, corner] = [a, b, c].map(i16::from);
    let (to_left, to_up) = ((up - corner).abs(), (left - corner).abs());
    let to_corner = (left + up - 2 * corner).abs();
    let other = if to_up <= to_corner { b } else { c };
    if to_left <= to_up.min(to_corner) { a } else { other }
}

/// The sum of differences, without signs.
fn cost(filtered: &[u8]) -> u64 {
    let (chunks, rest) = filtered.as_chunks::<64>();
    let sum = |bytes: &[u8]| bytes.iter().map(|v| u32::from((*v as i8).unsigned_abs())).sum::<u32>();
    chunks.iter().map(|chunk| u64::from(sum(chunk))).sum::<u64>() + u64::from(sum(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the standard states them.
    fn unfiltered(kind: u8, filtered: &[u8], above: &[u8], pixel: usize) -> Vec<u8> {
        let mut row: Vec<u8> = Vec::new();
        for (i, v) in filtered.iter().enumerate() {
            let left = |row: &[u8]| i.checked_sub(pixel).map_or(0, |i| i32::from(row[i]));
            let (a, b, c) = (left(&row), i32::from(above[i]), left(above));
            let estimate = a + b - c;
            let [pa, pb, pc] = [a, b, c].map(|v| (estimate - v).abs());
            let prediction = match kind {
                SUB => a,
                UP => b,
                AVERAGE => (a + b) / 2,
                PAETH if pa <= pb && pa <= pc => a,
                PAETH if pb <= pc => b,
                PAETH => c,
                _ => 0,
            };
            row.push(v.wrapping_add(prediction as u8));
        }
        row
    }

    #[test]
    fn every_filter_is_undone_by_the_standard() {
        for pixel in [1, 2, 3, 4, 6, 8] {
            for pixels in [1, 2, 5, 100] {
                let length = pixel * pixels;
                let noise =
                    |seed: usize| (0..length).map(|i| ((i + seed) * (i * 7 + 31) / 5) as u8).collect::<Vec<u8>>();
                let ramp: Vec<u8> = (0..length).map(|i| (i * 3) as u8).collect();
                let even = vec![77; length];
                let mut chosen = Vec::new();
                for (above, row) in
                    [(noise(1), noise(2)), (vec![0; length], ramp.clone()), (ramp.clone(), ramp), (even.clone(), even)]
                {
                    let mut out = vec![0; length];
                    for kind in [SUB, UP, AVERAGE, PAETH] {
                        match kind {
                            UP => up(&above, &row, &mut out),
                            SUB => sub(&row, pixel, &mut out),
                            AVERAGE => average(&above, &row, pixel, &mut out),
                            _ => paeth(&above, &row, pixel, &mut out),
                        }
                        assert_eq!(unfiltered(kind, &out, &above, pixel), row, "filter {kind}, {pixel} bytes a pixel");
                    }
                    let mut best = Vec::new();
                    Filters::new(length).filter(&above, &row, pixel, &mut best);
                    assert_eq!(unfiltered(best[0], &best[1..], &above, pixel), row);
                    chosen.push(best[0]);
                }
                assert_eq!(chosen[2], UP, "a row like the one above it");
            }
        }
    }
}
