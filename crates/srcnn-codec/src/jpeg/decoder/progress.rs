//! The coefficients that the scans so far have brought of each component, and whether the next scan may follow (ITU-T T.81,
//! G.1.1.1).

use super::block::Block;
use super::error::JpegError;
use super::frame::Frame;
use super::scan::Scan;

/// The progress of each component.
pub(super) struct Progress {
    /// Quantisation steps as they were when the first scan of the component began; none before.
    pub(super) steps: Vec<Option<Block>>,
    /// The lowest bit that has come of each coefficient of a progressive file, in zigzag order.
    bits: Vec<[Option<u32>; 64]>,
}

impl Progress {
    pub(super) fn new(frame: &Frame) -> Self {
        let components = frame.components.len();
        Self { steps: vec![None; components], bits: vec![[None; 64]; components] }
    }

    /// Whether all bits of all coefficients have come, so that no other scan may follow.
    pub(super) fn is_complete(&self, progressive: bool) -> bool {
        let all_bits = self.bits.iter().flatten().all(|bit| *bit == Some(0));
        self.steps.iter().all(Option::is_some) && (!progressive || all_bits)
    }

    /// Notes that a scan begins. `tables`: the quantisation tables that there are now.
    pub(super) fn begin(&mut self, scan: &Scan, frame: &Frame, tables: &[Option<Block>; 4]) -> Result<(), JpegError> {
        for component in scan.components() {
            let table = tables.get(frame.components[component].steps).copied().flatten();
            let table = table.ok_or(JpegError::Corrupt("a scan without its quantisation table"))?;
            let steps = &mut self.steps[component];
            if !frame.progressive {
                if steps.is_some() {
                    return Err(JpegError::Corrupt("a component that is coded twice"));
                }
            } else if steps.is_none() && !scan.has_dc() {
                return Err(JpegError::Corrupt("a scan before that of the DC coefficients"));
            } else {
                // Each bit comes once, and after the bits above it.
                let before = (scan.high > 0).then_some(scan.high);
                let bits = self.bits[component].get_mut(scan.band.clone()).unwrap_or_default();
                if bits.iter().any(|bit| *bit != before) {
                    return Err(JpegError::Corrupt("a scan out of order"));
                }
                bits.fill(Some(scan.low));
            }
            steps.get_or_insert(table);
        }
        Ok(())
    }
}
