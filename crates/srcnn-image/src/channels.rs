//! The channels of pictures as planes in floating point, and back.

use srcnn_kernels::Isa;
use srcnn_kernels::color::{join_u8, join_u16, split_u8, split_u16};

use crate::buffers::Buffers;
use crate::image::{Image, Pixels, Samples};
use crate::parallel;
use crate::plane::Plane;
use crate::size::Size;

/// Type of the samples of a picture.
pub trait Sample: Copy + Default + Send + Sync {
    /// Splits interleaved samples into their channels; integers are scaled to 0.0 to 1.0, rounded once.
    fn split(isa: Isa, pixels: &[Self], planes: &mut [&mut [f32]]);

    /// Interleaves channels; values from 0.0 to 1.0 become integers as by MATLAB's `uint8` and `uint16`, floating point stays.
    fn join(isa: Isa, planes: &[&[f32]], pixels: &mut [Self]);
}

impl Sample for u8 {
    fn split(isa: Isa, pixels: &[Self], planes: &mut [&mut [f32]]) {
        split_u8(isa, pixels, planes);
    }

    fn join(isa: Isa, planes: &[&[f32]], pixels: &mut [Self]) {
        join_u8(isa, planes, pixels);
    }
}

impl Sample for u16 {
    fn split(isa: Isa, pixels: &[Self], planes: &mut [&mut [f32]]) {
        split_u16(isa, pixels, planes);
    }

    fn join(isa: Isa, planes: &[&[f32]], pixels: &mut [Self]) {
        join_u16(isa, planes, pixels);
    }
}

impl Sample for f32 {
    fn split(_isa: Isa, pixels: &[Self], planes: &mut [&mut [f32]]) {
        let channels = planes.len();
        for (c, plane) in planes.iter_mut().enumerate() {
            plane.iter_mut().zip(pixels[c..].iter().step_by(channels)).for_each(|(to, from)| *to = *from);
        }
    }

    fn join(_isa: Isa, planes: &[&[f32]], pixels: &mut [Self]) {
        for (c, plane) in planes.iter().enumerate() {
            pixels[c..].iter_mut().step_by(planes.len()).zip(*plane).for_each(|(to, from)| *to = *from);
        }
    }
}

/// The channels of a picture, in memory of `buffers`; integers are scaled to 0.0 to 1.0.
pub fn planes(image: &Image, buffers: &Buffers) -> Vec<Plane<f32>> {
    match image.samples() {
        Samples::U8(p) => split(p, buffers),
        Samples::U16(p) => split(p, buffers),
        Samples::F32(p) => split(p, buffers),
    }
}

fn split<T: Sample>(pixels: &Pixels<T>, buffers: &Buffers) -> Vec<Plane<f32>> {
    let (Size { width, height }, channels, isa) = (pixels.size(), pixels.channels(), Isa::best());
    let mut data: Vec<_> = (0..channels).map(|_| buffers.take(width * height)).collect();
    let mut rows: Vec<Vec<&mut [f32]>> = (0..height).map(|_| Vec::with_capacity(channels)).collect();
    for plane in &mut data {
        rows.iter_mut().zip(plane.chunks_mut(width)).for_each(|(row, part)| row.push(part));
    }
    parallel::for_each(rows.into_iter().enumerate(), |(y, mut planes)| T::split(isa, pixels.row(y), &mut planes));
    data.into_iter().map(|data| Plane::new(width, height, data).expect("one sample a pixel")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_are_the_channels() {
        for channels in 1..=4 {
            let eight =
                Pixels::new(7, 5, channels, (0..35 * channels).map(|i| (i * 37) as u8).collect()).expect("filled");
            let sixteen = eight.map(|v| u16::from(v) * 251 + 3);
            let float = eight.map(|v| f32::from(v) / 100.0 - 0.5);
            for samples in [Samples::U8(eight), Samples::U16(sixteen), Samples::F32(float)] {
                let image = Image::new(samples).expect("1 to 4 channels");
                let expected: Vec<Plane<f32>> = (0..channels).map(|c| image.channel(c)).collect();
                let buffers = Buffers::default();
                buffers.give(planes(&image, &buffers));
                assert_eq!(planes(&image, &buffers), expected);
            }
        }
    }
}
