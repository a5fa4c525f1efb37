//! Validation of a configuration's fields.

use srcnn::color::LumaRange;
use srcnn::model::Input;
use srcnn::resample::Convention;

use super::error::ConfigError;
use super::fields::{Config, Schedule};

/// The largest whole number; TOML and JSON keep it exactly.
const MOST: u64 = 1_000_000_000_000_000;

/// The largest weight of a channel.
const MOST_WEIGHT: f64 = 1000.0;

impl Config {
    /// Checks all fields.
    ///
    /// # Errors
    /// [`ConfigError::Value`] with the first field that is not valid; [`ConfigError::Architecture`].
    pub fn check(&self) -> Result<(), ConfigError> {
        let architecture = self.architecture()?;
        let layers = self.kernels.len();
        let channels = self.input.channels();
        let one_or_all = |n: usize| n == 1 || n == layers;
        let share = |x: f64| (0.0..=1.0).contains(&x);
        let above_zero = |x: f64| x.is_finite() && x > 0.0;
        let rules = [
            (
                !self.name.is_empty()
                    && !self.name.contains(['/', '\\'])
                    && !["checkpoint", "config", ".", ".."].contains(&self.name.as_str()),
                "name",
                "must be a file's name, other than checkpoint and config",
            ),
            (
                !self.precondition || self.crop >= self.kernels[0],
                "crop",
                "is no smaller than the first kernels, where precondition looks at patches of their size",
            ),
            (one_or_all(self.padding.len()), "padding", "needs one entry, or one a layer"),
            (
                !self.residual || (layers > 1 && self.filters.iter().all(|f| *f > channels)),
                "residual",
                "needs inner layers with more filters than the input has channels",
            ),
            (!self.data.is_empty(), "data", "needs a folder of pictures"),
            (self.hold_out != 1, "hold_out", "of 1 would leave nothing to learn from"),
            (!self.scales.is_empty() && self.scales.iter().all(|s| (2..=16).contains(s)), "scales", "are 2 to 16"),
            (
                self.round || matches!(self.degradation, Convention::MatlabBicubic(_)),
                "round",
                "must be true: this resampling is defined on 8 bits only",
            ),
            (
                !self.zooms.is_empty() && self.zooms.iter().all(|z| *z > 0.0 && *z <= 1.0),
                "zooms",
                "are above 0, up to 1",
            ),
            (
                self.crop > 2 * architecture.border_loss() && self.crop <= 1024,
                "crop",
                "is larger than what the network loses, up to 1024",
            ),
            (
                !self.mask || self.crop > self.reach() * 2,
                "crop",
                "leaves no pixel that sees only its sub-image; make it larger, or mask false",
            ),
            (share(self.late_from), "late_from", "is a part of the run, 0 to 1"),
            (
                self.early_channels.is_empty()
                    || (self.early_channels.len() == channels
                        && self.early_channels.iter().all(|c| (0.0..=MOST_WEIGHT).contains(c))
                        && self.early_channels.iter().any(|c| above_zero(*c))),
                "early_channels",
                "need one entry a channel, 0 to 1000, not all of them 0",
            ),
            (share(self.early_until), "early_until", "is a part of the run, 0 to 1"),
            (self.input != Input::Ycbcr || self.luma == LumaRange::Studio, "luma", "is studio for networks on YCbCr"),
            (
                one_or_all(self.rates.len()) && self.rates.iter().all(|r| r.is_finite() && *r >= 0.0),
                "rates",
                "need one entry, or one a layer; none is negative",
            ),
            ((0.0..1.0).contains(&self.momentum), "momentum", "is 0 to 1"),
            (self.clip.is_finite() && self.clip >= 0.0, "clip", "is not negative"),
            (
                self.schedule != Schedule::Step || (self.decay_every > 0 && above_zero(self.decay_by)),
                "decay_every",
                "and decay_by belong to the schedule step, and are above 0",
            ),
            ((0.0..1.0).contains(&self.average), "average", "is 0 to 1"),
            ((1..=4096).contains(&self.batch), "batch", "is 1 to 4096"),
            ((1..=MOST).contains(&self.steps), "steps", "are 1 to 10^15"),
            ((1..=MOST).contains(&self.every), "every", "is 1 to 10^15"),
            (self.seed <= MOST, "seed", "is 0 to 10^15"),
        ];
        match rules.iter().find(|(holds, _, _)| !holds) {
            Some(&(_, field, rule)) => Err(ConfigError::Value { field, rule }),
            None => Ok(()),
        }
    }

    /// Pixels from the centre of the receptive field to its edge.
    pub(crate) fn reach(&self) -> usize {
        self.kernels.iter().map(|k| k / 2).sum()
    }
}
