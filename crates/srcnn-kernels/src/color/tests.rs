use super::{MOST_CHANNELS, Range, YccFactors, join_u8, join_u16, range, split_u8, split_u16};
use crate::isa::Isa;
use crate::proof::bound::assert_same_bits;
use crate::proof::panics::assert_panics;
use crate::proof::pattern::Pattern;
use crate::proof::poison::Poisoned;

/// Around one and two chunks and vectors of eight.
const WIDTHS: [usize; 12] = [0, 1, 3, 7, 8, 9, 63, 64, 65, 127, 129, 200];

const STUDIO: YccFactors = YccFactors {
    weights: [0.299, 0.587, 0.114],
    offset: 16.0 / 255.0,
    gain: 219.0 / 255.0,
    chroma_gain: 224.0 / 255.0,
    spans: [1.772, 1.402],
};

fn split<T: Copy>(samples: &[T], peak: f64, to_f64: impl Fn(T) -> f64, run: impl Fn(Isa, &[T], &mut [&mut [f32]])) {
    for (channels, width) in (1..=MOST_CHANNELS).flat_map(|channels| WIDTHS.map(|width| (channels, width))) {
        let pixels: Vec<T> = samples.iter().copied().cycle().take(channels * width).collect();
        for isa in Isa::available() {
            let case = format!("{width} pixels of {channels} channels, {}", isa.name());
            let mut rooms: Vec<_> = (0..channels).map(|_| Poisoned::room(width, width, 1)).collect();
            let mut planes: Vec<_> = rooms.iter_mut().map(Poisoned::slice_mut).collect();
            run(isa, &pixels, &mut planes);
            for (c, room) in rooms.iter().enumerate() {
                let expected: Vec<f32> =
                    pixels.iter().skip(c).step_by(channels).map(|&v| (to_f64(v) / peak) as f32).collect();
                assert_same_bits(&case, &room.written(&case), &expected);
            }
        }
    }
    // Every value.
    let expected: Vec<f32> = samples.iter().map(|&v| (to_f64(v) / peak) as f32).collect();
    for isa in Isa::available() {
        let mut plane = vec![0.0; samples.len()];
        run(isa, samples, &mut [&mut plane]);
        assert_same_bits(isa.name(), &plane, &expected);
    }
}

pub(crate) fn pixels_of_8_bits_become_planes() {
    split(&(0..=u8::MAX).collect::<Vec<_>>(), 255.0, f64::from, split_u8);
}

pub(crate) fn pixels_of_16_bits_become_planes() {
    split(&(0..=u16::MAX).collect::<Vec<_>>(), 65535.0, f64::from, split_u16);
}

/// Values where rounding matters: around every half, beyond the range, and not finite.
fn around_halves(peak: u32) -> Vec<f32> {
    let halves = (0..peak).map(|n| ((f64::from(n) + 0.5) / f64::from(peak)) as f32);
    let around = halves.flat_map(|v| (-3i32..=3).map(move |step| f32::from_bits((v.to_bits() as i32 + step) as u32)));
    let levels = (0..=peak).map(|n| (f64::from(n) / f64::from(peak)) as f32);
    let others = [-0.0, -1.0, 1.5, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, f32::MIN_POSITIVE, 1e30, 0.999_999_94];
    around.chain(levels).chain(others).chain(Pattern::Noise.values(1000, 3)).collect()
}

fn join<T: Copy + Default + PartialEq + std::fmt::Debug>(
    peak: u32,
    from_f64: impl Fn(f64) -> T,
    run: impl Fn(Isa, &[&[f32]], &mut [T]),
) {
    let values = around_halves(peak);
    // The product is exact in f64, and `f64::round` rounds halves away from zero; NaN becomes 0.
    let expected = |v: f32| from_f64((f64::from(v) * f64::from(peak)).clamp(0.0, f64::from(peak)).round());
    for isa in Isa::available() {
        let mut all = vec![T::default(); values.len()];
        run(isa, &[&values], &mut all);
        for (&v, &found) in values.iter().zip(&all) {
            assert_eq!(found, expected(v), "{v:e}, {}", isa.name());
        }
        for (channels, width) in (1..=MOST_CHANNELS).flat_map(|channels| WIDTHS.map(|width| (channels, width))) {
            let planes: Vec<&[f32]> = (0..channels).map(|c| &values[100 * c..][..width]).collect();
            let mut pixels = vec![T::default(); channels * width];
            run(isa, &planes, &mut pixels);
            for (i, &found) in pixels.iter().enumerate() {
                assert_eq!(found, expected(planes[i % channels][i / channels]), "{i} of {width}x{channels}");
            }
        }
    }
}

