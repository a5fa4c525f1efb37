//! Evaluation of SRCNN models: the published procedures and baselines, reports and figures.
//!
//! - [`procedure`]: degrade, restore and measure one picture.
//! - [`explain`]: measure a pair of pictures under every protocol.
//! - [`baseline`]: the methods that SRCNN was published against.
//! - [`report`]: results as text, Markdown, CSV or JSON; [`paper`]: the paper's tables.
//! - [`figure`]: comparison sheets, training curves, filters.

pub mod baseline;
pub mod explain;
pub mod figure;
pub mod paper;
pub mod procedure;
pub mod report;
