//! Pictures through networks: colour policy, chroma, alpha, depth.
//!
//! A network on luma gets Y in the range that its model names; chroma and alpha are resampled by MATLAB's bicubic. The
//! picture keeps its full size: at every layer, edges are replicated, whatever the network was trained with. Nothing is
//! rounded but the result, once.

use rayon::prelude::*;

use crate::color::{LumaRange, Ycc};
use crate::engine::{Engine, EngineError, Execution};
use crate::image::{Image, Pixels, Samples};
use crate::model::{Input, Model, Padding, Preprocessing};
use crate::plane::Plane;
use crate::progress::{Progress, Silent};
use crate::quantize::{to_u8, to_u16};
use crate::resample::{Convention, Edge, ResizeError, resize_plane};

/// How chroma, alpha and results beyond the target are resampled.
const BICUBIC: Convention = Convention::MatlabBicubic(Edge::Mirror);
/// No picture of more pixels is begun: it would take some 20 GiB.
const MAX_PIXELS: u128 = 1 << 30;

/// A model ready for pictures.
#[derive(Clone, Debug)]
pub struct Upscaler {
    engine: Engine,
    preprocessing: Preprocessing,
}

/// A picture cannot be upscaled or restored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpscaleError {
    /// A size of zero.
    #[error(transparent)]
    Resize(#[from] ResizeError),
    /// The network stopped.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Smaller than the picture is already.
    #[error("{}x{} is smaller than the picture's {}x{}", .target.0, .target.1, .size.0, .size.1)]
    Smaller {
        /// The size asked for.
        target: (usize, usize),
        /// The size of the picture.
        size: (usize, usize),
    },
    /// More pixels than can be expected to fit into memory.
    #[error("{width}x{height} pixels are more than the {MAX_PIXELS} that are possible")]
    TooLarge {
        /// Columns on the way to the result.
        width: usize,
        /// Rows on the way to the result.
        height: usize,
    },
}

impl Upscaler {
    /// Prepares a model.
    pub fn new(model: &Model) -> Self {
        Self { engine: Engine::with_padding(model, Padding::Replicate), preprocessing: *model.preprocessing() }
    }

    /// The same on another instruction set or in another precision; `model` is the one that it was made of.
    pub fn with_execution(self, model: &Model, execution: Execution) -> Self {
        Self { engine: self.engine.with_execution(model, execution), ..self }
    }

    /// The network that it runs.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Upscales by the model's own factor.
    ///
    /// # Errors
    /// [`UpscaleError::TooLarge`].
    pub fn run(&self, image: &Image) -> Result<Image, UpscaleError> {
        let scale = self.preprocessing.scale as usize;
        let target = (image.width().saturating_mul(scale), image.height().saturating_mul(scale));
        self.upscale(image, target, &Silent)
    }

    /// Upscales to `target` (width, height), neither of which is below the picture's own.
    ///
    /// The network is applied at its own factor, as often as it takes to reach or pass the target; what is past it is
    /// reduced by MATLAB's bicubic. Advances `progress` by [`Upscaler::work`] in all.
    ///
    /// # Errors
    /// [`UpscaleError`].
    pub fn upscale(
        &self,
        image: &Image,
        target: (usize, usize),
        progress: &dyn Progress,
    ) -> Result<Image, UpscaleError> {
        if target.0 < image.width() || target.1 < image.height() {
            return Err(UpscaleError::Smaller { target, size: image.size() });
        }
        let steps = self.steps(image.size(), target);
        self.process(image, &steps, target, progress)
    }

    /// Restores a picture that was enlarged, or is otherwise as the model's training pictures were: same size.
    /// Advances `progress` by the picture's pixels.
    ///
    /// # Errors
    /// [`UpscaleError::Engine`] if cancelled, [`UpscaleError::TooLarge`].
    pub fn restore(&self, image: &Image, progress: &dyn Progress) -> Result<Image, UpscaleError> {
        self.process(image, &[image.size()], image.size(), progress)
    }

    /// Pixels that the network computes to upscale a picture of `size` to `target`.
    pub fn work(&self, size: (usize, usize), target: (usize, usize)) -> u64 {
        self.steps(size, target).iter().map(|&(w, h)| (w as u64).saturating_mul(h as u64)).fold(0, u64::saturating_add)
    }

    /// The sizes at which the network runs.
    fn steps(&self, size: (usize, usize), target: (usize, usize)) -> Vec<(usize, usize)> {
        let scale = self.preprocessing.scale as usize;
        let mut steps = Vec::new();
        let mut size = size;
        while size.0 < target.0 || size.1 < target.1 {
            size = (size.0.saturating_mul(scale), size.1.saturating_mul(scale));
            steps.push(size);
            if scale < 2 {
                break;
            }
        }
        steps
    }

    fn process(
        &self,
        image: &Image,
        steps: &[(usize, usize)],
        target: (usize, usize),
        progress: &dyn Progress,
    ) -> Result<Image, UpscaleError> {
        for &(width, height) in [&target].into_iter().chain(steps) {
            if width as u128 * height as u128 > MAX_PIXELS {
                return Err(UpscaleError::TooLarge { width, height });
            }
        }
        let (mut planes, colours) = match self.engine.architecture().input() {
            Input::Y => {
                let ycc = Ycc::new(self.preprocessing.luma);
                let mut planes = self.network(vec![luma(image, &ycc)], steps, target, progress)?;
                if !image.is_grey() {
                    planes.extend(resized(chroma(image, &ycc), target, BICUBIC)?);
                }
                (planes, Some(ycc))
            }
            Input::Rgb => {
                let channels = [0, 1, 2].map(|c| image.channel(if image.is_grey() { 0 } else { c }));
                let rgb = self.network(channels.to_vec(), steps, target, progress)?;
                (if image.is_grey() { vec![grey(&rgb)] } else { rgb }, None)
            }
        };
        planes.extend(image.alpha().map(|alpha| resize_plane(&alpha, target, BICUBIC)).transpose()?);
        Ok(composed(&planes, colours, image))
    }

