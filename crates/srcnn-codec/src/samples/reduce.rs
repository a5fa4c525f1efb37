//! Pictures without the channels that they do not need.

use srcnn_image::image::{Depth, Image, Pixels, Samples};

/// A picture that came from a palette, which decoders resolve to RGB or RGBA, in 8 bits: without alpha if all of it is opaque,
/// and grey if all colors are.
pub(crate) fn reduced(image: Image) -> Image {
    let image = image.with_depth(Depth::Eight);
    let Samples::U8(pixels) = image.samples() else { unreachable!("converted to 8 bits") };
    let reduced = match pixels.channels() {
        3 if all::<3>(pixels, is_grey) => kept(pixels, |[v, ..]: [u8; 3]| [v]),
        4 => match (all::<4>(pixels, is_grey), all::<4>(pixels, |p| p[3] == u8::MAX)) {
            (true, true) => kept(pixels, |[v, ..]: [u8; 4]| [v]),
            (true, false) => kept(pixels, |[v, _, _, alpha]: [u8; 4]| [v, alpha]),
            (false, true) => kept(pixels, |[r, g, b, _]: [u8; 4]| [r, g, b]),
            (false, false) => return image,
        },
        _ => return image,
    };
    Image::from_u8(reduced).expect("1 to 4 channels")
}

fn is_grey<const N: usize>(pixel: &[u8; N]) -> bool {
    (pixel[0] == pixel[1]) & (pixel[1] == pixel[2])
}

/// Whether something is so of all pixels.
fn all<const N: usize>(pixels: &Pixels<u8>, is_so: impl Fn(&[u8; N]) -> bool) -> bool {
    /// Pixels that are looked at before it is asked whether to go on.
    const BLOCK: usize = 256;
    let mut blocks = pixels.as_slice().as_chunks::<N>().0.chunks(BLOCK);
    blocks.all(|block| block.iter().fold(true, |all, pixel| all & is_so(pixel)))
}

/// The channels that are kept of each pixel.
fn kept<const N: usize, const M: usize>(pixels: &Pixels<u8>, kept: impl Fn([u8; N]) -> [u8; M]) -> Pixels<u8> {
    let mut samples = vec![0; pixels.width() * pixels.height() * M];
    let to = samples.as_chunks_mut::<M>().0.iter_mut();
    to.zip(pixels.as_slice().as_chunks::<N>().0).for_each(|(to, from)| *to = kept(*from));
    Pixels::new(pixels.width(), pixels.height(), M, samples).expect("filled")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_channels_that_matter_are_kept() {
        let of = |channels: usize, samples: &[u8]| {
            let pixels = Pixels::new(samples.len() / channels, 1, channels, samples.to_vec()).expect("filled");
            Image::from_u8(pixels).expect("1 to 4 channels")
        };
        for (image, expected) in [
            (of(1, &[1, 2]), of(1, &[1, 2])),
            (of(2, &[1, 255, 2, 255]), of(2, &[1, 255, 2, 255])),
            (of(3, &[1, 1, 1, 9, 9, 9]), of(1, &[1, 9])),
            (of(3, &[1, 1, 1, 9, 9, 8]), of(3, &[1, 1, 1, 9, 9, 8])),
            (of(4, &[1, 1, 1, 255, 9, 9, 9, 255]), of(1, &[1, 9])),
            (of(4, &[1, 1, 1, 255, 9, 9, 9, 0]), of(2, &[1, 255, 9, 0])),
            (of(4, &[1, 2, 1, 255, 9, 9, 9, 255]), of(3, &[1, 2, 1, 9, 9, 9])),
            (of(4, &[1, 1, 1, 254, 9, 8, 9, 255]), of(4, &[1, 1, 1, 254, 9, 8, 9, 255])),
        ] {
            assert_eq!(reduced(image), expected);
        }
    }
}
