//! Measures SRCNN models as the paper and the Keras project do, and shows the result.
//!
//! [`procedure`] degrades, restores and measures one picture; [`baseline`] has the methods that SRCNN was published against;
//! [`explain`] measures a pair of pictures by every ruler; [`report`] gathers figures and writes them as text, Markdown, CSV
//! or JSON, [`paper`] the paper's tables; [`figure`] draws the pictures side by side, the course of a training, and filters.

pub mod baseline;
pub mod explain;
pub mod figure;
pub mod paper;
pub mod procedure;
pub mod report;
