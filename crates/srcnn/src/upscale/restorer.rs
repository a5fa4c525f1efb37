//! Restorers: the methods that enlarge or restore pictures.

use std::fmt::Debug;
use std::ops::Range;

use super::error::UpscaleError;
use crate::Size;
use crate::color::LumaRange;
use crate::degrade::Degraded;
use crate::engine::Execution;
use crate::model::{Architecture, Input};
use crate::plane::{Plane, Rect};
use crate::progress::Progress;

/// A method that enlarges pictures by a whole factor, or restores them at their size: bicubic interpolation, a network,
/// or one of the methods that SRCNN was compared with.
///
/// It works on planes: luma in the range [`Restorer::luma`], or red, green and blue, from 0.0 to 1.0.
/// [`Upscaler`](super::Upscaler) converts pictures of any kind to these planes and back.
pub trait Restorer: Debug + Send + Sync {
    /// Name in reports.
    fn name(&self) -> &str;

    /// Description of the restorer in one line.
    fn description(&self) -> String {
        format!("{} (x{})", self.name(), self.scale())
    }

    /// Factor that it enlarges by; 1 if it has no factor of its own.
    fn scale(&self) -> usize;

    /// Channels that it works on.
    fn input(&self) -> Input {
        Input::Y
    }

    /// Range of its luma.
    fn luma(&self) -> LumaRange {
        LumaRange::Studio
    }

    /// Sizes of the results of successive applications, the last of which reaches or exceeds `to` with both sides;
    /// empty if interpolation does everything.
    fn steps(&self, from: Size, to: Size) -> Vec<Size> {
        let (mut size, mut steps) = (from, Vec::new());
        while size.width < to.width || size.height < to.height {
            size = size.times(self.scale());
            steps.push(size);
            if self.scale() < 2 {
                break;
            }
        }
        steps
    }

    /// Prepares an application from planes of size `from` to planes of size `to`, which is [`Restorer::scale`] times as
    /// large, or the same to restore a picture that was enlarged before.
    ///
    /// # Errors
    /// [`UpscaleError::Resize`] if a side is zero; [`UpscaleError::Restorer`] if the restorer cannot be applied to
    /// these sizes.
    fn pass(&self, from: Size, to: Size) -> Result<Box<dyn Pass>, UpscaleError>;

    /// Pixels beyond the edges that results inside depend on, counted before an enlargement by `scale`.
    fn margin(&self, scale: usize) -> usize;

    /// How many times every pixel of a result is computed, to measure the work.
    fn passes_per_pixel(&self) -> u64 {
        1
    }

    /// Restores planes in a published evaluation procedure, without rounding. Luma is in the procedure's range.
    ///
    /// # Errors
    /// [`UpscaleError`].
    fn restore(&self, degraded: &Degraded, progress: &dyn Progress) -> Result<Vec<Plane<f64>>, UpscaleError>;

    /// Whether it only interpolates, so that the degraded picture itself is the result.
    fn is_interpolation(&self) -> bool {
        false
    }

    /// The factor of a restorer that works on nothing but the small picture; only procedures that have a small picture
    /// can measure it.
    fn small_picture_scale(&self) -> Option<usize> {
        None
    }

    /// Pixels that the result of [`Restorer::restore`] loses on every side.
    fn border_loss(&self) -> usize {
        0
    }

    /// Layers of a network, with the paddings that are used; none for other restorers.
    fn architecture(&self) -> Option<&Architecture> {
        None
    }

    /// Instruction set and precision of a network; none for other restorers.
    fn execution(&self) -> Option<Execution> {
        None
    }
}

/// An application of a restorer, computed some rows at a time. Rows are equal, bit for bit, however a picture is
/// divided.
pub trait Pass: Send + Sync {
    /// The rows of the planes that rows `rows` of the result depend on.
    fn reads(&self, rows: Range<usize>) -> Range<usize>;

    /// Whether every row depends on all rows, so that all must be computed at once.
    fn needs_all_rows(&self) -> bool {
        false
    }

    /// Bytes that the computation of rows `rows` takes.
    fn bytes(&self, rows: Range<usize>) -> u64;

    /// Computes rows `rows` of the result. `planes` have the rows from `top` on, including all of [`Pass::reads`].
    /// `progress` advances by the pixels of the rows computed, times [`Restorer::passes_per_pixel`].
    ///
    /// # Errors
    /// [`UpscaleError`].
    fn run(
        &self,
        planes: Vec<Plane<f32>>,
        top: usize,
        rows: &Range<usize>,
        progress: &dyn Progress,
    ) -> Result<Vec<Plane<f32>>, UpscaleError>;

    /// Takes results of [`Pass::run`] that are no longer needed: their memory may serve the next.
    fn reuse(&self, _planes: Vec<Plane<f32>>) {}
}

/// Rows `rows` of a plane that begins with row number `top`.
///
/// # Panics
/// If a row is missing.
pub fn rows_of(plane: Plane<f32>, top: usize, rows: &Range<usize>) -> Plane<f32> {
    if rows.len() == plane.height() {
        return plane;
    }
    let rect = Rect { x: 0, y: rows.start - top, width: plane.width(), height: rows.len() };
    plane.crop(rect).expect("the rows are there")
}
