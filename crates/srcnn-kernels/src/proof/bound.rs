//! Bounds of rounding errors, derived from the arithmetic, and comparisons with them.
//!
//! A sum of `n` products in f32 differs from the exact sum by at most `gamma(n)` times the sum of the products'
//! absolute values, in whichever order it is summed and whether or not a product is rounded before it is added (Higham
//! 2002, Accuracy and Stability of Numerical Algorithms, section 3.1): each product passes through at most `n`
//! roundings. ReLU does not enlarge a difference. The definition in f64 rounds 2^29 times less, which is left out.

use crate::isa::Isa;

/// Unit roundoff of f32, 2^-24: the largest relative error of a rounding to 24 bits.
pub(crate) const UNIT: f64 = f32::EPSILON as f64 / 2.0;

/// Unit roundoff of bf16, 2^-8: the largest relative error of a rounding to 8 bits.
pub(crate) const UNIT_BF16: f64 = 1.0 / 256.0;

/// Integers up to here are exact in f32.
const EXACT: f64 = (1u32 << 24) as f64;

/// Largest relative error of a value after `n` roundings in f32: `n u / (1 - n u)`.
pub(crate) fn gamma(n: usize) -> f64 {
    let error = n as f64 * UNIT;
    error / (1.0 - error)
}

/// A sum by definition.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    value: f64,
    /// Sum of the absolute values of what was added.
    magnitude: f64,
    /// Number of values that were added.
    terms: usize,
    /// Whether one of them was no integer.
    fractional: bool,
}

impl Sum {
    /// Adds a value.
    pub(crate) fn add(&mut self, value: f64) {
        self.value += value;
        self.magnitude += value.abs();
        self.terms += 1;
        self.fractional |= value.fract() != 0.0;
    }

    /// Adds a product.
    pub(crate) fn add_product(&mut self, a: f32, b: f32) {
        self.add(f64::from(a) * f64::from(b));
    }

    /// The value in f32 by any order of summation. Where all that was added are integers, and small, partial sums are
    /// too: the result is exact.
    pub(crate) fn expected(self) -> Expected {
        let is_exact = !self.fractional && self.magnitude <= EXACT;
        Expected { value: self.value, bound: if is_exact { 0.0 } else { gamma(self.terms) * self.magnitude } }
    }
}

/// A value and its largest admissible error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expected {
    pub(crate) value: f64,
    pub(crate) bound: f64,
}

impl Expected {
    /// With negative values replaced by zero, if `relu`.
    pub(crate) fn relu(self, relu: bool) -> Self {
        Self { value: if relu { self.value.max(0.0) } else { self.value }, ..self }
    }

    /// With negative values multiplied by a slope.
    pub(crate) fn bent(self, slope: f32) -> Self {
        let slope = f64::from(slope);
        if self.value >= 0.0 && self.bound == 0.0 {
            return self;
        }
        let value = if self.value < 0.0 { slope * self.value } else { self.value };
        // What is below zero by rounding alone is multiplied, too.
        Self { value, bound: self.bound * slope.abs().max(1.0) + gamma(2) * (value.abs() + self.bound) }
    }
}

/// Fails where a value is off by more than its bound, or is NaN.
#[track_caller]
pub(crate) fn assert_within(case: &str, ours: &[f32], expected: &[Expected]) {
    assert_eq!(ours.len(), expected.len(), "{case}: number of values");
    for (at, (&ours, expected)) in ours.iter().zip(expected).enumerate() {
        let error = (f64::from(ours) - expected.value).abs();
        assert!(
            error <= expected.bound,
            "{case}: {ours} at {at}, expected {} within {:e}, off by {error:e}",
            expected.value,
            expected.bound
        );
    }
}

/// Compares the results of every instruction set with the definition and with those of the portable body. Returns them.
#[track_caller]
pub(crate) fn assert_every_isa(
    case: &str,
    expected: &[Expected],
    run: impl Fn(Isa) -> Vec<f32>,
) -> Vec<(Isa, Vec<f32>)> {
    let isas: Vec<_> = Isa::available().into_iter().map(|isa| (isa, ())).collect();
    assert_each(case, expected, &isas, |(isa, ())| run(*isa))
}

/// Compares the results for some instruction sets with the definition, and with those of the last of them: the portable
/// body, if it is among them.
#[track_caller]
pub(crate) fn assert_each<K>(
    case: &str,
    expected: &[Expected],
    kernels: &[(Isa, K)],
    run: impl Fn(&(Isa, K)) -> Vec<f32>,
) -> Vec<(Isa, Vec<f32>)> {
    let results: Vec<_> = kernels.iter().map(|kernels| (kernels.0, run(kernels))).collect();
    for (isa, values) in &results {
        assert_within(&format!("{case}, {}", isa.name()), values, expected);
    }
    if let Some(((last, other), results)) = results.split_last() {
        // Each may be off by the bound, to either side.
        let twice =
            |(value, expected): (&f32, &Expected)| Expected { value: f64::from(*value), bound: 2.0 * expected.bound };
        let apart: Vec<_> = other.iter().zip(expected).map(twice).collect();
        for (isa, values) in results {
            assert_within(&format!("{case}, {} against {}", isa.name(), last.name()), values, &apart);
        }
    }
    results
}

/// Fails where bits differ.
#[track_caller]
pub(crate) fn assert_same_bits(case: &str, ours: &[f32], other: &[f32]) {
    assert_eq!(ours.len(), other.len(), "{case}: number of values");
    for (at, (a, b)) in ours.iter().zip(other).enumerate() {
        assert!(a.to_bits() == b.to_bits(), "{case}: {a} and {b} at {at}");
    }
}
