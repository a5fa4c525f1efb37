//! What lies beyond a picture's edges, for interpolation and network alike.

use crate::plane::{Plane, Rect};
use crate::resample::{Convention, Edge, ResizeError, Resizing};

/// What lies beyond a picture's edges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Surround {
    /// The edge's pixels for ever; the interpolation keeps its own rule (MATLAB's bicubic mirrors).
    #[default]
    Replicate,
    /// The picture mirrored, its edge's pixels repeated: `[1..n, n..1]`.
    Mirror,
    /// The picture again, as in a texture whose copies lie next to each other.
    Wrap,
}

impl Surround {
    /// The plane with `margin` more samples on every side.
    pub(super) fn widen(self, plane: &Plane<f32>, margin: usize) -> Plane<f32> {
        let positions = |n: usize| (0..n + 2 * margin).map(|i| self.position(i as i64 - margin as i64, n)).collect();
        let columns: Vec<usize> = positions(plane.width());
        let rows: Vec<usize> = positions(plane.height());
        let mut data = Vec::with_capacity(columns.len() * rows.len());
        for y in &rows {
            let row = plane.row(*y);
            data.extend(columns[..margin].iter().map(|&x| row[x]));
            data.extend_from_slice(row);
            data.extend(columns[margin + row.len()..].iter().map(|&x| row[x]));
        }
        Plane::new(columns.len(), rows.len(), data).expect("one sample a position")
    }

    /// The position in `0..n` that stands for `i`.
    pub(super) fn position(self, i: i64, n: usize) -> usize {
        let n = n as i64;
        let inside = match self {
            Self::Replicate => i.clamp(0, n - 1),
            Self::Mirror => {
                let k = i.rem_euclid(2 * n);
                k.min(2 * n - 1 - k)
            }
            Self::Wrap => i.rem_euclid(n),
        };
        inside as usize
    }

    /// MATLAB's bicubic with these edges; replicated ones are mirrored, as MATLAB has them.
    pub(super) fn resizing(self, from: (usize, usize), to: (usize, usize)) -> Result<Resizing, ResizeError> {
        match self {
            Self::Replicate | Self::Mirror => Resizing::new(from, to, Convention::MatlabBicubic(Edge::Mirror)),
            Self::Wrap => Resizing::wrapped(from, to),
        }
    }
}

/// The plane without `margin` samples on every side.
pub(super) fn narrow(plane: &Plane<f32>, margin: usize) -> Plane<f32> {
    let (width, height) = (plane.width() - 2 * margin, plane.height() - 2 * margin);
    plane.crop(Rect { x: margin, y: margin, width, height }).expect("the margin was added before")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_wider_than_the_picture_are_filled_by_the_rule() {
        let plane = Plane::new(3, 1, vec![1.0, 2.0, 3.0]).expect("filled");
        let cases = [
            (Surround::Replicate, [1., 1., 1., 1., 1., 2., 3., 3., 3., 3., 3.]),
            (Surround::Mirror, [3., 3., 2., 1., 1., 2., 3., 3., 2., 1., 1.]),
            (Surround::Wrap, [3., 1., 2., 3., 1., 2., 3., 1., 2., 3., 1.]),
        ];
        for (surround, expected) in cases {
            let wide = surround.widen(&plane, 4);
            assert_eq!(
                (wide.size(), wide.row(0), wide.row(8)),
                ((11, 9), &expected[..], &expected[..]),
                "{surround:?}"
            );
            assert_eq!(narrow(&wide, 4), plane);
        }
    }
}
