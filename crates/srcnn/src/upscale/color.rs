//! Pictures to a network's planes, and planes to pictures.

use crate::Size;
use crate::color::{LumaRange, Ycc};
use crate::image::{Depth, Image, Pixels, Samples};
use crate::parallel;
use crate::plane::Plane;
use crate::quantize::{to_u8, to_u16};
use crate::rows::Shape;

/// The network's view of a picture: luma in its range. Grey becomes the luma that the same grey in RGB has.
pub(super) fn luma(image: &Image, ycc: &Ycc) -> Plane<f32> {
    let width = image.width();
    let mut luma = image.channel::<f32>(0);
    if image.is_grey() {
        let rows = luma.as_mut_slice().chunks_mut(width);
        parallel::for_each(rows, |row| row.iter_mut().for_each(|y| *y = ycc.luma_of_grey(*y)));
        return luma;
    }
    let (g, b) = (image.channel::<f32>(1), image.channel::<f32>(2));
    let rows = luma.as_mut_slice().chunks_mut(width).zip(g.as_slice().chunks(width)).zip(b.as_slice().chunks(width));
    parallel::for_each(rows, |((r, g), b)| {
        r.iter_mut().zip(g).zip(b).for_each(|((r, &g), &b)| *r = ycc.from_rgb([*r, g, b])[0]);
    });
    luma
}

/// Cb and Cr of a picture in color.
pub(super) fn chroma(image: &Image, ycc: &Ycc) -> Vec<Plane<f32>> {
    let [r, mut g, mut b] = [0, 1, 2].map(|c| image.channel::<f32>(c));
    let width = image.width();
    let rows =
        r.as_slice().chunks(width).zip(g.as_mut_slice().chunks_mut(width)).zip(b.as_mut_slice().chunks_mut(width));
    parallel::for_each(rows, |((r, g), b)| {
        r.iter().zip(g).zip(b).for_each(|((r, g), b)| [_, *g, *b] = ycc.from_rgb([*r, *g, *b]));
    });
    vec![g, b]
}

/// One grey value for a network's three.
pub(super) fn grey(rgb: &[Plane<f32>]) -> Plane<f32> {
    let ycc = Ycc::new(LumaRange::Full);
    let pixels = rgb[0].as_slice().iter().zip(rgb[1].as_slice()).zip(rgb[2].as_slice());
    let data = pixels.map(|((&r, &g), &b)| ycc.from_rgb([r, g, b])[0]).collect();
    Plane::new(rgb[0].width(), rgb[0].height(), data).expect("one value a pixel")
}

/// What planes of color are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Colors {
    /// Y, or Y, Cb and Cr.
    Ycc(Ycc),
    /// As they are stored.
    Stored,
}

/// The planes as a picture, or rows of one, of the depth and the channels of `shape`.
pub(super) fn composed(planes: &[Plane<f32>], colors: Colors, shape: Shape) -> Image {
    let samples = match shape.depth {
        Depth::Eight => Samples::U8(interleaved(planes, colors, shape.is_grey(), to_u8::<f32>)),
        Depth::Sixteen => Samples::U16(interleaved(planes, colors, shape.is_grey(), to_u16::<f32>)),
        Depth::Float => Samples::F32(interleaved(planes, colors, shape.is_grey(), |v| v)),
    };
    Image::new(samples).expect("the channels of a picture")
}

fn interleaved<T: Copy + Default + Send + Sync>(
    planes: &[Plane<f32>],
    kind: Colors,
    is_grey: bool,
    store: impl Fn(f32) -> T + Sync,
) -> Pixels<T> {
    let (Size { width, height }, channels) = (planes[0].size(), planes.len());
    let mut data = vec![T::default(); width * height * channels];
    parallel::for_each_with(
        data.chunks_mut(width * channels).enumerate(),
        || (vec![vec![0.0f32; width]; channels], vec![T::default(); width]),
        |(colors, stored), (y, row)| {
            colors.iter_mut().zip(planes).for_each(|(color, plane)| color.copy_from_slice(plane.row(y)));
            match (kind, &mut colors[..]) {
                (Colors::Ycc(ycc), [luma, ..]) if is_grey => luma.iter_mut().for_each(|y| *y = ycc.grey_of_luma(*y)),
                (Colors::Ycc(ycc), [y, cb, cr, ..]) => {
                    for ((y, cb), cr) in y.iter_mut().zip(cb).zip(cr) {
                        [*y, *cb, *cr] = ycc.to_rgb([*y, *cb, *cr]);
                    }
                }
                _ => {}
            }
            for (c, color) in colors.iter().enumerate() {
                // In two loops, the first of which is computed in vectors.
                stored.iter_mut().zip(color).for_each(|(stored, value)| *stored = store(*value));
                row.chunks_exact_mut(channels).zip(&*stored).for_each(|(pixel, stored)| pixel[c] = *stored);
            }
        },
    );
    Pixels::new(width, height, channels, data).expect("one value a pixel and channel")
}
