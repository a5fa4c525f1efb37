//! Palettes of pictures with few and with many colors.

use super::*;

fn shown(indexed: &Indexed) -> Vec<[u8; 3]> {
    indexed.indices.iter().map(|i| indexed.palette[usize::from(*i)]).collect()
}

#[test]
fn few_colors_stay_exact() {
    let grey = Pixels::new(256, 1, 1, (0..=255).collect()).expect("filled");
    let indexed = Indexed::of(&grey, false, Mapping::Dithered);
    assert!(!indexed.colors_lost && indexed.transparent.is_none());
    assert_eq!(shown(&indexed), (0..=255u8).map(|v| [v; 3]).collect::<Vec<_>>());
    let clear = grey.map_pixels(2, |from, to: &mut [u8]| to.copy_from_slice(&[from[0], from[0].max(1)]));
    let indexed = Indexed::of(&clear, false, Mapping::Dithered);
    assert!(!indexed.colors_lost && indexed.alpha_lost);
    assert_eq!((indexed.palette.len(), indexed.transparent), (129, Some(128)));
    assert!(indexed.indices[..128].iter().all(|i| *i == 128));
    assert_eq!(shown(&indexed)[128..], (128..=255u8).map(|v| [v; 3]).collect::<Vec<_>>());
}

#[test]
fn many_colors_become_near_ones_without_a_cast() {
    let sample = |i: usize| [(i * 7 % 256) as u8, (i / 64 % 256) as u8, (i / 256 + i % 3 * 40) as u8];
    let pixels = Pixels::new(256, 64, 3, (0..256 * 64).flat_map(sample).collect()).expect("filled");
    let indexed = Indexed::of(&pixels, false, Mapping::Nearest);
    assert!(indexed.colors_lost && indexed.palette.len() > 250);
    let shown = shown(&indexed);
    let mut error = 0.0;
    for c in 0..3 {
        let pairs = || pixels.as_slice().iter().skip(c).step_by(3).zip(shown.iter().map(|s| s[c]));
        let cast: i64 = pairs().map(|(a, b)| i64::from(*a) - i64::from(b)).sum();
        assert!(cast.abs() < 256 * 64 / 5, "{cast}");
        error += pairs().map(|(a, b)| (f64::from(*a) - f64::from(b)).powi(2)).sum::<f64>();
    }
    assert!((error / (3.0 * 256.0 * 64.0)).sqrt() < 12.0);
}

/// A gradient of more colors than a palette has, as RGBA; transparent where `gone` says so.
fn gradient(gone: impl Fn(usize, usize) -> bool) -> Pixels<u8> {
    let (width, height) = (160, 96);
    let sample = |i: usize| {
        let (x, y) = (i % width, i / width);
        [(60 + x / 2) as u8, (80 + y / 2) as u8, (200 - x / 4 - y / 4) as u8, if gone(x, y) { 0 } else { 255 }]
    };
    Pixels::new(width, height, 4, (0..width * height).flat_map(sample).collect()).expect("filled")
}

/// The mean of the squares of the differences between means over squares of `side` pixels.
fn error(pixels: &Pixels<u8>, shown: &[[u8; 3]], side: usize) -> f64 {
    let (width, height) = (pixels.width() / side, pixels.height() / side);
    let mut squares = vec![[0i64; 3]; width * height];
    for (i, (a, b)) in pixels.as_slice().chunks_exact(4).zip(shown).enumerate() {
        let (x, y) = (i % pixels.width() / side, i / pixels.width() / side);
        (0..3).for_each(|c| squares[y * width + x][c] += i64::from(a[c]) - i64::from(b[c]));
    }
    let area = (side * side) as f64;
    squares.as_flattened().iter().map(|sum| (*sum as f64 / area).powi(2)).sum::<f64>() / squares.len() as f64
}

#[test]
fn dithering_keeps_the_colors_of_areas() {
    let pixels = gradient(|_, _| false);
    let [nearest, dithered] =
        [Mapping::Nearest, Mapping::Dithered].map(|mapping| shown(&Indexed::of(&pixels, false, mapping)));
    let [by_nearest, by_dithering] = [&nearest, &dithered].map(|shown| error(&pixels, shown, 4));
    assert!(by_dithering < by_nearest / 3.0, "{by_dithering}, nearest {by_nearest}");
    let [by_nearest, by_dithering] = [&nearest, &dithered].map(|shown| error(&pixels, shown, 1));
    assert!(by_nearest < by_dithering && by_dithering < by_nearest * 3.0, "{by_dithering}, nearest {by_nearest}");
}

#[test]
fn no_error_passes_through_transparent_pixels() {
    // Below the transparent rows the picture is what it is without what is above them.
    let (rows, width) = (50, 160);
    let whole = gradient(|_, y| y == rows - 1);
    let alone = gradient(|_, y| y < rows);
    let palette = Indexed::of(&whole, true, Mapping::Nearest).palette;
    let colors = |pixels: &Pixels<u8>| -> Vec<_> {
        pixels.as_slice().as_chunks().0.iter().map(|[r, g, b, a]| (*a > 0).then_some([*r, *g, *b])).collect()
    };
    let [whole, alone] = [whole, alone].map(|pixels| dithered(&colors(&pixels), width, &palette[..255], 255));
    assert!(whole[(rows - 1) * width..rows * width].iter().all(|i| *i == 255));
    assert!(whole[rows * width..] == alone[rows * width..]);
    assert!(whole[..(rows - 1) * width].iter().all(|i| *i != 255));
}

#[test]
fn pictures_without_room_are_dithered() {
    let one = |width: usize, height: usize| {
        let samples = (0..width * height).flat_map(|i| [i * 31 % 251, i * 7 % 256, i * 3 % 241].map(|v| v as u8));
        let pixels = Pixels::new(width, height, 3, samples.collect()).expect("filled");
        Indexed::of(&pixels, false, Mapping::Dithered)
    };
    for (width, height) in [(1, 600), (600, 1), (2, 300), (300, 2)] {
        let indexed = one(width, height);
        assert!(indexed.colors_lost && indexed.indices.len() == 600, "{width}x{height}");
    }
}

#[test]
fn threads_change_nothing() {
    let pixels = gradient(|x, y| x * y % 7 == 0);
    let of = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let indexed = pool.install(|| Indexed::of(&pixels, false, Mapping::Dithered));
        (indexed.indices, indexed.palette)
    };
    let one = of(1);
    for threads in [2, 3, 8] {
        assert!(of(threads) == one, "{threads} threads");
    }
}

#[test]
fn the_nearest_is_found() {
    let palette: Vec<[u8; 3]> =
        (0..200usize).map(|i| [i * 37 % 256, i * 91 % 256, i * 5 % 256].map(|v| v as u8)).collect();
    let nearest = Nearest::new(&palette);
    let distance = |a: [u8; 3], b: [u8; 3]| (0..3).map(|c| (i32::from(a[c]) - i32::from(b[c])).pow(2)).sum::<i32>();
    for i in 0..5000usize {
        let color = [i * 13 % 256, i * 7 % 251, i * 29 % 253].map(|v| v as u8);
        let best = palette.iter().map(|c| distance(color, *c)).min();
        assert_eq!(Some(distance(color, palette[usize::from(nearest.of(color))])), best);
    }
}
