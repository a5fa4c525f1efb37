//! From the planes of AV1 to samples: matrices, ranges, chroma of fewer samples.

use re_rav1d::dav1d::{Picture, PixelLayout, PlanarImageComponent as Component};

use crate::decode_error::DecodeError;
use crate::unsupported::UnsupportedSamples;

/// How samples stand for colors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coding {
    /// Matrix coefficients by their number (ITU-T H.273).
    pub(super) matrix: u16,
    /// Whether samples use the whole range.
    pub(super) full: bool,
    /// Only luma matters.
    pub(super) grey: bool,
}

/// Interleaved samples of 8 or 16 bits.
pub(super) struct Samples {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) channels: usize,
    pub(super) bits: u32,
    pub(super) values: Vec<u16>,
}

/// A plane of numbers from the decoder.
struct Plane {
    width: usize,
    height: usize,
    values: Vec<u16>,
}

impl Plane {
    fn of(picture: &Picture, component: Component, width: usize, height: usize) -> Result<Self, DecodeError> {
        let (plane, stride) = (picture.plane(component), picture.stride(component) as usize);
        let mut values = Vec::with_capacity(width * height);
        for row in plane.chunks(stride.max(1)).take(height) {
            match picture.bit_depth() {
                8 => values.extend(row.iter().take(width).map(|v| u16::from(*v))),
                _ => values.extend(row.as_chunks().0.iter().take(width).map(|v| u16::from_ne_bytes(*v))),
            }
        }
        if values.len() != width * height {
            return Err(DecodeError::Truncated);
        }
        Ok(Self { width, height, values })
    }

    fn row(&self, y: usize) -> &[u16] {
        &self.values[y * self.width..(y + 1) * self.width]
    }
}

/// How numbers of a plane become 0.0 to 1.0, or -0.5 to 0.5.
#[derive(Clone, Copy)]
struct Range {
    low: f32,
    span: f32,
}

impl Range {
    fn luma(bits: u32, full: bool) -> Self {
        let (low, span) = if full { (0, (1 << bits) - 1) } else { (16 << (bits - 8), 219 << (bits - 8)) };
        Self { low: low as f32, span: span as f32 }
    }

    fn chroma(bits: u32, full: bool) -> Self {
        let span = if full { (1 << bits) - 1 } else { 224 << (bits - 8) };
        Self { low: (1 << (bits - 1)) as f32, span: span as f32 }
    }

    fn of(self, value: f32) -> f32 {
        (value - self.low) / self.span
    }
}

/// The shares of red and blue in luma; none if the matrix is none of luma and differences.
fn shares(matrix: u16) -> Option<(f32, f32)> {
    match matrix {
        1 => Some((0.2126, 0.0722)),
        4 => Some((0.30, 0.11)),
        // Nothing said is BT.601.
        2 | 5 | 6 => Some((0.299, 0.114)),
        7 => Some((0.212, 0.087)),
        9 => Some((0.2627, 0.0593)),
        _ => None,
    }
}

