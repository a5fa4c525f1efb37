//! Any bytes as a weight file: read, or refused.

#![no_main]

use libfuzzer_sys::fuzz_target;
use srcnn::weights::WeightFile;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(file) = WeightFile::parse(bytes) {
        let _ = file.into_model("fuzz");
    }
});
