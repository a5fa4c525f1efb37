//! Channels and sizes of values, for every size of what goes in.

use super::error::Misfit;
use super::operation::{Convolution, Transposed};
use crate::Size;

/// Channels and size of a value: `up / down` times the size of what goes in, less `loss` rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Channels.
    pub channels: usize,
    /// Numerator of the factor, in lowest terms.
    pub up: usize,
    /// Denominator of the factor.
    pub down: usize,
    /// Rows and columns that are lost; negative if there are more.
    pub loss: [i64; 2],
    /// Whether it is a single sample a channel, whatever goes in.
    pub single: bool,
}

/// Largest factor of a single network.
pub(crate) const MAX_SCALE: u32 = 16;
/// Largest numerator and denominator.
const MAX_FACTOR: usize = 64;

impl Extent {
    /// Of what goes in.
    pub(super) fn of_input(channels: usize) -> Self {
        Self { channels, up: 1, down: 1, loss: [0; 2], single: false }
    }

    /// The size, if that of what goes in is `input`; none if nothing is left.
    pub fn size(&self, input: Size) -> Option<Size> {
        if self.single {
            return Some(Size::new(1, 1));
        }
        let side = |side: usize, loss: i64| {
            let whole = i64::try_from(side.checked_mul(self.up)? / self.down).ok()?;
            usize::try_from(whole.checked_sub(loss)?).ok().filter(|side| *side > 0)
        };
        Some(Size::new(side(input.width, self.loss[1])?, side(input.height, self.loss[0])?))
    }

    /// Samples for each pixel that goes in, borders aside.
    pub(super) fn area(&self) -> f64 {
        if self.single { 0.0 } else { (self.up as f64 / self.down as f64).powi(2) }
    }

    pub(super) fn is_of_size(&self, other: &Self) -> bool {
        (self.up, self.down, self.loss, self.single) == (other.up, other.down, other.loss, other.single)
    }

    pub(super) fn with_channels(self, channels: usize) -> Self {
        Self { channels, ..self }
    }

    pub(super) fn convolved(self, convolution: &Convolution) -> Result<Self, Misfit> {
        let (span, padding, stride) = (convolution.span(), convolution.padding.totals(), convolution.stride);
        let moves = span != [1, 1] || padding != [0, 0] || stride != 1;
        if self.single && moves {
            return Err(Misfit::Single);
        }
        let mut result = self.shrunk(stride)?.with_channels(convolution.outputs);
        result.loss = std::array::from_fn(|axis| {
            // floor((n - a) / stride) + 1 of n samples, a multiple of the stride.
            let a = self.loss[axis] + span[axis] as i64 - padding[axis] as i64;
            -(-a).div_euclid(stride as i64) - 1
        });
        Ok(result)
    }

    pub(super) fn transposed(self, transposed: &Transposed) -> Result<Self, Misfit> {
        let mut result = self.enlarged(transposed.stride)?.with_channels(transposed.outputs);
        let cut = transposed.cut.totals();
        let stride = transposed.stride as i64;
        result.loss =
            std::array::from_fn(|axis| result.loss[axis] + stride - transposed.kernel[axis] as i64 + cut[axis] as i64);
        Ok(result)
    }

    /// Enlarged by a factor, with its loss.
    pub(super) fn enlarged(self, factor: usize) -> Result<Self, Misfit> {
        if self.single {
            return Err(Misfit::Single);
        }
        let loss = self.loss.map(|loss| loss * factor as i64);
        Self { loss, ..self }.with_factor(self.up * factor, self.down)
    }

    /// Shrunk by a factor, its loss unchanged.
    fn shrunk(self, factor: usize) -> Result<Self, Misfit> {
        self.with_factor(self.up, self.down * factor)
    }

    /// Each `factor` times `factor` samples one.
    pub(super) fn gathered(self, factor: usize) -> Result<Self, Misfit> {
        if self.single {
            return Err(Misfit::Single);
        }
        let divisor = factor as i64;
        if self.loss.iter().any(|loss| loss % divisor != 0) {
            return Err(Misfit::Uneven { factor });
        }
        Self { loss: self.loss.map(|loss| loss / divisor), ..self }.shrunk(factor)
    }

    pub(super) fn cropped(self, totals: [usize; 2]) -> Result<Self, Misfit> {
        if self.single {
            return Err(Misfit::Single);
        }
        Ok(Self { loss: [self.loss[0] + totals[0] as i64, self.loss[1] + totals[1] as i64], ..self })
    }

    fn with_factor(self, up: usize, down: usize) -> Result<Self, Misfit> {
        let divisor = greatest_common_divisor(up, down);
        let (up, down) = (up / divisor, down / divisor);
        if up.max(down) > MAX_FACTOR {
            return Err(Misfit::Bounds { what: "a factor", found: up.max(down) });
        }
        Ok(Self { up, down, ..self })
    }
}

pub(super) fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}
