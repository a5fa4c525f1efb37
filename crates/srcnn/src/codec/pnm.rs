//! Netpbm's formats, written: PGM and PPM by the channels, PAM with alpha. There is no place for metadata in them.

use crate::image::Samples;

/// Encodes samples as PAM, or else as PGM (one channel) or PPM (three).
pub(super) fn encode(samples: &Samples, pam: bool) -> Vec<u8> {
    let ((width, height), channels, largest) = match samples {
        Samples::U8(p) => (p.size(), p.channels(), 255),
        Samples::U16(p) => (p.size(), p.channels(), 65535),
    };
    let mut out = if pam {
        let kind = ["GRAYSCALE", "GRAYSCALE_ALPHA", "RGB", "RGB_ALPHA"][channels - 1];
        format!("P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH {channels}\nMAXVAL {largest}\nTUPLTYPE {kind}\nENDHDR\n")
    } else {
        format!("P{}\n{width} {height}\n{largest}\n", if channels == 1 { 5 } else { 6 })
    }
    .into_bytes();
    match samples {
        Samples::U8(p) => out.extend_from_slice(p.as_slice()),
        Samples::U16(p) => out.extend(p.as_slice().iter().flat_map(|v| v.to_be_bytes())),
    }
    out
}
