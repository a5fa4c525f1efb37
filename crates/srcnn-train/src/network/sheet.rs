//! Feature maps with space for padding.

use srcnn::model::Padding;
use srcnn_kernels::{Buffer, Channels, Map, Place};

/// Feature maps with a frame of `frame` pixels on each side.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    pub width: usize,
    pub height: usize,
    pub channels: Channels,
    pub frame: usize,
    pub data: Buffer,
}

impl Sheet {
    /// Zeros.
    pub(super) fn new((width, height): (usize, usize), channels: Channels, frame: usize) -> Self {
        let data = Buffer::zeros((width + 2 * frame) * (height + 2 * frame) * channels.stored());
        Self { width, height, channels, frame, data }
    }

    /// Floats of a row, including the frame.
    fn row_length(&self) -> usize {
        (self.width + 2 * self.frame) * self.channels.stored()
    }

    /// The index of the first pixel of row `y` inside the frame.
    fn start(&self, y: usize) -> usize {
        (y + self.frame) * self.row_length() + self.frame * self.channels.stored()
    }

    /// The pixels of row `y` without the frame.
    pub(super) fn row(&self, y: usize) -> &[f32] {
        &self.data[self.start(y)..][..self.width * self.channels.stored()]
    }

    /// The pixels of row `y` without the frame.
    pub(super) fn row_mut(&mut self, y: usize) -> &mut [f32] {
        let (start, length) = (self.start(y), self.width * self.channels.stored());
        &mut self.data[start..][..length]
    }

    /// The maps including the frame, as input of a kernel.
    pub(super) fn map(&self) -> Map<'_> {
        Map {
            data: &self.data,
            width: self.width + 2 * self.frame,
            height: self.height + 2 * self.frame,
            channels: self.channels.stored(),
        }
    }

    /// The maps inside the frame, as output of a kernel.
    pub(super) fn place(&mut self) -> Place<'_> {
        let (start, row_length) = (self.start(0), self.row_length());
        Place { data: &mut self.data[start..], row_length }
    }

    /// Fills the frame for replicated edges. It stays as it is for zero padding, so it must be zero.
    pub(super) fn fill_frame(&mut self, padding: Padding) {
        if padding != Padding::Replicate || self.frame == 0 {
            return;
        }
        let (stored, frame, length) = (self.channels.stored(), self.frame, self.row_length());
        for y in 0..self.height {
            let row = &mut self.data[(y + frame) * length..][..length];
            for x in 0..frame {
                row.copy_within(frame * stored..(frame + 1) * stored, x * stored);
                row.copy_within(length - (frame + 1) * stored..length - frame * stored, length - (x + 1) * stored);
            }
        }
        for y in 0..frame {
            let last = (frame + self.height - 1) * length;
            self.data.copy_within(frame * length..(frame + 1) * length, y * length);
            self.data.copy_within(last..last + length, last + (y + 1) * length);
        }
    }

    /// The backward pass of [`Sheet::fill_frame`]: adds the gradients in the frame to those of the replicated pixels.
    pub(super) fn fold_frame(&mut self, padding: Padding) {
        if padding != Padding::Replicate || self.frame == 0 {
            return;
        }
        let (stored, frame, length) = (self.channels.stored(), self.frame, self.row_length());
        let add = |data: &mut [f32], from: usize, to: usize, count: usize| {
            for i in 0..count {
                data[to + i] += data[from + i];
            }
        };
        let last = (frame + self.height - 1) * length;
        for y in 0..frame {
            add(&mut self.data, y * length, frame * length, length);
            add(&mut self.data, last + (y + 1) * length, last, length);
        }
        for y in 0..self.height {
            let row = &mut self.data[(y + frame) * length..][..length];
            for x in 0..frame {
                add(row, x * stored, frame * stored, stored);
                add(row, length - (x + 1) * stored, length - (frame + 1) * stored, stored);
            }
        }
    }
}
