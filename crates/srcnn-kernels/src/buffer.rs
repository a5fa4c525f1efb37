//! Floats that begin at the boundary of a cache line.

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::GROUP;

/// One cache line, and the widest vector.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; GROUP]);

/// A slice of floats whose first one lies at a multiple of 64 bytes: pixels of [`padded`](crate::padded) channels never
/// straddle two cache lines more than they must, which would make each access two.
#[derive(Clone, Default)]
pub struct Buffer {
    lines: Vec<Line>,
    len: usize,
}

impl Buffer {
    /// `len` zeros.
    pub fn zeros(len: usize) -> Self {
        Self { lines: vec![Line([0.0; GROUP]); len.div_ceil(GROUP)], len }
    }

    /// Changes the length; what is added is zero or left over from before.
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
        // SAFETY: as of `deref`.
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

    #[test]
    fn begins_at_a_cache_line_and_holds_what_it_was_given() {
        for len in [0, 1, 15, 16, 17, 1000] {
            let values: Vec<f32> = (0..len).map(|i| i as f32).collect();
            let mut buffer = Buffer::from(&values[..]);
            assert!(buffer.as_ptr().addr().is_multiple_of(64));
            assert_eq!(buffer[..], values[..]);
            buffer.resize(len + 20);
            assert_eq!(buffer[..len], values[..]);
            assert_eq!(buffer.len(), len + 20);
        }
    }
}
