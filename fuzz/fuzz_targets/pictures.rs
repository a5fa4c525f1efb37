//! Any bytes as a picture: refused, or read, and then written in every format that takes it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use srcnn::codec::{DecodeError, EncodeOptions, FileFormat, Limits, decode, encode};

/// As much as a small picture needs: larger ones would only be slow.
const LIMITS: Limits = Limits { memory: 16 << 20 };

fuzz_target!(|bytes: &[u8]| {
    match decode(bytes, LIMITS) {
        Ok(image) if image.width() * image.height() <= 1 << 16 => {
            for (_, format) in FileFormat::EXTENSIONS {
                let _ = encode(&image, format, &EncodeOptions::default());
            }
        }
        // A decoder that panicked is caught in use; here it is found.
        Err(DecodeError::Crash) => panic!("a decoder crashed"),
        Ok(_) | Err(_) => {}
    }
});
