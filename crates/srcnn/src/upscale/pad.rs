//! Padding of planes, for edges that are not replicated.

use crate::Edge;
use crate::plane::{Plane, Rect};

/// Pads a plane by `margin` samples on every side, by the rule of `edge`.
pub(super) fn pad(plane: &Plane<f32>, margin: usize, edge: Edge) -> Plane<f32> {
    let positions = |n: usize| (0..n + 2 * margin).map(|i| edge.position(i as i64 - margin as i64, n)).collect();
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

/// Crops `margin` samples from every side.
pub(super) fn crop_border(plane: &Plane<f32>, margin: usize) -> Plane<f32> {
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
            (Edge::Replicate, [1., 1., 1., 1., 1., 2., 3., 3., 3., 3., 3.]),
            (Edge::Mirror, [3., 3., 2., 1., 1., 2., 3., 3., 2., 1., 1.]),
            (Edge::Wrap, [3., 1., 2., 3., 1., 2., 3., 1., 2., 3., 1.]),
        ];
        for (edge, expected) in cases {
            let wide = pad(&plane, 4, edge);
            assert_eq!((wide.row(0), wide.row(8)), (&expected[..], &expected[..]), "{edge:?}");
            assert_eq!(wide.size(), (11, 9));
            assert_eq!(crop_border(&wide, 4), plane);
        }
    }
}
