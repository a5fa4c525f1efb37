//! Pictures with interleaved samples and metadata.

use crate::parallel;
use crate::plane::{Plane, Rect, ShapeError, check_shape};
use crate::quantize::{to_u8, to_u16};
use crate::real::Real;
use crate::size::Size;

pub use crate::metadata::{Change, ColorChunk, Density, DensityUnit, Metadata};

/// Interleaved samples: row by row, pixel by pixel, channel by channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Pixels<T> {
    width: usize,
    height: usize,
    channels: usize,
    data: Vec<T>,
}

impl<T: Copy + Default + Send + Sync> Pixels<T> {
    /// Wraps `width * height * channels` samples.
    ///
    /// # Errors
    /// [`ShapeError`] if a side or `channels` is zero, or the number of samples differs.
    pub fn new(width: usize, height: usize, channels: usize, data: Vec<T>) -> Result<Self, ShapeError> {
        check_shape(width, height, channels, data.len())?;
        Ok(Self { width, height, channels, data })
    }

    /// Interleaves planes of one size as channels.
    ///
    /// # Panics
    /// If there is no plane or the sizes differ.
    pub fn from_planes(planes: &[Plane<T>]) -> Self {
        let Size { width, height } = planes[0].size();
        assert!(planes.iter().all(|p| p.size() == planes[0].size()), "planes of one picture have one size");
        let slices: Vec<&[T]> = planes.iter().map(Plane::as_slice).collect();
        let data = (0..width * height).flat_map(|i| slices.iter().map(move |s| s[i])).collect();
        Self { width, height, channels: planes.len(), data }
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Width and height.
    pub fn size(&self) -> Size {
        Size::new(self.width, self.height)
    }

    /// Samples per pixel.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// All samples.
    pub fn as_slice(&self) -> &[T] {
        &self.data
    }

    /// All samples, mutable.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.data
    }

    /// Converts into the vector of samples.
    pub fn into_vec(self) -> Vec<T> {
        self.data
    }

    /// The interleaved samples of row `y`.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, y: usize) -> &[T] {
        let stride = self.width * self.channels;
        &self.data[y * stride..(y + 1) * stride]
    }

    /// One channel as a plane of `f(sample)`.
    ///
    /// # Panics
    /// If there is no such channel.
    pub fn channel_map<U: Copy + Default + Send>(&self, channel: usize, f: impl Fn(T) -> U + Sync) -> Plane<U> {
        assert!(channel < self.channels, "channel {channel} of {}", self.channels);
        let mut data = vec![U::default(); self.width * self.height];
        let rows = data.chunks_mut(self.width).zip(self.data.chunks(self.width * self.channels));
        parallel::for_each(rows, |(to, from)| {
            for (to, pixel) in to.iter_mut().zip(from.chunks_exact(self.channels)) {
                *to = f(pixel[channel]);
            }
        });
        Plane::new(self.width, self.height, data).expect("one sample a pixel")
    }

    /// One channel as a plane.
    ///
    /// # Panics
    /// If there is no such channel.
    pub fn channel(&self, channel: usize) -> Plane<T> {
        self.channel_map(channel, |v| v)
    }

    /// Every channel as a plane.
    pub fn to_planes(&self) -> Vec<Plane<T>> {
        (0..self.channels).map(|c| self.channel(c)).collect()
    }

    /// Maps every pixel: `f` gets the samples of a pixel, and writes the `channels` samples of the new one to its
    /// second argument.
    pub fn map_pixels<U: Copy + Default>(&self, channels: usize, mut f: impl FnMut(&[T], &mut [U])) -> Pixels<U> {
        let mut data = vec![U::default(); self.width * self.height * channels];
        for (from, to) in self.data.chunks_exact(self.channels).zip(data.chunks_exact_mut(channels)) {
            f(from, to);
        }
        Pixels { width: self.width, height: self.height, channels, data }
    }

    /// Maps every sample by `f`.
    pub fn map<U>(&self, f: impl Fn(T) -> U) -> Pixels<U> {
        let data = self.data.iter().map(|v| f(*v)).collect();
        Pixels { width: self.width, height: self.height, channels: self.channels, data }
    }

    /// A copy of a rectangle.
    ///
    /// # Errors
    /// [`ShapeError`] if the rectangle is empty or exceeds the picture.
    pub fn crop(&self, rect: Rect) -> Result<Self, ShapeError> {
        rect.check_inside(self.width, self.height)?;
        let columns = rect.x * self.channels..(rect.x + rect.width) * self.channels;
        let mut data = Vec::with_capacity(rect.height * columns.len());
        for y in rect.y..rect.y + rect.height {
            data.extend_from_slice(&self.row(y)[columns.clone()]);
        }
        Ok(Self { width: rect.width, height: rect.height, channels: self.channels, data })
    }
}

