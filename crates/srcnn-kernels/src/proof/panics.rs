//! Calls that must be refused.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Fails if `call` does not panic.
#[track_caller]
pub(crate) fn assert_panics<R>(case: &str, call: impl FnOnce() -> R) {
    assert!(catch_unwind(AssertUnwindSafe(call)).is_err(), "{case}: not refused");
}
