//! Channels of interleaved pixels.

/// Channels of a pixel, at most.
pub const MOST_CHANNELS: usize = 4;

/// Refuses planes that are not the channels of pixels of `samples` samples.
pub(super) fn check<P: AsRef<[f32]>>(samples: usize, planes: &[P]) {
    assert!((1..=MOST_CHANNELS).contains(&planes.len()), "1 to {MOST_CHANNELS} channels");
    let fits = |plane: &P| plane.as_ref().len() * planes.len() == samples;
    assert!(planes.iter().all(fits), "one sample a pixel and channel");
}