/// Samples of one of three types.
#[derive(Clone, Debug, PartialEq)]
pub enum Samples {
    /// 8 bits, 0 to 255.
    U8(Pixels<u8>),
    /// 16 bits, 0 to 65535.
    U16(Pixels<u16>),
    /// Floating point, 0.0 (black) to 1.0 (white). Values may exceed this range, and should be finite.
    F32(Pixels<f32>),
}

/// Type of samples, in ascending order: every depth holds the values of the lower ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// 8-bit integers.
    Eight,
    /// 16-bit integers.
    Sixteen,
    /// 32-bit floating point.
    Float,
}

impl Depth {
    /// Bytes per sample.
    pub fn bytes(self) -> u64 {
        match self {
            Self::Eight => 1,
            Self::Sixteen => 2,
            Self::Float => 4,
        }
    }
}

/// A picture: grey or RGB, with or without alpha (not premultiplied), in 8 or 16 bits per sample or floating point.
///
/// ```
/// use srcnn_image::Image;
/// use srcnn_image::image::{Depth, Pixels, Samples};
///
/// let pixels = Pixels::new(2, 1, 3, vec![255, 0, 0, 0, 0, 255])?; // a red and a blue pixel
/// let image = Image::new(Samples::U8(pixels))?;
/// assert_eq!(image.size(), (2, 1));
/// assert_eq!(image.channel::<f32>(0).as_slice(), [1.0, 0.0]);
/// assert_eq!(image.with_depth(Depth::Sixteen).depth(), Depth::Sixteen);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    samples: Samples,
    /// Color profile, Exif, density and other metadata, carried from input to output.
    pub metadata: Metadata,
}

/// The number of channels is not that of grey, grey + alpha, RGB or RGBA.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a picture has 1 to 4 channels, not {channels}")]
pub struct ChannelError {
    channels: usize,
}

impl Image {
    /// A picture of 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA) channels, without metadata.
    ///
    /// # Errors
    /// [`ChannelError`] for any other number of channels.
    pub fn new(samples: Samples) -> Result<Self, ChannelError> {
        let channels = match &samples {
            Samples::U8(p) => p.channels(),
            Samples::U16(p) => p.channels(),
            Samples::F32(p) => p.channels(),
        };
        if !(1..=4).contains(&channels) {
            return Err(ChannelError { channels });
        }
        Ok(Self { samples, metadata: Metadata::default() })
    }

    /// An 8-bit picture.
    ///
    /// # Errors
    /// [`ChannelError`] if it has more than four channels.
    pub fn from_u8(pixels: Pixels<u8>) -> Result<Self, ChannelError> {
        Self::new(Samples::U8(pixels))
    }

    /// The samples.
    pub fn samples(&self) -> &Samples {
        &self.samples
    }

    /// The samples, mutable, if they are in floating point.
    pub fn floats_mut(&mut self) -> Option<&mut Pixels<f32>> {
        match &mut self.samples {
            Samples::F32(p) => Some(p),
            Samples::U8(_) | Samples::U16(_) => None,
        }
    }

    /// Width and height.
    pub fn size(&self) -> Size {
        match &self.samples {
            Samples::U8(p) => p.size(),
            Samples::U16(p) => p.size(),
            Samples::F32(p) => p.size(),
        }
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.size().width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.size().height
    }

    /// Samples per pixel: 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA).
    pub fn channels(&self) -> usize {
        match &self.samples {
            Samples::U8(p) => p.channels(),
            Samples::U16(p) => p.channels(),
            Samples::F32(p) => p.channels(),
        }
    }

    /// Whether the last channel is alpha.
    pub fn has_alpha(&self) -> bool {
        self.channels().is_multiple_of(2)
    }

    /// Whether there is one color channel.
    pub fn is_grey(&self) -> bool {
        self.channels() <= 2
    }

    /// Type of the samples.
    pub fn depth(&self) -> Depth {
        match &self.samples {
            Samples::U8(_) => Depth::Eight,
            Samples::U16(_) => Depth::Sixteen,
            Samples::F32(_) => Depth::Float,
        }
    }

    /// One channel in floating point; integers are scaled to 0.0 to 1.0.
    ///
    /// # Panics
    /// If there is no such channel.
    pub fn channel<T: Real>(&self, channel: usize) -> Plane<T> {
        match &self.samples {
            Samples::U8(p) => {
                let values: [T; 256] = std::array::from_fn(|v| T::from_f64(v as f64 / 255.0));
                p.channel_map(channel, |v| values[usize::from(v)])
            }
            Samples::U16(p) => p.channel_map(channel, |v| T::from_f64(f64::from(v) / 65535.0)),
            Samples::F32(p) => p.channel_map(channel, |v| T::from_f64(f64::from(v))),
        }
    }

