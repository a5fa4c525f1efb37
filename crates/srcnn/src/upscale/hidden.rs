//! Colors under zero alpha, replaced before filtering.
//!
//! Files keep any color where alpha is zero. A filter would mix it into visible edges as a fringe. Here it is replaced by the mean
//! of its visible neighbours, ring after ring from the edge outwards, as far as any filter reaches.

use std::borrow::Cow;

use crate::image::{Image, Pixels, Samples};
use crate::{Edge, Size};

/// Rings that are filled. From farther away no interpolation and no network of this kind brings anything to what is seen; and
/// so far, no farther, results depend on rows above and below.
pub(super) const RINGS: usize = 32;

/// The picture with the colors under zero alpha filled from their neighbours, weighted by their alpha; alpha stays. Without
/// such pixels, or without any others, it is the picture itself.
pub fn filled(image: &Image, edge: Edge) -> Cow<'_, Image> {
    if !image.has_alpha() {
        return Cow::Borrowed(image);
    }
    let samples = match image.samples() {
        Samples::U8(pixels) => fill(pixels, edge).map(Samples::U8),
        Samples::U16(pixels) => fill(pixels, edge).map(Samples::U16),
        Samples::F32(pixels) => fill(pixels, edge).map(Samples::F32),
    };
    let Some(samples) = samples else { return Cow::Borrowed(image) };
    let mut filled = Image::new(samples).expect("the channels of a picture");
    filled.metadata = image.metadata.clone();
    Cow::Owned(filled)
}

/// A sample of a file.
trait Stored: Copy + Default + Send + Sync {
    /// What holds any sum of samples times weights.
    type Sum: Copy + Default;

    /// As alpha: what its color counts, zero if it is hidden.
    fn weight(self) -> u32;

    /// Adds itself so many times.
    fn add(self, sum: &mut Self::Sum, weight: u32);

    /// The sum over the weight of all, which is not zero.
    fn mean(sum: Self::Sum, weight: u64) -> Self;
}

macro_rules! stored_integer {
    ($integer:ty) => {
        impl Stored for $integer {
            type Sum = u64;

            fn weight(self) -> u32 {
                self.into()
            }

            fn add(self, sum: &mut u64, weight: u32) {
                *sum += u64::from(weight) * u64::from(self);
            }

            fn mean(sum: u64, weight: u64) -> Self {
                ((sum + weight / 2) / weight) as Self
            }
        }
    };
}
stored_integer!(u8);
stored_integer!(u16);

impl Stored for f32 {
    type Sum = f64;

    fn weight(self) -> u32 {
        // The faintest that is seen counts the least, and not nothing.
        if self > 0.0 { ((self * 65535.0) as u32).clamp(1, 65535) } else { 0 }
    }

    fn add(self, sum: &mut f64, weight: u32) {
        *sum += f64::from(weight) * f64::from(self);
    }

    fn mean(sum: f64, weight: u64) -> Self {
        (sum / weight as f64) as Self
    }
}

fn fill<T: Stored>(pixels: &Pixels<T>, edge: Edge) -> Option<Pixels<T>> {
    let (size, channels) = (pixels.size(), pixels.channels());
    let mut data = pixels.as_slice().to_vec();
    // What a color counts for its neighbours: its alpha where it is seen, one once it is filled, nothing before.
    let mut weights: Vec<u32> = data.chunks_exact(channels).map(|pixel| pixel[channels - 1].weight()).collect();
    let hidden = weights.iter().filter(|&&weight| weight == 0).count();
    if hidden == 0 || hidden == weights.len() {
        return None;
    }
    let around = |i: usize| neighbours(i, size, edge);
    let mut ring: Vec<usize> =
        (0..weights.len()).filter(|&i| weights[i] == 0 && around(i).any(|n| weights[n] != 0)).collect();
    let mut found = vec![false; weights.len()];
    for _ in 0..RINGS {
        // All of a ring is computed from the rings before, so that the order within it does not matter.
        let colors: Vec<[T; 3]> = ring.iter().map(|&i| mean(&data, channels, &weights, around(i))).collect();
        for (&i, color) in ring.iter().zip(&colors) {
            data[i * channels..(i + 1) * channels - 1].copy_from_slice(&color[..channels - 1]);
            weights[i] = 1;
        }
        let mut next = Vec::new();
        for n in ring.iter().flat_map(|&i| around(i)) {
            if weights[n] == 0 && !found[n] {
                found[n] = true;
                next.push(n);
            }
        }
        ring = next;
    }
    Some(Pixels::new(size.width, size.height, channels, data).expect("as many samples as before"))
}

