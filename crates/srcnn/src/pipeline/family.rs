//! Families of restorers: one restorer per factor.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::Execution;
use crate::model::{Model, Padding};
use crate::upscale::{Network, Restorer};
use crate::weights::{Builtin, UnknownBuiltin, to_safetensors};

/// Restorers for different factors; in a batch, each picture is processed by the one for the factor that it needs.
pub trait Family: Debug + Send + Sync {
    /// Name of the restorer for a factor; without a factor, of the family.
    ///
    /// # Errors
    /// If there is no restorer for that factor.
    fn name(&self, factor: Option<f64>) -> Result<String, Box<dyn Error + Send + Sync>>;

    /// Factor of the restorer that is used if no size is asked for; 1.0 if it does not enlarge.
    fn own_factor(&self) -> f64;

    /// The restorer for a factor. Each restorer is prepared only once.
    ///
    /// # Errors
    /// If there is no restorer for that factor.
    fn for_factor(&self, factor: f64) -> Result<Arc<dyn Restorer>, Box<dyn Error + Send + Sync>>;

    /// Bytes that identify everything about the family that determines results.
    fn fingerprint(&self) -> Vec<u8>;
}

/// A family of one restorer for all factors.
#[derive(Clone, Debug)]
pub struct Single {
    restorer: Arc<dyn Restorer>,
    own_factor: f64,
    fingerprint: Vec<u8>,
}

impl Single {
    /// A family of one restorer; `fingerprint` distinguishes it from others of its name.
    pub fn new(restorer: Arc<dyn Restorer>, fingerprint: Vec<u8>) -> Self {
        Self { own_factor: restorer.scale() as f64, restorer, fingerprint }
    }

    /// A family of one network, packed with replicated edges.
    pub fn model(model: &Model, execution: Execution, ensemble: bool) -> Self {
        let restorer = packed(model, execution, ensemble);
        Self::new(Arc::new(restorer), fingerprint([model.clone()], execution, ensemble))
    }

    /// Sets the factor that is used if no size is asked for.
    pub fn with_own_factor(self, factor: f64) -> Self {
        Self { own_factor: factor, ..self }
    }
}

impl Family for Single {
    fn name(&self, _factor: Option<f64>) -> Result<String, Box<dyn Error + Send + Sync>> {
        Ok(self.restorer.name().to_owned())
    }

    fn own_factor(&self) -> f64 {
        self.own_factor
    }

    fn for_factor(&self, _factor: f64) -> Result<Arc<dyn Restorer>, Box<dyn Error + Send + Sync>> {
        Ok(Arc::clone(&self.restorer))
    }

    fn fingerprint(&self) -> Vec<u8> {
        self.fingerprint.clone()
    }
}

/// The family of all built-in networks, or of those of one name.
#[derive(Debug)]
pub struct Builtins {
    name: Option<String>,
    execution: Execution,
    ensemble: bool,
    prepared: Mutex<BTreeMap<String, Arc<Network>>>,
}

impl Builtins {
    /// The best built-in network for each factor, in exact precision, on the best instruction set of this CPU.
    pub fn best() -> Self {
        Self { name: None, execution: Execution::default(), ensemble: false, prepared: Mutex::default() }
    }

    /// The built-in networks of one name, such as `srcnn-915`, or a single one, such as `srcnn-915-x2`.
    ///
    /// # Errors
    /// [`UnknownBuiltin`] if there is no network of that name.
    pub fn named(name: &str) -> Result<Self, UnknownBuiltin> {
        Builtin::pick(Some(name), 1.0)?;
        Ok(Self { name: Some(name.to_owned()), ..Self::best() })
    }

    /// Sets instruction set and precision.
    pub fn with_execution(self, execution: Execution) -> Self {
        Self { execution, ..self }
    }

    /// With `ensemble`, results are averaged over the eight rotations and reflections of the picture.
    pub fn with_ensemble(self, ensemble: bool) -> Self {
        Self { ensemble, ..self }
    }

    fn pick(&self, factor: f64) -> Result<&'static Builtin, UnknownBuiltin> {
        Builtin::pick(self.name.as_deref(), factor)
    }
}

impl Family for Builtins {
    fn name(&self, factor: Option<f64>) -> Result<String, Box<dyn Error + Send + Sync>> {
        Ok(match (factor, &self.name) {
            (Some(factor), _) => self.pick(factor)?.name(),
            (None, Some(name)) => name.clone(),
            (None, None) => "srcnn".to_owned(),
        })
    }

    fn own_factor(&self) -> f64 {
        self.pick(2.0).map_or(2.0, |builtin| f64::from(builtin.scale))
    }

    fn for_factor(&self, factor: f64) -> Result<Arc<dyn Restorer>, Box<dyn Error + Send + Sync>> {
        let builtin = self.pick(factor)?;
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        let network = prepared
            .entry(builtin.name())
            .or_insert_with(|| Arc::new(packed(&builtin.model(), self.execution, self.ensemble)));
        Ok(Arc::clone(network) as Arc<dyn Restorer>)
    }

    fn fingerprint(&self) -> Vec<u8> {
        let scales = Builtin::all().iter().map(|builtin| builtin.scale).collect::<BTreeSet<_>>();
        let models = scales.into_iter().filter_map(|scale| Some(self.pick(f64::from(scale)).ok()?.model()));
        fingerprint(models, self.execution, self.ensemble)
    }
}

fn packed(model: &Model, execution: Execution, ensemble: bool) -> Network {
    let network = Network::packed(model, |engine| engine.padding(Padding::Replicate).execution(execution));
    network.with_ensemble(ensemble)
}

fn fingerprint(models: impl IntoIterator<Item = Model>, execution: Execution, ensemble: bool) -> Vec<u8> {
    let mut bytes = format!("{} {ensemble} ", execution.precision.name()).into_bytes();
    models.into_iter().for_each(|model| bytes.extend(to_safetensors(&model)));
    bytes
}
