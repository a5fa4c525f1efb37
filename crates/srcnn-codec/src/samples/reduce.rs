//! Pictures without the channels that they do not need.

use srcnn_image::image::Image;

/// A picture that came from a palette, which decoders resolve to RGB or RGBA, in 8 bits: without alpha if all of it is opaque,
/// and grey if all colors are.
pub(crate) fn reduced(image: Image) -> Image {
    let pixels = image.to_u8();
    let channels = pixels.channels();
    let opaque = channels == 4 && pixels.as_slice().iter().skip(3).step_by(4).all(|a| *a == 255);
    let grey = channels >= 3 && pixels.as_slice().chunks_exact(channels).all(|p| p[..3] == [p[0]; 3]);
    let mut kept = if grey { vec![0] } else { (0..channels.min(3)).collect() };
    if channels == 4 && !opaque {
        kept.push(3);
    }
    let pixels = pixels.map_pixels(kept.len(), |from, to| to.iter_mut().zip(&kept).for_each(|(to, c)| *to = from[*c]));
    Image::from_u8(pixels).expect("1 to 4 channels")
}
