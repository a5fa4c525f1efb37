//! Restorers: everything that enlarges or restores pictures.

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

/// A method that enlarges pictures by a whole factor, or restores them at their size: bicubic interpolation, a network, one of
/// the methods that SRCNN was published against.
///
/// It works on planes: luma, 0.0 to 1.0 in the range [`Restorer::luma`], or red, green and blue. [`Upscaler`](super::Upscaler)
/// brings pictures of any kind to that and back.
pub trait Restorer: Debug + Send + Sync {
    /// The name in reports.
    fn name(&self) -> &str;

    /// The restorer in a line, for those who want to know more.
    fn description(&self) -> String {
        format!("{} (x{})", self.name(), self.scale())
    }

    /// The factor that it enlarges by.
    fn scale(&self) -> usize;

    /// The channels that it works on.
    fn input(&self) -> Input {
        Input::Y
    }

    /// The range of its luma.
    fn luma(&self) -> LumaRange {
        LumaRange::Studio
    }

    /// The sizes at which it is applied, one after the other, to reach or pass `to` with both sides; none if interpolation alone
    /// does all.
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

    /// Prepares one application, from planes of size `from` to planes of size `to`: [`Restorer::scale`] times as large, or of
    /// the same size, which restores a picture that was enlarged before.
    ///
    /// # Errors
    /// [`UpscaleError::Resize`] if a side is zero; [`UpscaleError::Restorer`] if it cannot be applied so.
    fn pass(&self, from: Size, to: Size) -> Result<Box<dyn Pass>, UpscaleError>;

    /// Pixels beyond the edges, counted before an enlargement by `scale`, that results inside depend on.
    fn margin(&self, scale: usize) -> usize;

    /// How often each pixel of a result is computed.
    fn rounds(&self) -> u64 {
        1
    }

    /// Restores planes under a published procedure; the result is not rounded. Luma is in the range of the procedure.
    ///
    /// # Errors
    /// [`UpscaleError`].
    fn restore(&self, degraded: &Degraded, progress: &dyn Progress) -> Result<Vec<Plane<f64>>, UpscaleError>;

    /// Whether it is interpolation alone, so that a degraded picture stands for the restored one.
    fn is_interpolation(&self) -> bool {
        false
    }

    /// The factor of a restorer that works on the small picture and on nothing else: it can be measured only by procedures that
    /// have one.
    fn small_picture_scale(&self) -> Option<usize> {
        None
    }

    /// Pixels that [`Restorer::restore`] loses on every side.
    fn border_loss(&self) -> usize {
        0
    }

    /// The layers of a network, with the paddings in force.
    fn architecture(&self) -> Option<&Architecture> {
        None
    }

    /// The instruction set and precision of a network.
    fn execution(&self) -> Option<Execution> {
        None
    }
}

/// One application of a restorer, for some rows at a time. The same rows come out, bit for bit, however a picture is cut.
pub trait Pass: Send + Sync {
    /// The rows of the planes that rows `rows` of the result depend on.
    fn reads(&self, rows: Range<usize>) -> Range<usize>;

    /// Whether any rows depend on all rows, so that all are computed at once.
    fn needs_all_rows(&self) -> bool {
        false
    }

    /// Bytes that rows `rows` take while they are computed.
    fn bytes(&self, rows: Range<usize>) -> u64;

    /// Rows `rows` of the result; `planes` have all of [`Pass::reads`], beginning with row `top`. Advances `progress` by the
    /// pixels of these rows, times [`Restorer::rounds`].
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
}

/// Rows `rows` of a plane whose first row is number `top`.
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
