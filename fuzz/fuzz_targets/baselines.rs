//! Any bytes as a file of a baseline: refused, or read, written again as they were, and applied to a small picture.

#![no_main]

use libfuzzer_sys::fuzz_target;
use srcnn::plane::Plane;
use srcnn::progress::Silent;
use srcnn_eval::baseline::Baseline;

/// Side of the picture: larger ones would only be slow.
const SIDE: usize = 12;

fuzz_target!(|bytes: &[u8]| {
    let Ok(baseline) = Baseline::from_bytes(bytes) else { return };
    let written = baseline.to_bytes();
    let again = Baseline::from_bytes(&written).unwrap_or_else(|error| panic!("what was written cannot be read: {error}"));
    assert!(again.to_bytes() == written, "not as it was written");
    let samples = (0..SIDE * SIDE).map(|i| (i % 7) as f64 / 7.0 + (i / SIDE) as f64 / 40.0).collect();
    let small = Plane::new(SIDE, SIDE, samples).expect("a square");
    let side = SIDE * baseline.scale();
    let _ = baseline.upscale(&small, (side, side), &Silent);
});
