//! Conversion of pictures to a restorer's planes and back.

use std::ops::Range;

use srcnn_image::buffers::Buffers;
use srcnn_image::channels::{self, Sample};
use srcnn_kernels::Isa;

use crate::color::{LumaRange, Ycc};
use crate::image::{Depth, Image, Pixels, Samples};
use crate::parallel;
use crate::plane::Plane;
use crate::resample::{Resampled, Scratch};
use crate::rows::Shape;
use crate::stage::{Stage, measured};

/// The planes of a picture as YCbCr: luma; Cb and Cr if it is in color; alpha if it has any. Grey gets the luma that it
/// would have as RGB.
pub(super) fn ycc_planes(image: &Image, ycc: &Ycc, buffers: &Buffers) -> Vec<Plane<f32>> {
    let mut planes = channels::planes(image, buffers);
    let width = image.width();
    if image.is_grey() {
        let rows = planes[0].as_mut_slice().chunks_mut(width);
        parallel::for_each(rows, |row| row.iter_mut().for_each(|y| *y = ycc.luma_of_grey(*y)));
        return planes;
    }
    let isa = Isa::best();
    let [r, g, b, ..] = &mut planes[..] else { unreachable!("three colors") };
    let rows = r.as_mut_slice().chunks_mut(width).zip(g.as_mut_slice().chunks_mut(width));
    let rows = rows.zip(b.as_mut_slice().chunks_mut(width));
    parallel::for_each(rows, |((r, g), b)| ycc.rows_from_rgb(isa, [r, g, b]));
    planes
}

/// The luma of an RGB result, for a grey picture.
pub(super) fn grey(rgb: &[Plane<f32>]) -> Plane<f32> {
    let ycc = Ycc::new(LumaRange::Full);
    let pixels = rgb[0].as_slice().iter().zip(rgb[1].as_slice()).zip(rgb[2].as_slice());
    let data = pixels.map(|((&r, &g), &b)| ycc.from_rgb([r, g, b])[0]).collect();
    Plane::new(rgb[0].width(), rgb[0].height(), data).expect("one value a pixel")
}

/// Color space of planes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Colors {
    /// Y, or Y, Cb and Cr.
    Ycc(Ycc),
    /// Grey or RGB, as stored.
    Stored,
}

/// A channel of a result, row by row.
pub(super) enum Channel<'a> {
    /// Computed already, from this row of the result on.
    Computed(&'a Plane<f32>, usize),
    /// Resampled where it is needed, so that its plane is never in memory.
    Resampled(Resampled<'a, f32>),
}

/// Rows that are converted together.
const ROWS: usize = 4;

/// Converts rows `rows` of the result, `shape`, to a picture of its depth. There is a channel for each of its channels.
pub(super) fn composed(channels: &[Channel<'_>], colors: Colors, shape: Shape, rows: Range<usize>) -> Image {
    let samples = match shape.depth {
        Depth::Eight => Samples::U8(interleaved(channels, colors, shape, rows)),
        Depth::Sixteen => Samples::U16(interleaved(channels, colors, shape, rows)),
        Depth::Float => Samples::F32(interleaved(channels, colors, shape, rows)),
    };
    Image::new(samples).expect("the channels of a picture")
}

fn interleaved<T: Sample>(channels: &[Channel<'_>], colors: Colors, shape: Shape, rows: Range<usize>) -> Pixels<T> {
    let (width, count, isa) = (shape.width, channels.len(), Isa::best());
    let high = channels.iter().map(Channel::rows_together).max().unwrap_or(ROWS);
    let mut data = vec![T::default(); width * rows.len() * count];
    parallel::for_each_with(
        data.chunks_mut(width * high * count).enumerate(),
        || (vec![vec![0.0f32; width * high]; count], Scratch::default()),
        |(planes, scratch), (i, pixels)| {
            let samples = pixels.len() / count;
            let first = rows.start + i * high;
            for (plane, channel) in planes.iter_mut().zip(channels) {
                channel.fill(first..first + samples / width, scratch, &mut plane[..samples]);
            }
            match (colors, &mut planes[..]) {
                (Colors::Ycc(ycc), [luma, ..]) if shape.is_grey() => {
                    luma.iter_mut().for_each(|y| *y = ycc.grey_of_luma(*y));
                }
                (Colors::Ycc(ycc), [y, cb, cr, ..]) => ycc.rows_to_rgb(isa, [y, cb, cr]),
                _ => {}
            }
            let planes: Vec<&[f32]> = planes.iter().map(|plane| &plane[..samples]).collect();
            T::join(isa, &planes, pixels);
        },
    );
    Pixels::new(width, rows.len(), count, data).expect("one value a pixel and channel")
}

impl Channel<'_> {
    /// Rows that are best computed together.
    fn rows_together(&self) -> usize {
        match self {
            Self::Computed(..) => ROWS,
            Self::Resampled(resampled) => resampled.rows_together().max(ROWS),
        }
    }

    /// Writes some rows of the result.
    fn fill(&self, rows: Range<usize>, scratch: &mut Scratch<f32>, out: &mut [f32]) {
        match self {
            Self::Computed(plane, first) => {
                let width = plane.width();
                out.copy_from_slice(&plane.as_slice()[(rows.start - first) * width..(rows.end - first) * width]);
            }
            Self::Resampled(resampled) => measured(Stage::Resampling, || resampled.fill(rows, scratch, out)),
        }
    }
}
