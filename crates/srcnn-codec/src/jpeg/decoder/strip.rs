//! The samples of a row of MCUs, with what the filter between rows needs of the row before; and pixels made of them.

use srcnn_kernels::Isa;
use srcnn_kernels::jpeg::{interleave, ycc_to_rgb};

use super::frame::{BLOCK, Component, Frame};
use super::header::Colors;
use super::upsample;

/// How a component comes to the size of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Upsampling {
    None,
    TwiceAcross,
    TwiceDown,
    TwiceBoth,
    /// Each sample that many times in its row, and each row that many times.
    Repeated(usize, usize),
}

impl Upsampling {
    /// The way that libjpeg-turbo takes.
    fn of(component: &Component, frame: &Frame) -> Self {
        match (frame.across / component.across, frame.down / component.down) {
            (1, 1) => Self::None,
            (1, 2) => Self::TwiceDown,
            // The filter along a row takes three samples.
            (2, 1) if component.width > 2 => Self::TwiceAcross,
            (2, 2) if component.width > 2 => Self::TwiceBoth,
            (across, down) => Self::Repeated(across, down),
        }
    }

    /// Rows of samples for one row, and samples for a sample in a row.
    fn factors(self) -> (usize, usize) {
        match self {
            Self::None => (1, 1),
            Self::TwiceAcross => (2, 1),
            Self::TwiceDown => (1, 2),
            Self::TwiceBoth => (2, 2),
            Self::Repeated(across, down) => (across, down),
        }
    }
}

/// The samples of a component.
struct Plane {
    samples: Vec<u8>,
    /// Samples along a row, with those that only fill the MCUs.
    stride: usize,
    /// Rows of a row of MCUs, and those kept from the one before.
    rows: usize,
    kept: usize,
    /// Size in samples of the picture.
    width: usize,
    height: usize,
    upsampling: Upsampling,
    /// A row at the size of the picture, and sums of two rows.
    out: Vec<u8>,
    sums: Vec<u16>,
}

impl Plane {
    fn stride(component: &Component, frame: &Frame) -> usize {
        frame.blocks_of_row(component).0 * BLOCK
    }

    /// Rows of a row of MCUs, and those to be kept: the last one of a group of rows that go into the same rows of the
    /// picture, and the next group, which waits for the row below it.
    fn rows(component: &Component) -> (usize, usize) {
        (component.down * BLOCK, component.down + 1)
    }

    fn new(component: &Component, frame: &Frame) -> Self {
        let (stride, (rows, kept)) = (Self::stride(component, frame), Self::rows(component));
        let upsampling = Upsampling::of(component, frame);
        let out = if upsampling == Upsampling::None { 0 } else { component.width * upsampling.factors().0 };
        let sums = if upsampling == Upsampling::TwiceBoth { component.width } else { 0 };
        Self {
            samples: vec![0; stride * (rows + kept)],
            stride,
            rows,
            kept,
            width: component.width,
            height: component.height,
            upsampling,
            out: vec![0; out],
            sums: vec![0; sums],
        }
    }

    /// Makes the row of this component for a row of the picture. `mcu` is the row of MCUs that came last.
    fn upsample(&mut self, y: usize, mcu: usize) {
        let near = y / self.upsampling.factors().1;
        let upper = y.is_multiple_of(2);
        let far = if upper { near.saturating_sub(1) } else { (near + 1).min(self.height - 1) };
        let row = |y: usize| {
            let start = (y + self.kept - mcu * self.rows) * self.stride;
            &self.samples[start..start + self.width]
        };
        match self.upsampling {
            Upsampling::None => {}
            Upsampling::TwiceAcross => upsample::twice_across(row(near), &mut self.out),
            Upsampling::TwiceDown => upsample::twice_down(row(near), row(far), upper, &mut self.out),
            Upsampling::TwiceBoth => upsample::twice_both(row(near), row(far), &mut self.sums, &mut self.out),
            Upsampling::Repeated(times, _) => upsample::repeated(row(near), times, &mut self.out),
        }
    }

    /// The output of [`Plane::upsample`].
    fn row(&self, y: usize, mcu: usize, width: usize) -> &[u8] {
        match self.upsampling {
            Upsampling::None => &self.samples[(y + self.kept - mcu * self.rows) * self.stride..][..width],
            _ => &self.out[..width],
        }
    }
}

