//! PSNR, MSE and SSIM of two pictures.

use super::error::MetricError;
use super::protocol::{Channel, MseBase, Protocol};
use super::scores::{Score, Scores};
use super::ssim::mean_ssim;
use crate::Size;
use crate::color::{LumaRange, luma_u8};
use crate::crop;
use crate::image::{Image, Pixels};

/// PSNR in dB.
///
/// # Errors
/// [`MetricError`] if the sizes differ or the border leaves nothing.
pub fn psnr(reference: &Image, other: &Image, protocol: &Protocol) -> Result<Score, MetricError> {
    let (reference, other) = prepare(reference, other, protocol)?;
    Ok(Score { value: psnr_of(&reference, &other), unit: "dB", protocol: *protocol })
}

/// SSIM.
///
/// # Errors
/// [`MetricError`] if the sizes differ or too little is left for the window.
pub fn ssim(reference: &Image, other: &Image, protocol: &Protocol) -> Result<Score, MetricError> {
    let (reference, other) = prepare(reference, other, protocol)?;
    Ok(Score { value: mean_ssim(&reference, &other, protocol.window)?, unit: "", protocol: *protocol })
}

/// All three figures of two pictures.
///
/// # Errors
/// [`MetricError`] if the sizes differ or too little is left for SSIM's window.
pub fn measure(reference: &Image, other: &Image, protocol: &Protocol) -> Result<Scores, MetricError> {
    let (reference, other) = prepare(reference, other, protocol)?;
    measure_pixels(&reference, &other, protocol)
}

/// All three figures of samples as they are; the channel and the border of the protocol are not applied.
///
/// # Errors
/// [`MetricError`] if the shapes differ or SSIM's window does not fit.
pub fn measure_pixels(reference: &Pixels<u8>, other: &Pixels<u8>, protocol: &Protocol) -> Result<Scores, MetricError> {
    check_sizes(reference.size(), other.size())?;
    if reference.channels() != other.channels() {
        return Err(MetricError::Channels { reference: reference.channels(), other: other.channels() });
    }
    let pixels = reference.width() * reference.height();
    let base = match protocol.mse {
        MseBase::Samples => pixels * reference.channels(),
        MseBase::Pixels => pixels,
    };
    Ok(Scores {
        psnr: psnr_of(reference, other),
        mse: squared_error(reference, other) as f64 / base as f64,
        ssim: mean_ssim(reference, other, protocol.window)?,
    })
}

fn check_sizes(reference: Size, other: Size) -> Result<(), MetricError> {
    if reference == other { Ok(()) } else { Err(MetricError::Sizes { reference, other }) }
}

/// The samples that the protocol measures.
fn prepare(reference: &Image, other: &Image, protocol: &Protocol) -> Result<(Pixels<u8>, Pixels<u8>), MetricError> {
    check_sizes(reference.size(), other.size())?;
    let border = protocol.border;
    let rect = crop::shave(reference.size(), border).map_err(|source| MetricError::Border { border, source })?;
    // A grey picture is its own luma, unless it is compared with one in colors: their luma has another range.
    let both_grey = reference.is_grey() && other.is_grey();
    let part = |image: &Image| {
        let part = image.crop(rect).map_err(|source| MetricError::Border { border, source })?;
        let luma = |range| match both_grey {
            true => part.to_u8().channel(0),
            false => luma_u8(&part.to_rgb8(), range),
        };
        Ok(match protocol.channel {
            Channel::LumaStudio => Pixels::from_planes(&[luma(LumaRange::Studio)]),
            Channel::LumaFull => Pixels::from_planes(&[luma(LumaRange::Full)]),
            Channel::Rgb => part.to_rgb8(),
        })
    };
    Ok((part(reference)?, part(other)?))
}

fn psnr_of(reference: &Pixels<u8>, other: &Pixels<u8>) -> f64 {
    let mean = squared_error(reference, other) as f64 / reference.as_slice().len() as f64;
    10.0 * (255.0 * 255.0 / mean).log10()
}

/// The exact sum of squared differences.
fn squared_error(reference: &Pixels<u8>, other: &Pixels<u8>) -> u64 {
    let pairs = reference.as_slice().iter().zip(other.as_slice());
    pairs.map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Samples;

    fn noise(seed: u32, channels: usize) -> Image {
        let mut state = seed;
        let data = (0..20 * 16 * channels).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        });
        Image::new(Samples::U8(Pixels::new(20, 16, channels, data.collect()).expect("all samples"))).expect("channels")
    }

    #[test]
    fn a_picture_equals_itself() {
        for protocol in [Protocol::paper(2), Protocol::keras()] {
            for channels in 1..=4 {
                let image = noise(1, channels);
                let scores = measure(&image, &image, &protocol).expect("same size");
                assert_eq!((scores.psnr, scores.mse), (f64::INFINITY, 0.0));
                assert!((scores.ssim - 1.0).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn the_figures_are_symmetric() {
        let (a, b) = (noise(1, 3), noise(2, 3));
        for protocol in [Protocol::paper(2), Protocol::keras()] {
            let forth = measure(&a, &b, &protocol).expect("same size");
            let back = measure(&b, &a, &protocol).expect("same size");
            assert_eq!((forth.psnr, forth.mse), (back.psnr, back.mse));
            assert!((forth.ssim - back.ssim).abs() < 1e-12);
        }
    }

    #[test]
    fn one_level_everywhere_is_48_13_db() {
        let grey = |v| Image::from_u8(Pixels::new(16, 16, 1, vec![v; 256]).expect("256")).expect("grey");
        let scores = measure(&grey(100), &grey(101), &Protocol::keras()).expect("same size");
        assert!((scores.psnr - 48.130_803_608_679).abs() < 1e-9);
        assert_eq!(scores.mse, 3.0);
        let score = psnr(&grey(100), &grey(101), &Protocol::paper(3)).expect("same size");
        assert_eq!(score.to_string(), "48.13 dB (Y, BT.601 studio, border 3)");
    }

    #[test]
    fn sizes_borders_and_windows_are_checked() {
        let (a, small) = (noise(1, 3), Image::from_u8(Pixels::new(9, 9, 1, vec![0; 81]).expect("81")).expect("grey"));
        assert!(matches!(measure(&a, &small, &Protocol::paper(2)), Err(MetricError::Sizes { .. })));
        assert!(matches!(measure(&a, &a, &Protocol::paper(8)), Err(MetricError::Border { .. })));
        assert!(matches!(measure(&small, &small, &Protocol::paper(2)), Err(MetricError::Window { window: 11, .. })));
    }
}
