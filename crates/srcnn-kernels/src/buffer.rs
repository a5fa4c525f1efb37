//! Slices of floats, aligned to cache lines.

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::layout::GROUP;

/// A cache line, as long as the widest vector.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; GROUP]);

/// A slice of floats aligned to 64 bytes, a cache line: a vector of a pixel of [`padded`](crate::padded) channels never
/// lies in two lines, which would make each access two.
#[derive(Clone, Default)]
pub struct Buffer {
    lines: Vec<Line>,
    len: usize,
}

impl Buffer {
    /// A buffer of `len` zeros.
    pub fn zeros(len: usize) -> Self {
        Self { lines: vec![Line([0.0; GROUP]); len.div_ceil(GROUP)], len }
    }

    /// Changes the length. Values that are added are zero or left over from before.
    pub fn resize(&mut self, len: usize) {
        self.lines.resize(len.div_ceil(GROUP), Line([0.0; GROUP]));
        self.len = len;
    }
}

impl From<&[f32]> for Buffer {
    fn from(values: &[f32]) -> Self {
        let mut buffer = Self::zeros(values.len());
        buffer.copy_from_slice(values);
        buffer
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        // SAFETY: lines are arrays of floats one after the other, at least `len` in all.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.len) }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: as for `deref`.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.len) }
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buffer({} floats)", self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::Buffer;

    const LENGTHS: [usize; 8] = [0, 1, 15, 16, 17, 31, 33, 1000];

    fn is_aligned(buffer: &Buffer) -> bool {
        buffer.as_ptr().addr().is_multiple_of(64)
    }

    #[test]
    fn begins_at_a_cache_line_and_holds_what_it_was_given() {
        for len in LENGTHS {
            let values: Vec<f32> = (0..len).map(|i| i as f32).collect();
            let mut buffer = Buffer::from(&values[..]);
            assert!(is_aligned(&buffer));
            assert_eq!(buffer[..], values[..]);
            buffer.resize(len + 20);
            assert!(is_aligned(&buffer));
            assert_eq!(buffer[..len], values[..]);
            assert_eq!(buffer.len(), len + 20);
        }
    }

    #[test]
    fn is_zero_at_first() {
        for len in LENGTHS {
            let buffer = Buffer::zeros(len);
            assert!(is_aligned(&buffer));
            assert_eq!(buffer[..], vec![0.0; len][..]);
        }
        assert!(Buffer::default().is_empty());
    }

    #[test]
    fn keeps_what_is_written_and_a_copy_is_its_own() {
        for len in LENGTHS {
            let mut buffer = Buffer::zeros(len);
            buffer.iter_mut().enumerate().for_each(|(i, value)| *value = -(i as f32));
            let mut copy = buffer.clone();
            assert!(is_aligned(&copy));
            copy.fill(7.0);
            assert!(copy.iter().all(|value| *value == 7.0));
            assert!(buffer.iter().enumerate().all(|(i, value)| *value == -(i as f32)), "{len}");
        }
    }

    #[test]
    fn lengths_change_and_what_is_added_was_written_before_or_is_zero() {
        let mut buffer = Buffer::zeros(40);
        buffer.fill(3.0);
        for len in [17, 16, 1, 0, 5, 40, 64] {
            buffer.resize(len);
            assert_eq!(buffer.len(), len);
            assert!(buffer.iter().all(|value| [0.0, 3.0].contains(value)), "{len}");
        }
    }

    #[test]
    fn is_described_by_its_length() {
        assert_eq!(format!("{:?}", Buffer::zeros(17)), "Buffer(17 floats)");
    }
}
