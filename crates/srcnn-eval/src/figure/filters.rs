//! The filters of a first layer, and what layers make of a picture, as pictures: as the paper shows them.

use srcnn::Size;
use srcnn::image::{Image, Pixels};
use srcnn::plane::Plane;
use srcnn::resample::{Convention, resize_u8};

use super::canvas::Canvas;

/// Pixels between two filters, and around them all.
pub const GAP: usize = 2;
/// The grey of a filter whose values are all the same.
const FLAT: u8 = 128;

/// Draws `count` filters of `taps` x `taps` in a grid, row by row, the one of the greatest variance first.
///
/// `kernels` are in the order filter, input, row, column, `inputs` planes a filter; a filter is shown as the mean of
/// these. Each is grey from its least value, black, to its greatest, white, whatever those of the others are; one of a
/// single value is mid-grey, as is a value that is not finite. A value is a square of `zoom` pixels, at least one;
/// [`GAP`] white pixels part the filters and surround them. The picture is 8-bit RGB.
///
/// # Panics
/// If `kernels` does not have `count * inputs * taps * taps` values.
pub fn draw(kernels: &[f32], count: usize, inputs: usize, taps: usize, zoom: usize) -> Image {
    let (area, zoom) = (taps * taps, zoom.max(1));
    let expected = count * inputs * area;
    assert!(kernels.len() == expected, "{} values, not {count} x {inputs} x {taps} x {taps}", kernels.len());
    let columns = columns(count);
    let pitch = taps * zoom + GAP;
    let mut canvas = Canvas::new(columns * pitch + GAP, count.div_ceil(columns) * pitch + GAP);
    if expected > 0 {
        for (i, number) in by_variance(kernels, count, taps).into_iter().enumerate() {
            let filter = mean(&kernels[number * inputs * area..][..inputs * area], area);
            let grey = shades(&filter).into_iter().flat_map(|v| [v; 3]).collect();
            let pixels = Pixels::new(taps, taps, 3, grey).expect("three samples a value");
            canvas.picture(GAP + i % columns * pitch, GAP + i / columns * pitch, &pixels, zoom);
        }
    }
    canvas.into_image()
}

/// The numbers of the filters in the order in which [`draw`] shows them, the one of the greatest variance first.
///
/// # Panics
/// If `kernels` is not `count` filters of whole planes of `taps` x `taps`.
pub fn by_variance(kernels: &[f32], count: usize, taps: usize) -> Vec<usize> {
    let (area, each) = ((taps * taps).max(1), kernels.len() / count.max(1));
    assert!(each * count == kernels.len() && each.is_multiple_of(area), "whole filters of {taps} x {taps}");
    let variances: Vec<f64> = kernels.chunks_exact(each.max(1)).map(|f| variance(&mean(f, area))).collect();
    let mut order: Vec<usize> = (0..variances.len()).collect();
    order.sort_by(|&a, &b| variances[b].total_cmp(&variances[a]));
    order
}

/// Draws the maps that a layer gives for a picture in a grid, row by row, in this order.
///
/// Each is grey from its least value, black, to its greatest, white; one of a single value is mid-grey. Maps that are wider
/// than `most` pixels are shown smaller. [`GAP`] white pixels part the maps and surround them. The picture is 8-bit RGB.
pub fn draw_maps(maps: &[Plane<f32>], most: usize) -> Image {
    let Some(first) = maps.first() else { return Canvas::new(GAP, GAP).into_image() };
    let Size { width, height } = first.size();
    let shown = if width > most { (most, (height * most / width).max(1)) } else { (width, height) };
    let columns = columns(maps.len());
    let pitch = (shown.0 + GAP, shown.1 + GAP);
    let mut canvas = Canvas::new(columns * pitch.0 + GAP, maps.len().div_ceil(columns) * pitch.1 + GAP);
    for (i, map) in maps.iter().enumerate() {
        let values: Vec<f64> = map.as_slice().iter().map(|&v| f64::from(v)).collect();
        let grey = shades(&values).into_iter().flat_map(|v| [v; 3]).collect();
        let pixels = Pixels::new(width, height, 3, grey).expect("three samples a value");
        let pixels = resize_u8(&pixels, shown, Convention::OpencvArea).expect("no side is zero");
        canvas.picture(GAP + i % columns * pitch.0, GAP + i / columns * pitch.1, &pixels, 1);
    }
    canvas.into_image()
}

