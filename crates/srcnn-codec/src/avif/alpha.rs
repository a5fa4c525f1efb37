//! Alpha, which is a picture of its own in AVIF files, put beside colors.

use srcnn_image::image::{Pixels, Samples};

use super::color::Sample;
use crate::decode_error::DecodeError;
use crate::unsupported::UnsupportedSamples;

/// Colors with alpha of one channel; if they were multiplied by it, they are divided by it.
pub(super) fn with_alpha(color: &Samples, alpha: &Samples, multiplied: bool) -> Result<Samples, DecodeError> {
    let same = |v: u32| v;
    match (color, alpha) {
        (Samples::U8(c), Samples::U8(a)) => joined(c, a, same, multiplied).map(Samples::U8),
        (Samples::U8(c), Samples::U16(a)) => joined(c, a, |v| (v + 128) / 257, multiplied).map(Samples::U8),
        (Samples::U16(c), Samples::U8(a)) => joined(c, a, |v| v * 257, multiplied).map(Samples::U16),
        (Samples::U16(c), Samples::U16(a)) => joined(c, a, same, multiplied).map(Samples::U16),
        (Samples::F32(_), _) | (_, Samples::F32(_)) => unreachable!("of 8 or 16 bits"),
    }
}

/// Colors and alpha, which is brought to their depth by `to_depth`.
fn joined<T: Sample, A: Sample>(
    color: &Pixels<T>,
    alpha: &Pixels<A>,
    to_depth: impl Fn(u32) -> u32,
    multiplied: bool,
) -> Result<Pixels<T>, DecodeError> {
    if color.size() != alpha.size() {
        return Err(DecodeError::Samples(UnsupportedSamples::AvifAlphaSize));
    }
    let mut alpha = alpha.as_slice().iter().map(|v| to_depth((*v).into()));
    let channels = color.channels();
    Ok(color.map_pixels(channels + 1, |from, to| {
        let a = alpha.next().unwrap_or_default();
        let divided = |v: u32| match (multiplied, a) {
            (true, 1..) => ((v * T::MOST + a / 2) / a).min(T::MOST),
            _ => v,
        };
        to.iter_mut().zip(from).for_each(|(to, v)| *to = T::of(divided((*v).into())));
        to[channels] = T::of(a);
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_8(channels: usize, values: &[u8]) -> Samples {
        Samples::U8(Pixels::new(values.len() / channels, 1, channels, values.to_vec()).expect("filled"))
    }

    fn of_16(channels: usize, values: &[u16]) -> Samples {
        Samples::U16(Pixels::new(values.len() / channels, 1, channels, values.to_vec()).expect("filled"))
    }

    #[test]
    fn alpha_gets_the_depth_of_colors() {
        let [grey, deep] = [of_8(1, &[9, 8]), of_16(1, &[900, 800])];
        let [alpha, fine] = [of_8(1, &[255, 1]), of_16(1, &[65_535, 385])];
        let with = |color: &Samples, alpha: &Samples| with_alpha(color, alpha, false).expect("of one size");
        assert_eq!(with(&grey, &alpha), of_8(2, &[9, 255, 8, 1]));
        assert_eq!(with(&grey, &fine), of_8(2, &[9, 255, 8, 1]));
        assert_eq!(with(&deep, &alpha), of_16(2, &[900, 65_535, 800, 257]));
        assert_eq!(with(&deep, &fine), of_16(2, &[900, 65_535, 800, 385]));
        assert!(with_alpha(&of_8(3, &[1, 2, 3]), &alpha, false).is_err());
    }

    #[test]
    fn multiplied_colors_are_divided() {
        let color = of_8(3, &[100, 50, 200, 7, 7, 7, 1, 2, 3]);
        let result = with_alpha(&color, &of_8(1, &[100, 0, 255]), true).expect("of one size");
        assert_eq!(result, of_8(4, &[255, 128, 255, 100, 7, 7, 7, 0, 1, 2, 3, 255]));
    }
}
