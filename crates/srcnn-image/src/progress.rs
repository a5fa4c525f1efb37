//! Word from long computations, and to them.

/// Told how far a computation is, and asked whether it should go on. Called from several threads.
pub trait Progress: Sync {
    /// `pixels` more of what was announced by the caller are done.
    fn advance(&self, pixels: u64);

    /// Whether to stop; asked now and then.
    fn cancelled(&self) -> bool {
        false
    }
}

/// Nobody listens.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn advance(&self, _pixels: u64) {}
}
