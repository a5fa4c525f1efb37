//! Inspection of pictures for defects that a network would amplify: JPEG blocks, blur, aliasing or noise, and values
//! above white.
//!
//! A network of this kind sharpens whatever it finds. Strong JPEG compression leaves steps at every eighth pixel; an
//! enlarged picture has nothing to sharpen at the highest frequencies. Both are measured on a sample of tiles, at most
//! a megapixel of them, which takes some milliseconds for a picture of any size.

use crate::image::{Image, Pixels, Samples};
use crate::parallel;
use crate::rows::{RowBuffer, Shape};

/// Width and height of a tile: a multiple of 8, so that JPEG blocks lie in a tile as in the picture.
const TILE: usize = 64;
/// Largest number of tiles; if the picture has more, these are spread over it.
const TILES: usize = 192;
/// Width and height of JPEG blocks.
const BLOCK: usize = 8;

/// Threshold of [`Inspection::blocking`]. `woman` of Set5, once a JPEG itself, has 0.5 to 0.6 and passes; at quality 75
/// the smoother pictures of Set5 and `samples/chelsea.png` have 0.7 to 1.0, and so have most others at quality 50.
const BLOCKED: f32 = 0.65;
/// The steps of JPEG's grid must be this many times as frequent as at the next frequent position, not only above the
/// mean: pictures that were doubled, or drawn in squares of 2 or 4 pixels, have several similar positions in 8. For
/// JPEG at the threshold above, the ratio is 1.4.
const STANDS_OUT: f32 = 1.25;
/// Smallest share of positions with a step: photographs have some 0.28. Drawings and screenshots have too few steps to
/// be judged.
const PHOTOGRAPHIC: f32 = 0.08;

/// Threshold of [`Inspection::fineness`] for blur. Originals of Set5, T91 and BSD200 have at least 0.05; of 26 pictures
/// that were doubled by bicubic or Lanczos, 25 have 0.005 to 0.03, and a noisy one has 0.05. Most pictures enlarged by
/// 1.5 pass.
const SOFT: f32 = 0.035;
/// Threshold of [`Inspection::fineness`] for aliasing and noise. The 289 large enough originals of T91 and BSD200 have
/// at most 0.68. Of pictures shrunk to every second or third pixel without a filter, a quarter exceed the threshold;
/// noise has 1.75.
const HARSH: f32 = 0.8;
/// Length of the Fourier transform, in samples.
const LINE: usize = 32;
/// The highest of the 16 frequencies of a line, which are empty after doubling, since its filter removes them.
const FINE: std::ops::RangeInclusive<usize> = 10..=16;
/// Frequencies an octave lower, which doubling does not change.
const COARSE: std::ops::RangeInclusive<usize> = 4..=7;
/// Mean power per frequency, in squared levels of 255, below which there is no detail to judge: ten times that of
/// rounding to 8 bits, which is the sum of the window's squares, 12, times a variance of 1/12.
const ROUNDING: f32 = 10.0;

/// A defect of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The steps between JPEG's 8x8 blocks are visible.
    Blocks,
    /// There is hardly any detail at the highest frequencies, as after an enlargement.
    Soft,
    /// Most samples, in floating point, are above white, as if 255 were meant to be white.
    Bright,
    /// There is more power at the highest frequencies than in photographs: aliasing after shrinking without a filter,
    /// or noise.
    Harsh,
}

/// Measurements of a picture.
///
/// ```
/// use srcnn::Image;
/// use srcnn::image::Pixels;
/// use srcnn::inspect::Inspection;
///
/// let flat = Image::from_u8(Pixels::new(128, 128, 1, vec![90; 128 * 128])?)?;
/// assert!(Inspection::of(&flat).findings().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Inspection {
    /// How much more frequent steps are at one position in eight than at the seven others on average, as a ratio less
    /// one; the smaller value of both directions, 0.0 without a grid. A step is a difference of neighbours that is
    /// larger than the differences beside it.
    pub blocking: f32,
    /// Power above 5/8 of the highest frequency, divided by that between 1/4 and 7/16 of it; none if there is no
    /// detail.
    pub fineness: Option<f32>,
    /// Share of samples above white; 0.0 for integer samples.
    pub above_white: f32,
}

impl Inspection {
    /// Inspects the luma of a picture, ignoring tiles with transparent pixels. Pictures below 64x64 pixels give no
    /// findings.
    pub fn of(image: &Image) -> Self {
        let mut inspector = Inspector::new(Shape::of(image));
        inspector.push(image);
        inspector.inspection()
    }

