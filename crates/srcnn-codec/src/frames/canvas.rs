//! The canvas that the frames of an animation are drawn on.

use srcnn_image::Size;

use super::stored::{Disposal, StoredFrame};

/// The picture as it is shown: RGBA of 8 bits, alpha not multiplied in.
pub(crate) struct Canvas {
    size: Size,
    samples: Vec<u8>,
    /// The place of the last frame, what is to become of it, and what was there if that matters.
    last: Option<(Place, Disposal, Vec<u8>)>,
}

/// The part of a frame that lies inside.
#[derive(Clone, Copy)]
struct Place {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

impl Canvas {
    /// A transparent one.
    pub(crate) fn new(size: Size) -> Self {
        Self { size, samples: vec![0; size.width * size.height * 4], last: None }
    }

    pub(crate) fn size(&self) -> Size {
        self.size
    }

    pub(crate) fn samples(&self) -> &[u8] {
        &self.samples
    }

    /// Draws the next frame, the one before disposed of.
    pub(crate) fn draw(&mut self, frame: &StoredFrame) {
        match self.last.take() {
            Some((place, Disposal::Clear, _)) => self.rows(place).for_each(|row| row.fill(0)),
            Some((place, Disposal::Restore, before)) => {
                let rows = self.rows(place).zip(before.chunks_exact((place.width * 4).max(1)));
                rows.for_each(|(row, before)| row.copy_from_slice(before));
            }
            Some((_, Disposal::Keep, _)) | None => {}
        }
        let (x, y) = (frame.at.0.min(self.size.width), frame.at.1.min(self.size.height));
        let (width, height) = (frame.size.width.min(self.size.width - x), frame.size.height.min(self.size.height - y));
        let place = Place { x, y, width, height };
        let mut before = Vec::new();
        if frame.disposal == Disposal::Restore {
            before.reserve_exact(width * height * 4);
            self.rows(place).for_each(|row| before.extend_from_slice(row));
        }
        let stride = (frame.size.width * 4).max(1);
        for (to, from) in self.rows(place).zip(frame.samples.chunks_exact(stride)) {
            if frame.over {
                let pixels = to.as_chunks_mut::<4>().0.iter_mut().zip(from.as_chunks::<4>().0);
                pixels.for_each(|(to, from)| *to = over(*to, *from));
            } else {
                to.copy_from_slice(&from[..to.len()]);
            }
        }
        self.last = Some((place, frame.disposal, before));
    }

    fn rows(&mut self, place: Place) -> impl Iterator<Item = &mut [u8]> {
        let columns = place.x * 4..(place.x + place.width) * 4;
        let rows = self.samples.chunks_exact_mut(self.size.width * 4).skip(place.y).take(place.height);
        rows.map(move |row| &mut row[columns.clone()])
    }
}

/// One pixel over another, rounded.
fn over(below: [u8; 4], above: [u8; 4]) -> [u8; 4] {
    let share = u32::from(above[3]) * 255;
    let rest = u32::from(below[3]) * (255 - u32::from(above[3]));
    match (above[3], share + rest) {
        (0, _) => below,
        (255, _) => above,
        (_, all) => {
            let color = |c: usize| (u32::from(above[c]) * share + u32::from(below[c]) * rest + all / 2) / all;
            [color(0), color(1), color(2), (all + 127) / 255].map(|v| v as u8)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::timing::Delay;

    const RED: [u8; 4] = [255, 0, 0, 255];
    const BLUE: [u8; 4] = [0, 0, 255, 255];
    const NONE: [u8; 4] = [0; 4];

    fn stored(at: (usize, usize), size: (usize, usize), pixel: [u8; 4], over: bool, disposal: Disposal) -> StoredFrame {
        let samples = pixel.repeat(size.0 * size.1);
        StoredFrame { at, size: size.into(), samples, over, disposal, delay: Delay::milliseconds(1) }
    }

    fn pixels(canvas: &Canvas) -> Vec<[u8; 4]> {
        canvas.samples().as_chunks().0.to_vec()
    }

    #[test]
    fn frames_are_disposed_of_before_the_next() {
        let mut canvas = Canvas::new(Size::new(3, 1));
        canvas.draw(&stored((0, 0), (3, 1), RED, true, Disposal::Keep));
        canvas.draw(&stored((1, 0), (1, 1), BLUE, true, Disposal::Restore));
        assert_eq!(pixels(&canvas), [RED, BLUE, RED]);
        canvas.draw(&stored((0, 0), (1, 1), BLUE, true, Disposal::Clear));
        assert_eq!(pixels(&canvas), [BLUE, RED, RED]);
        canvas.draw(&stored((2, 0), (1, 1), NONE, false, Disposal::Keep));
        assert_eq!(pixels(&canvas), [NONE, RED, NONE]);
    }

    #[test]
    fn what_lies_outside_is_left_out() {
        let mut canvas = Canvas::new(Size::new(2, 2));
        canvas.draw(&stored((1, 1), (9, 9), RED, true, Disposal::Clear));
        assert_eq!(pixels(&canvas), [NONE, NONE, NONE, RED]);
        canvas.draw(&stored((7, 7), (9, 9), RED, true, Disposal::Restore));
        canvas.draw(&stored((0, 0), (0, 0), RED, true, Disposal::Restore));
        canvas.draw(&stored((0, 0), (1, 1), BLUE, true, Disposal::Keep));
        assert_eq!(pixels(&canvas), [BLUE, NONE, NONE, NONE]);
    }

    #[test]
    fn blending_is_that_of_light() {
        assert_eq!(over(RED, [0, 0, 255, 51]), [204, 0, 51, 255]);
        assert_eq!(over(NONE, [9, 8, 7, 6]), [9, 8, 7, 6]);
        assert_eq!(over([9, 8, 7, 6], [1, 2, 3, 0]), [9, 8, 7, 6]);
        assert_eq!(over([0, 0, 0, 128], [255, 255, 255, 128]), [170, 170, 170, 192]);
    }
}
