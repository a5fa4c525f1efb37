//! Axes: ranges, ticks at round values, and their labels.

/// The largest magnitude of a value on a chart; it keeps differences finite.
const GREATEST: f64 = 1e300;
/// Ranges that are smaller, relative to their values, count as a single value.
const NARROWEST: f64 = 1e-9;
/// Unit prefixes: power of ten, letter, and the smallest value that is written with it.
const UNITS: [(i32, &str, f64); 4] = [(12, "T", 1e12), (9, "G", 1e9), (6, "M", 1e6), (3, "k", 1e4)];
/// Values from here on are written with an exponent.
const LARGE: f64 = 1e15;
/// Values below are written with an exponent if their step needs more than [`MOST_DECIMALS`] decimals.
const SMALL: f64 = 1e-3;
const MOST_DECIMALS: i32 = 6;

/// Whether a value is drawn.
pub(super) fn is_drawable(value: f64) -> bool {
    value.abs() <= GREATEST
}

/// A range of values, `low < high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Range {
    /// The range of the drawable values; for a single value a range around it, for none 0 to 1.
    pub(super) fn of(values: impl Iterator<Item = f64>) -> Self {
        let drawable = values.filter(|&v| is_drawable(v));
        let (low, high) = drawable.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        if low > high {
            return Self { low: 0.0, high: 1.0 };
        }
        let size = low.abs().max(high.abs());
        if high - low > (size * NARROWEST).max(1.0 / GREATEST) {
            return Self { low, high };
        }
        let margin = if size > 1.0 / GREATEST { size * 0.05 } else { 0.5 };
        Self { low: low - margin, high: high + margin }
    }

    /// The range, extended at both ends by `part` of its length.
    pub(super) fn padded(self, part: f64) -> Self {
        let margin = (self.high - self.low) * part;
        Self { low: self.low - margin, high: self.high + margin }
    }

    /// The range, extended to zero if it is positive and zero is near.
    pub(super) fn with_near_zero(self) -> Self {
        let near = self.low > 0.0 && self.low <= 0.25 * self.high;
        if near { Self { low: 0.0, ..self } } else { self }
    }
}

/// A tick: value and label.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub(super) value: f64,
    pub(super) label: String,
}

/// The distance of ticks: 1, 2 or 5 times a power of ten.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    digit: i64,
    exponent: i32,
}

impl Step {
    /// The smallest step that divides the range into at most `parts` parts.
    pub(super) fn dividing(range: Range, parts: f64) -> Self {
        let least = (range.high - range.low) / parts;
        let mut step = Self { digit: 1, exponent: least.log10().floor() as i32 - 1 };
        while step.times(1) < least {
            step = step.next();
        }
        step
    }

    /// The next larger step.
    pub(super) fn next(self) -> Self {
        match self.digit {
            1 => Self { digit: 2, ..self },
            2 => Self { digit: 5, ..self },
            _ => Self { digit: 1, exponent: self.exponent + 1 },
        }
    }

    /// A multiple of the step.
    fn times(self, times: i64) -> f64 {
        let digits = (times * self.digit) as f64;
        let power = 10f64.powi(self.exponent.abs());
        if self.exponent < 0 { digits / power } else { digits * power }
    }

    /// The multiples of the step within the range.
    pub(super) fn ticks(self, range: Range) -> Vec<Tick> {
        let steps = |value: f64| value / self.times(1);
        let slack = 1e-9 * (1.0 + steps(range.high - range.low));
        let multiples = (steps(range.low) - slack).ceil() as i64..=(steps(range.high) + slack).floor() as i64;
        let greatest = range.low.abs().max(range.high.abs());
        multiples.map(|n| Tick { value: self.times(n), label: self.label(n, greatest) }).collect()
    }

