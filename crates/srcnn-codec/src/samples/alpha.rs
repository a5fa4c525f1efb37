//! Colors that were stored multiplied by alpha.

/// Samples whose colors can be divided by alpha.
pub(crate) trait Unmultiply: Copy {
    /// The value of an opaque sample.
    const LARGEST: f64;

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

    fn to_f64(self) -> f64 {
        self.into()
    }

    fn from_f64(value: f64) -> Self {
        value as Self
    }
}

/// Divides the colors of interleaved pixels by alpha, their last channel; where alpha is zero, they stay as they are.
pub(crate) fn unmultiply<T: Unmultiply>(samples: &mut [T], channels: usize) {
    for pixel in samples.chunks_exact_mut(channels) {
        let Some((alpha, colors)) = pixel.split_last_mut() else { continue };
        let alpha = alpha.to_f64() / T::LARGEST;
        if alpha > 0.0 {
            colors.iter_mut().for_each(|v| *v = T::from_f64(v.to_f64() / alpha));
        }
    }
}
