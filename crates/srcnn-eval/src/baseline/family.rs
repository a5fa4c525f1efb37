//! The built-in baselines of a method, by factor.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use srcnn::pipeline::Family;
use srcnn::upscale::Restorer;

use super::{Baseline, Method};

/// The built-in baselines of a method: each for 2, 3 and 4.
#[derive(Debug)]
pub struct Baselines {
    method: Method,
    prepared: Mutex<BTreeMap<usize, Arc<Baseline>>>,
}

impl Baselines {
    /// Those of `method`.
    pub fn new(method: Method) -> Self {
        Self { method, prepared: Mutex::default() }
    }
}

impl Family for Baselines {
    fn name(&self, _factor: Option<f64>) -> Result<String, Box<dyn Error + Send + Sync>> {
        Ok(self.method.name().to_owned())
    }

    fn own_factor(&self) -> f64 {
        2.0
    }

    fn for_factor(&self, factor: f64) -> Result<Arc<dyn Restorer>, Box<dyn Error + Send + Sync>> {
        let scale = (factor.ceil() as usize).clamp(2, 4);
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(baseline) = prepared.get(&scale) {
            return Ok(Arc::clone(baseline) as Arc<dyn Restorer>);
        }
        let baseline = Arc::new(Baseline::builtin(self.method, scale)?);
        prepared.insert(scale, Arc::clone(&baseline));
        Ok(baseline)
    }

    fn fingerprint(&self) -> Vec<u8> {
        self.method.name().into()
    }
}
