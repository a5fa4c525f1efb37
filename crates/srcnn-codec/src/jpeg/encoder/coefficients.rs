//! The coefficients of a whole picture.

use srcnn_image::parallel;
use srcnn_image::rows::{Rows, RowsError};
use srcnn_kernels::jpeg::Block;

use super::frame::{Frame, SIDE};
use super::rows::Band;
use super::transform::{Part, Transform};

/// All blocks of a picture.
pub(super) struct Coefficients {
    frame: Frame,
    /// Of each component, row by row, whole MCUs.
    planes: Vec<Vec<Block>>,
}

impl Coefficients {
    /// Transforms all rows, `at_once` rows of MCUs at a time.
    ///
    /// # Errors
    /// That of the rows.
    pub(super) fn read(rows: &mut impl Rows, transform: &Transform, at_once: usize) -> Result<Self, RowsError> {
        let frame = *transform.frame();
        let plane = |component| vec![Block::ZERO; of_row(&frame, component) * frame.down()];
        let mut planes: Vec<_> = (0..frame.components).map(plane).collect();
        let mut rest: Vec<&mut [Block]> = planes.iter_mut().map(Vec::as_mut_slice).collect();
        let mut parts: Vec<Part> = Vec::new();
        parts.resize_with(at_once, Part::default);
        for top in (0..frame.size.height).step_by(at_once * frame.unit()) {
            let band = Band::read(rows, (frame.size.height - top).min(at_once * frame.unit()))?;
            let pixels = band.rows();
            let units = pixels.chunks(frame.unit()).map(|rows| {
                let row = (0..).zip(&mut rest).map(|(component, rest)| {
                    let (row, others) = std::mem::take(rest).split_at_mut(of_row(&frame, component));
                    *rest = others;
                    row
                });
                (rows, row.collect::<Vec<_>>())
            });
            parallel::for_each(parts.iter_mut().zip(units), |(part, (rows, mut out))| {
                for units in transform.parts() {
                    transform.run(rows, units.clone(), part);
                    for (component, out) in out.iter_mut().enumerate() {
                        let factor = frame.factor(component);
                        let rows = out.chunks_exact_mut(factor * frame.across());
                        for (row, blocks) in rows.zip(part.blocks()[component].chunks_exact(factor * units.len())) {
                            row[factor * units.start..factor * units.end].copy_from_slice(blocks);
                        }
                    }
                }
            });
        }
        Ok(Self { frame, planes })
    }

    pub(super) fn frame(&self) -> &Frame {
        &self.frame
    }

    /// The blocks of each component in a row of MCUs: one row of blocks after the other.
    pub(super) fn units(&self, row: usize) -> [&[Block]; 3] {
        std::array::from_fn(|component| {
            let of_row = of_row(&self.frame, component);
            self.planes.get(component).map_or(&[][..], |plane| &plane[row * of_row..(row + 1) * of_row])
        })
    }

    /// The blocks of a component that have samples of the picture, row by row (T.81, A.2.2).
    pub(super) fn blocks(&self, component: usize) -> impl Iterator<Item = &Block> {
        let (frame, factor) = (&self.frame, self.frame.factor(component));
        let [across, down] =
            [frame.size.width, frame.size.height].map(|side| (side * factor).div_ceil(frame.luma).div_ceil(SIDE));
        self.planes[component].chunks_exact(factor * frame.across()).take(down).flat_map(move |row| &row[..across])
    }
}

/// Blocks of a component in a row of MCUs.
fn of_row(frame: &Frame, component: usize) -> usize {
    frame.factor(component).pow(2) * frame.across()
}