    /// The defects whose measurements pass their thresholds.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.blocking > BLOCKED {
            findings.push(Finding::Blocks);
        }
        if self.fineness.is_some_and(|fineness| fineness < SOFT) {
            findings.push(Finding::Soft);
        }
        if self.fineness.is_some_and(|fineness| fineness > HARSH) {
            findings.push(Finding::Harsh);
        }
        if self.above_white > 0.5 {
            findings.push(Finding::Bright);
        }
        findings
    }
}

/// Inspects a picture whose rows come one after the other.
#[derive(Clone, Debug)]
pub struct Inspector {
    shape: Shape,
    /// The rows that are not inspected yet.
    rows: RowBuffer,
    tally: Tally,
    /// Number of floating-point samples above white, and of all.
    bright: (u64, u64),
}

impl Inspector {
    /// An inspector for a picture of this shape.
    pub fn new(shape: Shape) -> Self {
        Self { shape, rows: RowBuffer::new(shape), tally: Tally::default(), bright: (0, 0) }
    }

    /// Inspects the next rows.
    ///
    /// # Panics
    /// If their width, channels or depth are not the picture's.
    pub fn push(&mut self, rows: &Image) {
        if let Samples::F32(pixels) = rows.samples() {
            let above = pixels.as_slice().iter().filter(|v| **v > 1.0).count() as u64;
            self.bright = (self.bright.0 + above, self.bright.1 + pixels.as_slice().len() as u64);
        }
        self.rows.push(rows);
        loop {
            let there = self.rows.rows();
            if there.len() < TILE {
                break;
            }
            let strip = self.rows.part(there.start..there.start + TILE);
            // Summed in order, so that results do not depend on the threads.
            let tiles = self.tiles(there.start / TILE);
            let tallies = parallel::map(tiles.into_iter(), |column| tally(&strip, column * TILE));
            self.tally = tallies.into_iter().flatten().fold(self.tally, Tally::and);
            self.rows.drop_above(there.start + TILE);
        }
    }

    /// The measurements so far.
    pub fn inspection(&self) -> Inspection {
        let above_white = self.bright.0 as f32 / self.bright.1.max(1) as f32;
        Inspection { above_white, ..self.tally.inspection() }
    }

    /// The columns, counted in tiles, of the sampled tiles in a row of tiles.
    fn tiles(&self, row: usize) -> Vec<usize> {
        let (columns, rows) = (self.shape.width / TILE, self.shape.height / TILE);
        let count = columns * rows;
        let taken = count.min(TILES);
        let tiles = (0..taken).map(|i| i * count / taken);
        tiles.filter(|tile| tile / columns == row).map(|tile| tile % columns).collect()
    }
}

/// The counts of a strip's tile that begins at column `x`; none if any pixel of it is transparent.
fn tally(strip: &Image, x: usize) -> Option<Tally> {
    let tile = match strip.samples() {
        Samples::U8(pixels) => read(pixels, x, 1.0, strip.is_grey(), strip.has_alpha()),
        Samples::U16(pixels) => read(pixels, x, 1.0 / 257.0, strip.is_grey(), strip.has_alpha()),
        Samples::F32(pixels) => read(pixels, x, 255.0, strip.is_grey(), strip.has_alpha()),
    };
    tile.map(|tile| Tally::of(&tile))
}

/// Luma of one tile, 0 to 255, row by row.
type Tile = [[f32; TILE]; TILE];

/// The tile at column `x`; none if any pixel of it is transparent. `unit` scales samples to 0 to 255.
fn read<T: Copy + Default + Send + Sync + Into<f64>>(
    pixels: &Pixels<T>,
    x: usize,
    unit: f32,
    is_grey: bool,
    has_alpha: bool,
) -> Option<Box<Tile>> {
    let channels = pixels.channels();
    let mut tile = Box::new([[0.0; TILE]; TILE]);
    for (i, row) in tile.iter_mut().enumerate() {
        let samples = &pixels.row(i)[x * channels..(x + TILE) * channels];
        for (luma, pixel) in row.iter_mut().zip(samples.chunks_exact(channels)) {
            let at = |c: usize| pixel[c].into() as f32;
            if has_alpha && at(channels - 1) == 0.0 {
                return None;
            }
            *luma = unit * if is_grey { at(0) } else { 0.299 * at(0) + 0.587 * at(1) + 0.114 * at(2) };
        }
    }
    Some(tile)
}

/// Sums over tiles; pairs are the horizontal and the vertical direction.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    places: [[u32; BLOCK]; 2],
    steps: [[u32; BLOCK]; 2],
    fine: f64,
    coarse: f64,
    lines: u32,
}

