//! All pictures of a run: those to learn from, degraded and ready to be cut, and those held out.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use srcnn::Size;
use srcnn::plane::Plane;
use srcnn::quantize::to_u8;
use srcnn::random::SplitMix64;
use srcnn::resample::{Edge, matlab};

use super::store::Store;
use super::{DataError, Pair, make_pair, read_planes};
use crate::config::Config;

/// The paths of a run's pictures, by what they are for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pictures {
    /// To learn from.
    pub train: Vec<PathBuf>,
    /// To choose checkpoints by.
    pub validation: Vec<PathBuf>,
    /// To draw in the curve, beside.
    pub benchmark: Vec<PathBuf>,
}

impl Pictures {
    /// Finds them in the folders of `config`.
    ///
    /// # Errors
    /// [`DataError::Io`], [`DataError::NoValidation`].
    pub fn find(config: &Config) -> Result<Self, DataError> {
        let pictures_in = |folder: &PathBuf| {
            srcnn::codec::files::pictures_in(folder).map_err(|reason| DataError::Io { path: folder.clone(), reason })
        };
        let mut pictures = Self::default();
        for folder in &config.data {
            for (i, path) in pictures_in(folder)?.into_iter().enumerate() {
                let held = config.hold_out > 0 && i % config.hold_out == config.hold_out - 1;
                if held { &mut pictures.validation } else { &mut pictures.train }.push(path);
            }
        }
        for folder in &config.validation {
            pictures.validation.extend(pictures_in(folder)?);
        }
        for folder in &config.benchmark {
            pictures.benchmark.extend(pictures_in(folder)?);
        }
        if pictures.validation.is_empty() { Err(DataError::NoValidation) } else { Ok(pictures) }
    }
}

/// One pair in the store: its input planes as f32, then its truth as bytes, all planes one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub width: usize,
    pub height: usize,
    pub at: u64,
    /// What its pixels count in the loss.
    pub weight: f32,
}

/// Pictures to learn from: for each, its pairs at all zooms and scales that are as large as a sub-image.
#[derive(Debug)]
pub struct Corpus {
    pub(super) pictures: Vec<Vec<Entry>>,
    pub(super) channels: usize,
    store: Store,
    fingerprint: u64,
}

/// Pictures that are degraded at a time.
const CHUNK: usize = 16;

/// Added to the squared error that balances a picture, so that flat ones do not count without bound.
const LEAST_ERROR: f64 = 2e-5;

impl Corpus {
    /// Reads and degrades pictures.
    ///
    /// # Errors
    /// [`DataError`], naming the picture.
    pub fn load(config: &Config, paths: &[PathBuf]) -> Result<Self, DataError> {
        let mut corpus = Self {
            pictures: Vec::new(),
            channels: config.input.channels(),
            store: Store::new(config.memory.saturating_mul(1 << 20)),
            fingerprint: 0,
        };
        let mut hash = Vec::new();
        for paths in paths.chunks(CHUNK) {
            let pairs = paths.par_iter().map(|path| pairs_of(config, path)).collect::<Result<Vec<_>, _>>()?;
            for pairs in pairs {
                let entries = pairs.iter().map(|pair| corpus.keep(pair, config.balance));
                let entries = entries.collect::<Result<Vec<_>, _>>();
                let entries = entries.map_err(|reason| DataError::Io { path: std::env::temp_dir(), reason })?;
                hash.extend(pairs.iter().flat_map(|p| [p.truth[0].width() as u64, p.error().to_bits()]));
                if !entries.is_empty() {
                    corpus.pictures.push(entries);
                }
            }
        }
        if corpus.pictures.is_empty() {
            let folders: Vec<_> = config.data.iter().map(|f| f.display().to_string()).collect();
            return Err(DataError::Empty { folders: folders.join(", "), crop: config.crop });
        }
        corpus.fingerprint = SplitMix64::of(&hash).next_u64();
        Ok(corpus)
    }

    fn keep(&mut self, pair: &Pair, balance: bool) -> std::io::Result<Entry> {
        let Size { width, height } = pair.truth[0].size();
        let mut bytes = Vec::with_capacity(5 * self.channels * width * height);
        for plane in &pair.input {
            bytes.extend(plane.as_slice().iter().flat_map(|v| v.to_le_bytes()));
        }
        pair.truth.iter().for_each(|plane| bytes.extend(plane.as_slice()));
        let weight = if balance { (1.0 / (pair.error() + LEAST_ERROR)) as f32 } else { 1.0 };
        Ok(Entry { width, height, at: self.store.push(&bytes)?, weight })
    }

    /// Pictures that there are to learn from.
    pub fn count(&self) -> usize {
        self.pictures.len()
    }

    /// Bytes that are kept on disk.
    pub fn on_disk(&self) -> u64 {
        self.store.on_disk()
    }

    /// Tells other pictures, or otherwise degraded ones, from these.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Cuts a part of `size` columns and rows at (x, y) out of an entry: input and truth, 0.0 to 1.0.
    pub(super) fn cut(
        &self,
        entry: &Entry,
        (x, y): (usize, usize),
        size: usize,
    ) -> std::io::Result<[Vec<Plane<f32>>; 2]> {
        let plane = entry.width * entry.height;
        let (mut floats, mut bytes) = (vec![0; 4 * size], vec![0; size]);
        let (mut input, mut truth) = (Vec::new(), Vec::new());
        for c in 0..self.channels {
            let (mut from, mut to) = (Vec::with_capacity(size * size), Vec::with_capacity(size * size));
            for row in y..y + size {
                let at = c * plane + row * entry.width + x;
                self.store.read(entry.at + 4 * at as u64, &mut floats)?;
                from.extend(floats.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)));
                self.store.read(entry.at + (4 * self.channels * plane + at) as u64, &mut bytes)?;
                to.extend(bytes.iter().map(|b| f32::from(*b) / 255.0));
            }
            input.push(Plane::new(size, size, from).expect("rows fill it"));
            truth.push(Plane::new(size, size, to).expect("rows fill it"));
        }
        Ok([input, truth])
    }
}

/// The pairs of one picture that are as large as a sub-image.
fn pairs_of(config: &Config, path: &Path) -> Result<Vec<Pair>, DataError> {
    let planes = read_planes(path, config.input, config.luma)?;
    let mut pairs = Vec::new();
    for &zoom in &config.zooms {
        let shrink = |plane: &Plane<u8>| {
            let small = matlab::resize_by(&plane.map(|v| f64::from(v) / 255.0), zoom, Edge::Mirror)?;
            Ok(small.map(to_u8))
        };
        let degrade = |reason| DataError::Degrade { path: path.to_owned(), reason };
        let zoomed: Result<Vec<_>, srcnn::resample::ResizeError> =
            if zoom == 1.0 { Ok(planes.clone()) } else { planes.iter().map(shrink).collect() };
        let zoomed = zoomed.map_err(|e| degrade(e.into()))?;
        for scale in config.scales.iter().map(|s| *s as usize) {
            let Size { width, height } = zoomed[0].size();
            if width.min(height) / scale * scale >= config.crop {
                pairs.push(make_pair(&zoomed, scale, config).map_err(degrade)?);
            }
        }
    }
    Ok(pairs)
}