    /// The label of a multiple of the step, on an axis whose largest magnitude is `greatest`.
    fn label(self, times: i64, greatest: f64) -> String {
        let value = self.times(times);
        let unit = UNITS.iter().find(|(power, _, least)| greatest >= *least && power - self.exponent <= 1);
        if greatest >= LARGE || (greatest < SMALL && self.exponent < -MOST_DECIMALS) {
            let digits = (times * self.digit).abs().checked_ilog10().unwrap_or(0) as usize;
            return if times == 0 { "0".to_owned() } else { format!("{value:.digits$e}") };
        }
        if let Some((power, letter, _)) = unit {
            let decimals = (power - self.exponent).max(0) as usize;
            let scaled = value / 10f64.powi(*power);
            return if times == 0 { "0".to_owned() } else { format!("{scaled:.decimals$}{letter}") };
        }
        let decimals = (-self.exponent).max(0) as usize;
        format!("{value:.decimals$}")
    }
}

/// An axis: a range along a side of the plot.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    pub(super) range: Range,
    /// Position of the low end in pixels.
    pub(super) start: f64,
    /// Position of the high end in pixels.
    pub(super) end: f64,
    pub(super) ticks: Vec<Tick>,
}

impl Axis {
    /// Position of a value in pixels.
    pub(super) fn position(&self, value: f64) -> f64 {
        let part = (value - self.range.low) / (self.range.high - self.range.low);
        self.start + part * (self.end - self.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, parts: f64) -> Vec<String> {
        let range = Range { low, high };
        Step::dividing(range, parts).ticks(range).into_iter().map(|t| t.label).collect()
    }

    #[test]
    fn ticks_are_round_and_have_the_decimals_that_their_step_needs() {
        let cases: &[(f64, f64, f64, &[&str])] = &[
            (30.0, 33.0, 6.0, &["30.0", "30.5", "31.0", "31.5", "32.0", "32.5", "33.0"]),
            (31.93, 32.07, 4.0, &["31.95", "32.00", "32.05"]),
            (29.9, 33.2, 4.0, &["30", "31", "32", "33"]),
            (-0.3, 0.3, 3.0, &["-0.2", "0.0", "0.2"]),
            (0.0, 9000.0, 5.0, &["0", "2000", "4000", "6000", "8000"]),
            (0.0, 800_000.0, 4.0, &["0", "200k", "400k", "600k", "800k"]),
            (0.0, 2_100_000.0, 5.0, &["0", "0.5M", "1.0M", "1.5M", "2.0M"]),
            (0.0, 1.2e9, 3.0, &["0", "0.5G", "1.0G"]),
            (1_000_000.0, 1_000_010.0, 2.0, &["1000000", "1000005", "1000010"]),
            (0.0, 0.0003, 3.0, &["0.0000", "0.0001", "0.0002", "0.0003"]),
            (0.0, 1.2e-9, 3.0, &["0", "5e-10", "1.0e-9"]),
            (-2e200, 2e200, 4.0, &["-2e200", "-1e200", "0", "1e200", "2e200"]),
        ];
        for &(low, high, parts, expected) in cases {
            assert_eq!(labels(low, high, parts), expected, "{low} to {high}");
        }
    }

    #[test]
    fn any_values_make_a_range_with_some_ticks() {
        let values =
            [0.0, -0.0, 5e-324, 1e-310, 1e-300, 1e-12, 0.1, 1.0, 1.0 + f64::EPSILON, 30.0, 1e9, 1e300, f64::MAX];
        let special = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        let all: Vec<f64> = values.iter().flat_map(|&v| [v, -v]).chain(special).collect();
        for (&a, &b) in all.iter().flat_map(|a| all.iter().map(move |b| (a, b))) {
            for range in [Range::of([a, b].into_iter()), Range::of([a, b].into_iter()).padded(0.05)] {
                assert!(range.low < range.high && (range.high - range.low).is_finite(), "{a}, {b}: {range:?}");
                let ticks = Step::dividing(range, 7.0).ticks(range);
                assert!((2..=8).contains(&ticks.len()), "{a}, {b}: {ticks:?}");
                assert!(ticks.windows(2).all(|t| t[0].label != t[1].label), "{a}, {b}: {ticks:?}");
            }
        }
    }

    #[test]
    fn a_range_reaches_down_to_a_near_zero_only() {
        for (low, expected) in [(10.0, 0.0), (25.0, 0.0), (26.0, 26.0), (-10.0, -10.0)] {
            assert_eq!(Range { low, high: 100.0 }.with_near_zero().low, expected);
        }
    }
}
