//! Components of a picture and their blocks (ITU-T T.81, A.1 and A.2).

use std::ops::Range;

use srcnn_image::Size;

use crate::options::Subsampling;

/// Samples of a side of a block.
pub(super) const SIDE: usize = 8;

/// A picture's components and the blocks of a minimum coded unit (MCU).
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) size: Size,
    /// 1 (grey) or 3 (luma, blue, red).
    pub(super) components: usize,
    /// Blocks of luma on a side of an MCU; of the other components there is one.
    pub(super) luma: usize,
}

impl Frame {
    pub(super) fn new(size: Size, channels: usize, subsampling: Subsampling) -> Self {
        let luma = match subsampling {
            _ if channels == 1 => 1,
            Subsampling::S444 => 1,
            Subsampling::S420 => 2,
        };
        Self { size, components: channels, luma }
    }

    /// Pixels of a side of an MCU.
    pub(super) fn unit(&self) -> usize {
        SIDE * self.luma
    }

    /// MCUs of a row.
    pub(super) fn across(&self) -> usize {
        self.size.width.div_ceil(self.unit())
    }

    /// Rows of MCUs.
    pub(super) fn down(&self) -> usize {
        self.size.height.div_ceil(self.unit())
    }

    /// Blocks of a component on a side of an MCU, across and down.
    pub(super) fn factor(&self, component: usize) -> usize {
        if component == 0 { self.luma } else { 1 }
    }

    /// The blocks of a component in an MCU, one row after the other, by their index among those of `across` MCUs next to each
    /// other: of one row of blocks after the other.
    #[inline(always)]
    pub(super) fn rows_of_unit(
        &self,
        component: usize,
        unit: usize,
        across: usize,
    ) -> impl Iterator<Item = Range<usize>> {
        let factor = self.factor(component);
        (0..factor).map(move |row| factor * (row * across + unit)).map(move |start| start..start + factor)
    }
}
