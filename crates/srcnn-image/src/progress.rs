//! Progress and cancellation of long computations.

use std::sync::atomic::{AtomicU64, Ordering};

/// Observer of a computation, which reports its progress and asks whether to go on. Called from several threads.
pub trait Progress: Sync {
    /// Reports that `pixels` more of the pixels announced by the caller are done.
    fn advance(&self, pixels: u64);

    /// Whether the computation should stop; asked regularly.
    fn cancelled(&self) -> bool {
        false
    }
}

/// Progress that is ignored, and never cancelled.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn advance(&self, _pixels: u64) {}
}

/// Forwards progress in proportion to the rows that are kept of those that are computed.
pub struct Share<'a> {
    progress: &'a dyn Progress,
    kept: u64,
    computed: u64,
    done: AtomicU64,
}

impl<'a> Share<'a> {
    /// Forwards to `progress` when `kept` of `computed` rows are kept.
    pub fn new(progress: &'a dyn Progress, kept: usize, computed: usize) -> Self {
        Self { progress, kept: kept as u64, computed: computed as u64, done: AtomicU64::new(0) }
    }
}

impl Progress for Share<'_> {
    fn advance(&self, pixels: u64) {
        let before = self.done.fetch_add(pixels, Ordering::Relaxed);
        let share = |pixels: u64| (u128::from(pixels) * u128::from(self.kept) / u128::from(self.computed)) as u64;
        self.progress.advance(share(before + pixels) - share(before));
    }

    fn cancelled(&self) -> bool {
        self.progress.cancelled()
    }
}