/// The samples of a row of MCUs.
pub(super) struct Strip {
    isa: Isa,
    planes: Vec<Plane>,
    colors: Colors,
    /// The first three inks of a row.
    inks: Vec<u8>,
    width: usize,
    height: usize,
    /// Rows of the picture in a row of MCUs, and in a group that comes from the same rows of samples.
    rows: usize,
    group: usize,
    /// Rows of MCUs that have come.
    mcus: usize,
}

impl Strip {
    /// Bytes that a strip takes.
    pub(super) fn size(frame: &Frame) -> u64 {
        let of = |component: &Component| {
            let (rows, kept) = Plane::rows(component);
            let upsampled = component.width * Upsampling::of(component, frame).factors().0 + 2 * component.width;
            (Plane::stride(component, frame) * (rows + kept) + upsampled) as u64
        };
        frame.components.iter().map(of).sum::<u64>() + Self::inks(frame) as u64
    }

    /// Bytes of the first three inks of a row.
    fn inks(frame: &Frame) -> usize {
        if frame.components.len() == 4 { 3 * frame.width } else { 0 }
    }

    pub(super) fn new(frame: &Frame, colors: Colors) -> Self {
        let planes = frame.components.iter().map(|component| Plane::new(component, frame)).collect();
        let (width, height, group) = (frame.width, frame.height, frame.down);
        let inks = vec![0; Self::inks(frame)];
        Self { isa: Isa::best(), planes, colors, inks, width, height, rows: group * BLOCK, group, mcus: 0 }
    }

    /// Makes room for the next row of MCUs. The rows of the picture that are ready must have been taken.
    pub(super) fn advance(&mut self) {
        for plane in &mut self.planes {
            plane.samples.copy_within(plane.rows * plane.stride.., 0);
        }
        self.mcus += 1;
    }

    /// Where a block of the last row of MCUs goes, and how far apart its rows are.
    #[inline(always)]
    pub(super) fn block(&mut self, component: usize, column: usize, row: usize) -> (&mut [u8], usize) {
        let plane = &mut self.planes[component];
        let start = (plane.kept + row * BLOCK) * plane.stride + column * BLOCK;
        (&mut plane.samples[start..], plane.stride)
    }

    /// Rows of the picture up to which all samples are there.
    pub(super) fn ready(&self) -> usize {
        let rows = self.mcus * self.rows;
        if rows >= self.height { self.height } else { rows.saturating_sub(self.group) }
    }

    /// Makes a row of the picture, which must be ready and not be before those that have been made.
    pub(super) fn write(&mut self, y: usize, out: &mut [u8]) {
        let mcu = self.mcus - 1;
        self.planes.iter_mut().for_each(|plane| plane.upsample(y, mcu));
        let row = |plane| Plane::row(plane, y, mcu, self.width);
        match &self.planes[..] {
            [a, b, c] => match self.colors {
                Colors::Rgb => interleave(self.isa, [row(a), row(b), row(c)], out),
                Colors::Ycc | Colors::Inks | Colors::Complements | Colors::Ycck => {
                    ycc_to_rgb(self.isa, [row(a), row(b), row(c)], out)
                }
            },
            [a, b, c, k] => {
                let flip = if self.colors == Colors::Complements { u8::MAX } else { 0 };
                let black = if self.colors == Colors::Inks { 0 } else { u8::MAX };
                match self.colors {
                    Colors::Ycck => ycc_to_rgb(self.isa, [row(a), row(b), row(c)], &mut self.inks),
                    Colors::Ycc | Colors::Rgb | Colors::Inks | Colors::Complements => {
                        interleave(self.isa, [row(a), row(b), row(c)], &mut self.inks)
                    }
                }
                let pixels = out.as_chunks_mut::<4>().0.iter_mut().zip(self.inks.as_chunks::<3>().0);
                for ((out, [c, m, y]), k) in pixels.zip(row(k)) {
                    *out = [c ^ flip, m ^ flip, y ^ flip, k ^ black];
                }
            }
            planes => planes.iter().for_each(|plane| out.copy_from_slice(row(plane))),
        }
    }
}
