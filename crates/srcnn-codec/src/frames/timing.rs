//! How long frames are shown, and how often all of them.

use std::num::NonZeroU32;

/// How long a frame is shown: a fraction of seconds in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    numerator: u32,
    denominator: NonZeroU32,
}

impl Delay {
    /// So many parts of a second.
    pub fn new(numerator: u32, denominator: NonZeroU32) -> Self {
        let (mut a, mut b) = (denominator, numerator);
        // Euclid's algorithm.
        while let Some(divisor) = NonZeroU32::new(b) {
            (a, b) = (divisor, a.get() % divisor);
        }
        let denominator = NonZeroU32::new(denominator.get() / a).unwrap_or(NonZeroU32::MIN);
        Self { numerator: numerator / a, denominator }
    }

    /// So many thousandths of a second.
    pub fn milliseconds(number: u32) -> Self {
        const THOUSAND: NonZeroU32 = NonZeroU32::new(1000).expect("not zero");
        Self::new(number, THOUSAND)
    }

    /// In seconds, nearly.
    pub fn seconds(self) -> f64 {
        f64::from(self.numerator) / f64::from(self.denominator.get())
    }

    /// Numerator and denominator in seconds, in lowest terms.
    pub fn fraction(self) -> (u32, u32) {
        (self.numerator, self.denominator.get())
    }
}

/// How often an animation is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plays {
    /// Again and again.
    Forever,
    /// So many times in all.
    Times(NonZeroU32),
}

impl Plays {
    /// From a number whose zero stands for no end, as APNG and WebP have it.
    pub(crate) fn from_number(number: u32) -> Self {
        NonZeroU32::new(number).map_or(Self::Forever, Self::Times)
    }

    /// As such a number, `most` at most.
    pub(crate) fn number(self, most: u32) -> u32 {
        match self {
            Self::Forever => 0,
            Self::Times(times) => times.get().min(most),
        }
    }
}

/// Turns delays into whole ticks of a format's clock. What is lost to rounding is made up for by the frames that follow, so
/// that the whole takes as long as it did.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// Seconds that should have passed already.
    behind: f64,
}

impl Clock {
    /// Ticks of `a_second` that a frame is shown, at most `most`; none only if it has no delay.
    pub(crate) fn ticks(&mut self, delay: Delay, a_second: u32, most: u32) -> u32 {
        if delay.numerator == 0 {
            return 0;
        }
        let wanted = (delay.seconds() + self.behind) * f64::from(a_second);
        let ticks = wanted.round().clamp(1.0, f64::from(most));
        // What is beyond the format's longest delay is not made up for.
        self.behind = if wanted > f64::from(most) { 0.0 } else { (wanted - ticks) / f64::from(a_second) };
        ticks as u32
    }

    /// A fraction of seconds of 16 bits each: the very delay, if it is one.
    pub(crate) fn fraction(&mut self, delay: Delay) -> (u16, u16) {
        if let (Ok(numerator), Ok(denominator)) =
            (u16::try_from(delay.numerator), u16::try_from(delay.denominator.get()))
        {
            return (numerator, denominator);
        }
        let most = f64::from(u16::MAX) - 1.0;
        let finest = [1000u16, 100, 10].into_iter().find(|d| delay.seconds() * f64::from(*d) < most).unwrap_or(1);
        (self.ticks(delay, u32::from(finest), u32::from(u16::MAX)) as u16, finest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delay(numerator: u32, denominator: u32) -> Delay {
        Delay::new(numerator, NonZeroU32::new(denominator).expect("not zero"))
    }

    #[test]
    fn delays_are_fractions_in_lowest_terms() {
        assert_eq!(delay(40, 1000), delay(1, 25));
        assert_eq!(delay(0, 7).fraction(), (0, 1));
        assert_eq!(Delay::milliseconds(1500).fraction(), (3, 2));
        assert_eq!(delay(u32::MAX, u32::MAX).seconds(), 1.0);
    }

    #[test]
    fn what_rounding_takes_is_given_back() {
        let mut clock = Clock::default();
        let ticks: Vec<u32> = (0..6).map(|_| clock.ticks(delay(1, 30), 100, 65_535)).collect();
        assert_eq!(ticks, [3, 4, 3, 3, 4, 3]);
        let mut clock = Clock::default();
        let total: u32 = (0..1000).map(|i| clock.ticks(delay(1 + i % 3, 59), 1000, 0xFF_FFFF)).sum();
        let exact: f64 = (0..1000).map(|i| delay(1 + i % 3, 59).seconds()).sum();
        assert!((f64::from(total) - exact * 1000.0).abs() <= 1.0);
    }

    #[test]
    fn delays_of_the_clock_stay_what_they_are() {
        let mut clock = Clock::default();
        let frames = [5, 1, 0, 2, 65_535, 10_000, 3];
        let ticks = frames.map(|n| clock.ticks(delay(n, 100), 100, 65_535));
        assert_eq!(ticks, frames);
    }

    #[test]
    fn short_and_long_delays_stay_within_the_clock() {
        let mut clock = Clock::default();
        assert_eq!(clock.ticks(delay(1, 1000), 100, 65_535), 1, "none only for none");
        let mut clock = Clock::default();
        assert_eq!(clock.ticks(delay(70_000, 1), 100, 65_535), 65_535);
        assert_eq!(clock.ticks(delay(1, 2), 100, 65_535), 50);
        assert_eq!(clock.fraction(delay(1, 65_535)), (1, 65_535));
        assert_eq!(clock.fraction(delay(65_537, 1000)), (6554, 100));
        assert_eq!(clock.fraction(delay(1_000_001, 1)), (65_535, 1));
    }
}
