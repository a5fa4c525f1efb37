//! Rows of a value: all channels of some rows of planes.

use std::ops::Range;

use crate::Size;
use crate::model::graph::Fill;
use crate::plane::Plane;
use crate::real::Real;

/// Rows from `start` on of planes of `size`, stored row by row, within a row channel by channel.
#[derive(Clone, Debug)]
pub(super) struct Rows<T> {
    pub(super) start: usize,
    /// Of the whole planes.
    pub(super) size: Size,
    pub(super) channels: usize,
    pub(super) data: Vec<T>,
}

impl<T: Real> Rows<T> {
    /// Rows of zeros.
    pub(super) fn zeros(rows: &Range<usize>, size: Size, channels: usize) -> Self {
        Self { start: rows.start, size, channels, data: vec![T::ZERO; rows.len() * channels * size.width] }
    }

    pub(super) fn of_planes(planes: &[Plane<T>], rows: &Range<usize>) -> Self {
        let lines = rows.clone().flat_map(|y| planes.iter().map(move |p| p.row(y)));
        let data = lines.flatten().copied().collect();
        Self { start: rows.start, size: planes[0].size(), channels: planes.len(), data }
    }

    /// Samples of a row of all channels.
    pub(super) fn stride(&self) -> usize {
        self.channels * self.size.width
    }

    /// All channels of row `y` of the planes.
    pub(super) fn row(&self, y: usize) -> &[T] {
        let stride = self.stride();
        &self.data[(y - self.start) * stride..][..stride]
    }

    /// A channel of row `y` of the planes.
    pub(super) fn line(&self, y: usize, channel: usize) -> &[T] {
        &self.row(y)[channel * self.size.width..][..self.size.width]
    }

    /// The rows that are stored.
    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.start + self.data.len() / self.stride()
    }

    pub(super) fn append_channel(&self, channel: usize, out: &mut Vec<T>) {
        self.range().for_each(|y| out.extend_from_slice(self.line(y, channel)));
    }

    /// The rows as planes, one per channel.
    pub(super) fn to_planes(&self) -> Vec<Plane<T>> {
        let (width, height) = (self.size.width, self.range().len());
        let plane = |channel| {
            let mut data = Vec::with_capacity(width * height);
            self.append_channel(channel, &mut data);
            Plane::new(width, height, data).expect("a value a pixel")
        };
        (0..self.channels).map(plane).collect()
    }
}

/// The sample of a line of `length` that stands at a place, which may lie beyond its ends; none for zero.
pub(super) fn place(at: i64, length: usize, fill: Fill) -> Option<usize> {
    let last = length as i64 - 1;
    if (0..=last).contains(&at) {
        return Some(at as usize);
    }
    match fill {
        Fill::Zero => None,
        Fill::Replicate => Some(at.clamp(0, last) as usize),
        Fill::Reflect if last == 0 => Some(0),
        Fill::Reflect => {
            let period = 2 * last;
            let at = at.rem_euclid(period);
            Some(at.min(period - at) as usize)
        }
    }
}

/// The places of a line of `length` that `from..to`, which may lie beyond its ends, depend on; at least one.
pub(super) fn places(from: i64, to: i64, length: usize, fill: Fill) -> Range<usize> {
    let inside = |range: Range<usize>, at: i64| match place(at, length, fill) {
        Some(at) => range.start.min(at)..range.end.max(at + 1),
        None => range,
    };
    let first = from.clamp(0, length as i64 - 1) as usize;
    let range = first..to.clamp(first as i64 + 1, length as i64) as usize;
    // Only what lies beyond the ends adds to it.
    let range = (from..to.min(0)).fold(range, inside);
    (from.max(length as i64)..to).fold(range, inside)
}
