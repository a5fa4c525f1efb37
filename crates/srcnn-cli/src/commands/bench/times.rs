//! Times of several runs, and inputs for them.

use std::fmt;
use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use srcnn::plane::Plane;

use crate::args::{BenchArgs, BenchFormatArg};
use crate::outcome::Outcome;
use crate::terminal::print_report;

/// Milliseconds of several runs.
pub(super) struct Times {
    pub(super) median: f64,
    min: f64,
    max: f64,
}

impl Times {
    /// Times `runs` runs, after those that the caller did for checking.
    pub(super) fn of(runs: u16, mut run: impl FnMut() -> Result<Duration>) -> Result<Self> {
        let times = (0..runs).map(|_| Ok(run()?.as_secs_f64() * 1e3));
        let mut times = times.collect::<Result<Vec<f64>>>()?;
        times.sort_by(f64::total_cmp);
        let middle = times.len() / 2;
        let median = if times.len() % 2 == 1 { times[middle] } else { (times[middle - 1] + times[middle]) / 2.0 };
        Ok(Self { median, min: times[0], max: times[times.len() - 1] })
    }

    pub(super) fn json(&self) -> serde_json::Value {
        json!({"median": self.median, "min": self.min, "max": self.max})
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "median {:.1} ms (min {:.1}, max {:.1})", self.median, self.min, self.max)
    }
}

/// Prints what came out, in the form asked for.
pub(super) fn report(args: &BenchArgs, text: &str, json: &serde_json::Value) -> Result<Outcome> {
    match args.format {
        BenchFormatArg::Json => print_report(&format!("{json}\n"))?,
        BenchFormatArg::Text => print_report(&format!("{text}\n"))?,
    }
    Ok(Outcome::Done)
}

/// Noise from 0 to 1, always the same.
pub(super) fn noise(width: usize, height: usize, seed: usize) -> Plane<f32> {
    let mut state = seed as u32 ^ 0x9E37_79B9;
    Plane::from_fn(width, height, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32
    })
}
