//! JPEG files, written as rows come.
//!
//! The encoder asks for pixels, eight rows at a time from the top; what it looks at is a window on the rows.

use std::cell::{Cell, RefCell};
use std::io::{self, Write};
use std::marker::PhantomData;
use std::rc::Rc;

use image::codecs::jpeg::{JpegEncoder, PixelDensity, PixelDensityUnit};
use image::{GenericImageView, ImageEncoder, Luma, Pixel, Rgb};

use srcnn_image::image::{Density, DensityUnit, Samples};
use srcnn_image::rows::{Rows, RowsError};

use super::metadata::insert_xmp;
use super::traits::TRAITS;
use crate::encode_error::EncodeError;
use crate::held::library::encode_error;
use crate::metadata::written::WrittenMetadata;
use crate::options::EncodeOptions;
use crate::samples::convert::Converted;

/// Pixels that a side has at most.
const LONGEST: usize = u16::MAX as usize;
/// Rows of a block.
const BLOCK: usize = 8;
/// Rows that are asked for at a time.
const ROWS: usize = 64;

/// Writes a file.
pub(crate) fn write(rows: impl Rows, options: &EncodeOptions, out: &mut impl Write) -> Result<(), EncodeError> {
    let metadata = WrittenMetadata::new(rows.shape(), rows.metadata(), &TRAITS);
    let rows = &mut Converted::new(rows, &TRAITS);
    let state = Rc::new(Cell::new(State::Header));
    let out = Output { out, state: Rc::clone(&state), header: Vec::new(), xmp: metadata.xmp.as_deref() };
    let mut encoder = JpegEncoder::new_with_quality(out, options.quality);
    encoder.set_pixel_density(metadata.density.as_ref().map_or(PixelDensity::default(), jfif));
    // The format takes both.
    metadata.icc.iter().for_each(|icc| drop(encoder.set_icc_profile(icc.clone())));
    metadata.exif.iter().for_each(|exif| drop(encoder.set_exif_metadata(exif.clone())));
    let shape = rows.shape();
    if shape.width.max(shape.height) > LONGEST {
        return Err(EncodeError::Sides { most: LONGEST });
    }
    let size = (shape.width as u32, shape.height as u32);
    let window = RefCell::new(Window { rows, width: shape.width, samples: Vec::new(), top: 0, error: None, state });
    let encoded = if shape.channels == 1 {
        encoder.encode_image(&View::<_, Luma<u8>> { window: &window, size, pixel: PhantomData })
    } else {
        encoder.encode_image(&View::<_, Rgb<u8>> { window: &window, size, pixel: PhantomData })
    };
    if let Some(error) = window.into_inner().error {
        return Err(error.into());
    }
    encoded.map_err(|error| encode_error("JPEG", error))
}

/// How far an encoder is.
#[derive(Clone, Copy, PartialEq)]
enum State {
    /// Nothing has been asked of the picture.
    Header,
    Samples,
    /// Rows do not come: there is no use in going on.
    Failed,
}

/// Takes the encoder's bytes; puts an XMP packet, which the encoder knows nothing of, into the header.
struct Output<'a, W> {
    out: &'a mut W,
    state: Rc<Cell<State>>,
    header: Vec<u8>,
    xmp: Option<&'a [u8]>,
}

impl<W: Write> Write for Output<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.state.get() {
            State::Header => {
                self.header.extend_from_slice(bytes);
                return Ok(bytes.len());
            }
            State::Samples => {}
            State::Failed => return Err(io::ErrorKind::Other.into()),
        }
        if !self.header.is_empty() {
            let mut header = std::mem::take(&mut self.header);
            self.xmp.iter().for_each(|xmp| insert_xmp(&mut header, xmp));
            self.out.write_all(&header)?;
        }
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Rows from a block's first on.
struct Window<'a, R> {
    rows: &'a mut R,
    /// The picture's: asked for once, not for each pixel.
    width: usize,
    samples: Vec<u8>,
    top: usize,
    error: Option<RowsError>,
    state: Rc<Cell<State>>,
}

impl<R: Rows> Window<'_, R> {
    /// The samples of a pixel; zeros once rows do not come.
    fn pixel(&mut self, x: usize, y: usize, out: &mut [u8]) {
        let row = self.width * out.len();
        while self.error.is_none() && y >= self.top + self.samples.len() / row {
            self.more(y, row);
        }
        let at = y.saturating_sub(self.top) * row + x * out.len();
        match self.samples.get(at..at + out.len()) {
            Some(samples) => out.copy_from_slice(samples),
            None => out.fill(0),
        }
    }

    fn more(&mut self, y: usize, row: usize) {
        self.state.set(State::Samples);
        let past = (y / BLOCK * BLOCK).saturating_sub(self.top).min(self.samples.len() / row);
        self.samples.drain(..past * row);
        self.top += past;
        let part = self.rows.read(ROWS).and_then(|part| part.ok_or_else(|| "a row is missing".into()));
        match part {
            Ok(part) => {
                let Samples::U8(pixels) = part.samples() else { unreachable!("converted to 8 bits") };
                self.samples.extend_from_slice(pixels.as_slice());
            }
            Err(error) => {
                self.error = Some(error);
                self.state.set(State::Failed);
            }
        }
    }
}

/// A picture as the encoder sees it.
struct View<'w, 'a, R, P> {
    window: &'w RefCell<Window<'a, R>>,
    size: (u32, u32),
    pixel: PhantomData<P>,
}

impl<R: Rows, P: Pixel<Subpixel = u8>> GenericImageView for View<'_, '_, R, P> {
    type Pixel = P;

    fn dimensions(&self) -> (u32, u32) {
        self.size
    }

    fn get_pixel(&self, x: u32, y: u32) -> P {
        let mut samples = [0; 3];
        let samples = &mut samples[..usize::from(P::CHANNEL_COUNT)];
        self.window.borrow_mut().pixel(x as usize, y as usize, samples);
        *P::from_slice(samples)
    }
}

/// A density in whole numbers, as JFIF has them.
fn jfif(density: &Density) -> PixelDensity {
    let whole = density.x.fract() == 0.0 && density.y.fract() == 0.0;
    let (unit, factor) = match density.unit {
        DensityUnit::Aspect => (PixelDensityUnit::PixelAspectRatio, 1.0),
        DensityUnit::Inch => (PixelDensityUnit::Inches, 1.0),
        DensityUnit::Centimetre if whole => (PixelDensityUnit::Centimeters, 1.0),
        DensityUnit::Centimetre => (PixelDensityUnit::Inches, 2.54),
    };
    let [x, y] = [density.x, density.y].map(|v| (v * factor).round().clamp(1.0, 65535.0) as u16);
    PixelDensity { density: (x, y), unit }
}
