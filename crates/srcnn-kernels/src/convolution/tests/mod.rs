//! The three passes against their definition.

mod naive;
mod passes;
mod refused;