    /// Interpolates and runs the network at each step, then reduces to the target.
    fn network(
        &self,
        mut planes: Vec<Plane<f32>>,
        steps: &[(usize, usize)],
        target: (usize, usize),
        progress: &dyn Progress,
    ) -> Result<Vec<Plane<f32>>, UpscaleError> {
        for &size in steps {
            planes = resized(planes, size, self.preprocessing.interpolation)?;
            planes = self.engine.run(&planes, progress)?;
        }
        Ok(resized(planes, target, BICUBIC)?)
    }
}

/// The size of a picture of `size` times `factor`: each side `round(factor * side)`, no less than it is.
pub fn scaled(size: (usize, usize), factor: f64) -> (usize, usize) {
    // The cast saturates.
    let side = |n: usize| ((n as f64 * factor).round() as usize).max(n);
    (side(size.0), side(size.1))
}

/// The network's view of a picture: luma in its range. Grey becomes the luma that the same grey in RGB has.
fn luma(image: &Image, ycc: &Ycc) -> Plane<f32> {
    let mut luma = image.channel::<f32>(0);
    if image.is_grey() {
        luma.as_mut_slice().par_iter_mut().for_each(|y| *y = ycc.luma_of_grey(*y));
        return luma;
    }
    let (g, b) = (image.channel::<f32>(1), image.channel::<f32>(2));
    let pixels = luma.as_mut_slice().par_iter_mut().zip(g.as_slice()).zip(b.as_slice());
    pixels.for_each(|((r, &g), &b)| *r = ycc.from_rgb([*r, g, b])[0]);
    luma
}

/// Cb and Cr of a picture in colour.
fn chroma(image: &Image, ycc: &Ycc) -> Vec<Plane<f32>> {
    let [r, mut g, mut b] = [0, 1, 2].map(|c| image.channel::<f32>(c));
    let pixels = r.as_slice().par_iter().zip(g.as_mut_slice()).zip(b.as_mut_slice());
    pixels.for_each(|((r, g), b)| [_, *g, *b] = ycc.from_rgb([*r, *g, *b]));
    vec![g, b]
}

/// One grey value for a network's three.
fn grey(rgb: &[Plane<f32>]) -> Plane<f32> {
    let ycc = Ycc::new(LumaRange::Full);
    let pixels = rgb[0].as_slice().iter().zip(rgb[1].as_slice()).zip(rgb[2].as_slice());
    let data = pixels.map(|((&r, &g), &b)| ycc.from_rgb([r, g, b])[0]).collect();
    Plane::new(rgb[0].width(), rgb[0].height(), data).expect("one value a pixel")
}

fn resized(
    planes: Vec<Plane<f32>>,
    size: (usize, usize),
    convention: Convention,
) -> Result<Vec<Plane<f32>>, ResizeError> {
    if planes.iter().all(|p| p.size() == size) {
        return Ok(planes);
    }
    planes.into_iter().map(|p| resize_plane(&p, size, convention)).collect()
}

/// The planes as a picture of the depth and with the metadata of the one they come from. With `ycc`, colours are Y, or Y, Cb
/// and Cr of that kind.
fn composed(planes: &[Plane<f32>], ycc: Option<Ycc>, from: &Image) -> Image {
    let samples = match from.samples() {
        Samples::U8(_) => Samples::U8(interleaved(planes, ycc, from.is_grey(), to_u8::<f32>)),
        Samples::U16(_) => Samples::U16(interleaved(planes, ycc, from.is_grey(), to_u16::<f32>)),
    };
    let mut image = Image::new(samples).expect("the channels of a picture");
    image.metadata = from.metadata.clone();
    image
}

fn interleaved<T: Copy + Default + Send + Sync>(
    planes: &[Plane<f32>],
    ycc: Option<Ycc>,
    is_grey: bool,
    store: impl Fn(f32) -> T + Sync,
) -> Pixels<T> {
    let ((width, height), channels) = (planes[0].size(), planes.len());
    let mut data = vec![T::default(); width * height * channels];
    let rows = data.par_chunks_mut(width * channels).enumerate();
    rows.for_each_init(
        || (vec![vec![0.0f32; width]; channels], vec![T::default(); width]),
        |(colours, stored), (y, row)| {
            colours.iter_mut().zip(planes).for_each(|(colour, plane)| colour.copy_from_slice(plane.row(y)));
            match (ycc, &mut colours[..]) {
                (Some(ycc), [luma, ..]) if is_grey => luma.iter_mut().for_each(|y| *y = ycc.grey_of_luma(*y)),
                (Some(ycc), [y, cb, cr, ..]) => {
                    for ((y, cb), cr) in y.iter_mut().zip(cb).zip(cr) {
                        [*y, *cb, *cr] = ycc.to_rgb([*y, *cb, *cr]);
                    }
                }
                _ => {}
            }
            for (c, colour) in colours.iter().enumerate() {
                // In two loops, the first of which is computed in vectors.
                stored.iter_mut().zip(colour).for_each(|(stored, value)| *stored = store(*value));
                row.chunks_exact_mut(channels).zip(&*stored).for_each(|(pixel, stored)| pixel[c] = *stored);
            }
        },
    );
    Pixels::new(width, height, channels, data).expect("one value a pixel and channel")
}
