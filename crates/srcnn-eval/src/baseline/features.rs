//! First and second derivatives of a picture, and windows of them.

use srcnn::Size;
use srcnn::plane::Plane;

/// Horizontal and vertical first derivative, horizontal and vertical second derivative.
#[derive(Clone, Debug)]
pub(super) struct Derivatives([Plane<f32>; 4]);

/// What differences are taken between, and what they are multiplied by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Differences {
    /// Distance of the two samples of a first difference, and of the outer ones of a second from the middle one.
    pub step: usize,
    /// Weight of first differences.
    pub first: f32,
    /// Weight of second differences.
    pub second: f32,
}

impl Differences {
    /// Zeyde et al. 2010: `[1 0 .. 0 -1]` and `[1 0 .. 0 -2 0 .. 0 1] / 2` with `scale - 1` zeros, so that they reach to
    /// neighbouring pixels of the small picture.
    pub fn zeyde(scale: usize) -> Self {
        Self { step: scale, first: 1.0, second: 0.5 }
    }

    /// Yang et al. 2010: `[-1 0 1]` and `[1 0 -2 0 1]`, whatever the scale.
    pub const YANG: Self = Self { step: 2, first: -1.0, second: 1.0 };
}

impl Derivatives {
    /// By MATLAB's `conv2(plane, filter, 'same')`: filters are turned round, and beyond the edge is zero.
    pub fn new(plane: &Plane<f32>, by: Differences) -> Self {
        let (step, ahead) = (by.step as isize, by.step.div_ceil(2) as isize);
        let first = [(ahead, by.first), (ahead - step, -by.first)];
        let second = [(step, by.second), (0, -2.0 * by.second), (-step, by.second)];
        Self([across(plane, &first), down(plane, &first), across(plane, &second), down(plane, &second)])
    }

    /// Samples of a window of `side` x `side` pixels.
    pub fn length(side: usize) -> usize {
        4 * side * side
    }

    /// Appends the samples of the window whose top left pixel is (x, y): one derivative after the other.
    pub fn window(&self, x: usize, y: usize, side: usize, to: &mut Vec<f32>) {
        self.0.iter().for_each(|plane| window(plane, x, y, side, to));
    }
}

/// Appends the samples of a window, row after row.
pub(super) fn window(plane: &Plane<f32>, x: usize, y: usize, side: usize, to: &mut Vec<f32>) {
    (y..y + side).for_each(|y| to.extend_from_slice(&plane.row(y)[x..x + side]));
}

fn across(plane: &Plane<f32>, taps: &[(isize, f32)]) -> Plane<f32> {
    let Size { width, height } = plane.size();
    let mut out = Plane::filled(width, height, 0.0);
    for (to, from) in out.as_mut_slice().chunks_exact_mut(width).zip(plane.as_slice().chunks_exact(width)) {
        for &(offset, weight) in taps {
            let (to, from) = overlap(to, from, offset);
            to.iter_mut().zip(from).for_each(|(to, from)| *to += weight * from);
        }
    }
    out
}

fn down(plane: &Plane<f32>, taps: &[(isize, f32)]) -> Plane<f32> {
    let Size { width, height } = plane.size();
    let mut out = Plane::filled(width, height, 0.0);
    for &(offset, weight) in taps {
        let offset = offset.clamp(-(height as isize), height as isize) * width as isize;
        let (to, from) = overlap(out.as_mut_slice(), plane.as_slice(), offset);
        to.iter_mut().zip(from).for_each(|(to, from)| *to += weight * from);
    }
    out
}

/// The parts of which sample `i` of the first belongs to sample `i + offset` of the second.
fn overlap<'a>(to: &'a mut [f32], from: &'a [f32], offset: isize) -> (&'a mut [f32], &'a [f32]) {
    let shift = offset.unsigned_abs().min(to.len());
    let kept = to.len() - shift;
    if offset >= 0 { (&mut to[..kept], &from[shift..]) } else { (&mut to[shift..], &from[..kept]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row with an impulse in the middle shows each filter.
    #[test]
    fn an_impulse_gives_the_filters() {
        let line = Plane::from_fn(9, 1, |x, _| f32::from(u8::from(x == 4)));
        let planes = |by| Derivatives::new(&line, by).0.map(Plane::into_vec);
        let [first, _, second, _] = planes(Differences::zeyde(2));
        assert_eq!(first, [0.0, 0.0, 0.0, 1.0, 0.0, -1.0, 0.0, 0.0, 0.0]);
        assert_eq!(second, [0.0, 0.0, 0.5, 0.0, -1.0, 0.0, 0.5, 0.0, 0.0]);
        // conv2 takes the later one of the two middle samples of an even filter for its centre.
        let [first, _, second, _] = planes(Differences::zeyde(3));
        assert_eq!(first, [0.0, 0.0, 1.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0]);
        assert_eq!(second, [0.0, 0.5, 0.0, 0.0, -1.0, 0.0, 0.0, 0.5, 0.0]);
        let [first, down, second, _] = planes(Differences::YANG);
        assert_eq!(first, [0.0, 0.0, 0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
        assert_eq!(second, [0.0, 0.0, 1.0, 0.0, -2.0, 0.0, 1.0, 0.0, 0.0]);
        assert_eq!(down, [0.0; 9]);
    }

    #[test]
    fn rows_and_columns_are_treated_alike() {
        let plane = Plane::from_fn(7, 5, |x, y| (x * x + 3 * y) as f32);
        let turned = Plane::from_fn(5, 7, |x, y| plane.row(x)[y]);
        for by in [Differences::zeyde(4), Differences::YANG] {
            let (a, b) = (Derivatives::new(&plane, by).0, Derivatives::new(&turned, by).0);
            for (i, j) in [(0, 1), (1, 0), (2, 3), (3, 2)] {
                assert!((0..35).all(|at| a[i].row(at / 7)[at % 7] == b[j].row(at % 7)[at / 7]), "{by:?} {i}");
            }
        }
    }
}
