//! Marker segments (ITU-T T.81, annex B).

use super::codes::Spec;
use super::frame::Frame;
use crate::jpeg::markers::{BASELINE, HUFFMAN_TABLES, PREFIX, PROGRESSIVE, QUANTISATION_TABLES, START_OF_SCAN};
use crate::jpeg::zigzag::NATURAL_ORDER;

/// Bits of a sample.
const PRECISION: u8 = 8;

/// A marker segment that is written as it is.
pub(crate) struct Segment {
    /// The code of its marker.
    pub(crate) code: u8,
    /// At most 65533 bytes.
    pub(crate) data: Vec<u8>,
}

impl Segment {
    /// Writes the segment behind `out`.
    pub(super) fn put(&self, out: &mut Vec<u8>) {
        let length = u16::try_from(self.data.len() + 2).expect("segments are cut to the longest");
        out.extend([PREFIX, self.code]);
        out.extend(length.to_be_bytes());
        out.extend(&self.data);
    }
}

/// The frame header; a component's number is its index and 1.
pub(super) fn frame(frame: &Frame, progressive: bool) -> Segment {
    let [height, width] = [frame.size.height, frame.size.width].map(|side| (side as u16).to_be_bytes());
    let mut data = [&[PRECISION][..], &height, &width, &[frame.components as u8]].concat();
    for component in 0..frame.components {
        let factor = frame.factor(component) as u8;
        data.extend([component as u8 + 1, factor << 4 | factor, component.min(1) as u8]);
    }
    Segment { code: if progressive { PROGRESSIVE } else { BASELINE }, data }
}

/// A quantisation table, row by row, for luma (0) or color differences (1).
pub(super) fn quantisation(table: u8, steps: &[u16; 64]) -> Segment {
    let ordered = NATURAL_ORDER.iter().map(|place| steps[usize::from(*place)] as u8);
    Segment { code: QUANTISATION_TABLES, data: std::iter::once(table).chain(ordered).collect() }
}

/// A Huffman table by its index.
pub(super) fn huffman(table: usize, spec: &Spec) -> Segment {
    // Luma's tables have the number 0, those of color differences 1; bit 4 tells those of AC coefficients.
    let number = ((table % 2) << 4 | (table / 2)) as u8;
    Segment { code: HUFFMAN_TABLES, data: [&[number][..], &spec.counts, &spec.symbols].concat() }
}

/// A scan header: components by their index, a band of coefficients in order of coding, the bits that scans before and this one
/// leave out.
pub(super) fn scan(components: &[usize], (first, last): (u8, u8), (high, low): (u8, u8)) -> Segment {
    let mut data = vec![components.len() as u8];
    for component in components {
        data.extend([*component as u8 + 1, 0x11 * (*component).min(1) as u8]);
    }
    data.extend([first, last, high << 4 | low]);
    Segment { code: START_OF_SCAN, data }
}
