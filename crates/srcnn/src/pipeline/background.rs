//! Transparent pictures on a color, for formats without transparency.

use crate::codec::FileFormat;
use crate::image::{Image, Metadata, Pixels, Samples};
use crate::rows::{Rows, RowsError, Shape};

/// A color that is laid behind transparent pictures: red, green and blue, 0 to 255, in the encoding that the picture's own
/// samples have (sRGB in most), whatever their depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Background(pub [u8; 3]);

impl Background {
    fn is_grey(self) -> bool {
        let [red, green, blue] = self.0;
        red == green && green == blue
    }

    /// The color as samples: one, or those of red, green and blue.
    fn samples<T>(self, channels: usize, of: impl Fn(u8) -> T) -> Vec<T> {
        self.0[..channels].iter().map(|part| of(*part)).collect()
    }
}

/// Rows laid over a background, if they have alpha and the format holds none. Each sample becomes `alpha * sample + (1 -
/// alpha) * background`, rounded to the nearest. Grey stays grey on a grey background, and becomes RGB on others.
pub(super) fn over<'a>(
    rows: Box<dyn Rows + 'a>,
    background: Option<Background>,
    format: FileFormat,
) -> Box<dyn Rows + 'a> {
    match background {
        Some(background) if rows.shape().has_alpha() && !format.holds_alpha() => Box::new(Over { rows, background }),
        _ => rows,
    }
}

struct Over<'a> {
    rows: Box<dyn Rows + 'a>,
    background: Background,
}

impl Rows for Over<'_> {
    fn shape(&self) -> Shape {
        let shape = self.rows.shape();
        let channels = if shape.is_grey() && self.background.is_grey() { 1 } else { 3 };
        Shape { channels, ..shape }
    }

    fn metadata(&self) -> &Metadata {
        self.rows.metadata()
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        let Some(part) = self.rows.read(rows)? else { return Ok(None) };
        let channels = self.shape().channels;
        let samples = match part.samples() {
            Samples::U8(p) => Samples::U8(composed(p, &self.background.samples(channels, |part| part), eight)),
            Samples::U16(p) => {
                Samples::U16(composed(p, &self.background.samples(channels, |part| u16::from(part) * 257), sixteen))
            }
            Samples::F32(p) => {
                Samples::F32(composed(p, &self.background.samples(channels, |part| f32::from(part) / 255.0), float))
            }
        };
        Ok(Some(Image::new(samples).expect("grey or RGB")))
    }

    fn held_bytes(&self) -> u64 {
        self.rows.held_bytes()
    }
}

/// Grey or RGB of as many channels as the background has, from pixels whose last channel is alpha.
fn composed<T: Copy + Default + Send + Sync>(
    pixels: &Pixels<T>,
    background: &[T],
    blend: impl Fn(T, T, T) -> T,
) -> Pixels<T> {
    let colors = pixels.channels() - 1;
    let mut samples = Vec::with_capacity(pixels.width() * pixels.height() * background.len());
    for pixel in pixels.as_slice().chunks_exact(colors + 1) {
        let alpha = pixel[colors];
        let own = pixel[..colors].iter().cycle();
        samples.extend(background.iter().zip(own).map(|(behind, sample)| blend(*sample, *behind, alpha)));
    }
    Pixels::new(pixels.width(), pixels.height(), background.len(), samples).expect("filled")
}

fn eight(sample: u8, behind: u8, alpha: u8) -> u8 {
    let [sample, behind, alpha, most] = [sample, behind, alpha, u8::MAX].map(u32::from);
    ((alpha * sample + (most - alpha) * behind + most / 2) / most) as u8
}

fn sixteen(sample: u16, behind: u16, alpha: u16) -> u16 {
    let [sample, behind, alpha, most] = [sample, behind, alpha, u16::MAX].map(u64::from);
    ((alpha * sample + (most - alpha) * behind + most / 2) / most) as u16
}

