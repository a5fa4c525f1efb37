//! Evaluation of an experiment's curves.

use crate::run::Row;

/// The interval in which a curve passed a level, in back-propagations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    /// The last point below the level; none if the first point was not below.
    pub after: Option<u64>,
    /// The first point that is not below the level.
    pub by: u64,
    /// Whether no later point is below the level.
    pub for_good: bool,
}

/// The first passing of `level` by a curve of (back-propagations, dB); none if the curve stays below.
pub fn passed(points: &[(u64, f64)], level: f64) -> Option<Passed> {
    let at = points.iter().position(|(_, value)| *value >= level)?;
    Some(Passed {
        after: at.checked_sub(1).map(|before| points[before].0),
        by: points[at].0,
        for_good: points[at..].iter().all(|(_, value)| *value >= level),
    })
}

/// The measurements of all runs as CSV with a header. Times are left out, so that a resumed run gives the same file.
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