/// The mean color of those that count.
fn mean<T: Stored>(data: &[T], channels: usize, weights: &[u32], around: impl Iterator<Item = usize>) -> [T; 3] {
    let (mut sums, mut total) = ([T::Sum::default(); 3], 0u64);
    for i in around {
        total += u64::from(weights[i]);
        for (sum, &sample) in sums.iter_mut().zip(&data[i * channels..(i + 1) * channels - 1]) {
            sample.add(sum, weights[i]);
        }
    }
    sums.map(|sum| T::mean(sum, total))
}

/// The pixels next to number `i`, corners included; at an edge, those that lie beyond it by the rule.
fn neighbours(i: usize, Size { width, height }: Size, edge: Edge) -> impl Iterator<Item = usize> {
    let (x, y) = ((i % width) as i64, (i / width) as i64);
    let offsets = (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dx, dy))).filter(|&offset| offset != (0, 0));
    offsets.map(move |(dx, dy)| edge.position(y + dy, height) * width + edge.position(x + dx, width))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rgba(width: usize, height: usize, f: impl Fn(usize, usize) -> [u8; 4]) -> Image {
        let data = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).flat_map(|(x, y)| f(x, y)).collect();
        Image::from_u8(Pixels::new(width, height, 4, data).expect("filled")).expect("RGBA")
    }

    #[test]
    fn hidden_colors_become_those_of_their_neighbours() {
        let image = rgba(9, 7, |x, _| if x < 3 { [200, 10, 30, 255] } else { [0, 255, 0, 0] });
        let filled = filled(&image, Edge::Replicate).to_u8();
        for (i, pixel) in filled.as_slice().chunks(4).enumerate() {
            assert_eq!(pixel, if i % 9 < 3 { [200, 10, 30, 255] } else { [200, 10, 30, 0] });
        }
    }

    #[test]
    fn only_what_wraps_is_filled_across_the_edge() {
        let image = rgba(12, 1, |x, _| match x {
            0 => [255, 0, 0, 255],
            6 => [0, 0, 255, 255],
            _ => [0, 255, 0, 0],
        });
        let at = |edge, x: usize| filled(&image, edge).to_u8().as_slice()[4 * x..4 * x + 3].to_vec();
        assert_eq!(at(Edge::Replicate, 11), [0, 0, 255]);
        assert_eq!(at(Edge::Wrap, 11), [255, 0, 0]);
    }

    #[test]
    fn what_is_opaque_or_invisible_as_a_whole_is_left_alone() {
        for alpha in [0, 1, 255] {
            let image = rgba(4, 3, |x, y| [x as u8, y as u8, 7, alpha]);
            assert!(matches!(filled(&image, Edge::Mirror), Cow::Borrowed(_)), "{alpha}");
        }
    }

    #[test]
    fn faint_pixels_count_less() {
        let image = rgba(3, 1, |x, _| [[100, 0, 0, 250], [9, 9, 9, 0], [0, 100, 0, 2]][x]);
        let filled = filled(&image, Edge::Wrap).to_u8();
        assert_eq!(filled.as_slice()[4..8], [99, 1, 0, 0]);
    }
}
