//! Published networks, recognised by the names and shapes of the tensors in their state dictionaries.
//!
//! Names and shapes say what is computed only together with the program that wrote them; what is known of these programs is here, a
//! file a family. A table is recognised only if a family uses every tensor of it.

mod compact;
mod early;
mod find;
mod plan;
mod residual;

pub(super) use find::{Found, find};
pub(super) use plan::{Family, Rescale};

use super::named::Listed;
use plan::Plan;

/// A family: its name, and how its graph is put together. Gives none for tensors of anything else.
type Recipe = (&'static str, fn(&mut Plan<'_>) -> Option<()>);

const RECIPES: [Recipe; 9] = [
    ("FSRCNN", early::fsrcnn),
    ("ESPCN", early::espcn),
    ("VDSR", early::vdsr),
    ("DnCNN", early::dncnn),
    ("AR-CNN", early::arcnn),
    ("SRVGGNetCompact", compact::srvgg),
    ("RRDBNet", residual::rrdb),
    ("EDSR", residual::edsr),
    ("EDSR of BasicSR", residual::edsr_of_basicsr),
];

/// The family of a table of tensors; none if it is not known.
fn recognised(list: &[Listed<'_>]) -> Option<Family> {
    RECIPES.iter().find_map(|(name, recipe)| {
        let mut plan = Plan::new(name, list);
        recipe(&mut plan)?;
        plan.finish()
    })
}
