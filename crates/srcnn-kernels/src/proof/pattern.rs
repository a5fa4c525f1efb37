//! Inputs of the tests.

/// Values of an input. All but noise are small integers: sums of their products are exact in f32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    Zeros,
    /// The same value everywhere.
    Constant,
    /// Integers that rise by one, again and again. The period is a prime number: no row, channel or tile repeats
    /// another.
    Ramp,
    /// One 1 among zeros, at a place that the seed chooses. A convolution gives its flipped kernel.
    Impulse,
    /// Seeded noise in -1..1, different in all 24 bits of an f32.
    Noise,
}

const CONSTANT: f32 = 3.0;
const PERIOD: usize = 101;
/// Largest absolute value of [`integers`].
const LARGEST: u32 = 8;

impl Pattern {
    pub(crate) const ALL: [Self; 5] = [Self::Zeros, Self::Constant, Self::Ramp, Self::Impulse, Self::Noise];

    /// Whether all values are integers.
    pub(crate) fn is_whole(self) -> bool {
        match self {
            Self::Zeros | Self::Constant | Self::Ramp | Self::Impulse => true,
            Self::Noise => false,
        }
    }

    /// `count` values.
    pub(crate) fn values(self, count: usize, seed: u32) -> Vec<f32> {
        match self {
            Self::Zeros => vec![0.0; count],
            Self::Constant => vec![CONSTANT; count],
            Self::Ramp => (0..count).map(|i| (i % PERIOD) as f32 - (PERIOD / 2) as f32).collect(),
            Self::Impulse => {
                let mut values = vec![0.0; count];
                if count > 0 {
                    values[random(seed) as usize % count] = 1.0;
                }
                values
            }
            Self::Noise => noise(count, seed),
        }
    }

    /// `count` weights for such an input: noise for noise, else seeded integers.
    pub(crate) fn weights(self, count: usize, seed: u32) -> Vec<f32> {
        if self.is_whole() { integers(count, seed) } else { noise(count, seed) }
    }
}

/// A step of a linear congruential generator, mixed.
fn random(seed: u32) -> u32 {
    let state = seed.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
    let word = ((state >> ((state >> 28) + 4)) ^ state).wrapping_mul(277_803_737);
    (word >> 22) ^ word
}

/// Values in -1..1, multiples of 2^-23.
fn noise(count: usize, seed: u32) -> Vec<f32> {
    let start = random(seed);
    (0..count).map(|i| (random(start.wrapping_add(i as u32)) >> 8) as f32 / (1 << 23) as f32 - 1.0).collect()
}

/// Integers from -[`LARGEST`] to [`LARGEST`], none zero.
fn integers(count: usize, seed: u32) -> Vec<f32> {
    let start = random(seed);
    let value = |bits: u32| ((bits >> 8) % LARGEST + 1) as f32 * if bits & 1 == 0 { 1.0 } else { -1.0 };
    (0..count).map(|i| value(random(start.wrapping_add(i as u32)))).collect()
}