impl Tally {
    fn of(tile: &Tile) -> Self {
        let mut tally = Self::default();
        let mut turned = Box::new([[0.0; TILE]; TILE]);
        for (y, row) in tile.iter().enumerate() {
            row.iter().enumerate().for_each(|(x, &v)| turned[x][y] = v);
        }
        for (direction, tile) in [tile, &*turned].into_iter().enumerate() {
            let steps = steps(tile);
            for (i, count) in steps.iter().enumerate() {
                // The first difference has no predecessor to compare with.
                let place = (i + 1) % BLOCK;
                tally.places[direction][place] += TILE as u32;
                tally.steps[direction][place] += count;
            }
            // For the power, fewer samples suffice than for steps.
            for row in tile.iter().step_by(4) {
                row.chunks_exact(LINE).for_each(|line| tally.add_power(line));
            }
        }
        tally
    }

    /// Adds the power of a line at the fine and the coarse frequencies.
    fn add_power(&mut self, line: &[f32]) {
        let mean = line.iter().sum::<f32>() / LINE as f32;
        let mut sums = [0.0; WAVES_COUNT];
        for (&sample, waves) in line.iter().zip(WAVES.iter()) {
            let sample = sample - mean;
            sums.iter_mut().zip(waves).for_each(|(sum, wave)| *sum += sample * wave);
        }
        let power = |sums: &[f32]| -> f64 { sums.iter().map(|&sum| f64::from(sum) * f64::from(sum)).sum() };
        let (fine, coarse) = sums.split_at(FINE_WAVES);
        self.fine += power(fine);
        self.coarse += power(coarse);
        self.lines += 1;
    }

    fn and(mut self, other: Self) -> Self {
        let add = |a: &mut [[u32; BLOCK]; 2], b: &[[u32; BLOCK]; 2]| {
            a.as_flattened_mut().iter_mut().zip(b.as_flattened()).for_each(|(a, b)| *a += b);
        };
        add(&mut self.places, &other.places);
        add(&mut self.steps, &other.steps);
        Self {
            fine: self.fine + other.fine,
            coarse: self.coarse + other.coarse,
            lines: self.lines + other.lines,
            ..self
        }
    }

    fn inspection(&self) -> Inspection {
        if self.lines == 0 {
            return Inspection::default();
        }
        let excess = |direction: usize| {
            let share = |i: usize| self.steps[direction][i] as f32 / self.places[direction][i] as f32;
            let shares: [f32; BLOCK] = std::array::from_fn(share);
            let (at, most) = (0..BLOCK).map(|i| (i, shares[i])).fold((0, 0.0), |a, b| if b.1 > a.1 { b } else { a });
            let others = (0..BLOCK).filter(|&i| i != at).map(|i| shares[i]);
            let (sum, next) = others.fold((0.0, 0.0f32), |(sum, next), s| (sum + s, next.max(s)));
            let mean = sum / (BLOCK - 1) as f32;
            if mean < PHOTOGRAPHIC || most < STANDS_OUT * next { 0.0 } else { most / mean - 1.0 }
        };
        let floor = f64::from(ROUNDING) * COARSE.count() as f64 * f64::from(self.lines);
        Inspection {
            blocking: excess(0).min(excess(1)),
            fineness: (self.coarse >= floor).then(|| (self.fine / self.coarse) as f32),
            above_white: 0.0,
        }
    }
}

/// For each difference of neighbours except the first and the last, the number of rows in which it is larger than both
/// of its neighbours.
fn steps(tile: &Tile) -> [u32; TILE - 3] {
    let mut counts = [0; TILE - 3];
    for row in tile {
        let differences: [f32; TILE - 1] = std::array::from_fn(|i| (row[i + 1] - row[i]).abs());
        for (i, count) in counts.iter_mut().enumerate() {
            let [before, here, after] = [differences[i], differences[i + 1], differences[i + 2]];
            // Smaller differences are rounding. Without branches, so that it is vectorised.
            *count += u32::from((here >= 0.5) & (here > before) & (here > after));
        }
    }
    counts
}

/// Number of cosines and sines, of the fine frequencies and of all.
const FINE_WAVES: usize = 2 * (*FINE.end() + 1 - *FINE.start());
const WAVES_COUNT: usize = FINE_WAVES + 2 * (*COARSE.end() + 1 - *COARSE.start());

/// For each sample of a line, its weight in every cosine and sine, under a Hann window.
static WAVES: std::sync::LazyLock<[[f32; WAVES_COUNT]; LINE]> = std::sync::LazyLock::new(|| {
    let turn = |part: f64| part * std::f64::consts::TAU;
    std::array::from_fn(|i| {
        let window = 0.5 - 0.5 * turn((i as f64 + 0.5) / LINE as f64).cos();
        let mut waves = FINE.chain(COARSE).flat_map(|f| {
            let (sine, cosine) = turn((f * i) as f64 / LINE as f64).sin_cos();
            [cosine, sine]
        });
        std::array::from_fn(|_| (window * waves.next().expect("as many as are counted")) as f32)
    })
});

#[cfg(test)]
mod tests;
