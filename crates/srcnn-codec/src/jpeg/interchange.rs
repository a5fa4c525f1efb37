//! JPEG files put together from tables and scans that another format has apart.

use super::markers::{
    APP14, BASELINE, END_OF_IMAGE, FIRST_RESTART, HUFFMAN_TABLES, PREFIX, QUANTISATION_TABLES, RESTART_INTERVAL,
    START_OF_IMAGE, START_OF_SCAN,
};

/// How a file begins.
pub(crate) const START: [u8; 2] = [PREFIX, START_OF_IMAGE];
/// Adobe's segment (T.872, 6.5.3): the version, two flags, and that the components are red, green and blue.
const ADOBE_RGB: &[u8] = b"Adobe\0\x64\0\0\0\0\0";
/// The class of Huffman tables: of AC coefficients.
const AC: u8 = 0x10;
/// The first and the last coefficient of a sequential scan, and no approximation.
const WHOLE_SPECTRUM: [u8; 3] = [0, 63, 0];

/// A picture of 8 bits a sample, all components in one scan.
pub(crate) struct Interchange {
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) components: Vec<InterchangeComponent>,
    /// Whether three components are red, green and blue, and not luma and chroma.
    pub(crate) is_rgb: bool,
    /// Minimum coded units between restarts; 0 for none.
    pub(crate) interval: u16,
    /// Entropy-coded data; between two of them is a restart.
    pub(crate) scans: Vec<Vec<u8>>,
}

/// A component with its tables as segments have them.
pub(crate) struct InterchangeComponent {
    /// Sampling factors, across and down.
    pub(crate) factors: [u8; 2],
    /// 64 numbers in zigzag order.
    pub(crate) quantisation: Vec<u8>,
    /// Numbers of codes of each length, then their values.
    pub(crate) dc: Vec<u8>,
    pub(crate) ac: Vec<u8>,
}

impl Interchange {
    /// Whether bytes have a scan, as whole files do.
    pub(crate) fn has_scan(bytes: &[u8]) -> bool {
        let mut at = START.len();
        loop {
            let Some([PREFIX, code, rest @ ..]) = bytes.get(at..) else { return false };
            match (*code, rest) {
                (START_OF_SCAN, _) => return true,
                (PREFIX, _) => at += 1,
                (_, [high, low, ..]) => at += 2 + usize::from(u16::from_be_bytes([*high, *low])).max(2),
                _ => return false,
            }
        }
    }

    /// The file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut file = START.to_vec();
        let mut segment = |code: u8, data: &[u8]| {
            file.extend([PREFIX, code]);
            file.extend((data.len() as u16 + 2).to_be_bytes());
            file.extend(data);
        };
        if self.is_rgb {
            segment(APP14, ADOBE_RGB);
        }
        let numbered = || (0_u8..).zip(&self.components);
        for (i, component) in numbered() {
            segment(QUANTISATION_TABLES, &[&[i], &component.quantisation[..]].concat());
        }
        let mut frame = vec![8];
        frame.extend(self.height.to_be_bytes());
        frame.extend(self.width.to_be_bytes());
        frame.push(self.components.len() as u8);
        frame.extend(numbered().flat_map(|(i, component)| {
            let [across, down] = component.factors;
            [i + 1, across << 4 | down, i]
        }));
        segment(BASELINE, &frame);
        for (i, component) in numbered() {
            segment(HUFFMAN_TABLES, &[&[i], &component.dc[..]].concat());
            segment(HUFFMAN_TABLES, &[&[AC | i], &component.ac[..]].concat());
        }
        if self.interval > 0 {
            segment(RESTART_INTERVAL, &self.interval.to_be_bytes());
        }
        let mut scan = vec![self.components.len() as u8];
        scan.extend(numbered().flat_map(|(i, _)| [i + 1, i << 4 | i]));
        scan.extend(WHOLE_SPECTRUM);
        segment(START_OF_SCAN, &scan);
        for (i, scan) in self.scans.iter().enumerate() {
            if i > 0 {
                file.extend([PREFIX, FIRST_RESTART + ((i - 1) % 8) as u8]);
            }
            file.extend(scan);
        }
        file.extend([PREFIX, END_OF_IMAGE]);
        file
    }
}
