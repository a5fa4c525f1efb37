//! The training pictures of a run, degraded.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use srcnn::Size;
use srcnn::plane::Plane;
use srcnn::quantize::to_u8;
use srcnn::random::SplitMix64;
use srcnn::resample::{Edge, matlab};

use super::error::DataError;
use super::pair::{Pair, make_pair, read_planes};
use super::store::Store;
use crate::config::Config;

/// A pair in the store: input planes as little-endian `f32`, then original planes as bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub width: usize,
    pub height: usize,
    /// Position in the store.
    pub at: u64,
    /// Weight of its pixels in the loss.
    pub weight: f32,
}

/// Training pictures, each with its pairs at all zooms and factors that are at least as large as a sub-image.
#[derive(Debug)]
pub struct Corpus {
    pub(super) pictures: Vec<Vec<Entry>>,
    pub(super) channels: usize,
    store: Store,
    fingerprint: u64,
}

/// Pictures that are degraded in parallel.
const CHUNK: usize = 16;

/// Added to the mean squared error of a picture before division, which bounds the weight of flat pictures.
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

    /// Stores a pair.
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

    /// Number of pictures.
    pub fn count(&self) -> usize {
        self.pictures.len()
    }

    /// Bytes on disk.
    pub fn on_disk(&self) -> u64 {
        self.store.on_disk()
    }

    /// A hash of the pictures and their degradation.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// The part of `size` x `size` pixels at (x, y) of a pair: input and original planes, samples 0.0 to 1.0.
    ///
    /// # Errors
    /// Those of the file system, for pictures on disk.
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

/// The pairs of a picture that are at least as large as a sub-image.
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
