//! Samples to quantised coefficients, some MCUs at a time.

use std::ops::Range;

use srcnn_kernels::Isa;
use srcnn_kernels::jpeg::{Block, ForwardDct, Planes, grey_to_luma, halve, rgb_to_ycc};

use super::frame::{Frame, SIDE};
use super::quantisation::toward_zero;

/// Pixels across that are transformed at a time, so that they stay in the nearest cache.
const ACROSS: usize = 128;

/// The transform of a picture.
pub(super) struct Transform {
    isa: Isa,
    frame: Frame,
    /// Of luma and of color differences.
    dct: [ForwardDct; 2],
}

/// Samples and coefficients of some MCUs of a row.
#[derive(Default)]
pub(super) struct Part {
    /// A row of pixels beyond the picture's edge.
    row: Vec<u8>,
    /// Rows of luma, blue and red.
    planes: [Vec<f32>; 3],
    halved: Vec<f32>,
    /// Rows of blocks of luma, blue and red.
    blocks: [Vec<Block>; 3],
}

impl Transform {
    pub(super) fn new(frame: Frame, steps: &[[u16; 64]; 2]) -> Self {
        let isa = Isa::best();
        Self { isa, frame, dct: steps.each_ref().map(|steps| ForwardDct::new(isa, steps, &toward_zero(steps))) }
    }

    pub(super) fn frame(&self) -> &Frame {
        &self.frame
    }

    /// The parts into which the MCUs of a row are divided.
    pub(super) fn parts(&self) -> impl Iterator<Item = Range<usize>> {
        let (across, step) = (self.frame.across(), ACROSS / self.frame.unit());
        (0..across).step_by(step).map(move |start| start..across.min(start + step))
    }

    /// Transforms some MCUs of a row. `rows` are the row's rows of pixels; below the picture the last one is repeated.
    pub(super) fn run(&self, rows: &[&[u8]], units: Range<usize>, part: &mut Part) {
        let frame = &self.frame;
        let unit = frame.unit();
        let width = unit * units.len();
        for (y, row) in (0..unit).zip(rows.iter().chain(std::iter::repeat(&rows[rows.len() - 1]))) {
            let pixels = padded(row, frame, units.start * unit, width, &mut part.row);
            for plane in &mut part.planes[..frame.components] {
                plane.resize(ACROSS * unit, 0.0);
            }
            let [luma, blue, red] = part.planes.each_mut().map(|plane| plane.get_mut(y * ACROSS..).unwrap_or_default());
            if frame.components == 1 {
                grey_to_luma(self.isa, pixels, &mut luma[..width]);
            } else {
                let [luma, blue, red] = [luma, blue, red].map(|row| &mut row[..width]);
                rgb_to_ycc(self.isa, pixels, Planes { luma, blue, red });
            }
        }
        for component in 0..frame.components {
            let (factor, dct) = (frame.factor(component), &self.dct[component.min(1)]);
            let (samples, blocks) = (&mut part.planes[component], &mut part.blocks[component]);
            if factor < frame.luma {
                self.halve(samples, width, &mut part.halved);
            }
            blocks.resize(factor * factor * units.len(), Block::ZERO);
            let samples = if factor < frame.luma { &part.halved } else { samples };
            for (y, blocks) in blocks.chunks_mut(factor * units.len()).enumerate() {
                dct.run(&samples[y * SIDE * ACROSS..], ACROSS, blocks);
            }
        }
    }

    /// Two by two samples become one.
    fn halve(&self, samples: &[f32], width: usize, halved: &mut Vec<f32>) {
        halved.resize(SIDE * ACROSS, 0.0);
        for (rows, out) in samples.chunks_exact(2 * ACROSS).zip(halved.chunks_exact_mut(ACROSS)) {
            let (upper, lower) = rows.split_at(ACROSS);
            halve(self.isa, &upper[..width], &lower[..width], &mut out[..width / 2]);
        }
    }
}

impl Part {
    /// The blocks of each component: one row of blocks after the other.
    pub(super) fn blocks(&self) -> [&[Block]; 3] {
        self.blocks.each_ref().map(Vec::as_slice)
    }
}

/// `width` pixels of a row from `start` on. Beyond the picture the last one is repeated, in `copy`.
fn padded<'a>(row: &'a [u8], frame: &Frame, start: usize, width: usize, copy: &'a mut Vec<u8>) -> &'a [u8] {
    let channels = frame.components;
    let there = &row[start * channels..row.len().min((start + width) * channels)];
    if there.len() == width * channels {
        return there;
    }
    copy.clear();
    copy.extend_from_slice(there);
    let last = &there[there.len() - channels..];
    while copy.len() < width * channels {
        copy.extend_from_slice(last);
    }
    copy
}
