//! Whether a picture looks like what networks learn from: sharp, and not torn into blocks by JPEG.
//!
//! A network of this kind sharpens what it finds. Compressed hard, a picture has steps at every eighth pixel; enlarged
//! before, it has nothing left to sharpen at its finest. Both are seen in a sample of tiles, at most a megapixel of them,
//! whatever the size: some milliseconds.

use crate::image::{Image, Pixels, Samples};
use crate::parallel;
use crate::rows::{RowBuffer, Shape};

/// Rows and columns of a tile: a multiple of JPEG's 8, so that a tile's columns lie in the blocks as the picture's do.
const TILE: usize = 64;
/// Tiles looked at; if there are more, these are spread over the picture.
const TILES: usize = 192;
/// Rows and columns of JPEG's blocks.
const BLOCK: usize = 8;

/// `woman` of Set5, itself a JPEG once, has 0.5 to 0.6, and passes for an original; compressed at quality 75, the smoother
/// pictures of Set5 and `samples/chelsea.png` reach 0.7 to 1.0, and most others at 50.
const BLOCKED: f32 = 0.65;
/// A grid stands out against every other place, not only the mean of them: pictures that were doubled, or drawn in squares of
/// 2 or 4 pixels, have several places in 8 that are alike. JPEG's, at the threshold above, is 1.4 times the next.
const STANDS_OUT: f32 = 1.25;
/// Places at which photographs have a step, of all: some 0.28. Drawings and screens have too few to be judged by.
const PHOTOGRAPHIC: f32 = 0.08;

/// Originals of Set5, T91 and BSD200 have 0.05 and more; doubled by bicubic or Lanczos, 25 of 26 that were tried have 0.005 to
/// 0.03, and the one full of noise 0.05. Enlarged by 1.5 most pass.
const SOFT: f32 = 0.035;
/// The 289 originals of T91 and BSD200 that are large enough have 0.68 at most; every second or third pixel of them alone, as
/// programs shrink that do not filter, has more than this in a quarter of cases, and noise has 1.75.
const HARSH: f32 = 0.8;
/// Samples that are transformed together.
const LINE: usize = 32;
/// Of the 16 frequencies of a line: those that doubling leaves empty, where its filter no longer reaches,
const FINE: std::ops::RangeInclusive<usize> = 10..=16;
/// and those an octave below, which it leaves alone.
const COARSE: std::ops::RangeInclusive<usize> = 4..=7;
/// Power a frequency, in squared levels of 255, below which there is no detail to judge by: ten times what rounding to 8 bits
/// gives in a window of this length (the sum of its squares, 12, by 1/12).
const ROUNDING: f32 = 10.0;

/// What a picture is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The steps of JPEG's 8x8 blocks are plain to see.
    Blocks,
    /// It has hardly any detail at its finest, as after an enlargement.
    Soft,
    /// Most of its samples, in floating point, are above white, as where 255 is meant to be white.
    Bright,
    /// It has more at its finest than photographs have: aliasing of a picture that was shrunk without a filter, or noise.
    Harsh,
}

/// What was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Inspection {
    /// By how much steps are more frequent at one place in every eight than at the seven others, across and down, the smaller
    /// of the two: 0.0 without a grid. A step is a difference of neighbours that is larger than the ones beside it.
    pub blocking: f32,
    /// The power above 5/8 of the highest frequency, for that between 1/4 and 7/16; none where there is no detail.
    pub fineness: Option<f32>,
    /// The share of samples above white, which only those in floating point can be.
    pub above_white: f32,
}

impl Inspection {
    /// Looks at a picture's luma, where nothing is transparent. Of pictures below 64x64 nothing is found.
    pub fn of(image: &Image) -> Self {
        let mut inspector = Inspector::new(Shape::of(image));
        inspector.see(image);
        inspector.inspection()
    }