    /// The alpha channel in floating point, integers scaled to 0.0 to 1.0; none without alpha.
    pub fn alpha<T: Real>(&self) -> Option<Plane<T>> {
        self.has_alpha().then(|| self.channel(self.channels() - 1))
    }

    /// The samples in 8 bits. 16-bit samples are divided by 257 and rounded, as by MATLAB's `im2uint8`; floating-point
    /// samples are clamped to 0.0 to 1.0.
    pub fn to_u8(&self) -> Pixels<u8> {
        match &self.samples {
            Samples::U8(p) => p.clone(),
            Samples::U16(p) => p.map(|v| ((u32::from(v) + 128) / 257) as u8),
            Samples::F32(p) => p.map(to_u8),
        }
    }

    /// The picture in another depth. 8-bit samples become 16-bit ones by a factor of 257, which [`Image::to_u8`]
    /// reverts; floating-point samples are clamped to 0.0 to 1.0 when they become integers.
    pub fn with_depth(self, depth: Depth) -> Self {
        let samples = match (&self.samples, depth) {
            (Samples::U8(p), Depth::Sixteen) => Samples::U16(p.map(|v| u16::from(v) * 257)),
            (Samples::F32(p), Depth::Sixteen) => Samples::U16(p.map(to_u16)),
            (Samples::U16(_) | Samples::F32(_), Depth::Eight) => Samples::U8(self.to_u8()),
            (Samples::U8(p), Depth::Float) => Samples::F32(p.map(|v| (f64::from(v) / 255.0) as f32)),
            (Samples::U16(p), Depth::Float) => Samples::F32(p.map(|v| (f64::from(v) / 65535.0) as f32)),
            (Samples::U8(_), Depth::Eight) | (Samples::U16(_), Depth::Sixteen) | (Samples::F32(_), Depth::Float) => {
                return self;
            }
        };
        Self { samples, metadata: self.metadata }
    }

    /// The picture as 8-bit RGB: grey is repeated, alpha dropped.
    pub fn to_rgb8(&self) -> Pixels<u8> {
        let grey = self.is_grey();
        self.to_u8().map_pixels(3, |from, to| {
            if grey {
                to.fill(from[0]);
            } else {
                to.copy_from_slice(&from[..3]);
            }
        })
    }

    /// A copy of a rectangle, with the same metadata.
    ///
    /// # Errors
    /// [`ShapeError`] if the rectangle is empty or exceeds the picture.
    pub fn crop(&self, rect: Rect) -> Result<Self, ShapeError> {
        let samples = match &self.samples {
            Samples::U8(p) => Samples::U8(p.crop(rect)?),
            Samples::U16(p) => Samples::U16(p.crop(rect)?),
            Samples::F32(p) => Samples::F32(p.crop(rect)?),
        };
        Ok(Self { samples, metadata: self.metadata.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_and_pixels_are_inverse() {
        let pixels = Pixels::new(3, 2, 3, (0u8..18).collect()).expect("18 samples");
        assert_eq!(pixels.channel(1).as_slice(), [1, 4, 7, 10, 13, 16]);
        assert_eq!(Pixels::from_planes(&pixels.to_planes()), pixels);
    }

    #[test]
    fn sixteen_bits_become_eight_by_rounding() {
        let pixels = Pixels::new(5, 1, 1, vec![0u16, 128, 129, 65535 - 129, 65535]).expect("5 samples");
        let image = Image::new(Samples::U16(pixels)).expect("grey");
        assert_eq!(image.to_u8().as_slice(), [0, 0, 1, 254, 255]);
        assert_eq!(image.to_rgb8().as_slice()[6..9], [1, 1, 1]);
    }

    #[test]
    fn floats_become_integers_within_the_range_and_come_back() {
        let values = vec![-0.5f32, 0.0, 0.5, 1.0, 7.0, 0.002];
        let float = Image::new(Samples::F32(Pixels::new(6, 1, 1, values).expect("6 samples"))).expect("grey");
        assert_eq!(float.to_u8().as_slice(), [0, 0, 128, 255, 255, 1]);
        let Samples::U16(sixteen) = float.with_depth(Depth::Sixteen).samples().clone() else { panic!("16 bits") };
        assert_eq!(sixteen.as_slice(), [0, 0, 32768, 65535, 65535, 131]);
        let all = Image::new(Samples::U16(Pixels::new(256, 256, 1, (0..=u16::MAX).collect()).expect("filled")));
        let all = all.expect("grey");
        assert_eq!(all.clone().with_depth(Depth::Float).with_depth(Depth::Sixteen), all);
        let eight = all.with_depth(Depth::Eight);
        assert_eq!(eight.clone().with_depth(Depth::Float).with_depth(Depth::Eight), eight);
    }

    #[test]
    fn five_channels_are_refused() {
        let pixels = Pixels::new(1, 1, 5, vec![0u8; 5]).expect("5 samples");
        assert!(Image::from_u8(pixels).is_err());
    }
}
