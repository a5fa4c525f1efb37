//! Colors that were stored multiplied by alpha.

/// Samples whose colors can be divided by alpha.
pub(crate) trait Unmultiply: Copy {
    /// The value of an opaque sample.
    const LARGEST: f64;
    /// The least alpha that counts, as a share of an opaque one.
    const LEAST: f64 = 0.0;

    fn to_f64(self) -> f64;

    /// Rounded to the nearest of the type, saturating.
    fn from_f64(value: f64) -> Self;
}

impl Unmultiply for u8 {
    const LARGEST: f64 = 255.0;

    fn to_f64(self) -> f64 {
        self.into()
    }

    fn from_f64(value: f64) -> Self {
        value.round() as Self
    }
}

impl Unmultiply for u16 {
    const LARGEST: f64 = 65535.0;

    fn to_f64(self) -> f64 {
        self.into()
    }

    fn from_f64(value: f64) -> Self {
        value.round() as Self
    }
}

impl Unmultiply for f32 {
    const LARGEST: f64 = 1.0;
    /// Below a step of 16 bits (babl, which GIMP converts by, has the same bound) there is nothing to be seen but what rounding left:
    /// divided by it, that would be huge colors.
    const LEAST: f64 = 1.0 / 65536.0;

    fn to_f64(self) -> f64 {
        self.into()
    }

    fn from_f64(value: f64) -> Self {
        value as Self
    }
}

/// Divides the colors of interleaved pixels by alpha, their last channel; where alpha is zero, or too small to count, they stay as
/// they are. Floating-point colors may be greater than alpha, light without a surface, and then come out greater than 1.
pub(crate) fn unmultiply<T: Unmultiply>(samples: &mut [T], channels: usize) {
    for pixel in samples.chunks_exact_mut(channels) {
        let Some((alpha, colors)) = pixel.split_last_mut() else { continue };
        let alpha = alpha.to_f64() / T::LARGEST;
        if alpha > 0.0 && alpha >= T::LEAST {
            colors.iter_mut().for_each(|v| *v = T::from_f64(v.to_f64() / alpha));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_stay_as_they_are_where_alpha_is_too_small_to_count() {
        let least = 1.0 / 65536.0_f32;
        for (color, alpha, wanted) in [
            (0.5, 1.0, 0.5),
            (0.25, 0.5, 0.5),
            (least / 2.0, least, 0.5),
            (0.5, least * 0.999, 0.5),
            (0.5, f32::MIN_POSITIVE, 0.5),
            (0.5, 0.0, 0.5),
            (0.5, -1.0, 0.5),
            // Light without a surface.
            (1.0, 0.25, 4.0),
        ] {
            let mut pixel = [color, 0.0, color, alpha];
            unmultiply(&mut pixel, 4);
            assert_eq!(pixel, [wanted, 0.0, wanted, alpha], "{color} of {alpha}");
        }
        let mut pixels = [1_u8, 1, 1, 0, 1, 1, 200, 100];
        unmultiply(&mut pixels, 2);
        assert_eq!(pixels, [255, 1, 1, 0, 255, 1, 255, 100], "of whole numbers every alpha counts");
    }
}
