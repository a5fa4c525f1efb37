//! What the courses of an experiment's runs say.

use crate::run::Row;

/// Where a curve passed a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    /// Back-propagations at the last point below it; nothing if the curve began above.
    pub after: Option<u64>,
    /// Back-propagations at the first point that is not below it.
    pub by: u64,
    /// Whether no later point is below it.
    pub for_good: bool,
}

/// Where a curve of (back-propagations, dB) first passed `level`; nothing if it never did.
pub fn passed(points: &[(u64, f64)], level: f64) -> Option<Passed> {
    let at = points.iter().position(|(_, value)| *value >= level)?;
    Some(Passed {
        after: at.checked_sub(1).map(|before| points[before].0),
        by: points[at].0,
        for_good: points[at..].iter().all(|(_, value)| *value >= level),
    })
}

/// All points of all runs, below a line of names. Nothing in it depends on time, so that a run that was stopped and resumed
/// gives the same file.
pub fn to_csv<'a>(runs: impl IntoIterator<Item = (&'a str, &'a [Row])>) -> String {
    let or_nothing = |value: Option<f64>| value.map_or(String::new(), |v| v.to_string());
    let mut text = "run,step,backpropagations,loss,validation_psnr,benchmark_psnr\n".to_owned();
    for (name, rows) in runs {
        for row in rows {
            let Row { step, backpropagations, loss, validation, benchmark, .. } = row;
            let (loss, benchmark) = (or_nothing(*loss), or_nothing(*benchmark));
            text += &format!("{name},{step},{backpropagations},{loss},{validation},{benchmark}\n");
        }
    }
    text
}