/// As many columns as rows, or up to four times as many where that fills the last row.
fn columns(count: usize) -> usize {
    let square = (1..).find(|n| n * n >= count).unwrap_or(1);
    (square..=2 * square).find(|&n| count.is_multiple_of(n)).unwrap_or(square)
}

/// The mean of a filter's planes, each of `area` values.
fn mean(filter: &[f32], area: usize) -> Vec<f64> {
    let planes = (filter.len() / area) as f64;
    (0..area).map(|i| filter.iter().skip(i).step_by(area).map(|&v| f64::from(v)).sum::<f64>() / planes).collect()
}

fn finite(filter: &[f64]) -> impl Iterator<Item = f64> {
    filter.iter().copied().filter(|v| v.is_finite())
}

/// The mean squared distance from the mean; zero if nothing is finite.
fn variance(filter: &[f64]) -> f64 {
    let count = finite(filter).count().max(1) as f64;
    let mean = finite(filter).sum::<f64>() / count;
    finite(filter).map(|v| (v - mean).powi(2)).sum::<f64>() / count
}

/// The least value as 0, the greatest as 255.
fn shades(filter: &[f64]) -> Vec<u8> {
    let (low, high) = finite(filter).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    let shade = |v: f64| {
        let shown = v.is_finite() && low < high;
        if shown { ((v - low) / (high - low) * 255.0).round() as u8 } else { FLAT }
    };
    filter.iter().map(|&v| shade(v)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of filter `index` of a picture, one for each tap; checks that the squares are even.
    fn shown(image: &Image, index: usize, taps: usize, zoom: usize) -> Vec<u8> {
        let pixels = image.to_rgb8();
        let pitch = taps * zoom + GAP;
        let columns = (pixels.width() - GAP) / pitch;
        let (left, top) = (GAP + index % columns * pitch, GAP + index / columns * pitch);
        let at = |x: usize, y: usize| &pixels.row(top + y)[3 * (left + x)..][..3];
        for (x, y) in (0..taps * zoom).flat_map(|y| (0..taps * zoom).map(move |x| (x, y))) {
            let corner = at(x / zoom * zoom, y / zoom * zoom);
            assert_eq!(at(x, y), [corner[0]; 3], "({x}, {y}) of filter {index}");
        }
        (0..taps * taps).map(|i| at(i % taps * zoom, i / taps * zoom)[0]).collect()
    }

    #[test]
    fn each_filter_runs_from_black_to_white_the_liveliest_first() {
        let ramp = |scale: f32| (0..9).map(move |i| scale * (i as f32 - 2.0));
        // Told apart by their signs: only the second falls.
        let kernels: Vec<f32> = ramp(0.125).chain(ramp(-7.0)).chain([0.3; 9]).chain(ramp(1.0)).collect();
        let image = draw(&kernels, 4, 1, 3, 5);
        assert_eq!(image.size(), (2 * 17 + GAP, 2 * 17 + GAP));
        let rising = [0, 32, 64, 96, 128, 159, 191, 223, 255];
        let falling = [255, 223, 191, 159, 128, 96, 64, 32, 0];
        let expected = [falling, rising, rising, [FLAT; 9]];
        for (i, expected) in expected.iter().enumerate() {
            assert_eq!(shown(&image, i, 3, 5), expected, "filter {i}");
        }
    }

    #[test]
    fn filters_stand_in_order_of_their_variance() {
        // Values 0, 0, 0 and one other: variance 3/16 of its square; the place of the other tells the filter.
        let heights = [1.0f32, -4.0, 2.0, 3.0];
        let kernels: Vec<f32> =
            (0..4).flat_map(|f| (0..4).map(move |i| if i == f { heights[f] } else { 0.0 })).collect();
        let image = draw(&kernels, 4, 1, 2, 3);
        let expected = [[255, 0, 255, 255], [0, 0, 0, 255], [0, 0, 255, 0], [255, 0, 0, 0]];
        for (i, expected) in expected.iter().enumerate() {
            assert_eq!(shown(&image, i, 2, 3), expected, "place {i}");
        }
    }

    #[test]
    fn planes_of_several_inputs_are_averaged() {
        let planes = [[0.0, 1.0, 2.0, 3.0], [0.0, 3.0, 0.0, 1.0], [0.0, 2.0, 1.0, 8.0f32]];
        let image = draw(&planes.concat(), 1, 3, 2, 1);
        assert_eq!(shown(&image, 0, 2, 1), [0, 128, 64, 255]);
    }

    #[test]
    fn gaps_are_white() {
        let pixels = draw(&[0.0, 0.0, 0.0, 1.0].repeat(2), 2, 1, 2, 2).to_rgb8();
        assert_eq!(pixels.size(), (14, 8));
        for (x, y) in (0..8).flat_map(|y| (0..14).map(move |x| (x, y))) {
            let gap = [0, 1, 6, 7, 12, 13].contains(&x) || [0, 1, 6, 7].contains(&y);
            assert!(!gap || pixels.row(y)[3 * x..][..3] == [255; 3], "({x}, {y})");
        }
    }

    #[test]
    fn the_usual_numbers_of_filters_fill_their_rows() {
        for (count, expected) in [(0, 1), (1, 1), (2, 2), (7, 3), (16, 4), (32, 8), (64, 8), (128, 16)] {
            assert_eq!(columns(count), expected, "{count} filters");
        }
    }

    #[test]
    fn odd_kernels_are_drawn_all_the_same() {
        let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, 1e-45, 0.0, -0.0];
        for (count, inputs, taps, zoom) in
            [(0, 1, 9, 8), (1, 0, 9, 8), (1, 1, 0, 8), (1, 1, 1, 0), (5, 2, 3, 1), (8, 3, 1, 2)]
        {
            let kernels: Vec<f32> = odd.iter().copied().cycle().take(count * inputs * taps * taps).collect();
            draw(&kernels, count, inputs, taps, zoom);
        }
        let image = draw(&[f32::NAN, 1.0, 2.0, 3.0], 1, 1, 2, 1);
        assert_eq!(shown(&image, 0, 2, 1), [FLAT, 0, 128, 255]);
    }

    #[test]
    fn maps_run_from_black_to_white_in_their_order() {
        let map = |f: fn(usize) -> f32| Plane::from_fn(4, 3, |x, y| f(4 * y + x));
        let maps = [map(|i| i as f32), map(|_| 7.0), map(|i| -(i as f32))];
        let pixels = draw_maps(&maps, 100).to_rgb8();
        assert_eq!(pixels.size(), (3 * (4 + GAP) + GAP, 3 + 2 * GAP));
        let at = |map: usize, x: usize, y: usize| pixels.row(GAP + y)[3 * (GAP + map * (4 + GAP) + x)];
        assert_eq!([at(0, 0, 0), at(0, 3, 2), at(1, 2, 1), at(2, 0, 0), at(2, 3, 2)], [0, 255, FLAT, 255, 0]);
        assert_eq!(draw_maps(&maps, 2).size(), (3 * (2 + GAP) + GAP, 1 + 2 * GAP));
        assert_eq!(draw_maps(&[], 2).size(), (GAP, GAP));
    }

    #[test]
    #[should_panic(expected = "17 values, not 2 x 1 x 3 x 3")]
    fn a_wrong_number_of_values_is_a_bug() {
        draw(&[0.0; 17], 2, 1, 3, 1);
    }
}