pub(crate) fn planes_become_pixels_of_8_bits() {
    join(255, |v| v as u8, join_u8);
}

pub(crate) fn planes_become_pixels_of_16_bits() {
    join(65535, |v| v as u16, join_u16);
}

fn convert(definition: impl Fn([f32; 3]) -> [f32; 3], run: impl Fn(Isa, [&mut [f32]; 3])) {
    for width in WIDTHS {
        let rows = [1, 2, 3].map(|seed| Pattern::Noise.values(width, seed));
        let expected: Vec<_> = (0..width).map(|x| definition([0, 1, 2].map(|c| rows[c][x]))).collect();
        for isa in Isa::available() {
            let case = format!("{width} pixels, {}", isa.name());
            let [mut a, mut b, mut c] = rows.each_ref().map(|row| Poisoned::row(row));
            run(isa, [a.slice_mut(), b.slice_mut(), c.slice_mut()]);
            for (c, row) in [a, b, c].iter().enumerate() {
                let expected: Vec<f32> = expected.iter().map(|pixel| pixel[c]).collect();
                assert_same_bits(&case, &row.written(&case), &expected);
            }
        }
    }
}

pub(crate) fn rgb_becomes_ycc() {
    let f = STUDIO;
    let definition = |[r, g, b]: [f32; 3]| {
        let y = f.weights[0] * r + f.weights[1] * g + f.weights[2] * b;
        let chroma = |color: f32, span: f32| (color - y) / span * f.chroma_gain;
        [f.offset + f.gain * y, chroma(b, f.spans[0]), chroma(r, f.spans[1])]
    };
    convert(definition, |isa, rows| f.from_rgb(isa, rows));
}

pub(crate) fn ycc_becomes_rgb() {
    let f = STUDIO;
    let definition = |[y, cb, cr]: [f32; 3]| {
        let y = (y - f.offset) / f.gain;
        let color = |chroma: f32, span: f32| y + chroma / f.chroma_gain * span;
        let (r, b) = (color(cr, f.spans[1]), color(cb, f.spans[0]));
        [r, (y - f.weights[0] * r - f.weights[2] * b) / f.weights[1], b]
    };
    convert(definition, |isa, rows| f.to_rgb(isa, rows));
}

pub(crate) fn ranges_agree_with_their_definition() {
    for width in WIDTHS {
        let values = Pattern::Noise.values(width, 5);
        let (low, high) = values.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
        for isa in Isa::available() {
            assert_eq!(range(isa, &values), Range { low, high, is_finite: true }, "{width}, {}", isa.name());
            for (at, odd) in (0..width).flat_map(|at| [f32::NAN, f32::INFINITY, f32::NEG_INFINITY].map(|odd| (at, odd)))
            {
                let mut values = values.clone();
                values[at] = odd;
                assert!(!range(isa, &values).is_finite, "{odd} at {at} of {width}, {}", isa.name());
            }
        }
    }
}

#[test]
fn wrong_lengths_are_refused() {
    let isa = Isa::best();
    assert_panics("no plane", || split_u8(isa, &[], &mut []));
    assert_panics("five planes", || join_u8(isa, &[&[0.0][..]; 5], &mut [0; 5]));
    assert_panics("a sample too many", || split_u16(isa, &[0; 3], &mut [&mut [0.0], &mut [0.0]]));
    assert_panics("a short plane", || join_u16(isa, &[&[0.0; 2], &[0.0; 1]], &mut [0; 4]));
    assert_panics("a short row", || STUDIO.from_rgb(isa, [&mut [0.0; 2], &mut [0.0; 2], &mut [0.0]]));
    assert_panics("a short row", || STUDIO.to_rgb(isa, [&mut [0.0; 2], &mut [0.0], &mut [0.0; 2]]));
}