    /// What stands out.
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

/// Looks at a picture whose rows come one after the other.
#[derive(Clone, Debug)]
pub struct Inspector {
    shape: Shape,
    /// Rows from those of the next tiles on.
    rows: RowBuffer,
    tally: Tally,
    /// Samples above white, and all in floating point.
    bright: (u64, u64),
}

impl Inspector {
    /// For a picture of this shape.
    pub fn new(shape: Shape) -> Self {
        Self { shape, rows: RowBuffer::new(shape), tally: Tally::default(), bright: (0, 0) }
    }

    /// Looks at the next rows.
    ///
    /// # Panics
    /// If they are not of the picture's width and kind.
    pub fn see(&mut self, rows: &Image) {
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
            // In order, so that sums do not depend on the threads.
            let tiles = self.tiles(there.start / TILE);
            let tallies = parallel::map(tiles.into_iter(), |column| tally(&strip, column * TILE));
            self.tally = tallies.into_iter().flatten().fold(self.tally, Tally::and);
            self.rows.let_go(there.start + TILE);
        }
    }

    /// What was seen.
    pub fn inspection(&self) -> Inspection {
        let above_white = self.bright.0 as f32 / self.bright.1.max(1) as f32;
        Inspection { above_white, ..self.tally.inspection() }
    }

    /// The columns of the tiles that are looked at, of the row of tiles with this number.
    fn tiles(&self, row: usize) -> Vec<usize> {
        let (columns, rows) = (self.shape.width / TILE, self.shape.height / TILE);
        let count = columns * rows;
        let taken = count.min(TILES);
        let tiles = (0..taken).map(|i| i * count / taken);
        tiles.filter(|tile| tile / columns == row).map(|tile| tile % columns).collect()
    }
}

/// Of the tile of a strip that begins at column `x`; none if any of it is transparent.
fn tally(strip: &Image, x: usize) -> Option<Tally> {
    let tile = match strip.samples() {
        Samples::U8(pixels) => read(pixels, x, 1.0, strip.is_grey(), strip.has_alpha()),
        Samples::U16(pixels) => read(pixels, x, 1.0 / 257.0, strip.is_grey(), strip.has_alpha()),
        Samples::F32(pixels) => read(pixels, x, 255.0, strip.is_grey(), strip.has_alpha()),
    };
    tile.map(|tile| Tally::of(&tile))
}

/// Luma of one tile in levels of 255, rows after rows.
type Tile = [[f32; TILE]; TILE];

/// The tile at column `x`; none if any of it is transparent.
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

/// Sums over tiles. Of each pair, across and down.
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
                // The first difference has none before it.
                let place = (i + 1) % BLOCK;
                tally.places[direction][place] += TILE as u32;
                tally.steps[direction][place] += count;
            }
            // Power needs fewer samples than steps.
            for row in tile.iter().step_by(4) {
                row.chunks_exact(LINE).for_each(|line| tally.add_power(line));
            }
        }
        tally
    }

    /// Adds the powers of a line's frequencies.
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

/// For each difference of neighbours but the first and the last, the number of rows in which it is larger than both beside
/// it.
fn steps(tile: &Tile) -> [u32; TILE - 3] {
    let mut counts = [0; TILE - 3];
    for row in tile {
        let differences: [f32; TILE - 1] = std::array::from_fn(|i| (row[i + 1] - row[i]).abs());
        for (i, count) in counts.iter_mut().enumerate() {
            let [before, here, after] = [differences[i], differences[i + 1], differences[i + 2]];
            // Half a level is rounding. Without branches, so that it is computed in vectors.
            *count += u32::from((here >= 0.5) & (here > before) & (here > after));
        }
    }
    counts
}

/// Cosines and sines, of the fine frequencies and of all.
const FINE_WAVES: usize = 2 * (*FINE.end() + 1 - *FINE.start());
const WAVES_COUNT: usize = FINE_WAVES + 2 * (*COARSE.end() + 1 - *COARSE.start());

/// For each sample of a line, its value in every wave under Hann's window.
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
