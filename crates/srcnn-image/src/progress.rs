//! Progress and cancellation of long computations.

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
