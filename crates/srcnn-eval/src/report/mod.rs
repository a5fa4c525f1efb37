//! Reports on many pictures, as text, Markdown, CSV or JSON.

mod comparison;
mod curves;
mod evaluation;
mod explanation;
mod figures;
mod format;

pub use comparison::{ComparedImage, ComparisonReport};
pub use curves::{ChannelsEnd, CurveEnd, CurvesReport, LevelValue, Passing};
pub use evaluation::{EvaluatedImage, EvaluationReport, InputOutput};
pub use explanation::{Degraded, ExplanationReport, Ruled};
pub use figures::Figures;
pub use format::Format;
pub(crate) use format::{finite_or_inf, json, quoted, table};
