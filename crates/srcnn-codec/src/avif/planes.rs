//! Planes of numbers from the decoder, row by row as floating point; chroma of fewer samples, enlarged.

use super::frame::{Component, Frame, subsampling};
use crate::decode_error::DecodeError;

/// A plane of numbers.
pub(super) struct Plane<'a> {
    component: Component<'a>,
    width: usize,
    height: usize,
}

impl<'a> Plane<'a> {
    /// Plane `i` of a frame, of so many numbers.
    fn of(frame: &'a Frame, i: usize, (width, height): (usize, usize)) -> Result<Self, DecodeError> {
        let component = frame.component(i).ok_or(DecodeError::Truncated)?;
        let needed = height.saturating_sub(1) * component.stride + width * component.sample;
        if width * component.sample > component.stride || component.bytes.len() < needed {
            return Err(DecodeError::Truncated);
        }
        Ok(Self { component, width, height })
    }

    /// Luma.
    pub(super) fn luma(frame: &'a Frame) -> Result<Self, DecodeError> {
        Self::of(frame, 0, (frame.size.width, frame.size.height))
    }

    /// The numbers of row `y`.
    pub(super) fn row(&self, y: usize, to: &mut [f32]) {
        let row = &self.component.bytes[y * self.component.stride..][..self.width * self.component.sample];
        match self.component.sample {
            1 => to.iter_mut().zip(row).for_each(|(to, v)| *to = f32::from(*v)),
            _ => to.iter_mut().zip(row.as_chunks().0).for_each(|(to, v)| *to = f32::from(u16::from_ne_bytes(*v))),
        }
    }
}

/// A plane of chroma, which has as many samples as luma, or half as many along an axis.
pub(super) struct Chroma<'a> {
    plane: Plane<'a>,
    /// Pixels a sample stands for, across and down: 1 or 2.
    across: usize,
    down: usize,
}

/// Rows that are worked on while chroma is enlarged.
pub(super) struct Scratch {
    near: Vec<f32>,
    far: Vec<f32>,
}

/// What the farther of two samples counts.
const FAR: f32 = 0.25;

impl<'a> Chroma<'a> {
    /// The differences of blue (1) or red (2).
    pub(super) fn of(frame: &'a Frame, i: usize) -> Result<Self, DecodeError> {
        let (across, down) = subsampling(frame.layout);
        let size = (frame.size.width.div_ceil(across), frame.size.height.div_ceil(down));
        Ok(Self { plane: Plane::of(frame, i, size)?, across, down })
    }

    pub(super) fn scratch(&self) -> Scratch {
        Scratch { near: vec![0.0; self.plane.width], far: vec![0.0; self.plane.width] }
    }

    /// The numbers for the pixels of row `y`: bilinear between samples that lie in the middle of those they stand for.
    pub(super) fn row(&self, y: usize, scratch: &mut Scratch, to: &mut [f32]) {
        let Scratch { near, far } = scratch;
        let middle = y / self.down;
        if self.across == 1 && self.down == 1 {
            return self.plane.row(middle, to);
        }
        self.plane.row(middle, near);
        if self.down == 2 {
            let next = if y.is_multiple_of(2) { middle.saturating_sub(1) } else { middle + 1 };
            self.plane.row(next.min(self.plane.height - 1), far);
            near.iter_mut().zip(far.iter()).for_each(|(near, far)| *near = blended(*near, *far));
        }
        if self.across == 1 {
            to.copy_from_slice(near);
        } else {
            doubled(near, to);
        }
    }
}

fn blended(near: f32, far: f32) -> f32 {
    near * (1.0 - FAR) + far * FAR
}

/// Two samples for each, the last perhaps one.
fn doubled(from: &[f32], to: &mut [f32]) {
    let [first, .., last] = *from else {
        return to.fill(blended(from[0], from[0]));
    };
    // All but the first and the last pixel lie between two samples.
    let most = to.len() - 1;
    to[0] = blended(first, first);
    let (pairs, rest) = to[1..].as_chunks_mut::<2>();
    for (to, from) in pairs.iter_mut().zip(from.windows(2)) {
        *to = [blended(from[0], from[1]), blended(from[1], from[0])];
    }
    if !rest.is_empty() {
        to[most] = blended(last, last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_doubled_at_every_width() {
        for width in 1..=9usize {
            let from: Vec<f32> = (0..width.div_ceil(2)).map(|i| [3.0, 8.0, 1.0, 100.0, 60.0][i]).collect();
            let mut to = vec![f32::NAN; width];
            doubled(&from, &mut to);
            for (x, to) in to.into_iter().enumerate() {
                let far = if x % 2 == 0 { (x / 2).saturating_sub(1) } else { (x / 2 + 1).min(from.len() - 1) };
                assert_eq!(to, from[x / 2] * 0.75 + from[far] * 0.25, "{width}: {x}");
            }
        }
    }
}
