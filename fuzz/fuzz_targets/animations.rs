//! Any bytes as an animation: refused, or read frame by frame, and then written in each format that holds animations, and read again.

#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use srcnn::codec::animation::{Animation, AnimationHead, AnimationWriter, Frame};
use srcnn::codec::{EncodeOptions, FileFormat};
use srcnn::progress::Silent;
use srcnn::rows::{Held, Shape};
use srcnn::{Limits, Work};

/// As much as small frames need: larger ones would only be slow.
const LIMITS: Limits = Limits { memory: 16 << 20, pixels: 1 << 16, work: Work::BySize };
/// Pixels of all frames of an animation that is written, too.
const WRITTEN: u64 = 1 << 16;

fn frames(animation: &mut Animation) -> Vec<Frame> {
    // Broken ones are found when it is opened.
    std::iter::from_fn(|| animation.next_frame().expect("it was looked through")).collect()
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(Some(mut animation)) = Animation::open(Cursor::new(bytes), LIMITS, &Silent) else { return };
    let read = frames(&mut animation);
    assert_eq!(read.len(), animation.frames() as usize, "as many as were counted");
    if animation.pixels() > WRITTEN {
        return;
    }
    let mut first = read[0].image.clone();
    first.metadata = animation.metadata().clone();
    let shape = Shape::of(&first);
    for format in [FileFormat::Png, FileFormat::WebP, FileFormat::Gif] {
        let (frames, plays, metadata) = (animation.frames(), animation.plays(), animation.metadata());
        let head = AnimationHead { shape, frames, plays, metadata };
        let mut out = Cursor::new(Vec::new());
        let Ok(mut writer) = AnimationWriter::new(&mut out, format, &head, &EncodeOptions::default()) else { continue };
        for frame in &read {
            let written = writer.write(Held::from(frame.image.clone()), frame.delay);
            written.unwrap_or_else(|error| panic!("{format:?}: {error}"));
        }
        writer.finish().unwrap_or_else(|error| panic!("{format:?}: {error}"));
        let again = Animation::open(Cursor::new(out.into_inner()), Limits::default(), &Silent);
        // A GIF of one frame is a picture.
        let Some(mut again) = again.unwrap_or_else(|error| panic!("{format:?}: {error}")) else { continue };
        let found = self::frames(&mut again);
        assert_eq!(found.len(), read.len(), "{format:?}: frames");
        for (found, frame) in found.iter().zip(&read) {
            let is_lossless = format == FileFormat::Png && found.image.channels() == frame.image.channels();
            assert_eq!(found.image.size(), frame.image.size(), "{format:?}");
            assert!(!is_lossless || found.image.samples() == frame.image.samples(), "{format:?}: not as it was");
        }
    }
});
