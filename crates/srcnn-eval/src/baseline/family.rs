//! The built-in baselines of a method, chosen by factor.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use srcnn::Size;
use srcnn::degrade::Degraded;
use srcnn::pipeline::Family;
use srcnn::plane::Plane;
use srcnn::progress::Progress;
use srcnn::upscale::{Pass, Restorer, UpscaleError};

use super::{Baseline, BaselineError, Method};

/// The built-in baselines of a method, at factors of 2, 3 and 4. Each is read when first needed.
#[derive(Debug)]
pub struct Baselines(Arc<Scales>);

impl Baselines {
    /// The built-in baselines of `method`.
    pub fn new(method: Method) -> Self {
        Self(Arc::new(Scales { method, prepared: Mutex::default() }))
    }
}

impl Family for Baselines {
    fn name(&self, _factor: Option<f64>) -> Result<String, Box<dyn Error + Send + Sync>> {
        Ok(self.0.method.name().to_owned())
    }

    fn own_factor(&self) -> f64 {
        self.0.scale() as f64
    }

    fn for_factor(&self, _factor: f64) -> Result<Arc<dyn Restorer>, Box<dyn Error + Send + Sync>> {
        Ok(Arc::clone(&self.0) as Arc<dyn Restorer>)
    }

    fn fingerprint(&self) -> Vec<u8> {
        self.0.method.name().into()
    }
}

/// All factors as one restorer: each step takes the baseline for what is left of the factor.
#[derive(Debug)]
struct Scales {
    method: Method,
    prepared: Mutex<BTreeMap<usize, Arc<Baseline>>>,
}

impl Scales {
    fn of(&self, scale: usize) -> Result<Arc<Baseline>, BaselineError> {
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(baseline) = prepared.get(&scale) {
            return Ok(Arc::clone(baseline));
        }
        let baseline = Arc::new(Baseline::builtin(self.method, scale)?);
        prepared.insert(scale, Arc::clone(&baseline));
        Ok(baseline)
    }
}

impl Restorer for Scales {
    fn name(&self) -> &str {
        self.method.name()
    }

    fn description(&self) -> String {
        self.method.name().to_owned()
    }

    fn scale(&self) -> usize {
        2
    }

    fn steps(&self, from: Size, to: Size) -> Vec<Size> {
        let (mut size, mut steps) = (from, Vec::new());
        while !to.fits_in(size) {
            let factor = (to.width as f64 / size.width as f64).max(to.height as f64 / size.height as f64);
            size = size.times((factor.ceil() as usize).clamp(2, 4));
            steps.push(size);
        }
        steps
    }

    fn pass(&self, from: Size, to: Size) -> Result<Box<dyn Pass>, UpscaleError> {
        self.of(to.width / from.width)?.pass(from, to)
    }

    fn margin(&self, scale: usize) -> usize {
        self.of(scale).map_or(0, |baseline| baseline.margin(scale))
    }

    fn restore(&self, degraded: &Degraded, progress: &dyn Progress) -> Result<Vec<Plane<f64>>, UpscaleError> {
        self.of(self.scale())?.restore(degraded, progress)
    }

    fn small_picture_scale(&self) -> Option<usize> {
        Some(self.scale())
    }
}
