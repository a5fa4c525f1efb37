//! Pictures of results: [`draw`] puts reference, degraded and restored picture side by side, with their figures and an
//! enlarged part; [`chart`] shows the course of a training, [`filters`] what the first layer learned.

mod canvas;
pub mod chart;
pub mod filters;

use srcnn::Size;
use srcnn::image::{Image, Pixels};
use srcnn::metrics::Scores;
use srcnn::plane::Rect;
use srcnn::resample::{Convention, resize_u8};

use crate::procedure::Evaluation;
use canvas::{Canvas, line_height};

const MARGIN: usize = 16;
/// No panel is narrower: its labels need the room.
const MIN_PANEL: usize = 360;
/// Larger pictures are shown smaller; the enlarged part keeps its pixels.
const MAX_PANEL: usize = 640;
/// The enlarged part has this many pixels on its longer side at most.
const PART: usize = 64;
const FRAME: [u8; 3] = [220, 40, 40];

/// Draws one evaluation: three panels in a row, below them the same part of each, enlarged by whole pixels.
///
/// `degraded` and `restored` name the second and third panel.
pub fn draw(name: &str, degraded: &str, restored: &str, evaluation: &Evaluation) -> Image {
    let pictures = &evaluation.pictures;
    let images = [&pictures.reference, &pictures.degraded, &pictures.restored].map(Image::to_rgb8);
    let size = images[0].size();
    let part = liveliest_part(&images[0]);
    let Size { width, height } = shown_size(size);
    let panel = width.max(MIN_PANEL);
    let zoom = (panel / part.width).max(1);
    let text_height = 2 * line_height();
    let mut canvas = Canvas::new(3 * panel + 4 * MARGIN, text_height + height + part.height * zoom + 4 * MARGIN);
    let labels = [
        (name.to_owned(), format!("original, {}\u{d7}{}", size.width, size.height)),
        (degraded.to_owned(), figures(&evaluation.input)),
        (restored.to_owned(), figures(&evaluation.output)),
    ];
    for (i, (pixels, (title, detail))) in images.iter().zip(&labels).enumerate() {
        let left = MARGIN + i * (panel + MARGIN);
        canvas.text(left, MARGIN, panel, title);
        canvas.text(left, MARGIN + line_height(), panel, detail);
        let top = 2 * MARGIN + text_height;
        let shown = resize_u8(pixels, (width, height), Convention::OpencvArea).expect("no side is zero");
        canvas.picture(left, top, &shown, 1);
        let scaled = |n: usize| n * width / size.width;
        canvas.frame(left + scaled(part.x), top + scaled(part.y), scaled(part.width), scaled(part.height), FRAME);
        let top = top + height + MARGIN;
        let enlarged = pixels.crop(part).expect("the part lies inside");
        canvas.picture(left, top, &enlarged, zoom);
        canvas.frame(left, top, part.width * zoom, part.height * zoom, FRAME);
    }
    canvas.into_image()
}

/// The size of a panel's picture: its own, or reduced to the panel's greatest width.
fn shown_size(size: Size) -> Size {
    if size.width <= MAX_PANEL {
        return size;
    }
    Size::new(MAX_PANEL, (size.height * MAX_PANEL / size.width).max(1))
}

fn figures(scores: &Scores) -> String {
    let psnr = if scores.psnr.is_finite() { format!("{:.2} dB", scores.psnr) } else { "inf dB".to_owned() };
    format!("PSNR {psnr}  MSE {:.1}  SSIM {:.4}", scores.mse, scores.ssim)
}

/// The square with the greatest sum of differences between neighbours.
fn liveliest_part(pixels: &Pixels<u8>) -> Rect {
    let Size { width, height } = pixels.size();
    let (w, h) = (PART.min(width), PART.min(height));
    let green = pixels.channel(pixels.channels() / 2);
    let activity = |x0: usize, y0: usize| -> u64 {
        (y0..y0 + h)
            .map(|y| {
                let row = &green.row(y)[x0..x0 + w];
                row.windows(2).map(|pair| u64::from(pair[0].abs_diff(pair[1]))).sum::<u64>()
            })
            .sum()
    };
    let step = (PART / 4).max(1);
    let corners = (0..=height - h).step_by(step).flat_map(|y| (0..=width - w).step_by(step).map(move |x| (x, y)));
    let (x, y) = corners.max_by_key(|&(x, y)| activity(x, y)).unwrap_or((0, 0));
    Rect { x, y, width: w, height: h }
}