fn float(sample: f32, behind: f32, alpha: f32) -> f32 {
    // An opaque sample stays as it is, bit for bit.
    let alpha = alpha.clamp(0.0, 1.0);
    if alpha == 1.0 { sample } else { alpha * sample + (1.0 - alpha) * behind }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{Held, collect};

    const ORANGE: Background = Background([255, 128, 0]);
    const GREY: Background = Background([100; 3]);

    fn laid(samples: Samples, background: Background) -> Samples {
        let image = Image::new(samples).expect("channels");
        let rows = over(Box::new(Held::from(image)), Some(background), FileFormat::Jpeg);
        let shape = rows.shape();
        let image = collect(rows).expect("rows");
        assert_eq!(Shape::of(&image), shape);
        image.samples().clone()
    }

    #[test]
    fn every_sample_of_8_bits_is_the_nearest() {
        for alpha in 0..=u8::MAX {
            for sample in 0..=u8::MAX {
                for behind in [0, 1, 100, 254, 255] {
                    let share = f64::from(alpha) / 255.0;
                    let exact = share * f64::from(sample) + (1.0 - share) * f64::from(behind);
                    let got = eight(sample, behind, alpha);
                    assert!((f64::from(got) - exact).abs() <= 0.5 + 1e-9, "{sample} over {behind} by {alpha}: {got}");
                    let (sample, behind, alpha) =
                        (u16::from(sample) * 257, behind as u16 * 257, u16::from(alpha) * 257);
                    let wide = f64::from(sixteen(sample, behind, alpha));
                    assert!((wide - exact * 257.0).abs() <= 0.5 + 1e-6, "{sample} over {behind} by {alpha}: {wide}");
                }
            }
        }
        assert_eq!((sixteen(65535, 0, 65535), sixteen(7, 65535, 0), sixteen(65535, 0, 32768)), (65535, 65535, 32768));
        assert_eq!((float(2.5, 1.0, 1.0), float(2.5, 1.0, 0.0), float(1.0, 0.0, 0.25)), (2.5, 1.0, 0.25));
    }

    #[test]
    fn channels_are_those_that_the_colors_need() {
        let rgba = Pixels::new(2, 1, 4, vec![10u8, 20, 30, 255, 10, 20, 30, 0]).expect("filled");
        let expected = Pixels::new(2, 1, 3, vec![10u8, 20, 30, 255, 128, 0]).expect("filled");
        assert_eq!(laid(Samples::U8(rgba), ORANGE), Samples::U8(expected));
        let grey = |alpha| Samples::U16(Pixels::new(1, 1, 2, vec![514u16, alpha]).expect("filled"));
        assert_eq!(laid(grey(0), GREY), Samples::U16(Pixels::new(1, 1, 1, vec![25_700]).expect("filled")));
        let orange = vec![65_535, 32_896, 0];
        assert_eq!(laid(grey(0), ORANGE), Samples::U16(Pixels::new(1, 1, 3, orange).expect("filled")));
        assert_eq!(laid(grey(65_535), ORANGE), Samples::U16(Pixels::new(1, 1, 3, vec![514; 3]).expect("filled")));
        let float = Samples::F32(Pixels::new(1, 1, 4, vec![2.0f32, 0.0, 1.0, 0.5]).expect("filled"));
        let expected = vec![1.5, 0.5 * (128.0 / 255.0), 0.5];
        assert_eq!(laid(float, ORANGE), Samples::F32(Pixels::new(1, 1, 3, expected).expect("filled")));
    }

    #[test]
    fn what_the_format_holds_stays() {
        let rgba = Image::from_u8(Pixels::new(1, 1, 4, vec![1, 2, 3, 4]).expect("filled")).expect("RGBA");
        for (format, background) in [(FileFormat::Png, Some(ORANGE)), (FileFormat::Jpeg, None)] {
            let rows = over(Box::new(Held::from(rgba.clone())), background, format);
            assert_eq!(collect(rows).expect("rows"), rgba);
        }
    }
}
