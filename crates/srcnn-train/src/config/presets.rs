//! Configurations with a name.

use std::collections::BTreeMap;

use srcnn::color::LumaRange;
use srcnn::model::{Input, Padding};
use srcnn::resample::{Convention, Edge};

use crate::init::Init;

use super::{Config, ConfigError, Loss, Optimiser, Reduction, Schedule};

impl Config {
    /// The names of presets.
    pub const PRESETS: [&str; 3] = ["best", "paper", "keras"];

    /// The preset of a name.
    ///
    /// # Errors
    /// [`ConfigError::Preset`] if there is none.
    pub fn preset(name: &str) -> Result<Self, ConfigError> {
        match name {
            "best" => Ok(Self::best()),
            "paper" => Ok(Self::paper()),
            "keras" => Ok(Self::keras()),
            _ => Err(ConfigError::Preset { name: name.to_owned() }),
        }
    }

    /// What gives the best networks for the time.
    fn best() -> Self {
        Self {
            name: "srcnn".to_owned(),
            kernels: vec![9, 1, 5],
            filters: vec![64, 32],
            input: Input::Y,
            luma: LumaRange::Studio,
            padding: vec![Padding::Replicate],
            residual: true,
            precondition: true,
            init: Init::He,
            start: None,
            data: Vec::new(),
            hold_out: 10,
            validation: Vec::new(),
            benchmark: Vec::new(),
            benchmark_luma: false,
            levels: BTreeMap::new(),
            scales: vec![2],
            degradation: Convention::MatlabBicubic(Edge::Mirror),
            round: false,
            zooms: vec![1.0, 0.9, 0.8, 0.7, 0.6],
            crop: 48,
            stride: 0,
            orientations: true,
            mask: true,
            memory: 2048,
            loss: Loss::Mse,
            late_loss: None,
            late_from: 1.0,
            early_channels: Vec::new(),
            early_until: 0.0,
            reduction: Reduction::Mean,
            balance: true,
            optimiser: Optimiser::Adam,
            rates: vec![2e-3],
            momentum: 0.9,
            clip: 1.0,
            warm_up: 500,
            schedule: Schedule::Cosine,
            decay_every: 0,
            decay_by: 1.0,
            average: 0.999,
            batch: 12,
            steps: 28_000,
            every: 1000,
            seed: 1,
        }
    }

    /// Dong et al.: 33x33 sub-images 14 apart, no padding, SGD with a tenth of the rate in the last layer.
    fn paper() -> Self {
        Self {
            padding: vec![Padding::Valid],
            residual: false,
            precondition: false,
            init: Init::Gaussian,
            scales: vec![3],
            zooms: vec![1.0],
            crop: 33,
            stride: 14,
            orientations: false,
            mask: false,
            reduction: Reduction::HalfSum,
            balance: false,
            optimiser: Optimiser::Sgd,
            rates: vec![1e-4, 1e-4, 1e-5],
            clip: 0.0,
            warm_up: 0,
            schedule: Schedule::Constant,
            average: 0.0,
            batch: 128,
            steps: 100_000,
            ..Self::best()
        }
    }

    /// The Keras project: 9-3-5 with 128 and 64 filters, `valid`, `same`, `valid`; Adam at 3e-4 on the mean squared error of
    /// 32x32 sub-images, 16 apart.
    fn keras() -> Self {
        Self {
            kernels: vec![9, 3, 5],
            filters: vec![128, 64],
            padding: vec![Padding::Valid, Padding::Zero, Padding::Valid],
            init: Init::GlorotUniform,
            scales: vec![2],
            crop: 32,
            stride: 16,
            reduction: Reduction::Mean,
            optimiser: Optimiser::Adam,
            rates: vec![3e-4],
            steps: 20_000,
            ..Self::paper()
        }
    }
}