/// The picture as grey or RGB.
pub(super) fn to_samples(picture: &Picture, coding: &Coding) -> Result<Samples, DecodeError> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let deep = picture.bits_per_component().map_or(8, |bits| bits.0) as u32;
    let bits = if deep > 8 { 16 } else { 8 };
    let most = ((1u32 << bits) - 1) as f32;
    let rounded = |v: f32| (v * most).round().clamp(0.0, most) as u16;
    let luma = Plane::of(picture, Component::Y, width, height)?;
    let range = Range::luma(deep, coding.full);
    let layout = picture.pixel_layout();
    if coding.grey || layout == PixelLayout::I400 {
        let values = luma.values.iter().map(|v| rounded(range.of(f32::from(*v)))).collect();
        return Ok(Samples { width, height, channels: 1, bits, values });
    }
    let (across, down) = match layout {
        PixelLayout::I420 => (2, 2),
        PixelLayout::I422 => (2, 1),
        _ => (1, 1),
    };
    let chroma = |component| Plane::of(picture, component, width.div_ceil(across), height.div_ceil(down));
    let (blue, red) = (chroma(Component::U)?, chroma(Component::V)?);
    let unsupported = || DecodeError::Samples(UnsupportedSamples::AvifMatrix(coding.matrix));
    let color: Box<dyn Fn(f32, f32, f32) -> [f32; 3]> = match (coding.matrix, shares(coding.matrix)) {
        (_, Some((kr, kb))) => {
            let differences = Range::chroma(deep, coding.full);
            Box::new(move |y, cb, cr| {
                let (y, cb, cr) = (range.of(y), differences.of(cb), differences.of(cr));
                let (r, b) = (y + 2.0 * (1.0 - kr) * cr, y + 2.0 * (1.0 - kb) * cb);
                [r, (y - kr * r - kb * b) / (1.0 - kr - kb), b]
            })
        }
        // Green, blue and red themselves.
        (0, _) if layout == PixelLayout::I444 => Box::new(move |g, b, r| [range.of(r), range.of(g), range.of(b)]),
        _ => return Err(unsupported()),
    };
    let mut values = Vec::with_capacity(width * height * 3);
    let (mut above, mut below) = (vec![0.0; width], vec![0.0; width]);
    for y in 0..height {
        enlarged(&blue, (across, down), y, &mut above);
        enlarged(&red, (across, down), y, &mut below);
        for ((luma, cb), cr) in luma.row(y).iter().zip(&above).zip(&below) {
            values.extend(color(f32::from(*luma), *cb, *cr).map(rounded));
        }
    }
    Ok(Samples { width, height, channels: 3, bits, values })
}

/// A row of chroma for each pixel: bilinear between samples that lie in the middle of those they stand for.
fn enlarged(plane: &Plane, (across, down): (usize, usize), y: usize, to: &mut [f32]) {
    /// The nearest sample, the next nearest, and how much the latter counts.
    fn between(at: usize, factor: usize, length: usize) -> (usize, usize, f32) {
        let near = at / factor;
        match factor {
            1 => (near, near, 0.0),
            _ if at.is_multiple_of(2) => (near, near.saturating_sub(1), 0.25),
            _ => (near, (near + 1).min(length - 1), 0.25),
        }
    }
    let (near, far, share) = between(y, down, plane.height);
    let (near, far) = (plane.row(near), plane.row(far));
    let column = |x: usize| f32::from(near[x]) * (1.0 - share) + f32::from(far[x]) * share;
    for (x, to) in to.iter_mut().enumerate() {
        let (near, far, share) = between(x, across, plane.width);
        *to = if share == 0.0 { column(near) } else { column(near) * (1.0 - share) + column(far) * share };
    }
}

impl Samples {
    /// With alpha of one channel; colors that it was multiplied into are divided by it.
    pub(super) fn with_alpha(self, alpha: Self, multiplied: bool) -> Result<Self, DecodeError> {
        if (self.width, self.height) != (alpha.width, alpha.height) {
            return Err(DecodeError::Samples(UnsupportedSamples::AvifAlphaSize));
        }
        let most = (1u32 << self.bits) - 1;
        let mut values = Vec::with_capacity(self.values.len() + alpha.values.len());
        for (color, alpha_value) in self.values.chunks_exact(self.channels).zip(&alpha.values) {
            let a = match (self.bits, alpha.bits) {
                (8, 16) => (u32::from(*alpha_value) + 128) / 257,
                (16, 8) => u32::from(*alpha_value) * 257,
                _ => u32::from(*alpha_value),
            };
            let divided = |v: &u16| match (multiplied, a) {
                (true, 1..) => ((u32::from(*v) * most + a / 2) / a).min(most) as u16,
                _ => *v,
            };
            values.extend(color.iter().map(divided));
            values.push(a as u16);
        }
        Ok(Self { channels: self.channels + 1, values, ..self })
    }
}
